"""The random graphs of the benchmarks: as large as asked for, nothing dead, tame, wide or deep."""

from __future__ import annotations

import numpy as np
import pytest

import diffcompare as dc
from benchmarks.graphs import point, random_graph
from benchmarks.levels import depth


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("operations", [7, 20, 92, 1_000, 5_000])
def test_exactly_so_many_operations_and_all_are_live(operations: int, deep: bool) -> None:
    graph = random_graph(operations, deep=deep)
    assert sum(1 for args in graph.args if args) == operations
    assert all(
        live for live, args in zip(graph.live(graph.outputs), graph.args, strict=True) if args
    )
    assert dc.to_listing(graph) == dc.to_listing(random_graph(operations, deep=deep))


@pytest.mark.parametrize("deep", [False, True])
def test_values_and_slopes_are_tame(deep: bool) -> None:
    graph = random_graph(5_000, deep=deep)
    found = dc.compile(dc.differentiate(graph, "reverse"))(*point(8))
    assert np.isfinite(found).all() and np.abs(found).max() < 1e6


def test_the_depth_grows_like_the_logarithm_or_like_the_size() -> None:
    wide, deep = (
        [depth(random_graph(n, deep=kind)) for n in (1_000, 8_000)] for kind in (False, True)
    )
    assert wide[1] < 2 * wide[0] and wide[1] < 60
    assert deep[1] > 4 * deep[0] > 8 * wide[0]
