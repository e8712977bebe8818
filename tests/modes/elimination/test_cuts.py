"""The lower bound: cuts against networkx, the sum against every order."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given, settings

from diffcompare.modes.elimination import cuts
from diffcompare.modes.elimination.cuts import disjoint_paths, least_costs, lower_bound
from diffcompare.modes.elimination.linearised import Linearised
from tests.modes.elimination.pieces import built, linearised, optimum, published


def cut_by_networkx(graph: Linearised, vertex: int, forwards: bool) -> int:
    """Maximum flow with room for one through each vertex, from a vertex to the ends."""
    flow = nx.DiGraph()
    for v in range(len(graph.labels)):
        flow.add_edge((v, "in"), (v, "out"), capacity=1)
        ends = not graph.inner_set >> v & 1 or (forwards and graph.kept >> v & 1)
        if ends and v != vertex:
            flow.add_edge((v, "out"), "end", capacity=1)
    for tail, head in graph.edges:
        a, b = (tail, head) if forwards else (head, tail)
        flow.add_edge((a, "out"), (b, "in"), capacity=1)
    flow.add_node("end")
    return int(nx.maximum_flow_value(flow, (vertex, "out"), "end"))


@settings(max_examples=100, deadline=None)
@given(linearised(most=10))
def test_disjoint_paths_are_the_maximum_flow(graph: Linearised) -> None:
    outer = ~graph.inner_set
    for v in graph.inner:
        into, _ = disjoint_paths(graph.predecessors, v, outer)
        out, _ = disjoint_paths(graph.successors, v, outer | graph.kept)
        assert into == cut_by_networkx(graph, v, False)
        assert out == cut_by_networkx(graph, v, True)
        assert least_costs(graph)[v] == into * out


@settings(max_examples=100, deadline=None)
@given(linearised())
def test_no_order_is_below_the_bound(graph: Linearised) -> None:
    assert lower_bound(graph) <= optimum(graph)


def test_a_way_back_along_a_path_is_found() -> None:
    """The first path takes both middle vertices; the second has to give one of them back."""
    graph = built(
        9, [(7, 8), (0, 3), (1, 4), (3, 5), (4, 6), (3, 6), (4, 5), (5, 7), (6, 7)], range(3, 8)
    )
    assert least_costs(graph)[7] == 2


@pytest.mark.parametrize(
    ("name", "best_known"),
    [("HumanHeartDipole", 148), ("RobotArm_6DOF", 221), ("PropaneCombustion", 88)],
)
def test_published_graphs_are_settled(name: str, best_known: int) -> None:
    assert lower_bound(published(name)) == best_known


def test_in_a_large_graph_the_bound_is_weaker_but_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = published("HumanHeartDipole")
    every = least_costs(graph)
    monkeypatch.setattr(cuts, "_PLACES", 500)
    some = least_costs(graph)
    assert len(graph.inner) <= sum(some.values()) < sum(every.values())
    assert all(1 <= some[v] <= every[v] for v in graph.inner)


def test_a_long_chain() -> None:
    length = 5000
    graph = built(length + 2, [(i, i + 1) for i in range(length + 1)], range(1, length + 1))
    assert lower_bound(graph) == length
