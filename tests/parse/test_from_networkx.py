"""networkx graphs as graphs: the form, its order, and everything that is checked beforehand."""

import os
import subprocess
import sys
from fractions import Fraction
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.ops.constants import PI
from diffcompare.parse.from_networkx import parse_networkx
from diffcompare.parse.trace import trace


def build(nodes, edges=(), **attributes):
    g = nx.MultiDiGraph(**attributes)
    for node, options in nodes.items():
        g.add_node(node, **options)
    g.add_edges_from(edges)
    return g


def x_and(nodes=(), edges=(), **attributes):
    """A graph with the input x."""
    return build({"x": {"op": "input", "label": "x"}, **dict(nodes)}, edges, **attributes)


def refusal(g, kind, **options):
    with pytest.raises(DiffcompareError) as caught:
        parse_networkx(g, **options)
    assert caught.value.kind == kind
    return str(caught.value)


def same(a: Graph, b: Graph) -> bool:
    return (a.ops, a.args, a.inputs, a.outputs) == (b.ops, b.args, b.inputs, b.outputs)


FUNCTIONS = [
    lambda x, y: np.log(x) + x * y - np.sin(y),
    lambda x: x * x * x - x / x,
    lambda x, y: (np.where(x > y, x**1.5, 2.0), np.maximum(x, y) * PI, 7, x),
    lambda a, unused, b: np.arctan2(b, a) % 3,
]


@pytest.mark.parametrize("function", FUNCTIONS, ids=range(len(FUNCTIONS)))
def test_a_copy_of_a_graph_reads_back_as_the_same_graph(function):
    graph = trace(function)
    assert same(parse_networkx(graph.copy()), graph)


def test_a_graph_passes_through():
    graph = trace(FUNCTIONS[0])
    assert parse_networkx(graph) is graph
    refusal(graph, "limit", budget=Budget(nodes=3))


def test_slots_order_the_arguments():
    nodes = {"y": {"op": "input", "label": "y"}, "d": {"op": "sub"}}
    for slots, expected in (((0, 1), 2.0), ((1, 0), -2.0)):
        edges = [("x", "d", slots[0]), ("y", "d", slots[1])]
        graph = parse_networkx(x_and(nodes, edges))
        assert graph.evaluate({"x": 5.0, "y": 3.0})[graph.outputs[0]] == expected


def test_both_slots_may_take_the_same_node():
    graph = parse_networkx(x_and({"q": {"op": "mul"}}, [("x", "q", 0), ("x", "q", 1)]))
    assert graph.args[1] == (0, 0)


@pytest.mark.parametrize(
    ("number", "exact"),
    [
        (Fraction(1, 3), Fraction(1, 3)),
        ("1/3", Fraction(1, 3)),
        ("-7", Fraction(-7)),
        (2, Fraction(2)),
        (np.int64(5), Fraction(5)),
        (0.1, Fraction(0.1)),
        (np.float64(0.5), Fraction(1, 2)),
        ("pi", PI),
        (PI, PI),
    ],
)
def test_constants(number, exact):
    graph = parse_networkx(build({"c": {"op": "constant", "number": number}}))
    assert graph.ops[0].number == exact
    assert type(graph.ops[0].number) is type(exact)


@pytest.mark.parametrize(
    "number",
    [None, True, "1/0", "one", "1e5", "", float("inf"), float("nan"), 10**400, 1j, [1], b"1",
     "9" * 5000, "٣"],
)  # fmt: skip
def test_bad_constants(number):
    message = refusal(build({"c": {"op": "constant", "number": number}}), "attr")
    assert message.startswith("node 'c': option number of constant needs a finite number")


def test_outputs_are_listed_or_the_sinks_in_order():
    nodes = {"b": {"op": "cos"}, "a": {"op": "sin"}}
    edges = [("x", "a", 0), ("x", "b", 0)]
    names = lambda graph: [graph.ops[i].name for i in graph.outputs]  # noqa: E731
    assert names(parse_networkx(x_and(nodes, edges))) == ["cos", "sin"]
    for outputs in (["a", "x", "a"], ("a", "x", "a")):
        graph = parse_networkx(x_and(nodes, edges, outputs=outputs))
        assert names(graph) == ["sin", "input", "sin"]


