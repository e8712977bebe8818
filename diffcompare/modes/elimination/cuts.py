"""A lower bound on every elimination order, by vertex cuts.

Whatever was eliminated before v, the predecessors of v at its turn lie across every path from an
input to v: walking back from v through eliminated vertices one meets a vertex that is left. So they
are at least as many as the vertices of a smallest cut between the inputs and v, which by Menger's
theorem are the paths from inputs to v that share no vertex but v. The same holds of its successors
and the outputs; an output that is eliminated too stays as a successor, so it counts as an end.
The cost of v is at least the product of both numbers, and the cost of an order at least their sum.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from diffcompare.modes.elimination.linearised import Linearised, bits

_PLACES: Final = 150_000
Place = tuple[int, bool]
"""A vertex, about to be entered (True) or to be left."""


def lower_bound(linearised: Linearised) -> int:
    """A number of multiplications that no order goes below.

    Examples
    --------
    >>> import diffcompare as dc
    >>> from diffcompare.modes.elimination.linearise import linearise
    >>> lower_bound(linearise(dc.parse("x1*x2*x3*x4*x5*x6")))
    8
    """
    return sum(least_costs(linearised).values())


def least_costs(linearised: Linearised) -> dict[int, int]:
    """For each vertex to eliminate a cost that no order goes below.

    In a large graph not every cut is sought: from some vertex on only whether there is a path.
    """
    outer = ~linearised.inner_set
    into = _Cuts(linearised.predecessors, linearised.successors, outer)
    out = _Cuts(linearised.successors, linearised.predecessors, outer | linearised.kept)
    return {v: into.least(v) * out.least(v) for v in linearised.inner}


class _Cuts:
    """The least numbers of neighbours on one side, within a bound on the work."""

    def __init__(self, neighbours: Sequence[int], opposite: Sequence[int], ends: int) -> None:
        self._neighbours, self._ends, self._room = neighbours, ends, _PLACES
        open_ = [v for v in range(len(neighbours)) if ends >> v & 1]
        self._leading = sum(1 << v for v in open_)
        """The ends, and what has a path to one."""
        for v in open_:
            new = opposite[v] & ~self._leading
            self._leading |= new
            open_.extend(bits(new))

    def least(self, vertex: int) -> int:
        onward = (self._neighbours[vertex] & self._leading).bit_count()
        if onward < 2 or self._room <= 0:
            return min(onward, 1)
        paths, visited = disjoint_paths(self._neighbours, vertex, self._ends)
        self._room -= visited
        return paths


def disjoint_paths(neighbours: Sequence[int], start: int, ends: int) -> tuple[int, int]:
    """How many paths from a vertex to distinct `ends` share no other vertex, and places visited.

    By augmenting paths; each vertex is two places, entered and left, with room for one path between.

    Parameters
    ----------
    neighbours : sequence of int
        For each vertex the set of those that a path may go on to.
    ends : int
        The set of vertices that a path may end at.
    """
    came: dict[int, int] = {}  # of each vertex on a path the one before it
    paths = visited = 0
    while paths < neighbours[start].bit_count():
        walk, places = _augmenting(neighbours, start, ends, came)
        visited += places
        if not walk:
            break
        paths += 1
        ends &= ~(1 << walk[-1][0])
        for (a, _), (b, entering) in pairwise(walk):
            if not entering and a != b:
                del came[a]  # the path through b no longer goes on to a
        came |= {b: a for (a, _), (b, entering) in pairwise(walk) if entering and a != b}
    return paths, visited


def _augmenting(
    neighbours: Sequence[int], start: int, ends: int, came: dict[int, int]
) -> tuple[list[Place], int]:
    """A shortest walk to one more end, empty if there is none, and how many places were visited.

    It may go back along paths.
    """
    first = (start, False)
    reached: dict[Place, Place] = {first: first}
    queue = deque([first])
    while queue:
        here = queue.popleft()
        vertex, entering = here
        if entering:
            onward = [(came.get(vertex, vertex), False)]
        elif ends >> vertex & 1 and vertex != start:
            return _walk(reached, here), len(reached)
        else:
            onward = [(w, True) for w in bits(neighbours[vertex]) if came.get(w) != vertex]
            onward += [(vertex, True)] * (vertex in came)
        for place in onward:
            if place not in reached:
                reached[place] = here
                queue.append(place)
    return [], len(reached)


def _walk(reached: dict[Place, Place], end: Place) -> list[Place]:
    walk = [end]
    while reached[walk[-1]] != walk[-1]:
        walk.append(reached[walk[-1]])
    return walk[::-1]
