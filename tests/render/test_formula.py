"""Formulas read back as the graph that they were written from."""

import ast
from fractions import Fraction

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import diffcompare as dc
from diffcompare.ops.names import FUNCTIONS
from diffcompare.ops.op import OPS
from diffcompare.render.formula import formula, formulas, short_formulas, step
from diffcompare.render.notation import PRINTED, SHOWN

FORMULAS = [
    "a - (b - c)", "a - b - c", "a + (b + c)", "a/(b*c)", "a/b*c", "a*(b/c)", "a*(b*c)", "a % b % c",
    "a % (b*c)", "a*(b % c)", "(-a)**2", "-a**2", "a**-2", "a**(-2)*b", "a**(3/2)", "a**0.1",
    "a**(-1/3)", "(a**2)**3", "a**b**c", "(a**b)**c", "a**(-b)", "2**a", "(-2)**a", "-2**a", "2**3 + a",
    "--a", "-(a*b)", "-a*b", "a*-b", "a - -b", "a + -b*c", "a - (-2)", "-2*a", "-(+2)*a", "-(-2)*a",
    "(a < b) < c", "a < (b < c)", "(a == b) + 1", "-(a <= b)", "(a != b)**2", "a > b + c",
    "where(a < b, -c, abs(a - 1))", "max(a, b, c)", "min(-a, b)", "polygamma(2, a)", "pi*e*a",
    "1e-30*a + 1e40", "0.1*a", "a**0", "x/x + 0*y", "2*3*x", "x**2, x*y, -x", "sin(x*y)*exp(x*y)",
    "hypot(x, y)/atan2(y, x)", "(x + 1)*(x + 1)", "where(where(a, b, c), a, b)", "a - (b + c)*d",
]  # fmt: skip

SCALAR = [op for op in OPS.values() if op.elementwise and (op.infix or op.name in FUNCTIONS)]


def read_back(graph, lines):
    """The graph of the lines that `formulas` gives."""
    count = len(graph.outputs)
    text = "\n".join([*lines[:-count], ", ".join(lines[-count:])])
    return dc.parse(text, inputs=list(graph.inputs))


def same(*graphs):
    """Whether the outputs are the same expressions, node by node; shared by numbering them alike."""
    numbers: dict = {}
    outputs = []
    for graph in graphs:
        place: list[int] = []
        for op, args in zip(graph.ops, graph.args, strict=True):
            place.append(numbers.setdefault((op, tuple(place[a] for a in args)), len(numbers)))
        outputs.append([place[i] for i in graph.outputs])
    return outputs[0] == outputs[1]


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("limit", [1000, 1])
def test_round_trip(text, limit):
    graph = dc.parse(text)
    assert same(read_back(graph, formulas(graph, limit=limit)), graph)


@pytest.mark.parametrize("text", [t for t in FORMULAS if "**" not in t])
def test_python_reads_the_same_tree(text):
    """Python's own grammar agrees on every bracket that is left out."""
    graph = dc.parse(text)
    printed = ", ".join(formulas(graph, limit=1000))
    assert ast.dump(ast.parse(printed)) == ast.dump(ast.parse(text))


@pytest.mark.parametrize(
    ("text", "printed"),
    [("a-(b-c)", "a - (b - c)"), ("a/((b)*c)", "a/(b*c)"), ("x**-2", "x**-2"), ("(-x)**2", "(-x)**2"),
     ("x**(3/2)", "x**(3/2)"), ("x**1.5", "x**(3/2)"), ("-(x**2)", "-x**2"), ("x*(-y)", "x*(-y)"),
     ("(x*y)*z", "x*y*z"), ("x+(-2)", "x + (-2)"), ("2.50*x", "2.5*x"), ("x<=y", "x <= y")],
)  # fmt: skip
def test_brackets_are_the_fewest(text, printed):
    graph = dc.parse(text)
    assert formula(graph, graph.outputs[0]) == printed


@pytest.mark.parametrize("op", SCALAR, ids=lambda op: op.name)
def test_every_op_of_the_table(op, named):
    count = max(op.arity[0], 2 if op.arity[1] is None else 1)
    graph = named(*"abcd"[:count], build=op)
    assert same(read_back(graph, formulas(graph)), graph)


