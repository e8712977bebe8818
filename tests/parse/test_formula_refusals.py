"""What is not a formula: the kind of each refusal, and how soon it comes."""

from __future__ import annotations

import time

import pytest

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError
from diffcompare.parse.formula import parse_formula

# fmt: off
KINDS = {
    "syntax": [
        "", " ", "\n", "# only a remark", "2x", "sin x", "x +* y", "x $ y", "((x)", "x!", "x×y", "x +", "x y",
        "x, , y", "007", "1_", "()", "x = = y", "(x = 3)", "f(x) = 3", "x\\", "x?", "`x`", "x <> y", "x)", "(x]",
        "sin(x)y", "x\0+y", "\ufeffx", "x\f+ y", "\u0663*x", "x²", "x\u202e", "x\ud800", "x\u2028y", "x\xa0",
        "x # \u2066", "x\ufe0f", "x\n y", "x\ny", "x + \u0661", "x\u0661", "x − y", "; x", "1..2",
    ],
    "forbidden": [
        "0x", "0x1F", "0b1", "0o7", "def f(x): x", "(1).__class__.__mro__", "exec('1')", "(y := x)", "f'{x}'",
        "x[1:2]", "x if y else z", "x < y < z", "x ^ y", "x += 1", "x: int = 3", "lambda: x", "[x for x in y]",
        "x and y", "not x", "~x", "x // y", "x << 2", "x >> 2", "x @ y", "x | y", "x & y", "x is y", "x in y",
        "await x", "yield x", "import os", "del x", "...", "*x", "max(*x)", "max(**x)", "sin(x=1)", "{x}", "{x: y}",
        '"x"', "b'x'", "__import__('os').system('true')", "x.real", "np.linalg.norm(x)", "foo.sin(x)", "x[0]",
        "(x)(y)(z)", "1(x)", "[x]", "[x, y]", "a, b = x, y\na", "x = y, z\nx", "x.a = 3\nx", "x -> y", "x: y",
    ],
    "name": [
        "foo(x)", "X + y", "I", "w", "type(x)", "Derivative(x)", "ſin(x)", "lambdify(x)", "primorial(x)", "𝐱", "µ",
        "ｘ", "e\u0301", "x + sin", "sin", "np.sin", "np.inf", "np.foo(x)", "open(x)", "sin = 3\nx", "x = 3\nx",
        "t = pi\npi = 3\nt", "math.remainder(x, y)", "Symbol(x)", "S(1)/3", "__import__(x)", "x + np",
    ],
    "arity": [
        "sin(x, y)", "sin()", "atan2(x)", "abs(x, y)", "max()", "max([])", "log(x, y, z)", "where(x, y)",
        "Piecewise((x, x > 0))", "Piecewise()", "Piecewise(x)", "Piecewise((x, True), (y, x > 0))",
        "Piecewise((x, y, z))", "pow(x)", "clip(x, 1)", "Piecewise((x, y, z), (x, True))",
    ],
    "type": ["3j*x", "1J", "True", "False", "None", "x + True", "where(True, x, y)", "polygamma(x, y)", "polygamma(1.5, x)"],
    "limit": [
        "9" * 400 + "*x", "1e999", "1e-400", "x**(10**9)", "(10**100)**(10**7)", "9**9**9**9", "10**400", "exp(1000)",
        "1e999999999999", "1e-999999999999", "x" * 256, "0." + "1" * 700, "x**0.33333333333333333333", "x**(1/18446744073709551616)",
        "x**(10**9*pi)", "np.power(x, 10**7)", "gamma(200)", "1e308*10", "exp2(1e10)", "-1e-400",
        "(" * 201 + "x" + ")" * 201, "-" * 201 + "x",
    ],
    "domain": [
        "0**-1", "(-8)**(1/3)", "1/0", "0/0", "log(-1)", "log(0)", "sqrt(-1)", "asin(2)", "gamma(0)", "gamma(-1)",
        "atanh(1)", "5 % 0", "1/(1 - 1)", "x**(1/(2 - 2))", "where(x > 0, log(0), 1)", "0**(-1/2)", "x/(1/(0.1 + 0.2 - 0.3))", "(0.1 + 0.2 - 0.3)**-2", "(0 - 1)**0.5",
    ],
}

