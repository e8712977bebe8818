"""The linearised graph of a function: vertices, edges, partials, units, outputs inside."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

import diffcompare as dc
from diffcompare.errors import DiffcompareError
from diffcompare.modes.elimination import linearise as module
from diffcompare.modes.elimination.linearise import linearise
from tests.building import logistic


def partials(graph: dc.Graph, point: dict[str, float]) -> dict[tuple[str, str], float]:
    """The numbers on the edges."""
    linearised = linearise(graph)
    values = linearised.graph.evaluate({name: np.float64(x) for name, x in point.items()})
    edges = linearised.to_networkx().edges(data="partial")
    return {(tail, head): float(values[node]) for tail, head, node in edges}


def test_partials_stand_on_the_edges() -> None:
    found = partials(dc.parse("log(x1) + x1*x2 - sin(x2)"), {"x1": 2, "x2": 5})
    assert found == pytest.approx({
        ("v0", "v2"): 0.5, ("v0", "v3"): 5, ("v1", "v3"): 2, ("v1", "v4"): 0.28366218546322625,
        ("v2", "v5"): 1, ("v3", "v5"): 1, ("v5", "v6"): 1, ("v4", "v6"): -1,
    })  # fmt: skip


def test_the_edges_of_a_square_are_one() -> None:
    assert partials(dc.parse("x*x"), {"x": 3}) == {("v0", "v1"): 6}


def test_constants_and_what_has_no_slope_are_left_out() -> None:
    graph = linearise(dc.parse("a = floor(x)*3 + 2; a*x + floor(a)")).to_networkx()
    assert [(tail, head) for tail, head in graph.edges] == [("v0", "v4"), ("v4", "v6")]
    assert not nx.number_of_isolates(graph)


def test_dead_ends_are_left_out() -> None:
    def f(x: dc.Variable, y: dc.Variable) -> dc.Variable:
        dc.exp(y)
        return dc.sin(x)

    whole = linearise(dc.parse(f))
    assert (len(whole.inner), len(list(whole.edges))) == (0, 1)


def test_units_are_marked() -> None:
    graph = linearise(dc.parse("-(a + b) - 2*a")).to_networkx()
    units = {(tail, head) for tail, head, unit in graph.edges(data="unit") if unit}
    doubled = [edge for edge in graph.edges if edge not in units]
    assert len(doubled) == 1
    assert len(units) == graph.number_of_edges() - 1


def test_outputs_that_others_need_are_inner_too() -> None:
    graph = linearise(dc.parse("y = sin(x); z = y*x; y, z, z, x"))
    roles = dict(graph.to_networkx().nodes(data="role"))
    assert roles == {"v0": "input", "v1": "inner output", "v2": "output"}
    assert (graph.inner, graph.kept) == ((1,), 1 << 1)


def test_by_some_inputs_only() -> None:
    graph = linearise(dc.parse("sin(x*y)*z"), "y")
    assert graph.labels == ("v1", "v3", "v4", "v5")
    assert graph.wrt == ("y",)


def test_inputs_in_another_order() -> None:
    graph = linearise(dc.parse("x/y + y"), ["y", "x"])
    values = graph.graph.evaluate({"x": 3.0, "y": 2.0})
    found = {(a, b): values[node] for a, b, node in graph.to_networkx().edges(data="partial")}
    assert graph.labels[:2] == ("v1", "v0")
    assert found == {("v0", "v2"): 0.5, ("v1", "v2"): -0.75, ("v2", "v3"): 1, ("v1", "v3"): 1}


def test_it_is_acyclic_and_topological() -> None:
    graph = linearise(logistic(20))
    assert nx.is_directed_acyclic_graph(graph.to_networkx())
    assert all(tail < head for tail, head in graph.edges)


def test_the_primal_is_not_touched() -> None:
    graph = dc.parse("sin(x)*x")
    before = len(graph.ops)
    linearise(graph)
    assert len(graph.ops) == before


def test_arrays_are_refused() -> None:
    with pytest.raises(DiffcompareError) as caught:
        linearise(dc.parse("sum(x)", shapes={"x": (2, 3)}))
    assert caught.value.kind == "shape"
    assert str(caught.value) == (
        "elimination needs numbers on the edges, got 2×3 at v0; expand the graph to scalars first"
    )


def test_too_many_vertices_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_VERTICES", 5)
    with pytest.raises(
        DiffcompareError, match="elimination needs at most 5 vertices, got 27"
    ) as caught:
        linearise(logistic(10))
    assert caught.value.kind == "limit"
