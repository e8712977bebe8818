"""SymPy expressions as graphs: structure, values, exactness, and what is refused."""

import os
import subprocess
import sys
import time
from collections import Counter
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.graph.listing import to_listing
from diffcompare.graph.variable import Variable
from diffcompare.ops.constants import PI, E
from diffcompare.ops.elementary import Elementary
from diffcompare.ops.leaf import Constant
from diffcompare.ops.opaque import Opaque
from diffcompare.ops.operand import OPS
from diffcompare.ops.powers import LogPow
from diffcompare.parse.from_sympy import parse_sympy, read_expressions

x, y, z = sp.symbols("x y z", real=True)


def counts(expression):
    graph = parse_sympy(expression)
    return Counter(op.name for op, args in zip(graph.ops, graph.args, strict=True) if args)


def value(expression, **point):
    graph = parse_sympy(expression)
    found = graph.evaluate({name: np.float64(point[name]) for name in graph.inputs})
    return float(found[graph.outputs[0]])


def refusal(source, kind, **options):
    with pytest.raises(DiffcompareError) as caught:
        parse_sympy(source, **options)
    assert caught.value.kind == kind
    return str(caught.value)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (x + y + z, {"add": 2}),
        (x - y, {"sub": 1}),
        (y - 2 * x, {"sub": 1, "mul": 1}),
        (1 - x, {"sub": 1}),
        (x - 1, {"sub": 1}),
        (-x - y, {"neg": 1, "sub": 1}),
        (-x, {"neg": 1}),
        (-2 * x, {"mul": 1}),
        (x * y * z, {"mul": 2}),
        (x / y, {"div": 1}),
        (1 / x, {"div": 1}),
        (-1 / x, {"div": 1}),
        (-x / y, {"div": 1, "neg": 1}),
        (x * y / (z * (x + 1)), {"mul": 2, "div": 1, "add": 1}),
        (x / y**2, {"power": 1, "div": 1}),
        (x**3, {"power": 1}),
        (sp.sqrt(x), {"sqrt": 1}),
        (1 / sp.sqrt(x), {"sqrt": 1, "div": 1}),
        (y / sp.sqrt(x), {"sqrt": 1, "div": 1}),
        (x ** sp.Rational(-3, 2), {"power": 1, "div": 1}),
        (x**y, {"pow": 1}),
        (x**-y, {"pow": 1, "neg": 1}),
        (2**x, {"pow": 1}),
        (sp.exp(-x), {"exp": 1, "neg": 1}),
        (sp.Rational(2, 3) * x, {"mul": 1}),
        (sp.log(x, 2), {"log": 2, "div": 1}),
        (sp.Max(x, y, 0), {"max": 1}),
        (sp.cot(x), {"tan": 1, "div": 1}),
        (sp.Mul(x, 1 / x, evaluate=False), {"div": 1}),
        (sp.Add(x, x, evaluate=False), {"add": 1}),
        (sp.UnevaluatedExpr(x) * 2, {"mul": 1}),
    ],
    ids=str,
)
def test_operations_are_the_textbook_ones(expression, expected):
    assert counts(expression) == expected


def test_a_shared_subexpression_is_one_node():
    u = sp.sin(x * y)
    assert counts([u + u**2, u / 2]) == {"mul": 2, "sin": 1, "power": 1, "add": 1}


@pytest.mark.parametrize(
    ("number", "exact"),
    [
        (sp.Rational(1, 3), Fraction(1, 3)),
        (sp.Integer(10) ** 30, Fraction(10**30)),
        (sp.Float(0.1), Fraction(0.1)),
        (sp.Float("0.1", 50), None),
        (sp.Float(-2.5), Fraction(-5, 2)),
        (sp.Float(0), Fraction(0)),
        (sp.pi, PI),
        (sp.E, E),
    ],
    ids=str,
)
def test_numbers_are_exact(number, exact):
    op = parse_sympy([x, number]).ops[1]
    if exact is None:  # the binary fraction of 50 digits
        assert abs(op.number - Fraction(1, 10)) < Fraction(1, 10**50)
        assert op.number != Fraction(0.1)
    else:
        assert op == Constant(exact)


def test_other_named_numbers_are_rounded_to_30_digits():
    number = parse_sympy(sp.EulerGamma).ops[0].number
    with mpmath.workdps(40):
        assert abs(mpmath.mpf(number.numerator) / number.denominator - mpmath.euler) < 1e-30


