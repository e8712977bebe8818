"""Graph ⇄ listing: exact both ways, refused with the place."""

import time
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import diffcompare as dc
from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.graph.listing import from_listing, to_listing
from diffcompare.graph.variable import Variable
from diffcompare.modes.forward import tangent_graph
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.ops.constants import CONSTANTS
from diffcompare.ops.leaf import Constant, Input
from diffcompare.ops.moves import Broadcast, Reshape, SumTo, Transpose
from diffcompare.ops.operand import OPS
from diffcompare.ops.options import make_plain, plain_options
from diffcompare.ops.parts import Place, Slice
from diffcompare.ops.powers import LogPow, Power
from diffcompare.ops.special import Polygamma
from diffcompare.parse.trace import trace


def parts(graph):
    return graph.ops, graph.args, list(graph.inputs.items()), graph.outputs, graph.names


RATIONALS = st.fractions() | st.floats(allow_nan=False, allow_infinity=False).map(Fraction)
LABELS = st.text(min_size=1)
LEAVES = st.one_of(
    LABELS.map(Input),
    RATIONALS.map(Constant),
    st.sampled_from(list(CONSTANTS.values())).map(Constant),
)
FAMILY_OPS = st.one_of(
    RATIONALS.map(Power), st.integers(0, 1000).map(Polygamma), st.integers(1, 1000).map(LogPow)
)
INNER = st.sampled_from([op for op in OPS.values() if op.elementwise]) | FAMILY_OPS


@st.composite
def graphs(draw):
    """Any graph over all ops, dead code, strange labels and names included."""
    graph = Graph.empty()
    for leaf in draw(st.lists(LEAVES, min_size=1, max_size=5)):
        graph.node(leaf)
    for op in draw(st.lists(INNER, max_size=12)):
        least, most = op.arity
        count = draw(st.integers(least, least + 3 if most is None else most))
        graph.node(op, tuple(draw(st.integers(0, len(graph.ops) - 1)) for _ in range(count)))
    indices = st.integers(0, len(graph.ops) - 1)
    graph.outputs = tuple(draw(st.lists(indices, max_size=3)))
    graph.names = draw(st.dictionaries(indices, st.from_regex(r"[A-Za-zα-ω_]\w*", fullmatch=True)))
    return graph


@settings(deadline=None, max_examples=300)
@given(graphs())
def test_round_trip_of_any_graph(graph):
    text = to_listing(graph)
    back = from_listing(text)
    assert parts(back) == parts(graph)
    assert to_listing(back) == text
    text.encode()  # surrogates in a label are escaped
    assert len(text.splitlines()) == len(graph.ops) + 1


MOVES = [
    Broadcast((4, 2, 3)), SumTo((1, 3)), Reshape((3, 2)), Transpose((1, 0)),
    Slice((0, 1), (2, 3), (1, 2)), Place((5, 7), (1, 0), (2, 3)),
]  # fmt: skip


@pytest.mark.parametrize("op", MOVES, ids=lambda op: op.name)
def test_round_trip_of_arrays(op):
    graph = Graph.empty()
    graph.outputs = (graph.node(op, (graph.node(Input("x", (2, 3))),)),)
    text = to_listing(graph)
    assert text.startswith('v0 = input("x", size=[2, 3])\nv1 = ')
    assert parts(from_listing(text)) == parts(graph)
    assert from_listing(text).shapes == graph.shapes


def test_round_trip_of_derivatives():
    graph = dc.parse("where(x > y, sin(x*y), max(x, y, x**1.5)) + atan2(x, 3)")
    for mode in (tangent_graph, adjoint_graph):
        derivative = mode(graph, ("x", "y"))
        for each in (derivative.graph, derivative.jacobian_graph):
            assert parts(from_listing(to_listing(each))) == parts(each)


