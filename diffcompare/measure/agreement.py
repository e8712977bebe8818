"""Whether the modes agree, entry by entry, as closely as rounding allows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np

from diffcompare.graph.edges import Flag
from diffcompare.graph.expand import scalar_point
from diffcompare.graph.point import Point
from diffcompare.measure.rounding import bound, truncation
from diffcompare.modes.derivative import Derivative, Sweep
from diffcompare.modes.differences import Differences
from diffcompare.modes.jacobian import Jacobian
from diffcompare.ops.precision import shrinkage

_RELATIVE = 1e-12
_COMPLEX_RELATIVE = 1e-10
_DIFFERENCES_RELATIVE = 1e-5
"""Differences are a smoke check, and allowed their truncation as well."""

_AT = {
    "kink": "the point is on a kink",
    "jump": "the point is on a jump",
    "singular": "f has a singularity",
    "undefined": "f is undefined",
}
"""By kind of flag, what is said of the point."""


@dataclass(frozen=True)
class Pair:
    """Two modes compared.

    Attributes
    ----------
    modes : (str, str)
    entry : (str, str) or None
        Output and input where they differ most, relative to the tolerance.
    absolute, relative, ulps : float
        The difference there: absolute, over the larger magnitude, in units in the last place.
    tolerance : float
        What is allowed there, absolute.
    ok : bool
    exact : bool
        Whether neither is a difference quotient.
    skipped : tuple of (str, str, str)
        Entries not compared: output, input, reason.
    """

    modes: tuple[str, str]
    entry: tuple[str, str] | None
    absolute: float
    relative: float
    ulps: float
    tolerance: float
    ok: bool
    exact: bool = True
    skipped: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Agreement:
    """All pairs of exact modes, and each difference mode against the first exact one."""

    pairs: tuple[Pair, ...]

    @property
    def ok(self) -> bool:
        """Whether every pair of exact modes agrees; differences judge only where there is none."""
        exact = [pair for pair in self.pairs if pair.exact]
        return all(pair.ok for pair in exact or self.pairs)

    @property
    def worst(self) -> Pair | None:
        """A pair that disagrees, if any does, else the exact pair with the largest difference."""
        return max(
            self.pairs, key=lambda pair: (not pair.ok, pair.exact, pair.relative), default=None
        )


class Run(NamedTuple):
    """A mode's derivative and what it gave at the point."""

    derivative: Derivative
    jacobian: Jacobian

    @property
    def mode(self) -> str:
        """The mode's name."""
        return self.derivative.mode

    @property
    def approximate(self) -> bool:
        """Whether it is a difference quotient."""
        return isinstance(self.derivative, Differences)


def agreement(
    runs: Sequence[Run],
    point: Point,
    outputs: Sequence[str],
    inputs: Sequence[str],
    found: Sequence[Flag],
) -> Agreement:
    """Compare the modes pairwise at a point.

    Parameters
    ----------
    runs : sequence of Run
    point : dict
    outputs, inputs : sequence of str
        A name for each number: for each row and column of the Jacobian.
    found : sequence of Flag
        The edges the point sits on: differences are not compared there.
    """
    exact = [run for run in runs if not run.approximate]
    rough = [run for run in runs if run.approximate]
    pairs = [*combinations(exact, 2), *((run, exact[0]) for run in rough if exact)]
    names = (outputs, inputs)
    return Agreement(tuple(_pair(a, b, point, names, found) for a, b in pairs))


