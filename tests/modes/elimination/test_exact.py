"""The exact solver: all orders of small graphs, proved optima, what is left of a budget."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings

from diffcompare.modes.elimination.edge_list import parse
from diffcompare.modes.elimination.exact import exact
from diffcompare.modes.elimination.linearise import linearise
from diffcompare.modes.elimination.linearised import Linearised
from diffcompare.modes.elimination.search import Limits
from tests.building import product
from tests.modes.elimination.pieces import (
    LIGHTHOUSE,
    built,
    linearised,
    optimum,
    plain_cost,
    published,
)

AMPLE = Limits(moves=100_000)


@settings(max_examples=100, deadline=None)
@given(linearised())
def test_the_cheapest_of_all_orders(graph: Linearised) -> None:
    found = exact(graph, AMPLE)
    assert found.cost == found.lower_bound == plain_cost(graph, found.order) == optimum(graph)


@pytest.mark.parametrize(
    ("graph", "cost"),
    [(parse(LIGHTHOUSE), 14), (linearise(product(6)), 8), (linearise(product(8)), 12)],
    ids=["Lighthouse", "Speelpenning 6", "Speelpenning 8"],
)
def test_published_optima(graph: Linearised, cost: int) -> None:
    found = exact(graph, AMPLE)
    assert (found.cost, found.proved) == (cost, True)
    assert optimum(graph) == cost


def random_graph(inner: int, seed: int) -> Linearised:
    """Four inputs, so many inner vertices of two or so predecessors each, four outputs."""
    draw, last = random.Random(seed), 4 + inner
    edges = {(a, b) for b in range(4, last + 4) for a in draw.sample(range(min(b, last)), 2)}
    return built(last + 4, edges, range(4, last))


def by_subsets(graph: Linearised) -> int:
    """The optimum by dynamic programming over all subsets, none left out."""

    def near(first: tuple[int, ...], vertex: int, gone: int, stays: int) -> int:
        found, open_ = 0, [vertex]
        for v in open_:
            for w in range(len(first)):
                if first[v] >> w & 1 and not found >> w & 1 and w not in open_:
                    if gone >> w & 1:
                        open_.append(w)
                    if not gone >> w & 1 or stays >> w & 1:
                        found |= 1 << w
        return found.bit_count()

    whole = graph.inner_set
    best = {0: 0}
    for _ in graph.inner:
        following: dict[int, int] = {}
        for gone, spent in best.items():
            for v in graph.inner:
                if not gone >> v & 1:
                    price = near(graph.predecessors, v, gone, 0) * near(
                        graph.successors, v, gone, graph.kept
                    )
                    after = gone | 1 << v
                    following[after] = min(following.get(after, spent + price), spent + price)
        best = following
    return best[whole]


@pytest.mark.parametrize("seed", range(4))
def test_ten_vertices_against_all_subsets(seed: int) -> None:
    graph = random_graph(10, seed)
    found = exact(graph, AMPLE)
    assert found.proved
    assert found.cost == by_subsets(graph) == plain_cost(graph, found.order)


def test_twenty_vertices_are_proved() -> None:
    proofs = [exact(random_graph(20, seed), AMPLE) for seed in range(3)]
    assert all(found.proved for found in proofs)
    assert any(found.moves > 0 for found in proofs), "none of them needed the state space"


def test_components_add_up() -> None:
    one = parse(LIGHTHOUSE)
    edges = [*one.edges, *((a + 12, b + 12) for a, b in one.edges)]
    inner = [*one.inner, *(v + 12 for v in one.inner)]
    found = exact(built(24, edges, inner, kept=[10, 22]), AMPLE)
    assert (found.cost, found.proved) == (2 * 14, True)


def test_over_its_budget_it_gives_bounds() -> None:
    found = exact(published("RoeFlux_1d"), Limits(moves=20))
    assert not found.proved
    assert found.lower_bound < found.cost == plain_cost(published("RoeFlux_1d"), found.order)
    assert found.moves == 20


def test_interrupted_it_returns_the_best_so_far() -> None:
    def stop(*now: object) -> None:
        raise KeyboardInterrupt

    found = exact(published("RoeFlux_1d"), Limits(moves=10_000), progress=stop)
    assert found.interrupted
    assert found.cost == plain_cost(published("RoeFlux_1d"), found.order)