GIANTS = {
    "brackets": ("limit", "(" * 10**6 + "x" + ")" * 10**6),
    "a sum": ("limit", "+".join(["x"] * 10**6)),
    "blanks": ("limit", "x" + " " * 10**7 + "+"),
    "short sum": ("limit", "+".join(["x"] * 40_000)),
    "signs": ("limit", "-" * 10_000 + "x"),
    "powers": ("limit", "x**" * 10_000 + "x"),
    "attributes": ("limit", "x" + ".a" * 40_000),
    "calls": ("limit", "x" + "(1)" * 30_000),
    "comparisons": ("forbidden", "x<" * 40_000 + "x"),
    "digits": ("limit", "9" * 99_999),
    "hexadecimal": ("forbidden", "0x" + "f" * 99_000),
    "exponent": ("limit", "1e" + "9" * 99_000),
    "a name": ("limit", "x" * 99_999),
    "quotes": ("forbidden", '"' * 99_999),
    "opened": ("syntax", "(" * 199 + "x"),
    "lists": ("limit", "[" * 99_999),
    "words": ("syntax", "x " * 49_999),
    "lambdas": ("forbidden", "lambda:" * 14_000 + "x"),
    "semicolons": ("syntax", ";" * 99_999),
    "lines": ("syntax", "x\n" * 49_999),
    "factors": ("limit", "x**(" + "*".join(["1.1"] * 2_000) + ")"),
    "maxima": ("limit", "t = x\n" + "".join(f"t=max(t,a{i})\n" for i in range(6_000)) + "t"),
}
# fmt: on


def refusal(text: object, inputs: object = None, budget: Budget | None = None) -> DiffcompareError:
    with pytest.raises(DiffcompareError) as caught:
        parse_formula(text, inputs, budget or Budget())  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in KINDS.items() for text in texts]
)
def test_kind(kind: str, text: str) -> None:
    error = refusal(text, ["x", "y", "z"])
    assert error.kind == kind
    assert error.where is not None
    assert error.where.start < error.where.stop


@pytest.mark.parametrize(("kind", "text"), GIANTS.values(), ids=list(GIANTS))
def test_giants_are_refused_at_once(kind: str, text: str) -> None:
    start = time.process_time()
    error = refusal(text)
    assert time.process_time() - start < 2
    assert error.kind == kind
    assert len(str(error)) < 500


@pytest.mark.parametrize("text", ["x, y", "x % y", "(sin)(x)", "math.sin(x)", "3", "e", "0**0"])
def test_what_may_be_doubted_is_accepted(text: str) -> None:
    parse_formula(text, ["x", "y", "z"])


@pytest.mark.parametrize("name", ["inf", "nan", "oo"])
def test_what_is_not_finite_is_no_variable(name: str) -> None:
    assert refusal(f"x + {name}").kind == "domain"
    assert list(parse_formula(f"x + {name}", ["x", name]).inputs) == ["x", name]


@pytest.mark.parametrize("text", [None, 3, b"x", ["x"], 1.5])
def test_what_is_no_text(text: object) -> None:
    assert refusal(text).kind == "type"


@pytest.mark.parametrize(
    ("inputs", "kind"),
    [(5, "type"), ([3], "name"), (["x", "x"], "name"), (["x", "sin"], "name"), (["Piecewise"], "name")],
)  # fmt: skip
def test_inputs_that_are_none(inputs: object, kind: str) -> None:
    assert refusal("x", inputs).kind == kind


def test_many_inputs_are_listed_in_part() -> None:
    error = refusal("q9 + 1", [f"q{i}x" for i in range(50_000)])
    assert error.need.endswith("q10x, q11x, …")
    assert error.hint == "did you mean q9x?"


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("x + y + z", Budget(text=5)),
        ("((x))", Budget(depth=1)),
        ("--x", Budget(depth=1)),
        ("(-(-x))", Budget(depth=2)),
        ("x*x*x*x", Budget(nodes=3)),
    ],
)
def test_budget(text: str, budget: Budget) -> None:
    error = refusal(text, None, budget)
    assert error.kind == "limit"
    assert error.where is not None


def test_nested_and_signed_up_to_the_bound() -> None:
    parse_formula("(" * 200 + "x" + ")" * 200)
    parse_formula("sin(" * 200 + "x" + ")" * 200)
    parse_formula("-" * 200 + "x")