def test_exponents_are_exact_rationals():
    assert parse_sympy(x ** sp.Rational(2, 3)).ops[1].exponent == Fraction(2, 3)
    assert parse_sympy(x ** sp.Float(1.5)).ops[1].exponent == Fraction(3, 2)


FUNCTIONS = [op for op in OPS.values() if isinstance(op, Elementary) and op.symbol is not None]


@pytest.mark.parametrize("op", FUNCTIONS, ids=lambda op: op.name)
def test_each_row_is_read_from_its_sympy_function(op):
    graph = parse_sympy(op.symbol(*[x, y][: op.arity[0]]))
    assert graph.ops[-1] is op


@pytest.mark.parametrize(
    "op",
    [op for op in (*OPS.values(), LogPow(2)) if isinstance(op, Opaque) and op.elementwise],
    ids=lambda op: op.name,
)
def test_our_opaque_functions_lead_back_to_their_op(op):
    args = sp.symbols("a b c", real=True)[: max(op.arity[0], 2 if op.arity[1] is None else 0)]
    graph = parse_sympy(op.function(*args))
    assert graph.ops[-1] == op
    assert list(graph.args[-1]) == [graph.inputs[arg.name] for arg in args]


@pytest.mark.parametrize(
    "name",
    ["sec", "csc", "cot", "sech", "csch", "coth", "asec", "acsc", "acot", "asech", "acsch", "acoth",
     "factorial", "digamma", "trigamma", "sinc", "erf", "erfc", "gamma", "loggamma"],
)  # fmt: skip
def test_other_functions_are_compositions(name):
    at = {"asech": 0.375, "acoth": 1.625, "asec": 1.625, "acsc": 1.625}.get(name, 0.875)
    expected = sp.N(getattr(sp, name)(sp.Rational(at)), 30)
    assert value(getattr(sp, name)(x), x=at) == pytest.approx(float(expected), rel=1e-14)


def test_sinc_is_sympys_without_pi_and_one_at_zero():
    assert value(sp.sinc(x), x=0.0) == 1.0
    assert value(sp.sinc(x), x=2.0) == pytest.approx(float(mpmath.sin(2) / 2), rel=1e-15)


def test_polygamma_of_whole_order():
    assert value(sp.polygamma(3, x), x=1.5) == pytest.approx(float(mpmath.psi(3, 1.5)), rel=1e-14)
    assert "order" in refusal(sp.polygamma(y, x), "domain")
    refusal(sp.polygamma(10**9, x), "domain")


@pytest.mark.parametrize("u", [x, 2 * x, x * y, sp.sin(x) + 19])
def test_the_derivative_of_tanh_keeps_its_digits(u):
    point = {"x": 11.25, "y": 1.75}
    for f in (sp.tanh(u), sp.Rational(3, 2) * sp.tanh(u), sp.tanh(u) ** 3, sp.tanh(u).diff(x)):
        derivative = f.diff(x)
        with mpmath.workdps(60):
            exact = derivative.evalf(30, subs={x: point["x"], y: point["y"]}, maxn=500)
        assert value(derivative, **point) == pytest.approx(float(exact), rel=1e-13, abs=1e-300)


@pytest.mark.parametrize(
    "expression",
    [1 - 2 * sp.tanh(x) ** 2, 1 + sp.tanh(x) ** 2, 1 - sp.tanh(x) ** 3, y - sp.tanh(x) ** 2,
     1 - sp.tan(x) ** 2],
    ids=str,
)  # fmt: skip
def test_other_sums_with_tanh_are_read_as_written(expression):
    assert "cosh" not in counts(expression)


def test_piecewise_takes_the_first_piece_that_holds():
    expression = sp.Piecewise((sp.log(x), x > 1), (x**2, x > 0), (7, True))
    assert value(expression, x=2.0) == pytest.approx(float(mpmath.log(2)))
    assert value(expression, x=0.5) == 0.25
    assert value(expression, x=-3.0) == 7.0  # log of -3 is not heard of


def test_piecewise_without_a_default_is_nan_elsewhere():
    expression = sp.Piecewise((x, x > 0))
    assert value(expression, x=2.0) == 2.0
    assert np.isnan(value(expression, x=-1.0))


