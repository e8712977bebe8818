"""Curves and lists of paths, drawn in text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from diffcompare.measure.granularity import Grain
from diffcompare.measure.paths import ChainPath

_BAR: Final = 60
_LONG: Final = 40


def curve_text(curve: Sequence[tuple[float, float]]) -> str:
    """An error curve as bars on a logarithmic scale, one decade of error for three characters.

    Examples
    --------
    >>> print(curve_text([(1e-2, 1e-3), (1e-8, 0.0)]))
          h   error
      1e-02  1.0e-03  ███████████████████████████████████████
      1e-08  0.0e+00
    """
    lines = ["      h   error"]
    for h, error in curve:
        length = 0
        if 0 < error < math.inf:
            length = min(_BAR, max(1, round(3 * (math.log10(error) + 16))))
        lines.append(f"  {h:.0e}  {error:.1e}  {'█' * length}".rstrip())
    return "\n".join(lines)


def paths_text(paths: Sequence[ChainPath]) -> str:
    """Paths with their products, and the sum that is the derivative.

    Examples
    --------
    >>> print(paths_text([ChainPath(("v0", "v2"), (2.0,), 2.0)]))
      v0 → v2   2 = 2
      sum over 1 path = 2
    """
    routes = [" → ".join(path.nodes) for path in paths]
    width = min(_LONG, max(map(len, routes), default=0))
    lines = [
        f"  {route:{width}}   {' · '.join(f'{p:.6g}' for p in path.partials) or '1'}"
        f" = {path.product:.6g}"
        for route, path in zip(routes, paths, strict=True)
    ]
    total = math.fsum(path.product for path in paths)
    return "\n".join(
        [*lines, f"  sum over {len(paths)} path{'s' * (len(paths) != 1)} = {total:.12g}"]
    )


def grains_text(grains: Sequence[Grain]) -> str:
    """The granularities of a graph as a table.

    Examples
    --------
    >>> print(grains_text([Grain("scalar", declined="expand needs at most 1 node, got 2")]))
      level     nodes       f ops  forward: passes    per pass  reverse: passes    per pass      memory
      scalar  not built: expand needs at most 1 node, got 2
    """
    head = ("forward: passes", "per pass", "reverse: passes", "per pass", "memory")
    lines = [f"  {'level':6}  {'nodes':>7}  {'f ops':>10}  " + "  ".join(
        f"{title:>{width}}" for title, width in zip(head, (15, 10, 15, 10, 10), strict=True)
    )]  # fmt: skip
    for grain in grains:
        if grain.f is None or grain.passes is None or not grain.per_pass or not grain.memory:
            lines.append(f"  {grain.level:6}  not built: {grain.declined}")
            continue
        lines.append(
            f"  {grain.level:6}  {grain.nodes:7,}  {grain.f.total:10,}"
            f"  {grain.passes['forward']:15,}  {grain.per_pass['forward'].total:10,}"
            f"  {grain.passes['reverse']:15,}  {grain.per_pass['reverse'].total:10,}"
            f"  {grain.memory['reverse']:10,}"
        )
    return "\n".join(lines)
