"""What compressed passes cost, counted by hand and against single passes."""

from __future__ import annotations

import numpy as np

import diffcompare as dc
from diffcompare.measure.compressed import compressed_cost
from diffcompare.modes.sparsity.compressed import compress
from diffcompare.ops.cost import Cost
from tests.building import cost


def test_neighbouring_products_by_hand() -> None:
    """n products x·x₊: one each for f, two and an addition each for a pass, two passes."""
    n = 12
    outputs = ", ".join(f"x{k}*x{k + 1}" for k in range(n))
    derivative = compress(dc.parse(outputs))
    assert derivative.passes == 2
    assert compressed_cost(derivative) == Cost(add=2 * n, mul=n + 2 * 2 * n)


def test_the_cost_is_that_of_the_passes_run() -> None:
    """Forward and reverse passes of the arrowhead, each counted over its own nodes."""
    derivative = compress(dc.read_case("graphs/arrowhead.toml").graph())
    assert [passes for _, passes in derivative.sweeps] == [2, 1]
    expected = cost(derivative.primal)
    for sweep, passes in derivative.sweeps:
        shared = cost(sweep.graph, len(sweep.primal.ops)) - cost(sweep.graph, sweep.sweep_start)
        expected = expected + shared + cost(sweep.graph, sweep.sweep_start) * passes
    assert compressed_cost(derivative) == expected


def test_it_is_less_than_all_passes_where_there_are_fewer() -> None:
    graph = dc.read_case("graphs/broyden_tridiagonal.toml").graph()
    costs = [
        compressed_cost(compress(graph, colors=way)).total for way in ("both", "columns", "rows")
    ]
    assert costs[0] == min(costs)
    derivative = dc.differentiate(graph, "forward")
    every = cost(derivative.primal) + cost(derivative.graph, derivative.sweep_start) * 8
    assert costs[0] < every.total
    assert np.array_equal(
        compress(graph).at(dc.read_case("graphs/broyden_tridiagonal.toml").point).matrix,
        derivative.at(dc.read_case("graphs/broyden_tridiagonal.toml").point).matrix,
    )
