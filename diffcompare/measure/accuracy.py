"""How accurate a Jacobian is: its error against the truth in high precision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

import numpy as np

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import Point, read_output, read_point, read_wrt
from diffcompare.modes.differences import SCHEMES, differences
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


def error_curve(
    graph: Graph, at: Mapping[str, Any], name: str, scheme: str = "central", output: int = 0
) -> list[tuple[float, float]]:
    """How the error of a difference quotient depends on its step h.

    Truncation falls with h, rounding rises with 1/h; between them lies the best step.

    Parameters
    ----------
    graph : Graph
        Of numbers.
    at : mapping
    name : str
        The input to differentiate by.
    scheme : {"forward", "central", "complex"}
    output : int
        Which output, counted from 0.

    Returns
    -------
    list of (float, float)
        h from 1 down to 1e-16, and the relative error there.

    Examples
    --------
    >>> import diffcompare as dc
    >>> curve = error_curve(dc.parse("exp(x)"), {"x": 1.0}, "x")
    >>> min(curve, key=lambda pair: pair[1])[0] in (1e-5, 1e-6)
    True
    """
    read_wrt(graph, name)
    read_output(graph, output, "error_curve")
    if scheme not in SCHEMES:
        raise DiffcompareError("name", "the scheme", need=f"one of {', '.join(SCHEMES)}",
                               got=shorten(scheme))  # fmt: skip
    point = read_point(graph, at)
    true = true_jacobian(graph, point, [name])
    if true is None or not np.isfinite(true[output, 0]):
        raise DiffcompareError("domain", "an error curve", need="a point with a known derivative",
                               got="none there")  # fmt: skip
    curve = []
    for exponent in range(17):
        h = float(f"1e-{exponent}")
        slope = differences(graph, (name,), scheme, h).at(point).matrix[output, 0]
        gap = abs(slope - true[output, 0])
        curve.append((h, float(gap / abs(true[output, 0])) if true[output, 0] else float(gap)))
    return curve