@pytest.mark.parametrize("a", [-1.0, 0.0, 1.0])
@pytest.mark.parametrize("b", [-1.0, 0.0, 1.0])
def test_conditions(a, b):
    point = {"x": a, "y": b}
    p, q = x > 0, y >= 0
    for condition, truth in (
        (p, a > 0),
        (sp.And(p, q, x < 2), a > 0 and b >= 0),
        (sp.Or(p, q), a > 0 or b >= 0),
        (sp.Not(sp.And(p, q)), not (a > 0 and b >= 0)),
        (sp.ITE(p, q, x < y), b >= 0 if a > 0 else a < b),
        (sp.Eq(x, y), a == b),
        (sp.Ne(x, y), a != b),
        (x <= y, a <= b),
    ):
        assert value(sp.Piecewise((2, condition), (3, True)), **point) == (2 if truth else 3)


@pytest.mark.parametrize(("at", "expected"), [(-2.0, 0.0), (0.0, 0.5), (3.0, 1.0)])
def test_heaviside_is_one_half_at_zero(at, expected):
    assert value(sp.Heaviside(x), x=at) == expected


@pytest.mark.parametrize("at", [-2.7, -1.0, 0.0, 2.5])
def test_stock_choices(at):
    for expression, expected in (
        (sp.Abs(x), abs(at)),
        (sp.sign(x), np.sign(at)),
        (sp.floor(x), np.floor(at)),
        (sp.ceiling(x), np.ceil(at)),
        (sp.Mod(x, 2), at % 2),
        (sp.Max(x, -1), max(at, -1)),
        (sp.Min(x, -1), min(at, -1)),
        (sp.real_root(x, 3), np.cbrt(at)),
    ):
        assert value(expression, x=at) == pytest.approx(expected, rel=1e-15)


LEAVES = st.sampled_from([x, y, sp.Integer(2), sp.Rational(-3, 4), sp.Float(0.3), sp.pi])
GROWN = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: p[0] + p[1]),
        st.tuples(inner, inner).map(lambda p: p[0] - p[1]),
        st.tuples(inner, inner).map(lambda p: p[0] * p[1]),
        st.tuples(inner, inner).map(lambda p: p[0] / (2 + sp.sin(p[1]))),
        st.tuples(inner, st.sampled_from([2, 3, sp.Rational(-1, 2), sp.Rational(5, 3)])).map(
            lambda p: (sp.tanh(p[0]) + 2) ** p[1]
        ),
        st.tuples(inner, inner).map(lambda p: (sp.cos(p[0]) + 3) ** sp.atan(p[1])),
        inner.map(lambda e: sp.exp(sp.sin(e))),
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(GROWN, st.sampled_from([-1.5, 0.25, 2.0]), st.sampled_from([-0.5, 1.75]))
def test_random_expressions_have_sympys_value(expression, a, b):
    exact = complex(expression.evalf(40, subs={x: sp.Rational(a), y: sp.Rational(b)}))
    got = value(expression, x=a, y=b)
    assert got == pytest.approx(exact.real, rel=1e-9, abs=1e-9)


def test_inputs_are_the_symbols_by_name_or_as_given():
    assert list(parse_sympy(z + x * y).inputs) == ["x", "y", "z"]
    assert list(parse_sympy(z + x, inputs=["z", "w", "x"]).inputs) == ["z", "w", "x"]
    assert list(parse_sympy(z + x, inputs=(z, x)).inputs) == ["z", "x"]
    assert "'z'" in refusal(z + x, "name", inputs=["x"])
    assert "twice" in refusal(x, "name", inputs=["x", "x"])
    refusal(x, "name", inputs=["x", ""])
    refusal(x, "name", inputs=["x", 3])
    refusal(x, "type", inputs=3)


