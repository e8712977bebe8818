"""What orders cost: published graphs, small worked ones, random ones against networkx."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import diffcompare as dc
from diffcompare.modes.elimination import orders
from diffcompare.modes.elimination.edge_list import parse
from diffcompare.modes.elimination.linearise import linearise
from diffcompare.modes.elimination.linearised import Linearised
from tests.building import product
from tests.modes.elimination.pieces import (
    LIGHTHOUSE,
    built,
    linearised,
    plain_cost,
    published,
)
from tests.modes.elimination.unshared import lighthouse, unshared


def simple(graph: Linearised) -> list[int]:
    """Forward, reverse, Markowitz."""
    named = (orders.forward, orders.reverse, orders.markowitz)
    return [orders.cost(graph, order(graph)) for order in named]


@pytest.mark.parametrize(
    ("graph", "costs"),
    [
        (published("RoeFlux_1d"), [620, 364, 407]),
        (published("HumanHeartDipole"), [240, 172, 194]),
        (published("RobotArm_6DOF"), [397, 301, 288]),
        (published("PropaneCombustion"), [151, 90, 111]),
        (published("g"), [632, 566, 451]),
        (parse(LIGHTHOUSE), [18, 22, 20]),
        (unshared(lighthouse, 4), [18, 22, 20]),
        (linearise(product(6)), [14, 8, 12]),
        (linearise(product(8)), [27, 12, 17]),
    ],
    ids=["RoeFlux_1d", "HumanHeartDipole", "RobotArm_6DOF", "PropaneCombustion", "random g", "Lighthouse",
         "Lighthouse as written", "Speelpenning 6", "Speelpenning 8"],
)  # fmt: skip
def test_published_costs(graph: Linearised, costs: list[int]) -> None:
    assert simple(graph) == costs


@settings(max_examples=100, deadline=None)
@given(linearised(), st.randoms(use_true_random=False))
def test_costs_are_those_of_a_networkx_graph(graph: Linearised, random: Any) -> None:
    order = list(graph.inner)
    random.shuffle(order)
    assert orders.cost(graph, order) == plain_cost(graph, order)
    assert orders.tally(graph, order).multiplications == plain_cost(graph, order)


@settings(max_examples=100, deadline=None)
@given(linearised(most=8))
def test_markowitz_takes_the_cheapest_and_of_several_the_smallest(graph: Linearised) -> None:
    left, rest, expected = sorted(graph.inner), orders.Remainder(graph), []
    while left:
        vertex = min(left, key=lambda v: (rest.degree(v), v))
        left.remove(vertex)
        rest.eliminate(vertex)
        expected.append(vertex)
    assert list(orders.markowitz(graph)) == expected


def test_an_inner_output_keeps_its_incoming_edges() -> None:
    graph = built(4, [(0, 1), (1, 2), (2, 3)], [1, 2], kept=[2])
    rest = orders.Remainder(graph)
    assert rest.eliminate(2) == 1
    assert (rest.successors[1], rest.predecessors[2]) == (1 << 2 | 1 << 3, 1 << 1)
    assert rest.eliminate(1) == 2
    assert (rest.predecessors[2], rest.predecessors[3]) == (1, 1)


def test_additions_and_trivial_multiplications() -> None:
    # y = (a + b)·(a + b + c): s = a + b, t = s + c, y = s·t; eliminating t joins s to y again.
    graph = linearise(dc.parse("s = a + b; s*(s + c)"))
    s, t = graph.inner
    assert orders.tally(graph, (t, s)) == (2 * 1 + 2 * 1, 1, 2 + 2)
    assert orders.tally(graph, (s, t)) == (2 * 2 + 3 * 1, 2, 2 * 2 + 3)
