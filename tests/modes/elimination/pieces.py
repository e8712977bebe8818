"""Linearised graphs for tests, and what an order costs by the plainest means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import permutations
from pathlib import Path

import networkx as nx
from hypothesis import strategies as st

from diffcompare.modes.elimination.edge_list import read_edge_list as read
from diffcompare.modes.elimination.linearised import Linearised

DATA = Path(__file__).resolve().parents[2] / "data" / "elimination"

LIGHTHOUSE = """
12 14 7
0 4
1 4
4 5
0 6
1 6
6 7
2 8
5 8
3 9
7 9
8 10
9 10
3 11
10 11
4 0
5 0
6 0
7 0
8 0
9 0
10 1
"""
"""y1 = ν tan(ωt)/(γ − tan(ωt)), y2 = γ y1 with ωt and its tangent computed twice.

0 ω, 1 t, 2 ν, 3 γ; 4 and 6 ωt, 5 and 7 the tangents, 8 ν tan, 9 γ − tan, 10 y1, 11 y2. A. Griewank,
A. Walther, Evaluating Derivatives, 2nd edition, SIAM, 2008, chapter 9.
"""


def published(name: str) -> Linearised:
    """A graph that J. Lohoff, E. Neftci, AlphaGrad, NeurIPS 2024, give costs of."""
    return read(DATA / f"{name}.txt")


def built(
    size: int, edges: Iterable[tuple[int, int]], inner: Sequence[int], kept: Iterable[int] = ()
) -> Linearised:
    before, after = [0] * size, [0] * size
    for tail, head in edges:
        before[head] |= 1 << tail
        after[tail] |= 1 << head
    marks = sum(1 << v for v in kept)
    return Linearised(tuple(range(size)), tuple(before), tuple(after), tuple(inner), marks)


def plain_cost(graph: Linearised, order: Iterable[int]) -> int:
    """The cost of an order, on a networkx graph."""
    work = nx.DiGraph(list(graph.edges))
    work.add_nodes_from(range(len(graph.labels)))
    total = 0
    for vertex in order:
        before, after = list(work.pred[vertex]), list(work.succ[vertex])
        total += len(before) * len(after)
        work.add_edges_from((p, s) for p in before for s in after)
        if graph.kept >> vertex & 1:
            work.remove_edges_from([(vertex, s) for s in after])
        else:
            work.remove_node(vertex)
    return total


def optimum(graph: Linearised) -> int:
    """The cheapest of all n! orders."""
    return min(plain_cost(graph, order) for order in permutations(graph.inner))


@st.composite
def linearised(draw: st.DrawFn, most: int = 5) -> Linearised:
    """Random graphs: some inputs, inner vertices of which some are outputs too, some outputs."""
    inputs, inner, outputs = (draw(st.integers(1, n)) for n in (3, most, 3))
    size = inputs + inner + outputs
    last = inputs + inner
    pairs = [(a, b) for b in range(inputs, size) for a in range(min(b, last))]
    edges = [pair for pair in pairs if draw(st.integers(0, 2)) == 0]
    kept = [v for v in range(inputs, last) if draw(st.integers(0, 5)) == 0]
    return built(size, edges, range(inputs, last), kept)
