"""A Graph to its user: a networkx graph; inside: flat sequences in topological order."""

import copy
import pickle
import time

import networkx as nx
import numpy as np
import pytest

import diffcompare as dc
from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.ops.elementary import sin
from diffcompare.ops.leaf import Input
from diffcompare.parse.trace import trace


@pytest.fixture
def graph():
    """v0 = x, v1 = y, c0 = 2, v2 = x*x, v3 = sin(y), v4 = v2 + v3, v5 = v4 / 2."""
    return trace(lambda x, y: (x * x + np.sin(y)) / 2)


def test_it_is_a_networkx_graph(graph):
    assert isinstance(graph, nx.MultiDiGraph)
    assert graph.is_directed()
    assert graph.is_multigraph()
    assert not nx.is_frozen(graph)
    assert (len(graph), graph.number_of_nodes(), graph.number_of_edges()) == (7, 7, 7)
    assert list(graph) == ["v0", "v1", "c0", "v2", "v3", "v4", "v5"]
    assert "v3" in graph
    assert "v9" not in graph


def test_nodes_hold_op_and_options(graph):
    assert dict(graph.nodes["v0"]) == {"op": "input", "label": "x"}
    assert dict(graph.nodes["c0"]) == {"op": "constant", "number": 2}
    assert dict(graph.nodes["v2"]) == {"op": "mul"}
    power = trace(lambda x: x**1.5)
    assert power.nodes["v1"] == {"op": "power", "exponent": power.ops[1].exponent}
    assert graph.graph == {"outputs": ["v5"]}


def test_edge_keys_are_argument_slots(graph):
    assert sorted(graph.edges(keys=True)) == [
        ("c0", "v5", 1), ("v0", "v2", 0), ("v0", "v2", 1), ("v1", "v3", 0), ("v2", "v4", 0),
        ("v3", "v4", 1), ("v4", "v5", 0),
    ]  # fmt: skip
    assert graph.number_of_edges("v0", "v2") == 2  # x*x
    assert graph.has_edge("v0", "v2", 1)
    assert list(graph.predecessors("v4")) == ["v2", "v3"]
    assert list(graph.successors("v0")) == ["v2"]
    assert (graph.in_degree("v2"), graph.out_degree("v0")) == (2, 2)


def test_networkx_algorithms(graph):
    assert nx.is_directed_acyclic_graph(graph)
    order = list(nx.topological_sort(graph))
    assert all(order.index(u) < order.index(v) for u, v in graph.edges())
    assert next(nx.lexicographical_topological_sort(graph)) == "c0"
    assert nx.ancestors(graph, "v4") == {"v0", "v1", "v2", "v3"}
    assert nx.descendants(graph, "v1") == {"v3", "v4", "v5"}
    assert nx.dag_longest_path(graph) == ["v0", "v2", "v4", "v5"]
    assert [sorted(level) for level in nx.topological_generations(graph)] == [
        ["c0", "v0", "v1"], ["v2", "v3"], ["v4"], ["v5"],
    ]  # fmt: skip
    assert nx.number_weakly_connected_components(graph) == 1
    assert nx.to_numpy_array(graph).sum() == 7
    assert nx.shortest_path_length(graph, "v0", "v5") == 3
    assert len(nx.node_link_data(graph, edges="links")["links"]) == 7
    assert "v2" in "".join(nx.generate_edgelist(graph, data=False))


@pytest.mark.parametrize(
    "derive",
    [
        lambda g: g.copy(),
        nx.MultiDiGraph,
        lambda g: g.subgraph(list(g)).copy(),
        lambda g: nx.relabel_nodes(g, {}),
        lambda g: nx.compose(g, nx.MultiDiGraph()),
        lambda g: g.reverse().reverse(),
        lambda g: g.to_directed(),
    ],
    ids=["copy", "constructor", "subgraph", "relabel", "compose", "reverse", "to_directed"],
)
def test_what_networkx_derives_is_plain_and_may_be_edited(graph, derive):
    plain = derive(graph)
    assert type(plain) is nx.MultiDiGraph
    assert nx.utils.graphs_equal(plain, graph)
    plain.add_edge("v0", "new", key=0)
    plain.nodes["v0"]["color"] = "red"
    assert "new" not in graph
    assert "color" not in graph.nodes["v0"]


def test_views_and_relabelling(graph):
    part = graph.subgraph(["v0", "v2", "v4"])
    assert sorted(part.edges()) == [("v0", "v2"), ("v0", "v2"), ("v2", "v4")]
    named = nx.relabel_nodes(graph, {f"v{i}": f"n{i}" for i in range(6)})
    assert named.number_of_edges("n0", "n2") == 2
    assert graph.to_undirected().number_of_nodes() == 7
    assert nx.DiGraph(graph).number_of_edges() == 6
    assert nx.induced_subgraph(graph, ["v0"]).number_of_edges() == 0
    with pytest.raises(DiffcompareError, match="an edit in place"):
        nx.relabel_nodes(graph, {"v0": "n0"}, copy=False)


