"""One vertex taken out of an order: what every place to put it back would cost, at once.

What is left of a graph depends on the set of eliminated vertices, not on their order: the
predecessors of w are then the vertices left from which a path through eliminated ones leads to w.
So taking v out of an order and putting it back elsewhere changes the cost of v itself, and of those
vertices alone that are neighbours of v when their turn comes. Their turns are the events of v:
between two of them all places are equal.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import Final, NamedTuple

from diffcompare.modes.elimination.linearised import Linearised, bits
from diffcompare.modes.elimination.orders import Remainder

REACH: Final = 128
"""Places that a vertex can move at once: in a long order a move looks no further."""


class Event(NamedTuple):
    """The turn of a neighbour of v: its neighbours on one side with v still there, and without."""

    position: int
    vertex: int
    side: int
    present: int
    gone: int


class Gaps(NamedTuple):
    """The places for a vertex: one before, between and after its events in reach.

    Attributes
    ----------
    vertex : int
    events : list of Event
    costs : list of int
        Of the whole order with the vertex in each gap, less a constant.
    neighbours : list of (int, int)
        Predecessors and successors of the vertex in each gap.
    here : int
        The gap it is in.
    """

    vertex: int
    events: list[Event]
    costs: list[int]
    neighbours: list[tuple[int, int]]
    here: int


class Arrangement:
    """An elimination order that vertices are moved in, its cost kept up to date.

    Attributes
    ----------
    order : list of int
    cost : int
    """

    def __init__(self, linearised: Linearised, order: Sequence[int]) -> None:
        self.order = list(order)
        self._position = dict(zip(self.order, range(len(self.order)), strict=True))
        self._first = (linearised.predecessors, linearised.successors)
        self._inner, self._kept = linearised.inner_set, linearised.kept
        self._turn = (list(linearised.predecessors), list(linearised.successors))
        """Of each vertex the predecessors and the successors at its turn."""
        rest, self.cost = Remainder(linearised), 0
        for vertex in order:
            self._turn[0][vertex] = rest.predecessors[vertex]
            self._turn[1][vertex] = rest.successors[vertex]
            self.cost += rest.eliminate(vertex)

    def gaps(self, vertex: int) -> Gaps:
        """What every place for a vertex would cost, in reach of where it is."""
        position, turn, this = self._position, self._turn, 1 << vertex
        home, here, change = position[vertex], 0, 0
        start, stop = max(0, home - REACH), home + REACH
        near = [self._reached(vertex, start, vertex, side, {}) for side in (0, 1)]
        met = (near[0] | near[1]) & self._inner
        ahead = [at for w in bits(met) if (at := position[w]) >= start]
        heapq.heapify(ahead)
        gaps = Gaps(
            vertex, [], [near[0].bit_count() * near[1].bit_count()], [(near[0], near[1])], 0
        )
        without: tuple[dict[int, int], dict[int, int]] = ({}, {})
        while ahead and ahead[0] <= stop:
            at = heapq.heappop(ahead)
            w = self.order[at]
            side = 0 if near[1] >> w & 1 else 1  # v is a predecessor of w, or a successor
            present = gone = turn[side][w]
            if at < home:
                here += 1
                gone = present & ~this | near[side] | (this & self._kept if side else 0)
            else:
                present = without[side][w] = self._reached(w, at, vertex, side, without[side])
            other = turn[1 - side][w]
            change += (present.bit_count() - gone.bit_count()) * other.bit_count()
            gaps.events.append(Event(at, w, side, present, gone))
            near[1 - side] = near[1 - side] & ~(1 << w) | other
            if not side:
                near[1] |= 1 << w & self._kept
            for new in bits(other & self._inner & ~met):
                met |= 1 << new
                if position[new] > at:
                    heapq.heappush(ahead, position[new])
            gaps.costs.append(change + near[0].bit_count() * near[1].bit_count())
            gaps.neighbours.append((near[0], near[1]))
        return gaps._replace(here=here)

    def _reached(self, w: int, at: int, vertex: int, side: int, without: dict[int, int]) -> int:
        """The neighbours of w at a position in the order, had `vertex` not been eliminated."""
        position, turn = self._position, self._turn[side]
        passable = self._inner & ~(1 << vertex)
        found = self._first[side][w]
        result, open_, seen = found & ~passable, found & passable, 0
        while open_:
            x = open_.bit_length() - 1
            open_ ^= 1 << x
            seen |= 1 << x
            if position[x] >= at:
                result |= 1 << x
                continue
            if side:
                result |= 1 << x & self._kept
            found = without[x] if x in without else turn[x]
            result |= found & ~passable
            open_ |= found & passable & ~seen
        return result

    def move(self, gaps: Gaps, gap: int) -> None:
        """Put the vertex of `gaps` into another of them."""
        if gap == gaps.here:
            return
        vertex, home = gaps.vertex, self._position[gaps.vertex]
        self.cost += gaps.costs[gap] - gaps.costs[gaps.here]
        self._turn[0][vertex], self._turn[1][vertex] = gaps.neighbours[gap]
        later = gap > gaps.here
        passed = gaps.events[gaps.here : gap] if later else gaps.events[gap : gaps.here]
        for event in passed:
            self._turn[event.side][event.vertex] = event.present if later else event.gone
        goal = passed[-1].position if later else passed[0].position
        del self.order[home]
        self.order.insert(goal, vertex)
        for at in range(min(home, goal), max(home, goal) + 1):
            self._position[self.order[at]] = at
