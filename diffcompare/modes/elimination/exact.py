"""The cheapest order with a certificate: A* over the sets of eliminated vertices.

What is left of a graph depends on the set of eliminated vertices alone, so 2ⁿ states take the place of
n! orders. From a state on, the vertices left cost at least what `least_costs` says: a state that
comes to no less than the best order known is dropped, and when none is left that order is proved.
Two steps are taken without a choice, because they can do no harm:

* a vertex none of whose neighbours is still to be eliminated: its turn changes nothing else;
* a vertex that costs the least it ever can, each of whose predecessors is already joined to each of
  its successors: every path through it has a way round, so its going leaves others fewer neighbours.

Vertices that no path between vertices to eliminate connects never meet: each component is a search
of its own, and their costs add up.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Sequence

from diffcompare.modes.elimination.cuts import least_costs
from diffcompare.modes.elimination.linearised import Linearised, bits
from diffcompare.modes.elimination.orders import Remainder
from diffcompare.modes.elimination.search import Found, Limits, Progress, search

_FIRST_MOVES = 4096


def exact(
    linearised: Linearised, limits: Limits, seed: int = 0, progress: Progress | None = None
) -> Found:
    """The cheapest order, proved; or where the limits stop it the best known and a lower bound.

    Parameters
    ----------
    linearised : Linearised
    limits : Limits
        Its moves are states.
    seed : int
        Of the search that gives the first order to beat.
    progress : callable, optional

    Examples
    --------
    >>> import diffcompare as dc
    >>> from diffcompare.modes.elimination.linearise import linearise
    >>> found = exact(linearise(dc.parse("a = x*y; b = a*sin(a); a*b, b/y")), Limits(1000))
    >>> found.cost, found.proved
    (7, True)
    """
    began = time.perf_counter()
    known = search(linearised, Limits(_FIRST_MOVES, limits.seconds), seed)
    if known.proved or known.interrupted:
        return known
    costs = _costs(linearised, known.order)
    least = least_costs(linearised)
    order: list[int] = []
    bound = states = 0
    interrupted = False
    for members in _components(linearised):
        part = [v for v in known.order if members >> v & 1]
        space = _Space(linearised, members, least, sum(costs[v] for v in part), part)
        try:
            while not interrupted and not space.done:
                if states == limits.moves or time.perf_counter() - began >= limits.seconds:
                    break
                space.expand()
                states += 1
                if progress and not states % 256:
                    progress(states, known.cost, time.perf_counter() - began)
        except KeyboardInterrupt:
            interrupted = True
        order += space.order
        bound += space.bound
    cost = sum(_costs(linearised, order).values())
    return Found(tuple(order), cost, bound, states, interrupted)


def _costs(linearised: Linearised, order: Sequence[int]) -> dict[int, int]:
    rest = Remainder(linearised)
    return {vertex: rest.eliminate(vertex) for vertex in order}


def _components(linearised: Linearised) -> list[int]:
    """The sets of vertices to eliminate that edges among them connect, small ones first."""
    left, found = linearised.inner_set, []
    for vertex in linearised.inner:
        if left >> vertex & 1:
            members, open_ = 0, 1 << vertex
            while open_:
                members |= open_
                near = [linearised.predecessors[v] | linearised.successors[v] for v in bits(open_)]
                open_ = 0
                for neighbours in near:
                    open_ |= neighbours & left & ~members
            left &= ~members
            found.append(members)
    return sorted(found, key=int.bit_count)


class _Space:
    """The states of one component, from the most promising on.

    Attributes
    ----------
    best : int
        Cost of the best order known.
    order : list of int
        That order.
    done : bool
        Whether it is proved.
    """

    def __init__(
        self,
        linearised: Linearised,
        members: int,
        least: dict[int, int],
        best: int,
        order: list[int],
    ) -> None:
        self._first = (linearised.predecessors, linearised.successors)
        self._kept, self._members, self._least = linearised.kept, members, least
        self.best, self.order = best, order
        start = sum(least[v] for v in bits(members))
        self._open = [(start, members.bit_count(), 0)]
        self._come: dict[int, tuple[int, int]] = {0: (0, -1)}
        """Of each state the cheapest cost to reach it, and the vertex that was eliminated last."""

    @property
    def done(self) -> bool:
        return not self._open or self._open[0][0] >= self.best

    @property
    def bound(self) -> int:
        """No order of the component costs less."""
        return self.best if self.done else self._open[0][0]

    def expand(self) -> None:
        """Go on from the state of the lowest bound."""
        bound, left, state = heapq.heappop(self._open)
        spent = self._come[state][0]
        rest = sum(self._least[v] for v in bits(self._members & ~state))
        if spent + rest < bound:
            return  # an entry from before a cheaper way was found
        if not left:
            self.best, self.order = spent, self._way(state)
            return
        for vertex, price in self._choices(state):
            total = bound + price - self._least[vertex]
            after = state | 1 << vertex
            known = self._come.get(after)
            if total < self.best and (known is None or spent + price < known[0]):
                self._come[after] = (spent + price, vertex)
                heapq.heappush(self._open, (total, left - 1, after))

    def _way(self, state: int) -> list[int]:
        order = []
        while state:
            order.append(self._come[state][1])
            state ^= 1 << order[-1]
        return order[::-1]

    def _choices(self, state: int) -> list[tuple[int, int]]:
        """The vertices to go on with and their costs: one alone where it can do no harm."""
        left = self._members & ~state
        choices = []
        for vertex in bits(left):
            before, after = (self._near(vertex, side, state) for side in (0, 1))
            price = before.bit_count() * after.bit_count()
            if not (before | after) & left:
                return [(vertex, price)]
            if price == self._least[vertex] and not any(
                after & ~self._near(p, 1, state) for p in bits(before)
            ):
                return [(vertex, price)]
            choices.append((vertex, price))
        return choices

    def _near(self, vertex: int, side: int, state: int) -> int:
        """The predecessors (successors) of a vertex once those in `state` are eliminated."""
        first = self._first[side]
        result, seen, open_ = 0, 0, first[vertex]
        while open_:
            result |= open_ & ~state | (open_ & self._kept if side else 0)
            seen |= open_
            through, open_ = open_ & state, 0
            for v in bits(through):
                open_ |= first[v]
            open_ &= ~seen
        return result
