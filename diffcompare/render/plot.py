"""Curves and lists of paths, drawn in text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

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
