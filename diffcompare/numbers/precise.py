"""Numbers of any precision: the truth that errors are measured against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

import mpmath
import numpy as np

from diffcompare.graph.graph import Graph
from diffcompare.ops.constants import Named
from diffcompare.ops.op import Op
from diffcompare.ops.operand import Operand, Value

START: Final = 50
MOST: Final = 1600
"""Decimal digits that `truth` begins with and ends with."""

_RANGE = 1 << 17
_TINY_BITS = -1330  # below 1e-400: zero to any float64
_UNANSWERED = (ValueError, ZeroDivisionError, OverflowError, mpmath.libmp.NoConvergence)


class Precise(Operand):
    """A real number in a precision of its own.

    What is not real is nan, a pole is what IEEE makes of it, and magnitudes stay between
    2**-131072 and 2**131072, so that no exponential of an exponential takes all memory.

    Parameters
    ----------
    mp : mpmath.MPContext
        Holds the precision. One of our own, never mpmath's global one.
    number : float, int, Fraction, Named or mpmath number
        Exact if it fits; rationals and named constants are rounded to the precision of `mp`.

    Examples
    --------
    >>> import diffcompare as dc
    >>> mp = mpmath.MPContext()
    >>> mp.dps = 30
    >>> dc.sqrt(Precise(mp, 2))
    Precise(1.41421356237309504880168872421)
    """

    __slots__ = ("mp", "value")
    rank = 1

    def __init__(self, mp: Any, number: Any) -> None:
        self.mp, self.value = mp, _lifted(mp, number)

    def apply_op(self, op: Op, args: Sequence[Value]) -> Value:
        """Compute the op's own formula in high precision."""
        op.check_arity(len(args))
        values = [_lifted(self.mp, arg) for arg in args]
        try:
            y = op.precise(self.mp, *values)
        except _UNANSWERED:
            with np.errstate(all="ignore"):
                y = op.value(*[np.float64(float(v)) for v in values])
        return Precise(self.mp, self.mp.nan if isinstance(y, self.mp.mpc) else y)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __float__(self) -> float:
        return float(self.value)

    def __repr__(self) -> str:
        return f"Precise({self.mp.nstr(self.value, self.mp.dps)})"


def _lifted(mp: Any, number: Any) -> Any:
    """The number in the context, held within the range."""
    if isinstance(number, Precise):
        return number.value
    if isinstance(number, Named):
        return number.precise(mp)
    if isinstance(number, Fraction):
        return mp.mpf(number.numerator) / number.denominator
    value = mp.mpf(float(number) if isinstance(number, np.float32) else number)
    size = mp.mag(value)
    if size > _RANGE:
        return mp.inf * mp.sign(value)
    return mp.zero if size < -_RANGE else value


def truth(
    graph: Graph,
    point: Mapping[str, Any],
    outputs: Sequence[int] | None = None,
    digits: int = 30,
) -> list[Any]:
    """Values of a graph in high precision, the floats of the point taken as exact.

    The precision is doubled until the first digits of every output stand still, having held every
    number of the computation down to the smallest.

    Parameters
    ----------
    graph : Graph
    point : mapping
        A number for each input.
    outputs : sequence of int, optional
        Indices of nodes; those of `graph.outputs` by default.
    digits : int
        How many decimal digits have to stand still.

    Returns
    -------
    list of mpf
        nan where there is no value, and where the digits did not stand still in `MOST` digits.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.parse("(x + 1e20*x) - 1e20*x")
    >>> [str(y) for y in truth(graph, {"x": 0.75})]
    ['0.75']
    """
    wanted = graph.outputs if outputs is None else outputs
    mp = mpmath.MPContext()
    settled: dict[int, Any] = {}
    before: list[Any] | None = None
    mp.dps = START
    while True:
        inputs = {name: Precise(mp, number) for name, number in point.items()}
        values = [v.value for v in graph.evaluate(inputs, lambda c: Precise(mp, c))]
        if before is not None:
            for index in wanted:
                if index not in settled and _stands(mp, before[index], values[index], digits):
                    settled[index] = values[index]
        if all(index in settled for index in wanted) or mp.dps >= MOST:
            return [settled.get(index, mp.nan) for index in wanted]
        before = values if mp.dps >= digits + _span(mp, values) else None
        mp.dps *= 2


def _stands(mp: Any, a: Any, b: Any, digits: int) -> bool:
    """Whether a value is the same in two precisions, to so many digits."""
    if a == b or (mp.isnan(a) and mp.isnan(b)):
        return True
    if max(mp.mag(a), mp.mag(b)) < _TINY_BITS:
        return True
    return bool(mp.isfinite(b) and abs(a - b) <= mp.mpf(10) ** -digits * abs(b))


def _span(mp: Any, values: Sequence[Any]) -> int:
    """Decimal digits from the smallest magnitude to the largest: more than any sum can lose."""
    sizes = [max(mp.mag(v), _TINY_BITS) for v in values if v and mp.isfinite(v)]
    return int(0.302 * (max(sizes) - min(sizes))) if sizes else 0
