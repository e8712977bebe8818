"""Nodes of scalar expansions, counted without them."""

from __future__ import annotations

from pathlib import Path

import pytest

import diffcompare as dc
from diffcompare.graph.expand import expand
from diffcompare.graph.graph import Graph
from diffcompare.measure.nodes import scalar_nodes
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.ops.leaf import Constant
from tests.ops.layers.composed import graph_of
from tests.ops.layers.functions import SAMPLES, Sample

GRAPHS = Path(__file__).parents[2] / "graphs"
NAMES = sorted(path.stem for path in GRAPHS.glob("net_*.toml") if path.stem != "net_lenet")


def varying(graph: Graph) -> int:
    """Live nodes but constants: of those layers have their own."""
    alive = graph.live(graph.outputs)
    return sum(alive[i] and not isinstance(op, Constant) for i, op in enumerate(graph.ops))


def counted(graph: Graph) -> int:
    """The same, counted."""
    alive = graph.live(graph.outputs)
    constants = sum(alive[i] and isinstance(op, Constant) for i, op in enumerate(graph.ops))
    return scalar_nodes(graph) - constants


def every_entry_used(sample: Sample) -> bool:
    """Whether no input entry is dropped, and no two entries are equal sums."""
    graph = expand(graph_of(sample, *sample.x))
    return all(graph.live(graph.outputs)[i] for i in graph.inputs.values())


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_functions(sample: Sample) -> None:
    """Exact where every entry of the inputs is used; else, as for adjoints, at most."""
    graph = graph_of(sample, *sample.x)
    if every_entry_used(sample):
        assert counted(graph) == varying(expand(graph))
    reverse = adjoint_graph(graph, tuple(f"x{k}" for k in sample.wrt)).graph
    for each in (graph, reverse):
        assert counted(each) >= varying(expand(each))


@pytest.mark.parametrize("name", NAMES)
def test_networks(name: str) -> None:
    graph = dc.read_case(GRAPHS / f"{name}.toml").graph()
    found = varying(expand(graph))
    assert found <= counted(graph) <= 1.02 * found  # borders that no window meets


def test_lenet() -> None:
    """Its expansion has 905,435 nodes, one of them a constant inside a layer."""
    graph = dc.read_case(GRAPHS / "net_lenet.toml").graph()
    assert scalar_nodes(graph) == 905_434


def test_some_nodes() -> None:
    graph = dc.parse("sin(x) + y", shapes={"x": (3,), "y": (3,)})
    assert scalar_nodes(graph) == 12
    assert scalar_nodes(graph, [graph.inputs["x"]]) == 3
