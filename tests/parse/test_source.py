"""The one way in."""

import networkx as nx
import numpy as np
import pytest
import sympy as sp

import diffcompare as dc
from diffcompare.errors import DiffcompareError

X, Y = sp.symbols("x y")


def twice(x, y):
    return 2 * x + y


def node(kind):
    g = kind()
    g.add_node("a", op="input", label="x")
    g.add_node("b", op="input", label="y")
    g.add_node("c", op="constant", number=2)
    g.add_node("d", op="mul")
    g.add_node("e", op="add")
    for u, v, key in (("c", "d", 0), ("a", "d", 1), ("d", "e", 0), ("b", "e", 1)):
        g.add_edge(u, v, key=key)
    return g


SOURCES = ["2*x + y", 2 * X + Y, [2 * X + Y], sp.Matrix([2 * X + Y]), twice, node(nx.MultiDiGraph)]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: type(source).__name__)
def test_one_function_from_every_kind_of_source(source):
    graph = dc.parse(source)
    assert type(graph) is dc.Graph
    assert graph.evaluate({"x": 3.0, "y": 5.0})[graph.outputs[0]] == 11.0
    assert list(graph.inputs) == ["x", "y"]
    assert list(dc.parse(source, inputs=["y", "x"]).inputs) == ["y", "x"]
    assert dc.parse(graph) is graph


@pytest.mark.parametrize(
    "source", [*SOURCES, dc.parse("x*y + x/y")], ids=lambda s: type(s).__name__
)
def test_every_source_is_held_to_the_budget(source):
    with pytest.raises(DiffcompareError) as caught:
        dc.parse(source, budget=dc.Budget(nodes=3))
    assert caught.value.kind == "limit"


@pytest.mark.parametrize(
    "source", [None, 3, 2.5, b"x", [], [1, 2], {"x": 1}, np.array([1.0]), object(), ("x", "y")],
    ids=lambda source: type(source).__name__,
)  # fmt: skip
def test_anything_else_is_told_what_is_accepted(source):
    with pytest.raises(DiffcompareError) as caught:
        dc.parse(source)
    assert caught.value.kind == "type"
    assert str(caught.value) == (
        "a source needs a formula (str), SymPy expressions, a networkx MultiDiGraph or a Python "
        f"function, got {type(source).__name__}"
    )


@pytest.mark.parametrize("kind", [nx.Graph, nx.DiGraph, nx.MultiGraph])
def test_other_networkx_graphs_are_refused(kind):
    with pytest.raises(DiffcompareError, match="needs a MultiDiGraph") as caught:
        dc.parse(kind())
    assert caught.value.kind == "graph"


def test_symbols_and_matrices_mixed_with_numbers():
    graph = dc.parse([X, 1, 0.5])
    assert [graph.evaluate({"x": 2.0})[i] for i in graph.outputs] == [2.0, 1.0, 0.5]


@pytest.mark.parametrize("source", ["x*y", twice])
def test_shapes_of_what_is_no_input_are_refused(source):
    with pytest.raises(DiffcompareError, match="shapes needs names among x, y, got 'z'"):
        dc.parse(source, shapes={"x": (3,), "z": (3,)})
    with pytest.raises(DiffcompareError, match="shapes needs names among x, y, got 'a'"):
        dc.parse("a = x*y; 2*a", shapes={"a": (3,)})
    assert dc.parse("x", inputs=["x", "z"], shapes={"z": (3,)}).shapes == [(), (3,)]


def test_shapes_beside_a_case_are_refused_in_words():
    case = dc.read_case('formula = "x*y"\n[point]\nx = 2\ny = 5')
    with pytest.raises(DiffcompareError, match="got a case file; its inputs have their shapes"):
        dc.parse(case, shapes={"x": (3,)})
