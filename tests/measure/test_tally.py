"""Operations counted as they are done are those that the ledger counts."""

from pathlib import Path

import pytest
from hypothesis import given

import diffcompare as dc
from diffcompare.measure.tally import tallied
from diffcompare.measure.treecost import tree_count, uses
from tests.building import logistic
from tests.strategies import samples

GRAPHS = Path(__file__).parents[2] / "graphs"


@given(samples())
def test_random_graphs(sample):
    graph = sample.graph
    assert tallied(graph) == dc.count(
        graph, [i for i, live in enumerate(graph.live(graph.outputs)) if live]
    )


@pytest.mark.parametrize("name", ["net_lenet", "net_alexnet", "net_inception"])
def test_networks(name):
    graph = dc.read_case(GRAPHS / f"{name}.toml").graph()
    assert tallied(graph) == dc.count(graph)


def test_a_tree_does_every_use_again():
    """Of the logistic map: 3, 8, 18, 38, … operations, as SymPy counts them."""
    for n, operations in ((2, 3), (3, 9), (4, 21), (5, 45)):
        graph = logistic(n)
        assert tree_count(graph) == tallied(graph, written_out=True)
        assert tree_count(graph).total == operations


def test_uses_are_exact_at_any_depth():
    graph = dc.iterate(dc.parse("x*x"), 200)
    assert uses(graph)[graph.inputs["x"]] == 2**200