def test_nodes_may_be_any_objects():
    nodes = [("x", 1), frozenset({2}), 3, "../../etc/passwd", '"]; evil [label="', "ノード"]
    g = nx.MultiDiGraph()
    g.add_node(nodes[0], op="input", label="x")
    for before, node in pairwise(nodes):
        g.add_node(node, op="sin")
        g.add_edge(before, node, key=0)
    graph = parse_networkx(g)
    assert [graph.label(i) for i in range(6)] == ["v0", "v1", "v2", "v3", "v4", "v5"]


def test_input_order_is_that_of_the_nodes_or_as_given():
    g = build({name: {"op": "input", "label": name} for name in "zxy"} | {"o": {"op": "max"}},
              [("x", "o", 0), ("y", "o", 1), ("z", "o", 2)])  # fmt: skip
    assert list(parse_networkx(g).inputs) == ["z", "x", "y"]
    assert list(parse_networkx(g, inputs=["x", "w", "y", "z"]).inputs) == ["x", "w", "y", "z"]
    refusal(g, "name", inputs=["x"])


def test_the_order_is_that_of_adding_as_far_as_edges_allow():
    g = build({"late": {"op": "neg"}, "x": {"op": "input", "label": "x"}, "b": {"op": "sin"},
               "a": {"op": "cos"}}, [("a", "late", 0), ("x", "a", 0), ("x", "b", 0)])  # fmt: skip
    graph = parse_networkx(g)
    assert [op.name for op in graph.ops] == ["input", "sin", "cos", "neg"]
    assert [graph.ops[i].name for i in graph.outputs] == ["neg", "sin"]


def test_equal_nodes_become_one_and_dead_ones_none():
    nodes = {"a": {"op": "sin"}, "b": {"op": "sin"}, "dead": {"op": "tan"}, "o": {"op": "add"}}
    edges = [("x", "a", 0), ("x", "b", 0), ("x", "dead", 0), ("a", "o", 0), ("b", "o", 1)]
    graph = parse_networkx(x_and(nodes, edges, outputs=["o"]))
    assert [op.name for op in graph.ops] == ["input", "sin", "add"]


def cycle(n):
    nodes = {f"n{i}": {"op": "sin"} for i in range(n)}
    nodes["o"] = {"op": "neg"}
    return x_and(nodes, [*((f"n{i}", f"n{(i + 1) % n}", 0) for i in range(n)), ("n0", "o", 0)])


@pytest.mark.parametrize(
    ("n", "path"),
    [
        (1, "'n0' → 'n0'"),
        (2, "'n0' → 'n1' → 'n0'"),
        (3, "'n0' → 'n1' → 'n2' → 'n0'"),
        (50_000, "'n0' → 'n1' → 'n2' → 'n3'"),
    ],
)
def test_a_cycle_is_named(n, path):
    message = refusal(cycle(n), "graph")
    assert message.startswith(f"a graph needs no cycle, got {path}")
    assert len(message) < 200


def test_wrong_kinds_of_graph():
    for other in (nx.Graph(), nx.DiGraph(), nx.MultiGraph(), "x", None):
        assert "needs a MultiDiGraph" in refusal(other, "graph")


