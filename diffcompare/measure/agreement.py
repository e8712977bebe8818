"""Whether the modes agree, entry by entry, as closely as rounding allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np

from diffcompare.graph.edges import Flag
from diffcompare.graph.point import Point
from diffcompare.modes.derivative import Derivative
from diffcompare.modes.jacobian import Jacobian
from diffcompare.modes.differences import Differences
from diffcompare.numbers.rounding import rounding_error

RELATIVE = 1e-12
"""Exact modes agree to this and to twice the bound on their rounding."""
COMPLEX_RELATIVE = 1e-10
DIFFERENCES_RELATIVE = 1e-5
"""Differences are a smoke check, and allowed their truncation as well."""


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
        """Whether every pair agrees."""
        return all(pair.ok for pair in self.pairs)

    @property
    def worst(self) -> Pair | None:
        """The pair that uses most of its tolerance; one that disagrees, if any does."""
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


class _Gap(NamedTuple):
    """How far an entry differs, and how far it may."""

    row: int
    column: int
    gap: float
    size: float
    tolerance: float

    @property
    def ratio(self) -> float:
        return self.gap / self.tolerance if self.tolerance else (np.inf if self.gap else 0.0)


def agreement(
    runs: Sequence[Run], point: Point, outputs: Sequence[str], found: Sequence[Flag]
) -> Agreement:
    """Compare the modes pairwise at a point.

    Parameters
    ----------
    runs : sequence of Run
    point : dict
    outputs : sequence of str
        A name for each output.
    found : sequence of Flag
        The edges the point sits on: differences are not compared there.
    """
    exact = [run for run in runs if not run.approximate]
    rough = [run for run in runs if run.approximate]
    pairs = [*combinations(exact, 2), *((run, exact[0]) for run in rough if exact)]
    return Agreement(tuple(_pair(a, b, point, outputs, found) for a, b in pairs))


def _pair(a: Run, b: Run, point: Point, outputs: Sequence[str], found: Sequence[Flag]) -> Pair:
    modes, wrt = (a.mode, b.mode), a.jacobian.wrt
    if a.approximate and found:
        reason = f"the point is on a {found[0].kind} at {found[0].label}"
        return Pair(modes, None, 0.0, 0.0, 0.0, 0.0, True, False, (("", "", reason),))
    skipped: list[tuple[str, str, str]] = []
    worst = _Gap(0, 0, 0.0, 0.0, 0.0)
    tolerances = _Tolerance(a, b, point)
    for row, column in np.ndindex(a.jacobian.matrix.shape):
        reason = _incomparable(a, b, row, column) or tolerances.overflow(row, column)
        if reason:
            skipped.append((outputs[row], wrt[column], reason))
            continue
        gap = tolerances.gap(row, column)
        if gap.ratio > worst.ratio or (gap.ratio == worst.ratio and gap.gap > worst.gap):
            worst = gap
    entry = (outputs[worst.row], wrt[worst.column]) if outputs and wrt else None
    relative = worst.gap / worst.size if worst.size else 0.0
    ulps = worst.gap / float(np.spacing(worst.size)) if np.isfinite(worst.size) else np.inf
    return Pair(
        modes, entry, worst.gap, relative, ulps, worst.tolerance, worst.ratio <= 1,
        not a.approximate, tuple(skipped),
    )  # fmt: skip


def _incomparable(a: Run, b: Run, row: int, column: int) -> str:
    """Why an entry cannot be compared: SymPy cancelled what the graph as written does not."""
    if (row, column) in a.jacobian.removable or (row, column) in b.jacobian.removable:
        return "removable: SymPy cancelled a singularity of the graph as written"
    return ""


class _Tolerance:
    """What rounding allows between two modes; bounds are computed only where needed."""

    def __init__(self, a: Run, b: Run, point: Point) -> None:
        self.a, self.b, self.point = a, b, point
        self._bounds: dict[str, np.ndarray] | None = None

    def gap(self, row: int, column: int) -> _Gap:
        """The difference of an entry and its tolerance."""
        x, y = (float(run.jacobian.matrix[row, column]) for run in (self.a, self.b))
        if x == y or (np.isnan(x) and np.isnan(y)):
            return _Gap(row, column, 0.0, abs(x), 0.0)
        gap, size = abs(x - y), max(abs(x), abs(y))
        if not np.isfinite(gap):
            return _Gap(row, column, np.inf, np.inf, 0.0)
        tolerance = self._relative() * size
        if gap > tolerance:
            tolerance += self._rounding(row, column)
        return _Gap(row, column, gap, size, tolerance)

    def overflow(self, row: int, column: int) -> str:
        """Why an entry that differs cannot be compared: a mode's own arithmetic overflowed."""
        gap = self.gap(row, column)
        if gap.ratio <= 1 or not np.isfinite(self.a.jacobian.value).all():
            return ""
        for run in (self.a, self.b):
            if not run.approximate and not _finite_throughout(run.derivative, self.point):
                return f"the {run.mode} derivative overflows on the way"
        return ""

    def _relative(self) -> float:
        if not self.a.approximate:
            return RELATIVE
        return COMPLEX_RELATIVE if self.a.mode == "complex step" else DIFFERENCES_RELATIVE

    def _rounding(self, row: int, column: int) -> float:
        if self._bounds is None:
            exact = [run for run in (self.a, self.b) if not run.approximate]
            self._bounds = {run.mode: _bound(run, self.point) for run in exact}
            if self.a.approximate:
                self._bounds[self.a.mode] = _truncation(self.a.derivative, self.point)
        return sum(2 * float(bound[row, column]) for bound in self._bounds.values())


def _bound(run: Run, point: Point) -> np.ndarray:
    """The running bound on the rounding of every entry."""
    graph = run.derivative.jacobian_graph
    bounds = rounding_error(graph, point, graph.outputs)
    bound = np.array(bounds, dtype=float).reshape(run.jacobian.matrix.shape)
    return np.asarray(np.nan_to_num(bound))


def _truncation(derivative: Derivative, point: Point) -> np.ndarray:
    """What a difference quotient may be off by: its change when h doubles, and f's rounding over h."""
    assert isinstance(derivative, Differences)
    primal = derivative.primal
    values = primal.evaluate(point)
    doubled = derivative.with_step(2 * derivative.step)
    change = np.abs(doubled.entries(point, values) - derivative.entries(point, values))
    rounding = np.array(rounding_error(primal, point, primal.outputs), dtype=float)
    return np.asarray(change + 4 * rounding[:, None] / derivative.step)


def _finite_throughout(derivative: Derivative, point: Point) -> bool:
    graph = derivative.jacobian_graph
    return bool(np.isfinite(np.array(graph.evaluate(point), dtype=float)).all())