def test_several_outputs():
    matrix = sp.Matrix([[x, y], [x * y, 1]])
    for source in (matrix, sp.ImmutableMatrix(matrix), [x, y, x * y, 1], (x, y, x * y, 1.0),
                   sp.Tuple(x, y, x * y, 1)):  # fmt: skip
        graph = parse_sympy(source)
        found = graph.evaluate({"x": 3.0, "y": 5.0})
        assert [found[i] for i in graph.outputs] == [3, 5, 15, 1]


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (sp.I * x, "type"),
        (sp.sqrt(-2) + x, "type"),
        (sp.oo, "domain"),
        (-sp.oo, "domain"),
        (sp.zoo, "domain"),
        (sp.nan, "domain"),
        (sp.Derivative(sp.sin(x), x), "forbidden"),
        (sp.Integral(sp.sin(x), x), "forbidden"),
        (sp.Sum(x, (y, 0, 5)), "forbidden"),
        (sp.Limit(x, x, 0), "forbidden"),
        (sp.Function("f")(x), "name"),
        (sp.LambertW(x), "name"),
        (sp.MatrixSymbol("A", 2, 2), "name"),
        (sp.Lambda(x, x), "name"),
        (sp.Symbol("w", imaginary=True), "type"),
        (sp.Symbol("w", commutative=False) * x, "type"),
        (sp.Symbol("x") + x, "name"),
        (sp.Dummy("x") + x, "name"),
        (sp.Symbol("a\u200bb"), "name"),
        (sp.Symbol(""), "name"),
        (sp.Integer(10) ** 400 * x, "domain"),
        (x / sp.Integer(10) ** 400, "domain"),
        (sp.Float._new((0, 1, 10**12, 1), 53) * x, "domain"),
        (sp.Float._new((0, 1, -(10**12), 1), 53) * x, "domain"),
        (x ** (sp.Integer(10) ** 400), "domain"),
        ([], "arity"),
        ([x, "y"], "type"),
        ([x, [y]], "type"),
        ([x, True], "type"),
        (sp.Matrix(0, 0, []), "arity"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_refused(source, kind):
    message = refusal(source, kind)
    assert "needs" in message
    assert len(message) < 300


def test_what_cannot_be_real_is_nan_in_a_derivative():
    for expression in (sp.I * x, sp.oo, sp.zoo, sp.nan, x + sp.sqrt(-2)):
        graph = Graph.empty()
        (result,) = read_expressions([expression], graph, {x: Variable.input(graph, "x")})
        assert np.isnan(graph.evaluate({"x": 1.0})[result.index])


def test_numbers_beyond_float64_are_infinite_or_zero_in_a_derivative():
    big = sp.Integer(10) ** 400
    for expression, expected in ((big, np.inf), (-big, -np.inf), (1 / big, 0.0)):
        graph = Graph.empty()
        (result,) = read_expressions([expression], graph, {})
        assert graph.evaluate({})[result.index] == expected


def test_a_symbol_that_is_not_looked_up_is_refused():
    with pytest.raises(DiffcompareError, match="'y'"):
        read_expressions([sp.sin(y)], Graph.empty(), {})


def test_reading_into_a_folding_graph_folds():
    graph = Graph.empty(folding=True)
    variable = Variable.input(graph, "x")
    (result,) = read_expressions([sp.Mul(1, x, evaluate=False)], graph, {x: variable})
    assert result.index == variable.index


def test_depth_is_bounded_by_memory_alone():
    deep = x
    for _ in range(20_000):
        deep = sp.Function.__new__(sp.sin, deep, evaluate=False)
    graph = parse_sympy(deep)
    assert len(graph.ops) == 20_001


def test_what_is_shared_is_read_once():
    shared = x
    for _ in range(200):  # as a tree 2**200 leaves
        shared = sp.Mul(shared, sp.sin(shared, evaluate=False), evaluate=False)
    start = time.perf_counter()
    graph = parse_sympy(shared)
    assert time.perf_counter() - start < 1
    assert len(graph.ops) == 401


def test_a_wide_sum_is_read_in_linear_time():
    symbols = sp.symbols("x:3000", real=True)
    graph = parse_sympy(sp.Add(*(s**2 for s in symbols)))
    assert len(graph.ops) == 3 * 3000 - 1


def test_the_budget_bounds_the_nodes():
    parse_sympy(x * y, budget=Budget(nodes=3))
    assert "at most 2 nodes" in refusal(x * y, "limit", budget=Budget(nodes=2))


def test_the_same_bytes_for_every_hash_seed():
    code = (
        "import sympy as sp\n"
        "from diffcompare.parse.from_sympy import parse_sympy\n"
        "from diffcompare.graph.listing import to_listing\n"
        "x, y, z = sp.symbols('x y z', real=True)\n"
        "f = sp.Max(x*y, sp.sin(z), x + y + z) + sp.exp(x - z)/(y**2 + 1)*z\n"
        "g = sp.Piecewise((f, sp.And(x > 0, y > 0, z > 0)), (x, True))\n"
        "print(to_listing(parse_sympy([f, g])))\n"
    )
    texts = set()
    for seed in ("0", "1", "424242"):
        run = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )  # fmt: skip
        texts.add(run.stdout)
    assert len(texts) == 1
    assert to_listing(parse_sympy(x)) == 'v0 = input("x")\nreturn v0\n'
