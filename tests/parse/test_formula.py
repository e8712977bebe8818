"""What formulas mean: values, inputs, programs, exact numbers."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.ops.constants import PI, E
from diffcompare.ops.leaf import Constant
from diffcompare.parse.formula import parse_formula

POINT = {"x": 0.75, "y": -1.5, "z": 2.25, "n": 3.0}

# fmt: off
PYTHON = {  # what Python's own evaluator makes of the same text
    "sin": math.sin, "cos": math.cos, "tan": math.tan, "exp": math.exp, "log": math.log,
    "sqrt": math.sqrt, "atan2": math.atan2, "hypot": math.hypot, "floor": math.floor,
    "ceil": math.ceil, "erf": math.erf, "gamma": math.gamma, "abs": abs, "max": max, "min": min,
    "pow": pow, "prod": lambda *a: math.prod(a), "pi": math.pi, "e": math.e, "math": math, "np": np,
    "where": lambda c, a, b: a if c else b,
}

SAME_AS_PYTHON = [
    "x", "3", "-3", "+x", "x - y - z", "x/y/z", "x - (y - z)", "x/(y/z)", "2**n**2", "-x**2", "(-x)**2",
    "x**-2", "2**-x", "z**x", "z**0.5", "x*-y", "- - x", "x % y", "-x % z", "x % 0.3", "7 % 3", "1e-3*x",
    ".5*x + 1.", "1_000*x", "0.1 + 0.2", "2e3/x", "pi*x", "e**x", "exp(x)*log(z)", "sin(x)**2 + cos(x)**2",
    "atan2(y, x)", "hypot(x, y)", "abs(y)", "max(x, y, z)", "min(x, y, 3)", "max((x, y))", "min([x, y])",
    "floor(y) + ceil(x)", "erf(x) + gamma(z)", "log(z, 2)", "pow(x, 2)", "prod(x, y, z)", "(x < y) + 2",
    "x <= 0.75", "(x > y)*z", "x >= z", "(x == 0.75) + (x != 0.75)", "where(x > 0, x, y)", "math.sin(x)",
    "np.sin(x) + np.pi", "math.pi*math.e", "np.arctan2(y, x)", "np.maximum(x, y)", "np.where(y > 0, x, z)",
    "math.log(z, 3)", "(x)", "(sin)(x)", "x # a remark", "(x +\n  y)", "x + \\\n y", "  x*y", "\tx*y\n\n",
]
# fmt: on


def value(text: str, inputs: list[str] | None = None, **point: float) -> float:
    graph = parse_formula(text, inputs)
    chosen = {name: np.float64((point or POINT)[name]) for name in graph.inputs}
    return float(graph.evaluate(chosen)[graph.outputs[0]])


def ops(graph: Graph) -> list[str]:
    return [op.name for op in graph.ops if op.name not in ("input", "constant")]


def numbers(graph: Graph) -> list[object]:
    return [op.number for op in graph.ops if isinstance(op, Constant)]


@pytest.mark.parametrize("text", SAME_AS_PYTHON)
def test_value_is_pythons(text: str) -> None:
    expected = eval(text.strip(), dict(PYTHON), dict(POINT))
    assert value(text) == pytest.approx(float(expected), rel=1e-15)


def test_the_survey_example() -> None:
    assert value("log(x1) + x1*x2 - sin(x2)", x1=2.0, x2=5.0) == 11.652071455223084


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = x*y\nb = a + 1\nb*a", 0.75 * -1.5 * (0.75 * -1.5 + 1)),
        ("a = x; b = a*2; b", 1.5),
        ("a = x\r\nb = a*2\rb", 1.5),
        ("t = x\nt = t + 1\nt = t*t", 1.75**2),
        ("a = b = x*2\na + b", 3.0),
        ("e = 2*x\ne", 1.5),  # assigned before it was read as the constant
        ("    # a remark\n    a = x\n\n  # another\n    a + 1", 1.75),
    ],
)
def test_program(text: str, expected: float) -> None:
    assert value(text) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "x", "expected"),
    [
        ("Piecewise((x**2, x < 0), (x, x < 1), (2 - x, True))", -2.0, 4.0),
        ("Piecewise((x**2, x < 0), (x, x < 1), (2 - x, True))", 0.5, 0.5),
        ("Piecewise((x**2, x < 0), (x, x < 1), (2 - x, True))", 3.0, -1.0),
        ("Piecewise((5, False), (x, True))", 3.0, 3.0),
        ("Piecewise((1, Eq(x, 0)), (sin(x)/x, True))", 0.0, 1.0),
        ("where(x > 0, log(x), 0)", -1.0, 0.0),
        ("Heaviside(x)", 0.0, 0.5),
        ("heaviside(x, 1)", 0.0, 1.0),
        ("sum(x, x, 1) + sum([x, 2]) + sum() + prod()", 2.0, 10.0),
    ],
)
def test_choice(text: str, x: float, expected: float) -> None:
    assert value(text, x=x) == expected


@pytest.mark.parametrize(
    ("text", "inputs", "expected"),
    [
        ("b*a + b", None, ["b", "a"]),
        ("a**b + c", None, ["a", "b", "c"]),
        ("t = q + 1\nx*t", None, ["q", "x"]),
        ("where(c > a, b, a)", None, ["c", "a", "b"]),
        ("x", ["z", "x", "y"], ["z", "x", "y"]),
        ("3", ["x"], ["x"]),
        ("e*pi*gamma", None, ["gamma"]),
        ("e*pi*gamma", ["pi", "gamma", "e"], ["pi", "gamma", "e"]),
        ("gamma(x)*gamma", None, ["x", "gamma"]),
        ("E + I + N + S + Q + O + C + beta + zeta", None,
         ["E", "I", "N", "S", "Q", "O", "C", "beta", "zeta"]),
        ("α + β*μ + x_1 + é", None, ["α", "β", "μ", "x_1", "é"]),
        ("_ + match + type + print", None, ["_", "match", "type", "print"]),
    ],
)  # fmt: skip
def test_inputs(text: str, inputs: list[str] | None, expected: list[str]) -> None:
    assert list(parse_formula(text, inputs).inputs) == expected


@pytest.mark.parametrize(
    ("text", "outputs"),
    [("x, y", 2), ("(x, y, x)", 3), ("x,", 1), ("f = x*y, y", 2), ("a = x*y\na, a + 1", 2)],
)
def test_outputs(text: str, outputs: int) -> None:
    assert len(parse_formula(text).outputs) == outputs


def test_names_are_those_last_assigned() -> None:
    graph = parse_formula("a = x*y\nt = a + 1\nt = t*2\nk = 3\nc = x\nsin(t)*k + c")
    named = {name: graph.ops[graph.args[i][1]].name for i, name in graph.names.items()}
    assert named == {"a": "input", "t": "constant"}


def test_numbers_are_exact() -> None:
    graph = parse_formula("0.1*x + 1e22*x + 1.7976931348623157e308*x + 5e-324*x + 1_0.5e0_1*x")
    tiny, huge = Fraction(5, 10**324), Fraction(17976931348623157) * 10**292
    assert set(numbers(graph)) == {Fraction(1, 10), Fraction(10**22), huge, tiny, Fraction(105)}
    assert numbers(parse_formula("0e999999999999 + x")) == [0]
    assert numbers(parse_formula("np.pi*sp.E*pi*e*x")) == [PI, E]


def test_the_sign_of_a_number_is_part_of_it() -> None:
    assert numbers(parse_formula("-3*x")) == [Fraction(-3)]
    assert ops(parse_formula("-3**2*x")) == ["power", "neg", "mul"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x/x", ["div"]),
        ("0*x", ["mul"]),
        ("2*3 + x", ["mul", "add"]),
        ("x - x", ["sub"]),
        ("sin(x)*sin(x)", ["sin", "mul"]),
        ("x**1", []),
        ("x**(2 - 1)", []),
        ("x**0", ["power"]),
        ("x**(1/3)", ["power"]),
        ("x**y", ["pow"]),
        ("x**pi", ["pow"]),
        ("max(x, max(y, z), x)", ["max"]),
        ("unused = exp(x)\nx*2", ["mul"]),
    ],
)
def test_what_is_written_is_kept(text: str, expected: list[str]) -> None:
    graph = parse_formula(text)
    assert ops(graph) == expected


@pytest.mark.parametrize(
    ("text", "exponent"),
    [
        ("x**2.0", Fraction(2)),
        ("x**-0.5", Fraction(-1, 2)),
        ("x**(1/3)", Fraction(1, 3)),
        ("x**(-(3 - 1)*0.1 + 2/5)", Fraction(1, 5)),
        ("x**2**3", Fraction(8)),
        ("x**(2**-2)", Fraction(1, 4)),
        ("x**1e6", Fraction(10**6)),
        ("x**-1000000", Fraction(-(10**6))),
        ("x**0.1234567890123456789", Fraction(1234567890123456789, 10**19)),
        ("x**(1/18446744073709551615)", Fraction(1, 2**64 - 1)),
        ("x**(0.1 + 0.2 - 0.3)", Fraction(0)),
        ("x**(10**100/10**99)", Fraction(10)),
        ("pow(x, 1 + 1)", Fraction(2)),
        ("np.power(x, 3)", Fraction(3)),
        ("square(x)", Fraction(2)),
    ],
)
def test_constant_exponents_are_exact(text: str, exponent: Fraction) -> None:
    graph = parse_formula(text)
    assert [op.options() for op in graph.ops[1:]] == [{"exponent": exponent}]


def test_long_sums_and_programs() -> None:
    assert value("sum(" + ", ".join(["x*y"] * 10_000) + ")") == pytest.approx(-11250)
    assert value("+".join(["x"] * 2000)) == 1500
    assert value("t = x\n" + "t = t + 1\n" * 8000 + "t") == 8000.75


LEAVES = st.sampled_from(["x", "y", "z", "1", "2", "0.1", "3.5", "pi"])
BINARY = st.sampled_from(["+", "-", "*", "/", "%"])
COMPARISON = st.sampled_from(["<", ">=", "=="])
CALLS = st.sampled_from(["sin", "cos", "exp", "tanh", "arctan"])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} {} {})".format, inner, BINARY, inner),
        st.builds("(1*({} {} {}))".format, inner, COMPARISON, inner),
        st.builds("-{}".format, inner),
        st.builds("{}({})".format, CALLS, inner),
        st.builds("maximum({}, {})".format, inner, inner),
    )


@settings(max_examples=200, deadline=None)
@given(st.recursive(LEAVES, _grown, max_leaves=15))
def test_value_is_numpys_to_the_bit(text: str) -> None:
    point = {"x": np.float64(0.3), "y": np.float64(-2.0), "z": np.float64(0.0)}
    try:
        graph = parse_formula(text, list(point))
    except DiffcompareError as error:
        assert error.kind in ("domain", "limit")  # a constant part without a value
        return
    with np.errstate(all="ignore"):
        known = {name: getattr(np, name) for name in ("sin", "cos", "exp", "tanh", "arctan")}
        floats = re.sub(r"\b[0-9.]+", r"np.float64(\g<0>)", text)
        names = {**known, "maximum": np.maximum, "pi": np.float64(np.pi), "np": np, **point}
        expected = eval(floats, names)
    np.testing.assert_array_equal(graph.evaluate(point)[graph.outputs[0]], np.float64(expected))


def test_a_sum_of_many_constants() -> None:
    graph = parse_formula("x**Add(1, -2, 3) + sum(-2, -2, 0.5)")
    assert float(graph.evaluate({"x": np.float64(3.0)})[graph.outputs[0]]) == 5.5
