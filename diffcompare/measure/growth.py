"""The law by which sizes grow: linear, quadratic, exponential with its base."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

import numpy as np

_DEGREES: Final = ("constant", "linear", "quadratic", "cubic")
_FEWEST: Final = 4
_TRANSIENT: Final = 2
"""So many of the first sizes may be off the law: small cases fold more."""
_LONGEST: Final = 40
"""So many sizes are looked at for a recurrence."""
_NEAR: Final = 0.25
"""A fitted power so near a whole one is named for it."""
_STEEP: Final = 0.02
"""Relative growth per step below which nothing exponential is left."""


@dataclass(frozen=True)
class Growth:
    """How a size grows with n.

    Attributes
    ----------
    law : str
        "constant", "linear", "quadratic", "cubic", "polynomial", "exponential" or "unclear".
    formula : str
        An exact polynomial in n where the sizes are one, else the law with its fitted numbers.
    base : float or None
        Of an exponential: the factor that one more n multiplies by, in the limit.
    """

    law: str
    formula: str
    base: float | None = None

    def __str__(self) -> str:
        return self.formula


def growth(points: Sequence[tuple[int, int]]) -> Growth:
    """The law behind sizes, found from exact differences first and from a fit after that.

    Parameters
    ----------
    points : sequence of (int, int)
        n and the size, by rising n.

    Examples
    --------
    >>> growth([(n, 7 * n - 10) for n in range(3, 10)])
    Growth(law='linear', formula='7 n − 10', base=None)
    >>> growth([(n, n * 2**n + 3) for n in range(2, 30)]).law
    'exponential'
    """
    if len(points) < _FEWEST:
        return Growth("unclear", "too few sizes to tell")
    for skipped in range(min(_TRANSIENT, len(points) - _FEWEST) + 1):
        exact = _polynomial(points[skipped:]) or _recurrent(points[skipped:])
        if exact is not None:
            return exact
    return _fitted(points)


def _polynomial(points: Sequence[tuple[int, int]]) -> Growth | None:
    """The interpolating polynomial, where fewer points than there are determine it."""
    n = [Fraction(x) for x, _ in points]
    rows = [[Fraction(size) for _, size in points]]
    while len(rows[-1]) > 1 and len(rows) <= len(_DEGREES):
        row, order = rows[-1], len(rows)
        rows.append([(b - a) / (n[k + order] - n[k]) for k, (a, b) in enumerate(pairwise(row))])
    for degree, name in enumerate(_DEGREES):
        if len(points) >= degree + 3 and not any(rows[degree + 1]):
            newton = [row[0] for row in rows[: degree + 1]]
            return Growth(name, _written(_powers(newton, n)))
    return None


def _recurrent(points: Sequence[tuple[int, int]]) -> Growth | None:
    """A linear recurrence that evenly spaced sizes obey: its largest root is the base.

    So sizes as (a n + b) 2ⁿ + c are told exactly.
    """
    spacing = {b - a for (a, _), (b, _) in pairwise(points)}
    taps = _berlekamp_massey([Fraction(size) for _, size in points[:_LONGEST]])
    if len(spacing) > 1 or not taps or 2 * len(taps) + 1 > len(points):
        return None
    roots = np.roots([1.0, *(-float(tap) for tap in taps)])
    largest = float(np.max(np.abs(roots))) ** (1 / spacing.pop())
    if largest < 1 + _STEEP:
        return None
    return Growth("exponential", f"exponential, base {largest:.4g}", largest)


def _berlekamp_massey(sizes: Sequence[Fraction]) -> list[Fraction]:
    """The shortest c with s_k = Σ c_i s_{k−1−i}; Massey 1969."""
    taps: list[Fraction] = []
    before: list[Fraction] = []
    gap, last = Fraction(1), -1
    for k, size in enumerate(sizes):
        miss = size - sum((c * sizes[k - 1 - i] for i, c in enumerate(taps)), Fraction(0))
        if not miss:
            continue
        if not taps:
            taps, gap, last = [Fraction(0)] * (k + 1), miss, k
            continue
        change = [Fraction(0)] * (k - last - 1) + [miss / gap]
        change += [-miss / gap * c for c in before]
        longer = [Fraction(0)] * max(len(taps), len(change))
        for at, c in enumerate(taps):
            longer[at] += c
        for at, c in enumerate(change):
            longer[at] += c
        if k - len(taps) > last - len(before):
            before, gap, last = taps, miss, k
        taps = longer
    return taps


def _powers(newton: Sequence[Fraction], n: Sequence[Fraction]) -> list[Fraction]:
    """Coefficients by rising powers, from divided differences."""
    total = [Fraction(0)]
    for difference, at in zip(reversed(newton), reversed(n[: len(newton)]), strict=True):
        shifted = [Fraction(0), *total]
        for power, coefficient in enumerate(total):
            shifted[power] -= at * coefficient
        total = shifted
        total[0] += difference
    while len(total) > 1 and not total[-1]:
        total.pop()
    return total


def _written(coefficients: Sequence[Fraction]) -> str:
    text = ""
    for power in range(len(coefficients) - 1, -1, -1):
        c = coefficients[power]
        if not c:
            continue
        factor = "" if abs(c) == 1 and power else f"{abs(c)}"
        unit = ("", "n", "n²", "n³")[power]
        term = f"{factor} {unit}".strip()
        sign = "−" if c < 0 else "+"
        text += f" {sign} {term}" if text else f"{'−' * (c < 0)}{term}"
    return text or "0"


def _fitted(points: Sequence[tuple[int, int]]) -> Growth:
    """log size = a + n log base + k log n, by least squares over the later half."""
    later = [(n, size) for n, size in points[len(points) // 3 :] if size > 0 and n > 0]
    if len(later) <= _FEWEST:  # three numbers are fitted to them
        return Growth("unclear", "too few sizes to tell")
    n = np.array([float(x) for x, _ in later])
    logs = np.array([math.log(size) for _, size in later])
    columns = np.stack([np.ones_like(n), n, np.log(n)], axis=1)
    (_, slope, power), *_ = np.linalg.lstsq(columns, logs, rcond=None)
    if slope > _STEEP:
        base = math.exp(float(slope))
        return Growth("exponential", f"exponential, base {base:.3g}", base)
    (_, power), *_ = np.linalg.lstsq(columns[:, ::2], logs, rcond=None)
    near = round(float(power))
    named = 0 <= near < len(_DEGREES) and abs(power - near) < _NEAR
    name = _DEGREES[near] if named else "polynomial"
    return Growth(name, f"about n^{power:.2f}")