@pytest.mark.parametrize(
    ("method", "args"),
    [
        ("add_node", ("q",)), ("add_nodes_from", (["q"],)), ("add_edge", ("v0", "v1")),
        ("add_edges_from", ([("v0", "v1")],)), ("add_weighted_edges_from", ([("v0", "v1", 1)],)),
        ("remove_node", ("v0",)), ("remove_nodes_from", (["v0"],)), ("remove_edge", ("v0", "v2")),
        ("remove_edges_from", ([("v0", "v2")],)), ("clear", ()), ("clear_edges", ()),
        ("update", ([("v0", "v1")],)),
    ],
)  # fmt: skip
def test_editing_in_place_is_refused(graph, method, args):
    with pytest.raises(DiffcompareError) as caught:
        getattr(graph, method)(*args)
    assert caught.value.kind == "graph"
    assert str(caught.value) == (
        "a Graph needs to be built by parse or by computing with Variables, got an edit in place; "
        "edit graph.copy() and parse that"
    )
    assert len(graph) == 7


def test_what_is_edited_in_a_copy_parses(graph):
    plain = graph.copy()
    plain.nodes["v3"]["op"] = "cos"
    changed = dc.parse(plain)
    assert [op.name for op in changed.ops] == [
        "input",
        "input",
        "constant",
        "mul",
        "cos",
        "add",
        "div",
    ]
    assert [op.name for op in graph.ops][4] == "sin"


def test_the_networkx_face_follows_growth():
    graph = Graph.empty()
    x = Variable.input(graph, "x")
    assert list(graph) == ["v0"]
    x * 3 + x
    assert list(graph) == ["v0", "c0", "v1", "v2"]
    assert sorted(graph.edges(keys=True)) == [
        ("c0", "v1", 1), ("v0", "v1", 0), ("v0", "v2", 1), ("v1", "v2", 0),
    ]  # fmt: skip
    assert [graph.label(i) for i in range(4)] == ["v0", "c0", "v1", "v2"]


@pytest.mark.parametrize(
    "again", [lambda g: pickle.loads(pickle.dumps(g)), copy.deepcopy, copy.copy]
)
def test_pickling_and_copying_keep_everything(graph, again):
    graph.names = {4: "s"}
    other = again(graph)
    assert type(other) is Graph
    assert (other.ops, other.args, other.inputs) == (graph.ops, graph.args, graph.inputs)
    assert (other.outputs, other.names) == (graph.outputs, graph.names)
    assert other.ops[4] is sin  # table rows are one object in a process
    assert nx.utils.graphs_equal(other.copy(), graph.copy())


def test_hash_consing():
    graph = Graph.empty()
    x, y = Variable.input(graph, "x"), Variable.input(graph, "y")
    assert (x * y).index == (x * y).index
    assert (x * y).index != (y * x).index  # as written: floats add and multiply in order
    assert (x - y).index != (y - x).index
    assert (x**2).index == np.square(x).index == (x**2.0).index
    assert graph.node(Input("x")) == x.index
    assert (x + 1).index == (x + 1.0).index
    assert len(graph.ops) == 2 + 5 + 2


def test_leveled_drops_dead_code_and_orders_by_depth():
    graph = Graph.empty()
    x = Variable.input(graph, "x")
    deep = np.sin(np.sin(x))
    Variable.input(graph, "unused")
    np.exp(deep)
    low = x + 1
    graph.outputs = ((deep * low).index,)
    graph.names = {deep.index: "deep"}
    level = graph.leveled()
    names = [op.name for op in level.ops]
    assert names == ["input", "input", "constant", "sin", "add", "sin", "mul"]
    assert list(level.inputs.items()) == [("x", 0), ("unused", 1)]
    assert level.names == {5: "deep"}
    assert level.leveled().args == level.args


def test_live_and_depends_on(graph):
    v2, v4 = 3, 5
    assert graph.live([v4]) == [True, True, False, True, True, True, False]
    assert graph.live([]) == [False] * 7
    assert graph.depends_on([1]) == [False, True, False, False, True, True, True]
    assert graph.depends_on([v2]) == [False, False, False, True, False, True, True]


def test_evaluate(graph):
    found = graph.evaluate({"x": 3.0, "y": 0.0})
    assert found == [3.0, 0.0, 2.0, 9.0, 0.0, 9.0, 4.5]
    assert graph.evaluate({"x": 3.0, "y": 0.0}, stop=4) == found[:4]
    assert graph.evaluate({}, start=found[:5]) == found
    points = np.array([1.0, 2.0, 3.0])
    assert np.allclose(
        graph.evaluate({"x": points, "y": points})[-1], (points**2 + np.sin(points)) / 2
    )


def test_evaluation_never_warns_or_raises():
    graph = trace(lambda x: (np.log(x), 1 / x, x / x, np.sqrt(x - 1), np.exp(1000 + x), x**-0.5))
    values = [graph.evaluate({"x": np.float64(0.0)})[i] for i in graph.outputs]
    assert values[:2] == [-np.inf, np.inf]
    assert np.isnan(values[2:4]).all()
    assert values[4:] == [np.inf, np.inf]


def test_repr(graph):
    assert repr(graph) == "Graph(x, y; 4 operations, 1 output)"
    assert repr(trace(lambda: (1, 2))) == "Graph(no inputs; 0 operations, 2 outputs)"


def test_a_hundred_thousand_nodes_are_quick():
    graph = Graph.empty()
    x = y = Variable.input(graph, "x")
    start = time.perf_counter()
    for _ in range(50_000):
        y = np.sin(y) + x
    graph.outputs = (y.index,)
    level = graph.leveled()
    level.evaluate({"x": np.float64(0.5)})
    assert time.perf_counter() - start < 5
    assert nx.is_directed_acyclic_graph(level)
    assert level.label(100_000) == "v100000"
