"""Patterns and colorings: passes against their lower bounds, and the pattern drawn in characters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from diffcompare.modes.sparsity.coloring import Coloring, coloring
from diffcompare.modes.sparsity.pattern import Pattern
from diffcompare.render.columns import WIDTH, aligned, listed
from diffcompare.render.data import as_json

_HIGH: Final = 24
_WIDE: Final = 48
_HEAD: Final = ("coloring", "passes", "forward", "reverse", "at least", "order")


def colorings(pattern: Pattern, symmetric: bool = False) -> tuple[Coloring, ...]:
    """By columns, by rows and by both; of a Hessian, as a symmetric matrix too."""
    ways = ("columns", "rows", "both") + ("symmetric",) * symmetric
    return tuple(coloring(pattern, way) for way in ways)


def sparsity_text(pattern: Pattern, found: Sequence[Coloring] = ()) -> str:
    """A pattern with the passes that its colorings take.

    Parameters
    ----------
    pattern : Pattern
    found : sequence of Coloring, optional
        By columns, rows and both, unless given.

    Examples
    --------
    >>> import diffcompare as dc
    >>> from diffcompare.modes.sparsity.pattern import sparsity
    >>> print(sparsity_text(sparsity(dc.parse("x**2 + y**2 + z**2, x*y, x*z"))))
    Pattern 3 × 3, 7 nonzeros of 9
      coloring  passes  forward  reverse  at least    order
      columns        3        3        0         3  natural
      rows           3        0        3         3  natural
      both           3        3        0         3  natural
      × × ×
      × × ·
      × · ×
    """
    m, n = pattern.shape
    lines = [f"Pattern {m} × {n}, {pattern.nonzeros:,} nonzero{'s' * (pattern.nonzeros != 1)} of {m * n:,}"]  # fmt: skip
    rows = [
        (
            c.direction,
            *(f"{k:,}" for k in (c.passes, c.forward, c.reverse, c.bound)),
            c.order or "–",
        )
        for c in found or colorings(pattern)
    ]
    lines += aligned([_HEAD, *rows], "lrrrrl")
    lines += [f"  {line}" for line in spy(pattern)]
    if pattern.depends_on_point:
        names = listed(pattern.depends_on_point, WIDTH - 45)
        lines.append(f"  the union over the branches chosen by {names}")
    return "\n".join(lines)


def spy(pattern: Pattern) -> list[str]:
    """The pattern drawn: × where there are nonzeros, · where there are none.

    A large one is drawn in blocks of equal size, and the last line says which.

    Examples
    --------
    >>> print("\\n".join(spy(Pattern.of([0, 1, 1], [0, 0, 1], (2, 2)))))
    × ·
    × ×
    """
    m, n = pattern.shape
    high, wide = max(1, -(-m // _HIGH)), max(1, -(-n // _WIDE))
    marks = np.full((-(-m // high), -(-n // wide)), "·")
    marks[pattern.rows // high, pattern.columns // wide] = "×"
    lines = [" ".join(row) for row in marks.tolist()]
    if high > 1 or wide > 1:
        lines.append(f"each character a block of {high} × {wide}")
    return lines


def sparsity_dict(pattern: Pattern, found: Sequence[Coloring] = ()) -> dict[str, Any]:
    """As plain data: ``shape``, ``rows``, ``columns``, ``depends_on_point``, ``colorings``.

    Examples
    --------
    >>> found = sparsity_dict(Pattern.of([0, 1], [0, 1], (2, 2)))
    >>> found["rows"], found["colorings"]["columns"]["passes"]
    ([0, 1], 1)
    """
    return {
        "shape": list(pattern.shape),
        "rows": pattern.rows.tolist(),
        "columns": pattern.columns.tolist(),
        "depends_on_point": list(pattern.depends_on_point),
        "colorings": {c.direction: _coloring(c) for c in found or colorings(pattern)},
    }


def _coloring(found: Coloring) -> dict[str, Any]:
    return {
        "passes": found.passes,
        "forward": found.forward,
        "reverse": found.reverse,
        "bound": found.bound,
        "optimal": found.optimal,
        "order": found.order,
        "columns": found.columns.tolist(),
        "rows": found.rows.tolist(),
    }


def sparsity_json(pattern: Pattern, found: Sequence[Coloring] = ()) -> str:
    """As JSON, see `sparsity_dict`."""
    return as_json(sparsity_dict(pattern, found))