def _pair(
    a: Run, b: Run, point: Point, names: tuple[Sequence[str], Sequence[str]], found: Sequence[Flag]
) -> Pair:
    modes = (a.mode, b.mode)
    if a.approximate and found:
        reason = f"{_AT[found[0].kind]} at {found[0].label}"
        return Pair(modes, None, 0.0, 0.0, 0.0, 0.0, True, False, (("", "", reason),))
    x, y = a.jacobian.matrix, b.jacobian.matrix
    with np.errstate(all="ignore"):
        same = (x == y) | (np.isnan(x) & np.isnan(y))
        gap = np.where(same, 0.0, np.abs(x - y))
        gap[np.isnan(gap)] = np.inf
        size = np.maximum(np.abs(x), np.abs(y))
        allowed = np.where(np.isfinite(size), _relative(a) * size, 0.0)
        if (gap > allowed).any():
            allowed = allowed + np.where(np.isfinite(gap), _rounding(a, b, point), 0.0)
        reasons = _incomparable(a, b, point, gap > allowed)
        for place in reasons:
            gap[place] = allowed[place] = 0.0
        ratio = np.where(gap > 0, gap / allowed, 0.0)
    skipped = tuple((names[0][i], names[1][j], why) for (i, j), why in sorted(reasons.items()))
    if len(reasons) == ratio.size:
        return Pair(modes, None, 0.0, 0.0, 0.0, 0.0, True, not a.approximate, skipped)
    row, column = (int(k) for k in np.unravel_index(int(np.argmax(ratio)), ratio.shape))
    worst, most = float(gap[row, column]), float(size[row, column])
    return Pair(
        modes,
        entry=(names[0][row], names[1][column]),
        absolute=worst,
        relative=worst / most if worst else 0.0,
        ulps=worst / float(np.spacing(size[row, column])) if np.isfinite(most) and worst else worst,
        tolerance=float(allowed[row, column]),
        ok=bool(ratio[row, column] <= 1),
        exact=not a.approximate,
        skipped=skipped,
    )


def relative(numbers: np.ndarray) -> float:
    """What exact modes agree to, beside twice the bound on their rounding: 1e-12 in float64.

    The same number of units in the last place in float32: 5e-4.

    Examples
    --------
    >>> relative(np.zeros(1)), round(relative(np.zeros(1, np.float32)), 6)
    (1e-12, 0.000537)
    """
    return _RELATIVE * shrinkage(numbers)


def _relative(a: Run) -> float:
    matrix = a.jacobian.matrix
    if not a.approximate:
        return relative(matrix)
    if a.mode == "complex step":
        return max(_COMPLEX_RELATIVE, relative(matrix))
    return _DIFFERENCES_RELATIVE * math.cbrt(shrinkage(matrix))  # as the best step


def _incomparable(a: Run, b: Run, point: Point, differ: np.ndarray) -> dict[tuple[int, int], str]:
    """Entries that cannot be compared, and why."""
    removed = (
        "the graph as written is undefined here, SymPy's formula is not: removable, "
        "or outside the domain"
    )
    reasons = dict.fromkeys(a.jacobian.removable | b.jacobian.removable, removed)
    if differ.any() and np.isfinite(a.jacobian.value).all():
        for run in (a, b):
            if not run.approximate and not _finite_throughout(run.derivative, point):
                why = f"the {run.mode} derivative overflows on the way"
                reasons |= {(int(i), int(j)): why for i, j in np.argwhere(differ)}
    return reasons


def _rounding(a: Run, b: Run, point: Point) -> np.ndarray:
    """What rounding, and the truncation of differences, may do to each entry of both modes."""
    total = np.zeros(a.jacobian.matrix.shape)
    shared = isinstance(a.derivative, Sweep) and isinstance(b.derivative, Sweep)
    for run in (a, b):
        derivative = run.derivative
        if isinstance(derivative, Differences):
            total = total + 2 * truncation(derivative, point, run.jacobian)
        else:
            total = total + 2 * bound(derivative, point, shared)
    return total


def _finite_throughout(derivative: Derivative, point: Point) -> bool:
    if any(derivative.primal.shapes):
        if isinstance(derivative, Sweep):
            return True
        point = scalar_point(point)
    values = derivative.jacobian_graph.evaluate(point)
    return bool(np.isfinite(np.array(values, dtype=float)).all())
