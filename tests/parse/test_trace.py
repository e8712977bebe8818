# ruff: noqa: PLW0108  the line of the lambda is what is tested
"""Python functions as graphs: what they may do, and what they are told where they may not."""

import math
import warnings
from collections import Counter
from fractions import Fraction
from functools import partial

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError
from diffcompare.ops.constants import PI
from diffcompare.parse.trace import trace


def values(function, *numbers, **options):
    """The outputs of the traced function at a point."""
    graph = trace(function, **options)
    found = graph.evaluate(dict(zip(graph.inputs, map(np.float64, numbers), strict=True)))
    return [float(found[i]) for i in graph.outputs]


def refusal(function, kind, **options):
    with pytest.raises(DiffcompareError) as caught:
        trace(function, **options)
    assert caught.value.kind == kind
    return str(caught.value)


FUNCTIONS = [
    lambda x, y: x * y - 3 / x + 2**y - (-x),
    lambda x, y: np.sin(x) * np.exp(y) + np.arctan2(x, y) + np.hypot(x, 2),
    lambda x, y: np.where(x > y, x, np.log(y)),
    lambda x, y: np.where(np.logical_and(x > 0, y > 9), x, y),
    lambda x, y: np.where(np.logical_or(x > 9, np.logical_not(y > 9)), x, y),
    lambda x, y: np.maximum(x, y) + np.minimum(0, x) + np.maximum(np.array([1.0, 9.0]), x)[1],
    lambda x, y: np.clip(x, 0, 1) + np.clip(y, None, 1) + np.clip(a=x, a_min=0.5, a_max=2),
    lambda x, y: np.sum([x, y]) + np.prod([x, y]) + np.mean([x, y, 2.0]),
    lambda x, y: np.dot([x, y], [2, 0.5]) + np.array([x, y]) @ np.array([y, x]),
    lambda x, y: np.sum(np.sin(np.array([x, y]))) + np.sum(np.sqrt([x, y])),
    lambda x, y: np.sum(np.array([[1.0, 2.0], [3.0, 4.0]]) @ np.array([x, y])),
    lambda x, y: np.sum(x * np.array([1.0, 2.0]) + np.array([3.0, 4.0]) / y),
    lambda x, y: np.sum(np.hypot(np.array([x, y]), 3.0)) + np.linalg.norm([x, y]),
    lambda x, y: np.einsum("i,i->", np.array([x, y]), np.array([2.0, 3.0])),
    lambda x, y: np.float64(2) * x + np.array(3.0) * y + np.float32(0.5) / x,
    lambda x, y: abs(x) + (+y) + x % y + np.mod(y, x) + np.square(x) + np.reciprocal(y),
    lambda x, y: np.exp2(x) + np.deg2rad(y) + np.degrees(x) + np.sinc(x) + np.logaddexp(x, y),
    lambda x, y: np.cbrt(x) + np.log1p(y) + np.expm1(x) + np.heaviside(x, 0.5) + np.power(x, y),
    lambda x, y: np.floor_divide(y, x) + np.floor(np.array([x]))[0] + np.ceil(y),
    lambda x, y: sum([x, y]) + math.prod([x, y]) + max([2, 3]) * x,
    lambda x, y: x**2 + x**0.5 + x ** Fraction(1, 3) + y ** np.float64(-1.5) + x**y,
    lambda x, y: np.cumsum([x, y])[1] + np.outer([x, y], [1, 2])[1, 1] + np.trace([[x, 1], [1, y]]),
]


@pytest.mark.parametrize("function", FUNCTIONS, ids=range(len(FUNCTIONS)))
@pytest.mark.parametrize("point", [(1.5, 2.25), (0.625, 1.0), (3.0, 0.5)])
def test_numpy_and_operators_compute_as_on_floats(function, point):
    x, y = map(np.float64, point)
    assert values(function, x, y) == [pytest.approx(float(function(x, y)), rel=1e-14)]


def test_functions_of_this_package():
    assert values(lambda x: dc.relu(x) + dc.where(x > 2, dc.sigmoid(x), 0), 1.5) == [1.5]
    assert values(lambda x: math.floor(x) + math.ceil(x), 1.5) == [3.0]


