"""Insertion moves: every cost foretold is the cost of the order written out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffcompare.modes.elimination import insertion
from diffcompare.modes.elimination.insertion import Arrangement
from diffcompare.modes.elimination.linearised import Linearised
from tests.modes.elimination.pieces import linearised, plain_cost, published


@settings(max_examples=150, deadline=None)
@given(linearised(most=8), st.randoms(use_true_random=False))
def test_moves_keep_the_cost(graph: Linearised, random: Any) -> None:
    order = list(graph.inner)
    random.shuffle(order)
    work = Arrangement(graph, order)
    for _ in range(12):
        gaps = work.gaps(random.choice(order))
        work.move(gaps, random.randrange(len(gaps.costs)))
        assert sorted(work.order) == sorted(order)
        assert work.cost == plain_cost(graph, work.order)


@settings(max_examples=60, deadline=None)
@given(linearised(most=7), st.data())
def test_the_gaps_cover_every_place(graph: Linearised, data: Any) -> None:
    order = data.draw(st.permutations(graph.inner))
    vertex = data.draw(st.sampled_from(order))
    gaps = Arrangement(graph, order).gaps(vertex)
    base = plain_cost(graph, order) - gaps.costs[gaps.here]
    rest = [v for v in order if v != vertex]
    turns = [rest.index(event.vertex) for event in gaps.events]
    assert turns == sorted(turns)
    for place in range(len(order)):
        gap = sum(turn < place for turn in turns)
        moved = [*rest[:place], vertex, *rest[place:]]
        assert base + gaps.costs[gap] == plain_cost(graph, moved)


def test_a_published_graph() -> None:
    graph = published("RoeFlux_1d")
    work = Arrangement(graph, graph.inner)
    assert work.cost == 620
    for turn, vertex in enumerate(graph.inner):
        gaps = work.gaps(vertex)
        work.move(gaps, turn * 7 % len(gaps.costs))
    assert work.cost == plain_cost(graph, work.order)


@settings(max_examples=100, deadline=None)
@given(linearised(most=8), st.integers(1, 4), st.data())
def test_in_a_long_order_only_the_places_in_reach_are_looked_at(
    graph: Linearised, reach: int, data: Any
) -> None:
    order = data.draw(st.permutations(graph.inner))
    vertex = data.draw(st.sampled_from(order))
    home, rest = order.index(vertex), [v for v in order if v != vertex]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(insertion, "REACH", reach)
        gaps = Arrangement(graph, order).gaps(vertex)
    assert all(abs(event.position - home) <= reach for event in gaps.events)
    base = plain_cost(graph, order) - gaps.costs[gaps.here]
    turns = [rest.index(event.vertex) for event in gaps.events]
    for place in range(max(0, home - reach), min(len(rest), home + reach) + 1):
        gap = sum(turn < place for turn in turns)
        moved = [*rest[:place], vertex, *rest[place:]]
        assert base + gaps.costs[gap] == plain_cost(graph, moved)
