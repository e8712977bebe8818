"""Variables: computing with them adds nodes, and nothing else is done with them."""

from fractions import Fraction

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.ops.choice import max_
from diffcompare.ops.constants import NAN, PI
from diffcompare.ops.leaf import Constant, exact
from diffcompare.ops.moves import Broadcast
from diffcompare.ops.powers import Power


@pytest.fixture
def x():
    return Variable.input(Graph.empty(), "x")


def ops(graph):
    return [op.name for op in graph.ops]


def test_what_is_repeated_is_computed_once_where_a_graph_folds():
    graph = Graph.empty(folding=True)
    row, x = Variable.input(graph, "row", (3,)), Variable.input(graph, "x", (2, 3))
    few = Broadcast((2, 3))(row)
    assert ops((few * 2 + 1).graph)[-1] == "broadcast"
    assert (few * 2 + 1).once.shape == (3,)
    assert (few + x).op.name == "add"  # not the same everywhere
    assert (-few).once.op.name == "neg"
    assert (x + -few).op.name == "sub"
    assert (x * (1 / (x + few))).op.name == "div"
    column = Broadcast((2, 3))(Variable.input(graph, "column", (2, 1)))
    assert (column * few).shape == (2, 3)
    assert (column * few).op.name == "mul"  # together they are as large as their product


@pytest.mark.parametrize(
    ("compute", "name"),
    [
        (lambda x: x + 2, "add"), (lambda x: 2 + x, "add"), (lambda x: x - 2, "sub"),
        (lambda x: 2 - x, "sub"), (lambda x: x * 2, "mul"), (lambda x: 2 * x, "mul"),
        (lambda x: x / 2, "div"), (lambda x: 2 / x, "div"), (lambda x: x % 2, "mod"),
        (lambda x: 2 % x, "mod"), (lambda x: x**x, "pow"), (lambda x: 2**x, "pow"),
        (lambda x: -x, "neg"), (abs, "abs"), (lambda x: x < 2, "less"),
        (lambda x: x <= 2, "less_equal"), (lambda x: x > 2, "greater"),
        (lambda x: x >= 2, "greater_equal"), (lambda x: x == 2, "equal"),
        (lambda x: x != 2, "not_equal"), (lambda x: x**2, "power"),
    ],
)  # fmt: skip
def test_operators(x, compute, name):
    result = compute(x)
    assert type(result) is Variable
    assert result.op.name == name
    value = np.float64(3.5)
    assert x.graph.evaluate({"x": value})[result.index] == compute(value)


def test_plus_is_the_value_itself(x):
    assert (+x).index == x.index
    assert (x**1).index == x.index
    assert (x ** np.float64(1)).index == x.index


def test_nothing_is_folded_when_reading(x):
    for value in (x / x, 0 * x, x - x, x + 0, 1 * x, x / 1, np.negative(-x), x**0):
        assert value.index not in (0, x.index)
    one = x.like(2) * 3
    assert one.op.name == "mul"


def test_a_folding_graph_applies_exact_identities():
    x = Variable.input(Graph.empty(folding=True), "x")
    assert (1 * x).index == (x / 1).index == np.negative(-x).index == x.index
    assert (x.like(2) * 3).literal == 6
    assert (x.like(1) / 3).literal is None  # float64 rounds it: left to be computed
    assert (x - x).op.name == "sub"  # nan - nan is not 0
    assert (0 * x).op.name == "mul"


def test_exponents_are_exact(x):
    assert (x**0.5).op == Power(Fraction(1, 2))
    assert (x ** Fraction(1, 3)).op == Power(Fraction(1, 3))
    assert (x ** x.like(3)).op == Power(Fraction(3))
    assert (x**PI).op.name == "pow"


def test_max_and_min_are_flattened(x):
    y = x + 1
    nested = np.maximum(np.maximum(x, y), np.maximum(y, 3))
    assert nested.op is max_
    assert len(x.graph.args[nested.index]) == 3
    assert np.maximum(x, x).index == x.index


def test_what_a_variable_tells(x):
    assert x.like(Fraction(1, 3)).literal == Fraction(1, 3)
    assert x.like(PI).literal is PI
    assert x.literal is None
    assert (-x).negated.index == x.index
    assert x.negated is None
    assert (1 / x).reciprocal.index == x.index
    assert (2 / x).reciprocal is None
    assert repr(x * 2) == "<v4 = <op mul>>"
    assert repr(x) == "<v0 = <op input(label=x)>>"
    assert len({x, x * 2}) == 2  # hashable, as an object


def test_variables_of_two_graphs_do_not_mix(x):
    other = Variable.input(Graph.empty(), "x")
    with pytest.raises(DiffcompareError, match="arguments of one graph") as caught:
        x + other
    assert caught.value.kind == "graph"


def test_pi_and_its_float_are_two_constants(x):
    assert x.like(PI).index != x.like(np.pi).index
    assert Constant(PI) != Constant(Fraction(float(PI)))
    assert Constant(NAN) == Constant(NAN)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (3, Fraction(3)), (np.int32(3), Fraction(3)), (0.1, Fraction(0.1)),
        (np.float32(0.1), Fraction(float(np.float32(0.1)))), (Fraction(1, 3), Fraction(1, 3)),
        (np.array(2.5), Fraction(5, 2)), (PI, PI), (float("nan"), NAN), (-0.0, Fraction(0)),
    ],
)  # fmt: skip
def test_numbers_become_exact_constants(number, expected):
    found = exact(number)
    assert found is expected or found == expected


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (True, "type"), (np.True_, "type"), (1j, "type"), ("1", "type"), (None, "type"),
        ([1], "type"), (np.array([1.0]), "type"), (np.complex128(1), "type"), (object(), "type"),
        (float("inf"), "domain"), (-np.inf, "domain"), (10**400, "domain"),
        (Fraction(10) ** 400, "domain"),
    ],
    ids=lambda value: str(value)[:20],
)  # fmt: skip
def test_what_is_no_real_number_is_refused(x, number, kind):
    with pytest.raises(DiffcompareError) as caught:
        exact(number)
    assert caught.value.kind == kind


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (bool, "where(condition, a, b)"), (float, "np.sin(x)"), (int, "np.sin(x)"),
        (complex, "np.sin(x)"), (round, "np.sin(x)"), (iter, "one number"), (list, "one number"),
        (lambda x: [1, 2][x], "np.sin(x)"), (lambda x: x and 1, "where(condition, a, b)"),
        (lambda x: not x, "where(condition, a, b)"), (lambda x: x // 2, "floor(x/y)"),
        (lambda x: x | x, "np.logical_or"), (lambda x: 0 < x < 1, "where(condition, a, b)"),
        (lambda x: x in (1, 2), "where(condition, a, b)"), (lambda x: sorted([x, 1]), "where"),
    ],
)  # fmt: skip
def test_a_use_as_a_plain_number_is_refused_with_what_to_write(x, use, words):
    with pytest.raises(DiffcompareError) as caught:
        use(x)
    assert caught.value.kind == "type"
    assert words in str(caught.value)


def test_wrong_counts_of_arguments(x):
    for call in (lambda: dc.sin(x, x), lambda: dc.where(x, 1), lambda: dc.hypot(x)):
        with pytest.raises(DiffcompareError) as caught:
            call()
        assert caught.value.kind == "arity"


def test_unknown_attributes_are_attribute_errors(x):
    assert x.sin().op.name == "sin"  # as NumPy asks the entries of an array
    assert not hasattr(x, "nonsense")
    assert not hasattr(x, "__array__")