@pytest.mark.parametrize(
    ("g", "kind", "words"),
    [
        (build({}), "graph", "at least 1 output"),
        (x_and(outputs=[]), "graph", "at least 1 output"),
        (x_and(outputs=["nope"]), "graph", "'nope'"),
        (x_and(outputs=[["x"]]), "graph", "nodes of the graph"),
        (x_and(outputs="x"), "graph", "a list of nodes"),
        (x_and({"n": {}}), "graph", "the attribute op, got none"),
        (x_and({"n": {"label": "q"}}), "graph", "the attribute op, got label"),
        (x_and([], [("x", "n", 0)]), "graph", "node 'n' needs the attribute op"),
        (x_and({"n": {"op": "sine"}}), "name", "'sine'"),
        (x_and({"n": {"op": 3}}), "name", "node 'n': op needs the name of an op, got 3"),
        (x_and({"n": {"op": "sin"}}), "arity", "node 'n': sin needs 1 argument, got 0"),
        (x_and({"n": {"op": "add"}}, [("x", "n", 0)]), "arity", "2 arguments, got 1"),
        (x_and({"n": {"op": "sin"}}, [("x", "n", 1)]), "graph", "keys 0 to 0"),
        (x_and({"n": {"op": "add"}}, [("x", "n", 0), ("x", "n", 2)]), "graph", "got 0, 2"),
        (x_and({"n": {"op": "sin"}}, [("x", "n", True)]), "graph", "True"),
        (x_and({"n": {"op": "sin"}}, [("x", "n", 0.0)]), "graph", "0.0"),
        (x_and({"n": {"op": "sin"}}, [("x", "n", "0")]), "graph", "got 0"),
        (x_and({"n": {"op": "power"}}, [("x", "n", 0)]), "attr", "options exponent, got none"),
        (x_and({"n": {"op": "power", "exponent": "a"}}, [("x", "n", 0)]), "attr", "rational"),
        (x_and({"n": {"op": "power", "exponent": 10**400}}, [("x", "n", 0)]), "attr", "rational"),
        (x_and({"n": {"op": "power", "exponent": PI}}, [("x", "n", 0)]), "attr", "rational"),
        (x_and({"n": {"op": "power", "exponent": 2, "color": "red"}}, [("x", "n", 0)]), "attr",
         "color"),
        (x_and({"n": {"op": "sin", "order": 2}}, [("x", "n", 0)]), "attr", "no options"),
        (x_and({"n": {"op": "polygamma", "order": -1}}, [("x", "n", 0)]), "attr", "0 or more"),
        (x_and({"n": {"op": "polygamma", "order": 10**9}}, [("x", "n", 0)]), "domain", "order"),
        (x_and({"n": {"op": "polygamma", "order": 1.0}}, [("x", "n", 0)]), "attr", "whole"),
        (x_and({"n": {"op": "polygamma", "name": "sin"}}, [("x", "n", 0)]), "attr", "name"),
        (x_and({"n": {"op": "reshape", "to": (2,)}}, [("x", "n", 0)]), "shape", "node 'n': reshape"),
        (x_and({"n": {"op": "slice", "start": [], "stop": [1], "step": []}}, [("x", "n", 0)]), "attr",
         "node 'n': slice needs options for the same number of axes"),
        (x_and({"n": {"op": "input"}}), "attr", "the options label"),
        (x_and({"n": {"op": "input", "label": 3}}), "attr", "text"),
        (x_and({"n": {"op": "input", "label": ""}}), "attr", "text"),
        (x_and({"n": {"op": "input", "label": "a\u202eb"}}), "name", "printable"),
        (x_and({"n": {"op": "input", "label": "x"}}), "graph", "node 'x' and node 'n'"),
        (x_and({"n": {"op": "input", "label": "y"}}, [("x", "n", 0)]), "arity", "0 arguments"),
    ],
)  # fmt: skip
def test_refused(g, kind, words):
    assert words in refusal(g, kind)


def test_two_sources_in_one_slot_are_refused_with_the_way_out():
    g = x_and({"y": {"op": "input", "label": "y"}, "q": {"op": "mul"}})
    g.add_edge("x", "q")  # networkx counts keys for each pair of nodes: both get 0
    g.add_edge("y", "q")
    assert "g.add_edge(argument, node, key=slot)" in refusal(g, "graph")


def test_the_budget_bounds_the_nodes_before_anything_is_read():
    g = nx.MultiDiGraph()
    g.add_nodes_from(range(1000))
    assert "at most 999 nodes" in refusal(g, "limit", budget=Budget(nodes=999))


def test_a_long_chain_is_read_in_linear_time():
    g = x_and()
    before = "x"
    for i in range(50_000):
        g.add_node(i, op="sin")
        g.add_edge(before, i, key=0)
        before = i
    assert len(parse_networkx(g).ops) == 50_001


def test_the_same_graph_for_every_hash_seed():
    code = (
        "import networkx as nx\n"
        "from diffcompare.graph.listing import to_listing\n"
        "from diffcompare.parse.from_networkx import parse_networkx\n"
        "g = nx.MultiDiGraph()\n"
        "for n in 'abcdefgh': g.add_node(n, op='input', label=n)\n"
        "g.add_node('o', op='max')\n"
        "for i, n in enumerate('hgfedcba'): g.add_edge(n, 'o', key=i)\n"
        "for n in 'cab': g.add_node(n + n, op='sin'); g.add_edge(n, n + n, key=0)\n"
        "print(to_listing(parse_networkx(g)))\n"
    )
    texts = set()
    for seed in ("0", "1", "424242"):
        run = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )  # fmt: skip
        texts.add(run.stdout)
    assert len(texts) == 1
