"""Greedy colorings of the columns or rows of a pattern, in the classical orders."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from heapq import heapify, heappop, heappush
from typing import Final, NamedTuple

import numpy as np

Lists = list[list[int]]
Colors = list[int]
_PAIRS: Final = 2_000_000
"""Pairs of conflicting lines up to which orders that follow the conflicts are tried."""


class Side(NamedTuple):
    """The lines of one direction, columns say, and the crossing lines where they meet.

    Attributes
    ----------
    own : list of list of int
        For each line the crossing lines where its nonzero is to be read in this direction.
    other : list of list of int
        Those where its nonzero is read in the other one; it must not disturb the first kind.
    crossing : int
        How many crossing lines there are.
    """

    own: Lists
    other: Lists
    crossing: int


def sides(
    rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int], forward: np.ndarray
) -> tuple[Side, Side]:
    """The columns, which read the nonzeros marked `forward`, and the rows, which read the rest."""
    m, n = shape
    back = ~forward
    return (
        Side(_grouped(columns, rows, n, forward), _grouped(columns, rows, n, back), m),
        Side(_grouped(rows, columns, m, back), _grouped(rows, columns, m, forward), n),
    )


def _grouped(keys: np.ndarray, values: np.ndarray, count: int, chosen: np.ndarray) -> Lists:
    """For each key its values, in order."""
    keys, values = keys[chosen], values[chosen]
    order = np.argsort(keys, kind="stable")
    ends = np.cumsum(np.bincount(keys, minlength=count)).tolist()
    flat = values[order].tolist()
    return [flat[a:b] for a, b in zip([0, *ends], ends, strict=False)]


def best(side: Side) -> tuple[Colors, str]:
    """The coloring with the fewest colors over all orders, −1 for lines that read nothing.

    Returns
    -------
    colors : list of int
    order : str
        The first order that gave it; none is tried after one that meets the lower bound.
    """
    members = crossed(side)
    bound = max(map(len, members), default=0)
    found: Colors = [-1] * len(side.own)
    name = ""
    for label, order in _orders(side, members):
        colors = greedy(side, order)
        if not name or max(colors, default=-1) < max(found, default=-1):
            found, name = colors, label
        if max(found, default=-1) + 1 == bound:
            break
    return found, name


def crossed(side: Side) -> Lists:
    """For each crossing line the lines that read a nonzero there."""
    members: Lists = [[] for _ in range(side.crossing)]
    for line, nets in enumerate(side.own):
        for net in nets:
            members[net].append(line)
    return members


def greedy(side: Side, order: Sequence[int]) -> Colors:
    """Each line in turn gets the first color that leaves every nonzero readable.

    Where a line reads a nonzero nobody else may have its color; where it does not, nobody who
    reads one. The colors taken at a crossing line are the bits of an integer.
    Source: A. R. Curtis, M. J. D. Powell, J. K. Reid, On the estimation of sparse Jacobian
    matrices, J. Inst. Maths Applics 13, 1974.

    Examples
    --------
    >>> greedy(Side([[0], [0, 1], [1]], [[], [], []], 2), range(3))
    [0, 1, 0]
    """
    everyone, readers = [0] * side.crossing, [0] * side.crossing
    colors = [-1] * len(side.own)
    for line in order:
        own, other = side.own[line], side.other[line]
        if not own:
            continue
        taken = 0
        for net in own:
            taken |= everyone[net]
        for net in other:
            taken |= readers[net]
        color = first_free(taken)
        colors[line], bit = color, 1 << color
        for net in own:
            everyone[net] |= bit
            readers[net] |= bit
        for net in other:
            everyone[net] |= bit
    return colors


def first_free(taken: int) -> int:
    """The lowest bit that is not set.

    Examples
    --------
    >>> first_free(0b1011)
    2
    """
    return (~taken & (taken + 1)).bit_length() - 1


def _orders(side: Side, members: Lists) -> Iterator[tuple[str, Sequence[int]]]:
    """The orders to try, those that follow conflicts only where there are not too many."""
    pairs = sum(len(lines) ** 2 for lines in members)

    def neighbours() -> Lists:
        return [
            sorted(set().union(*(members[net] for net in nets)) - {line})
            for line, nets in enumerate(side.own)
        ]

    yield from orders([len(nets) for nets in side.own], neighbours if pairs <= _PAIRS else None)


def orders(
    sizes: Sequence[int], neighbours: Callable[[], Lists] | None
) -> Iterator[tuple[str, Sequence[int]]]:
    """Natural and largest-first; and, given the conflicts, smallest-last and incidence-degree.

    Source: T. F. Coleman, J. J. Moré, Estimation of sparse Jacobian matrices and graph coloring
    problems, SIAM J. Numer. Anal. 20, 1983.
    """
    yield "natural", range(len(sizes))
    if neighbours is None:
        yield "largest first", sorted(range(len(sizes)), key=lambda v: -sizes[v])
        return
    graph = neighbours()
    yield "largest first", sorted(range(len(graph)), key=lambda v: -len(graph[v]))
    yield "smallest last", _peeled(graph, [len(near) for near in graph])[::-1]
    yield "incidence degree", _peeled(graph, [0] * len(graph))


def _peeled(graph: Lists, key: list[int]) -> list[int]:
    """Always the vertex with the smallest key next; taking one lowers its neighbours' keys.

    With degrees as keys, the reverse of smallest-last; with zeros, most ordered neighbours first.
    """
    heap = [(k, v) for v, k in enumerate(key)]
    heapify(heap)
    taken = [False] * len(graph)
    order = []
    while heap:
        k, v = heappop(heap)
        if taken[v] or k != key[v]:
            continue
        taken[v] = True
        order.append(v)
        for w in graph[v]:
            if not taken[w]:
                key[w] -= 1
                heappush(heap, (key[w], w))
    return order