def test_the_form():
    graph = trace(lambda x, y: (x**1.5 * y, x / 3 + dc.sin(y)))
    graph.names = {3: "area"}
    assert to_listing(graph) == (
        'v0 = input("x")\n'
        'v1 = input("y")\n'
        'c0 = constant("3")\n'
        'v2 = power(v0, exponent="3/2")  # area\n'
        "v3 = div(v0, c0)\n"
        "v4 = sin(v1)\n"
        "v5 = mul(v2, v1)\n"
        "v6 = add(v3, v4)\n"
        "return v5, v6\n"
    )


def test_what_a_hand_may_write():
    graph = from_listing(
        """
        # the distance of two points
        x=input( "x" )   # the first
        y = input(label="y")
        pi = constant("pi")
        half = constant(0.5)
        two = constant(2)
        d = hypot( x ,y )# no blank needed
        same = hypot(x, y)
        r = power(d,exponent = "3/2")
        return r , same
        """
    )
    assert graph.evaluate({"x": 3.0, "y": 4.0})[graph.outputs[0]] == pytest.approx(5**1.5)
    assert [op.name for op in graph.ops] == ["input", "input", *3 * ["constant"], "hypot", "power"]
    assert graph.names == {0: "the first", 5: "no blank needed"}
    assert graph.ops[3].number == Fraction(1, 2)


def test_long_integers_are_exact_and_quick():
    number = Fraction(3**20_000, 2**31_000 + 1)
    graph = Graph.empty()
    graph.outputs = (graph.node(Constant(number)),)
    assert from_listing(to_listing(graph)).ops[0].number == number


def test_a_hundred_thousand_nodes_in_well_under_two_seconds():
    graph = Graph.empty()
    x = y = Variable.input(graph, "x")
    for i in range(50_000):
        y = y * x if i % 2 else y + (i + 1)
    graph.outputs = (y.index,)
    start = time.perf_counter()
    back = from_listing(to_listing(graph))
    assert time.perf_counter() - start < 2
    assert parts(back) == parts(graph)


