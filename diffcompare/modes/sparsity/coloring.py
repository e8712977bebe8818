"""Colorings: which columns and rows of a matrix share a pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush
from typing import Final

import numpy as np

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.modes.sparsity.greedy import best, sides
from diffcompare.modes.sparsity.pattern import Pattern, need_pattern
from diffcompare.modes.sparsity.star import star


@dataclass(frozen=True, eq=False)
class Coloring:
    """Columns of one color share a forward pass, rows of one color a reverse pass.

    Attributes
    ----------
    pattern : Pattern
    direction : {"columns", "rows", "both", "symmetric"}
    columns, rows : ndarray of int
        The color of each column and each row, from 0; −1 where it takes part in no pass.
    bound : int
        Passes that every such coloring takes.
    order : str
        The order, or orders, in which the columns and rows were colored.
    """

    pattern: Pattern
    direction: str
    columns: np.ndarray
    rows: np.ndarray
    bound: int
    order: str = ""

    @property
    def forward(self) -> int:
        """Forward passes: colors of columns."""
        return int(self.columns.max(initial=-1)) + 1

    @property
    def reverse(self) -> int:
        """Reverse passes: colors of rows."""
        return int(self.rows.max(initial=-1)) + 1

    @property
    def passes(self) -> int:
        """All passes."""
        return self.forward + self.reverse

    @property
    def optimal(self) -> bool:
        """Whether the lower bound proves that no such coloring takes fewer passes."""
        return self.passes == self.bound

    def __repr__(self) -> str:
        return (
            f"Coloring({self.direction}: {self.forward} forward + {self.reverse} reverse, "
            f"at least {self.bound})"
        )


def coloring(pattern: Pattern, direction: str = "both") -> Coloring:
    """A coloring with few passes, from which every nonzero can be read directly.

    Parameters
    ----------
    pattern : Pattern
    direction : {"columns", "rows", "both", "symmetric"}
        Forward passes only, reverse passes only, both, or products with a symmetric matrix.

    Returns
    -------
    Coloring
        Greedy, the best over several orders; its `bound` says how far it may be from the best.

    Raises
    ------
    DiffcompareError
        Of kind "name" for another direction, of kind "shape" where a symmetric pattern is needed.

    Examples
    --------
    The Jacobian of an arrowhead is full along its first row, its first column and its diagonal.

    >>> n = range(1, 50)
    >>> arrow = Pattern.of([0, *[0] * 49, *n, *n], [0, *n, *n, *[0] * 49], (50, 50))
    >>> coloring(arrow, "columns"), coloring(arrow)
    (Coloring(columns: 50 forward + 0 reverse, at least 50),
     Coloring(both: 2 forward + 1 reverse, at least 3))
    """
    need_pattern(pattern, "coloring")
    if not isinstance(direction, str) or direction not in DIRECTIONS:
        raise DiffcompareError("name", "coloring", need=f"a direction, one of {', '.join(DIRECTIONS)}",
                               got=shorten(direction))  # fmt: skip
    return DIRECTIONS[direction](pattern)


def _columns(pattern: Pattern) -> Coloring:
    everything = np.ones(pattern.nonzeros, dtype=bool)
    return _split(pattern, everything, "columns", int(pattern.row_counts.max(initial=0)))


def _rows(pattern: Pattern) -> Coloring:
    nothing = np.zeros(pattern.nonzeros, dtype=bool)
    return _split(pattern, nothing, "rows", int(pattern.column_counts.max(initial=0)))


def _both(pattern: Pattern) -> Coloring:
    """The best of a division of the nonzeros, of columns only and of rows only."""
    bound = _bound(pattern)
    found = _split(pattern, divided(pattern), "both", bound)
    if found.passes > bound:
        other = _split(pattern, divided(pattern, first=1), "both", bound)
        found = min(found, other, key=lambda c: (c.passes, c.reverse))
    for counts, one_way in ((pattern.row_counts, _columns), (pattern.column_counts, _rows)):
        if counts.max(initial=0) <= found.passes:  # else it cannot win
            other = replace(one_way(pattern), direction="both", bound=bound)
            found = min(found, other, key=lambda c: (c.passes, c.reverse))
    return found


def _split(pattern: Pattern, forward: np.ndarray, direction: str, bound: int) -> Coloring:
    """Columns and rows colored for a division of the nonzeros between them."""
    across, down = sides(pattern.rows, pattern.columns, pattern.shape, forward)
    columns, first = best(across)
    rows, second = best(down)
    orders = [name for name, chosen in ((first, forward), (second, ~forward)) if chosen.any()]
    return Coloring(pattern, direction, np.array(columns, dtype=np.int64),
                    np.array(rows, dtype=np.int64), bound, ", ".join(orders))  # fmt: skip


def divided(pattern: Pattern, first: int = 0) -> np.ndarray:
    """Which nonzeros are to be read forward, where both directions are used.

    The sparsest row or column is taken away, again and again: the rest of a row is to be read
    forward, of a column in reverse, whichever keeps the sum of the largest counts smaller; at a tie
    the same as before, beginning with rows (`first` = 0) or columns (1).
    Source: T. F. Coleman, A. Verma, The efficient computation of sparse Jacobian matrices using
    automatic differentiation, SIAM J. Sci. Comput. 19, 1998, "minimum nonzero count ordering".
    """
    m, n = pattern.shape
    counts = [*pattern.row_counts.tolist(), *pattern.column_counts.tolist()]
    crossing = _crossing(pattern)
    gone = [len(counts)] * len(counts)  # when each line was taken; rows first, then columns
    heaps = [[(counts[v], v) for v in lines] for lines in (range(m), range(m, m + n))]
    for heap in heaps:
        heapify(heap)
    kind = first
    most = [0, 0]  # read forward of a row, in reverse of a column
    for turn in range(len(counts)):
        if not all(_cleared(heap, counts, gone) for heap in heaps):
            break
        sums = [max(most[k], heaps[k][0][0]) + most[1 - k] for k in (0, 1)]
        kind = kind if sums[kind] <= sums[1 - kind] else 1 - kind
        count, line = heappop(heaps[kind])
        most[kind] = max(most[kind], count)
        gone[line] = turn
        for other in crossing[line]:
            if gone[other] > turn:
                counts[other] -= 1
                heappush(heaps[1 - kind], (counts[other], other))
    when = np.array(gone)
    forward: np.ndarray = when[pattern.rows] < when[m + pattern.columns]
    return forward


def _crossing(pattern: Pattern) -> list[list[int]]:
    """For each row, then each column, the lines that it meets in a nonzero."""
    m, n = pattern.shape
    found: list[list[int]] = [[] for _ in range(m + n)]
    for i, j in zip(pattern.rows.tolist(), (m + pattern.columns).tolist(), strict=True):
        found[i].append(j)
        found[j].append(i)
    return found


def _cleared(heap: list[tuple[int, int]], counts: list[int], gone: list[int]) -> bool:
    """Bring the line with the fewest nonzeros left to the top; whether there is one."""
    while heap:
        count, line = heap[0]
        if gone[line] == len(counts) and count == counts[line]:
            return True
        heappop(heap)
    return False


def _bound(pattern: Pattern) -> int:
    """A lower bound for both directions together.

    p forward passes read at most min(p, nonzeros) of each row, q reverse passes of each column:
    the fewest p + q that could read all.
    """
    across, down = (_at_most(counts) for counts in (pattern.row_counts, pattern.column_counts))
    q = len(down) - 1
    found = q
    for p, read in enumerate(across):
        while q and read + down[q - 1] >= pattern.nonzeros:
            q -= 1
        found = min(found, p + q)
    return found


def _at_most(counts: np.ndarray) -> list[int]:
    """Σ min(p, count) for p = 0, 1, … up to the largest count."""
    lines_above = len(counts) - np.cumsum(np.bincount(counts, minlength=1))
    return [0, *np.cumsum(lines_above[:-1]).tolist()]


def _symmetric(pattern: Pattern) -> Coloring:
    if not pattern.symmetric:
        raise DiffcompareError("shape", "a symmetric coloring", need="a symmetric pattern",
                               got=repr(pattern))  # fmt: skip
    n = pattern.shape[0]
    colors, order, bound = star(pattern.rows, pattern.columns, n)
    nobody = np.full(n, -1, dtype=np.int64)
    return Coloring(pattern, "symmetric", np.array(colors, dtype=np.int64), nobody, bound, order)


DIRECTIONS: Final[dict[str, Callable[[Pattern], Coloring]]] = {
    "columns": _columns, "rows": _rows, "both": _both, "symmetric": _symmetric,
}  # fmt: skip