NUMBERS = st.integers(-3, 3).map(Fraction) | st.sampled_from([Fraction(1, 4), Fraction(-7, 10)])
EXPONENTS = st.sampled_from([Fraction(n) for n in ("-2", "2", "3", "1/2", "-7/20", "1/3")])
ROWS = st.sampled_from(SCALAR)


@st.composite
def graphs(draw):
    """Any graph of table rows and constant powers."""
    graph = dc.Graph.empty()
    values = [dc.Variable.input(graph, name) for name in ("x", "v1", "w2")]
    anyone = st.integers(0, 10**6).map(lambda k: values[k % len(values)])
    for _ in range(draw(st.integers(1, 12))):
        op = draw(ROWS)
        args = [draw(anyone) for _ in range(op.arity[1] or 3)]
        if len(args) > 1 and op.name != "pow" and draw(st.booleans()):
            args[draw(st.integers(0, len(args) - 1))] = dc.Variable.constant(graph, draw(NUMBERS))
        values.append(op(*args))
        if draw(st.booleans()):
            values.append(values[-1] ** draw(EXPONENTS))
    graph.outputs = tuple(draw(anyone).index for _ in range(draw(st.integers(1, 3))))
    return graph.leveled()


@settings(max_examples=300, deadline=None)
@given(graphs(), st.sampled_from([1, 30, 10_000]))
def test_round_trip_of_any_graph(graph, limit):
    assert same(read_back(graph, formulas(graph, limit=limit)), graph)


def test_a_program_where_the_tree_is_too_long():
    lines = ["l1 = x", *(f"l{k} = 4*l{k - 1}*(1 - l{k - 1})" for k in range(2, 61))]
    graph = dc.parse("\n".join(lines))
    printed = formulas(graph)
    assert len(printed) == 59
    assert max(map(len, printed)) < 80
    assert same(read_back(graph, printed), graph)
    assert short_formulas(graph, graph.outputs, 10**6) == [None]


def test_names_of_a_program_are_new():
    graph = dc.parse("sin(v0*w1)*exp(v0*w1)")
    printed = formulas(graph, limit=5)
    assert printed == ["u2 = v0*w1", "sin(u2)*exp(u2)"]


def test_deep_and_wide_graphs_take_no_recursion():
    graph = dc.Graph.empty()
    x = value = dc.Variable.input(graph, "x")
    for _ in range(30_000):
        value = dc.sin(value) + x
    graph.outputs = (value.index,)
    assert len(formulas(graph, limit=10**7)[0]) == 30_000 * len("sin() + x") + 1
    program = formulas(graph)
    assert max(map(len, program)) < 90
    wide = dc.parse(f"sum({', '.join(f'x{k}' for k in range(5_000))})")
    assert formula(wide, wide.outputs[0], 10**6).count(",") == 4_999
    assert same(read_back(wide, formulas(wide)), wide)


def test_numbers_that_came_as_floats():
    graph = dc.parse(lambda x: 0.1 * x)
    exact = formula(graph, graph.outputs[0])
    assert dc.parse(exact).evaluate({"x": 3.0})[-1] == 0.1 * 3.0
    assert formula(graph, graph.outputs[0], style=SHOWN) == "0.1*x"


def test_derivatives_of_powers_are_formulas_too():
    graph = dc.differentiate(dc.parse("x**y"), "reverse").jacobian_graph
    texts = formulas(graph)
    again = dc.parse(", ".join(texts), inputs=["x", "y"])
    values = again.evaluate({"x": 1.7, "y": 2.3})
    x, y = mpmath.mpf(1.7), mpmath.mpf(2.3)
    truth = [y * x ** (y - 1), x**y * mpmath.log(x)]
    assert [values[i] for i in again.outputs] == pytest.approx([float(t) for t in truth], rel=1e-14)


def test_step_of_the_lecture():
    graph = dc.parse("log(x1) + x1*x2 - sin(x2)")
    steps = [step(graph, i) for i in range(7)]
    assert steps == ["x1", "x2", "log(v0)", "v0*v1", "sin(v1)", "v2 + v3", "v5 - v4"]
    assert step(graph, 6, {5: "a", 4: "b"}, PRINTED) == "a − b"


def test_step_writes_constants_out():
    graph = dc.parse("-2*x**(3/2) + 0.5")
    assert [step(graph, i, style=PRINTED) for i, args in enumerate(graph.args) if args] == [
        "v0^(3/2)", "−2·v1", "v2 + 0.5",
    ]  # fmt: skip