def test_loops_recursion_and_closures():
    def power(x, n):
        return x if n == 1 else x * power(x, n - 1)

    def horner(x):
        total = 0
        for coefficient in (2, -3, 0.5):
            total = total * x + coefficient
        return total + power(x, 5)

    assert values(horner, 2.0) == [2 * 4 - 3 * 2 + 0.5 + 32]


def test_equal_subexpressions_are_one_node():
    graph = trace(lambda x: np.sin(x) * np.sin(x) + np.sin(x))
    assert Counter(op.name for op in graph.ops) == {"input": 1, "sin": 1, "mul": 1, "add": 1}


def test_what_is_not_used_is_dropped_but_inputs_stay():
    def function(x, y):
        np.sin(x)
        return 2 * x

    graph = trace(function)
    assert list(graph.inputs) == ["x", "y"]
    assert [op.name for op in graph.ops] == ["input", "input", "constant", "mul"]


def test_several_outputs_of_each_form():
    for function in (
        lambda x: (x, 2 * x, 3.0),
        lambda x: [x, 2 * x, 3],
        lambda x: np.array([x, 2 * x, 3]),
        lambda x: (x, np.array([[2 * x], [3.0]], dtype=object)),
    ):
        assert values(function, 1.5) == [1.5, 3.0, 3.0]


def test_a_float_constant_is_the_float_and_not_the_number_it_rounds():
    number = trace(lambda x: x * np.pi).ops[1].number
    assert number == Fraction(math.pi)
    assert number is not PI
    assert trace(lambda x: (PI * x, np.pi * x)).outputs == (3, 4)  # two constants, two products


def test_parameters_are_inputs():
    def function(a, /, b, *, c, d=3):
        return a * 100 + b * 10 + c + d

    assert list(trace(function).inputs) == ["a", "b", "c"]
    assert values(function, 1, 2, 4) == [127.0]
    assert list(trace(lambda x, y=2: x * y).inputs) == ["x", "y"]
    assert list(trace(lambda x, **options: x).inputs) == ["x"]
    assert values(lambda: 3.5) == [3.5]


def test_inputs_by_name_and_in_order():
    def function(x, n=3, *, scale=2):
        return scale * x**n

    assert values(function, 2.0, inputs=["x"]) == [16.0]
    assert values(function, 5.0, 2.0, inputs=["scale", "x"]) == [40.0]
    assert list(trace(function, inputs=("n", "x")).inputs) == ["n", "x"]
    assert list(trace(function, inputs="x").inputs) == ["x"]
    assert "inputs among x, n, scale" in refusal(function, "name", inputs=["x", "y"])
    assert "no default" in refusal(function, "arity", inputs=["n"])
    refusal(function, "name", inputs=["x", "x"])
    refusal(function, "name", inputs=[""])
    refusal(function, "type", inputs=7)


def test_star_arguments_and_missing_signatures_need_names():
    assert values(lambda *x: x[0] - x[1], 5, 2, inputs=["p", "q"]) == [3.0]
    assert values(np.hypot, 3, 4, inputs=["a", "b"]) == [5.0]
    assert values(dc.sin, 0.0, inputs=["a"]) == [0.0]
    assert "inputs=[…]" in refusal(lambda *x: x[0], "arity")
    assert "inputs=[…]" in refusal(np.sin, "arity")


def test_callable_objects_and_partials():
    class Scaled:
        def __call__(self, x):
            return 3 * x

    assert values(Scaled(), 2) == [6.0]
    assert list(trace(partial(lambda x, y: x * y, y=4)).inputs) == ["x"]
    assert values(partial(lambda x, y: x * y, 4), 2) == [8.0]
    assert values(Scaled().__call__, 2) == [6.0]


