"""Floats that carry a bound on their own rounding error, to first order."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np

from diffcompare.graph.graph import Graph
from diffcompare.ops.op import Op
from diffcompare.ops.operand import ZERO, Operand, Value
from diffcompare.ops.precision import Float, precision, shrinkage

_LEAST: Final = math.ulp(0.0)
_COARSER: Final = shrinkage(np.float32(0))
_LEAST_SINGLE: Final = float(np.finfo(np.float32).smallest_subnormal)
CALL_ULPS: Final = 4.0
"""What NumPy promises for its vectorised functions."""


class Rounded(Operand):
    """A float and a bound on how far rounding has taken it from the exact value.

    With ∂ᵢ the partials of an op at the floats, its result is off by at most
    Σ |∂ᵢ| errorᵢ + half a unit in the last place; four units if it is a function call, none if it
    only moves, negates or chooses. What is not chosen adds nothing. The bound is of first order:
    it knows nothing of a decision that rounding turns, and is nan where value or slope has no end.

    Parameters
    ----------
    value : float
        In double precision, but a float32 stays one.
    error : float
        Absolute.

    Examples
    --------
    >>> x = Rounded(1.0)
    >>> (x + 2.0**53) - 2.0**53
    Rounded(0.0, 1.0)
    """

    __slots__ = ("error", "value")
    rank = 1

    def __init__(self, value: float | np.floating, error: float = 0.0) -> None:
        self.value, self.error = precision([value])(value), float(error)

    @classmethod
    def of(cls, number: Any, kind: Float = np.float64) -> Rounded:
        """A constant: exact, or off by what its rounding to a float of a kind costs."""
        if isinstance(number, Rounded):
            return number
        value = kind(number)
        if not math.isfinite(value):
            return cls(value)
        if hasattr(number, "precise"):
            return cls(value, _ulp(value))
        return cls(value, 0.0 if float(value) == number else _ulp(value) / 2)

    def apply_op(self, op: Op, args: Sequence[Value]) -> Value:
        """The value in floats, and the bound by the op's partials."""
        op.check_arity(len(args))
        kind = precision([self.value])
        with np.errstate(all="ignore"):
            numbers = [Rounded.of(arg, kind) for arg in args]
            x = [number.value for number in numbers]
            y = op(*x)
            error = _inherited(op, y, x, [number.error for number in numbers])
        error += _own(op, len(x), op.magnitude(y, x))
        return Rounded(y, error if math.isfinite(error) and math.isfinite(y) else math.nan)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __float__(self) -> float:
        return float(self.value)

    def __repr__(self) -> str:
        return f"Rounded({self.value}, {self.error})"


def _inherited(op: Op, y: Value, x: Sequence[Value], errors: Sequence[float]) -> float:
    total = 0.0
    if not any(errors):
        return total
    for slot, (error, chosen) in enumerate(zip(errors, op.selects(y, x), strict=True)):
        if error and chosen:
            slope = op.partial(slot, y, x)
            if slope is not ZERO:
                # Of tied arguments any one may be the true choice, so none counts by its share.
                total += error * (1.0 if op.kind == "select" else abs(float(slope)))
    return total


def _own(op: Op, arity: int, magnitude: Value) -> float:
    """What rounding the op's own result costs; never less than what an underflow hides."""
    ulps = _ulps(op, arity)
    return max(ulps * _ulp(magnitude), _LEAST) if ulps else 0.0


def _ulp(y: Value) -> float:
    """The unit in the last place of a float of either precision."""
    if not isinstance(y, np.float32):
        return math.ulp(y)
    return max(math.ulp(y) * _COARSER, _LEAST_SINGLE)


@lru_cache(maxsize=1024)
def _ulps(op: Op, arity: int) -> float:
    """The op's own rounding, in units in the last place."""
    cost = op.cost([()] * arity)
    if cost.call:
        return CALL_ULPS
    computes = cost.mul or cost.div or (cost.add and arity > 1)
    return 0.5 if computes else 0.0


def rounding_error(
    graph: Graph, point: Mapping[str, float], outputs: Sequence[int] | None = None
) -> list[float]:
    """Bounds on the rounding errors of a graph evaluated in the precision of the point.

    Parameters
    ----------
    graph : Graph
    point : mapping
        A float for each input, taken as exact.
    outputs : sequence of int, optional
        Indices of nodes; those of `graph.outputs` by default.

    Returns
    -------
    list of float
        Absolute; nan where there is no bound.

    Examples
    --------
    >>> import diffcompare as dc
    >>> rounding_error(dc.parse("x*y"), {"x": 3.0, "y": 5.0}) == [2.0**-50]
    True
    """
    inputs = {name: Rounded(number) for name, number in point.items()}
    kind = precision(point.values())
    values = graph.evaluate(inputs, lambda number: Rounded.of(number, kind))
    return [values[i].error for i in (graph.outputs if outputs is None else outputs)]