X = 'x = input("x")\n'
REFUSED = [
    ("", "format", "a last line return …, got none", None),
    (X, "format", "a last line return …, got none", X.strip()),
    ("hello", "format", "lines name = op(arguments)", "hello"),
    (X + "y = sin(z)\nreturn y", "format", "nodes of lines above, got z", "z"),
    (X + "return z", "format", "nodes of lines above, got z", "z"),
    (X + "y = sin(y)\nreturn y", "format", "nodes of lines above, got y", "y"),
    (X + "x = sin(x)\nreturn x", "format", "a new name for each node, got x again", "x = sin(x)"),
    (X + 'y = input("x")\nreturn y', "format", "each input once", 'input("x")'),
    (X + "y = sine(x)\nreturn y", "name", "a known op, got 'sine'", "sine"),
    (X + "y = sin(x, x)\nreturn y", "arity", "sin needs 1 argument, got 2", "sin"),
    (X + "y = sin()\nreturn y", "arity", "sin needs 1 argument, got 0", "sin"),
    (X + "y = power(x)\nreturn y", "attr", "the options exponent", "power"),
    (X + 'y = power(x, "2")\nreturn y', "format", "options key=value", '"2")'),
    (X + 'y = sin(x, order="2")\nreturn y', "attr", "sin needs no options, got order", "sin"),
    (X + 'y = power(x, exponent="a")\nreturn y', "attr", "a rational number", "power"),
    (X + "y = power(x, exponent=NaN)\nreturn y", "format", "a JSON value, got 'NaN)'", "NaN)"),
    (X + "y = power(x, exponent=)\nreturn y", "format", "a JSON value", ")"),
    (X + 'y = power(x, exponent="2', "format", "a JSON value", '"2'),
    (X + 'y = power(x, exponent="2"', "format", "a comma or a closing bracket, got its end", ""),
    (X + 'y = power(x, exponent=2, exponent=3)\nreturn y', "format", "each option once", "exponent=3)"),
    (X + "y = sin(x) z\nreturn y", "format", "a comment or the end of the line, got z", "z"),
    (X + "y = add(x x)\nreturn y", "format", "a comma or a closing bracket", " x)"),
    (X + "return x\nreturn x", "format", "to end with its return line", "return x"),
    (X + "return x\ny = sin(x)", "format", "to end with its return line", "y = sin(x)"),
    ('c = constant("1/0")\nreturn c', "attr", "a finite number", "constant"),
    ("c = constant(1e999)\nreturn c", "attr", "got inf", "constant"),
    (f"c = constant({'1' * 5000})\nreturn c", "format", "a JSON value", None),
    (f"c = constant({'[' * 100_000}\nreturn c", "format", "a JSON value", None),
    ("c = constant(true)\nreturn c", "attr", "the options number, got none", "constant"),
    ('x = input("")\nreturn x', "attr", "text", "input"),
    ("x = input(y)\nreturn x", "attr", "the options label", "input"),
    ('p = polygamma(x, order=0)\nreturn p', "format", "nodes of lines above", "x"),
    (X + "p = polygamma(x, order=-1)\nreturn p", "attr", "0 or more", "polygamma"),
    (X + "p = polygamma(x, order=1001)\nreturn p", "domain", "an order from 0 to 1000", "polygamma"),
    (X + "p = reshape(x, to=[2])\nreturn p", "shape", "2 entries for the shape", "reshape"),
    (X + "p = reshape(x, to=[-1])\nreturn p", "attr", "0 or more", "reshape"),
    (X + "p = slice(x, start=[], stop=[1], step=[])\nreturn p", "attr", "options for the same number of axes", "slice"),
    (X + "p = reshape(x, to=2)\nreturn p", "attr", "a list", "reshape"),
    (X + "p = polygamma(x, order=1.0)\nreturn p", "attr", "a whole number", "polygamma"),
    (X + "ÿ = sin(x)\nreturn x", "format", "lines name = op(arguments)", "ÿ = sin(x)"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kind", "words", "under"), REFUSED, ids=[words for _, _, words, _ in REFUSED]
)
def test_refused_with_the_place(text, kind, words, under):
    with pytest.raises(DiffcompareError) as caught:
        from_listing(text)
    error = caught.value
    assert error.kind == kind
    first, line, caret = str(error).splitlines()
    assert words in first
    assert len(first) < 200
    if under:
        assert line[caret.index("^") : caret.rindex("^") + 1] == under


def test_not_a_text():
    with pytest.raises(DiffcompareError, match="needs text, got bytes"):
        from_listing(b"return x")  # type: ignore[arg-type]


def test_the_budget_bounds_the_nodes():
    text = X + "y = sin(x)\nreturn y"
    from_listing(text, Budget(nodes=2))
    with pytest.raises(DiffcompareError, match="at most 1 nodes") as caught:
        from_listing(text, Budget(nodes=1))
    assert caught.value.kind == "limit"


@settings(deadline=None)
@given(st.text(alphabet='xyc01 =(),"/\\#\n[]{}:returnsinputcoa', max_size=80))
@example('x = input("\\ud800")\nreturn x')
def test_any_text_is_read_or_refused(text):
    try:
        from_listing(text)
    except DiffcompareError as error:
        assert error.kind in ("format", "name", "arity", "attr")


def test_options_are_plain_and_checked():
    assert plain_options(Constant(CONSTANTS["2/sqrt(pi)"])) == {"number": "2/sqrt(pi)"}
    assert make_plain("constant", {"number": "2/sqrt(pi)"}).number is CONSTANTS["2/sqrt(pi)"]
    assert make_plain("power", {"exponent": 2}) == Power(Fraction(2))
    for options in ({}, {"number": 1, "other": 2}, {"num": 1}):
        with pytest.raises(DiffcompareError) as caught:
            make_plain("constant", options)
        assert caught.value.kind == "attr"
