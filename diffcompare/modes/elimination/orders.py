"""What an elimination order costs, and the orders that need no search."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from typing import NamedTuple

from diffcompare.modes.elimination.linearised import Linearised, bits


class Tally(NamedTuple):
    """The operations of an order.

    Attributes
    ----------
    multiplications : int
        Predecessors times successors of each vertex at its turn, those by ±1 included.
    additions : int
        New edges that fell on one that was there.
    trivial : int
        Of the multiplications those by an edge that is 1 or −1 at every point.
    """

    multiplications: int
    additions: int
    trivial: int


class Remainder:
    """What is left of a linearised graph after some eliminations.

    Examples
    --------
    >>> rest = Remainder(Linearised((0, 1, 2), (0, 1, 2), (2, 4, 0), (1,)))
    >>> rest.eliminate(1), rest.successors[0] == 1 << 2
    (1, True)
    """

    def __init__(self, linearised: Linearised) -> None:
        self.predecessors = list(linearised.predecessors)
        self.successors = list(linearised.successors)
        self._kept = linearised.kept

    def degree(self, vertex: int) -> int:
        """Markowitz degree: predecessors times successors, the cost of eliminating it next."""
        return self.predecessors[vertex].bit_count() * self.successors[vertex].bit_count()

    def eliminate(self, vertex: int) -> int:
        """Join its predecessors to its successors; returns what that cost."""
        before, after, this = self.predecessors[vertex], self.successors[vertex], 1 << vertex
        inherited = after | (this & self._kept)
        for v in bits(before):
            self.successors[v] = self.successors[v] & ~this | inherited
        for v in bits(after):
            self.predecessors[v] = self.predecessors[v] & ~this | before
        self.successors[vertex] = 0
        return before.bit_count() * after.bit_count()


def cost(linearised: Linearised, order: Iterable[int]) -> int:
    """The multiplications of an order.

    Examples
    --------
    >>> import diffcompare as dc
    >>> from diffcompare.modes.elimination.linearise import linearise
    >>> speelpenning = linearise(dc.parse("x1*x2*x3*x4*x5*x6"))
    >>> cost(speelpenning, forward(speelpenning)), cost(speelpenning, reverse(speelpenning))
    (14, 8)
    """
    rest = Remainder(linearised)
    return sum(rest.eliminate(vertex) for vertex in order)


def tally(linearised: Linearised, order: Iterable[int]) -> Tally:
    """The multiplications, additions and trivial multiplications of an order."""
    rest = Remainder(linearised)
    units = set(linearised.units)
    multiplications = additions = trivial = 0
    for vertex in order:
        before, after = rest.predecessors[vertex], rest.successors[vertex]
        into = sum(1 << p for p in bits(before) if (p, vertex) in units)
        out = sum(1 << s for s in bits(after) if (vertex, s) in units)
        for p in bits(before):
            by_one = after if into >> p & 1 else out
            trivial += by_one.bit_count()
            present = rest.successors[p] & after
            additions += present.bit_count()
            units.difference_update((p, s) for s in bits(present))
            if into >> p & 1:
                units.update((p, s) for s in bits(out & ~present))
        multiplications += rest.eliminate(vertex)
    return Tally(multiplications, additions, trivial)


def forward(linearised: Linearised) -> tuple[int, ...]:
    """From the inputs to the outputs."""
    return linearised.inner


def reverse(linearised: Linearised) -> tuple[int, ...]:
    """From the outputs to the inputs."""
    return linearised.inner[::-1]


def markowitz(linearised: Linearised) -> tuple[int, ...]:
    """Always the cheapest vertex next, of several the one with the smallest number.

    After H. M. Markowitz, 1957, as A. Griewank and S. Reese, 1991, use it for Jacobians.
    """
    rest = Remainder(linearised)
    left = linearised.inner_set
    heap = [(rest.degree(v), v) for v in linearised.inner]
    heapq.heapify(heap)
    order = []
    while heap:
        degree, vertex = heapq.heappop(heap)
        if not left >> vertex & 1 or degree != rest.degree(vertex):
            continue  # an entry from before a neighbour went; the present one is further on
        order.append(vertex)
        left ^= 1 << vertex
        touched = (rest.predecessors[vertex] | rest.successors[vertex]) & left
        rest.eliminate(vertex)
        for v in bits(touched):
            heapq.heappush(heap, (rest.degree(v), v))
    return tuple(order)