@pytest.mark.parametrize(
    ("function", "words", "under"),
    [
        (lambda x: x if x > 0 else -x, "where(condition, a, b)", "x > 0"),
        (lambda x: max(x, 0), "maximum(a, b)", "max(x, 0)"),
        (lambda x: x and 1, "where(condition, a, b)", "x"),
        (lambda x: math.sin(x), "np.sin(x)", "math.sin(x)"),
        (lambda x: float(x), "np.sin(x)", "float(x)"),
        (lambda x: int(x), "np.sin(x)", "int(x)"),
        (lambda x: round(x), "np.sin(x)", "round(x)"),
        (lambda x: [0, 1][x], "np.sin(x)", "[0, 1][x]"),
        (lambda x: list(x), "one number", "list(x)"),
        (lambda x: x // 2, "floor(x/y)", "x // 2"),
        (lambda x: divmod(x, 2), "floor(x/y)", "divmod(x, 2)"),
        (lambda x: (x > 0) & (x < 1), "np.logical_and", "(x > 0) & (x < 1)"),
        (lambda x: ~(x > 0), "np.logical_not", "~(x > 0)"),
        (lambda x: np.isnan(x), "np.isnan", "np.isnan(x)"),
        (lambda x: np.round(x), "np.round", "np.round(x)"),
        (lambda x: np.sin(x, where=True), "where=…", "np.sin(x, where=True)"),
        (lambda x: np.add.reduce(x), "its reduce", "np.add.reduce(x)"),
        (lambda x: np.max([x, 1]), "maximum(a, b)", "np.max([x, 1])"),
        (lambda x: x + 1j, "real number", "x + 1j"),
        (lambda x: x + True, "real number", "x + True"),
        (lambda x: x * "a", "real number", 'x * "a"'),
        (lambda x: x + None, "real number", "x + None"),
        (lambda x: x[0], "not subscriptable", "x[0]"),
        (lambda x: x.nonsense, "nonsense", "x.nonsense"),
        (lambda x: x @ x, "matmul needs a matrix", "x @ x"),
        (lambda x: len(x), "TypeError", "len(x)"),
        (lambda x: np.linalg.det([[x, 1], [1, x]]), "TypeError", "np.linalg.det([[x, 1], [1, x]])"),
        (lambda x: f"{x:.3f}", "TypeError", 'f"{x:.3f}"'),
        (lambda x: 1 / 0, "ZeroDivisionError", "1 / 0"),
        (lambda x: {}["key"], "KeyError", '{}["key"]'),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_traced_is_said_with_the_line(function, words, under):
    with pytest.raises(DiffcompareError) as caught:
        trace(function)
    error = caught.value
    assert error.kind in ("type", "name", "shape")
    assert words in str(error)
    line, caret = str(error).splitlines()[-2:]
    start = caret.index("^")
    assert line[start : caret.rindex("^") + 1].replace("'", '"').startswith(under[:20])


def test_a_foreign_error_names_the_function_and_keeps_its_cause():
    def loss(x):
        raise OSError("disk\n  full")

    with pytest.raises(DiffcompareError) as caught:
        trace(loss)
    assert "the function loss needs to run on traced values, got OSError: disk full" in str(
        caught.value
    )
    assert isinstance(caught.value.__cause__, OSError)


def test_runaway_functions_are_refused():
    def forever(x):
        while True:
            x = x * x + 1

    def deeper(x):
        return deeper(x + 1)

    assert "at most 1000 nodes" in refusal(forever, "limit", budget=Budget(nodes=1000))
    assert "RecursionError" in refusal(deeper, "type")


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        (lambda x: None, "type"),
        (lambda x: "x", "type"),
        (lambda x: (x, None), "type"),
        (lambda x: [x, [x]], "type"),
        (lambda x: {"y": x}, "type"),
        (lambda x: True, "type"),
        (lambda x: 1j, "type"),
        (lambda x: math.inf, "domain"),
        (lambda x: x + 10**400, "domain"),
        (lambda x: Fraction(10) ** 400, "domain"),
        (lambda x: (), "arity"),
        (lambda x: np.array([]), "arity"),
        (lambda x: (i for i in range(3)), "type"),
    ],
)
def test_results_that_are_no_numbers(function, kind):
    assert "0x" not in refusal(function, kind)  # no address: the same text every time


def test_a_variable_of_another_graph_is_refused():
    kept = []
    trace(lambda x: kept.append(x) or x)
    refusal(lambda x: kept[0], "graph")
    refusal(lambda x: kept[0] + x, "graph")


def test_nan_is_a_constant_and_nothing_warns():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        graph = trace(lambda x: x + np.log(np.float64(-1)))
    assert math.isnan(graph.ops[1].number)


def test_not_a_function():
    refusal(3, "type")
