"""How accurate a Jacobian is: its error against the truth in high precision."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

import numpy as np

from diffcompare.graph.graph import Graph
from diffcompare.graph.point import Point
from diffcompare.modes.jacobian import Jacobian
from diffcompare.numbers.precise import truth

_DIGITS: Final = 80
_STEP: Final = Fraction(1, 1 << 120)
"""h over |x|: the quotient keeps 40 digits, its truncation is far below them."""
_MOST_NODES: Final = 20_000


def true_jacobian(graph: Graph, point: Point, wrt: Sequence[str]) -> np.ndarray | None:
    """The Jacobian from values alone: central differences in high precision, by no rule of ours.

    Parameters
    ----------
    graph : Graph
    point : dict
        Taken as exact. Must not sit on an edge of the function.
    wrt : sequence of str

    Returns
    -------
    ndarray, (outputs, inputs), or None
        nan where the digits do not stand still; None where it would take too long.

    Examples
    --------
    >>> import diffcompare as dc
    >>> float(true_jacobian(dc.parse("tanh(x)"), {"x": 20.0}, ["x"])[0, 0])
    1.6993417021166355e-17
    """
    if any(graph.shapes) or 2 * len(wrt) * len(graph.ops) > _MOST_NODES:
        return None
    if not np.isfinite(list(point.values())).all():
        return None
    exact = {name: Fraction(float(number)) for name, number in point.items()}
    columns = []
    for name in wrt:
        h = abs(exact[name]) * _STEP or _STEP**3
        ahead, behind = (
            truth(graph, {**exact, name: exact[name] + move}, digits=_DIGITS) for move in (h, -h)
        )
        columns.append([_slope(a, b, h) for a, b in zip(behind, ahead, strict=True)])
    return np.array(columns, dtype=float).reshape(len(wrt), len(graph.outputs)).T


def _slope(behind: Any, ahead: Any, h: Fraction) -> float:
    return float((ahead - behind) * h.denominator / (2 * h.numerator))


def largest_error(jacobian: Jacobian, true: np.ndarray) -> float | None:
    """Largest relative error of the finite entries; None where there is none to compare."""
    known = np.isfinite(true) & np.isfinite(jacobian.matrix)
    if not known.any():
        return None
    with np.errstate(all="ignore"):
        gap = np.abs(jacobian.matrix - true)
        relative = np.where(gap == 0, 0.0, gap / np.abs(true))
    return float(relative[known].max())
