"""Floats that carry a bound on their own rounding error, to first order."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

import numpy as np

from diffcompare.graph.graph import Graph
from diffcompare.ops.op import Op
from diffcompare.ops.operand import ZERO, Operand, Value

_LEAST: Final = math.ulp(0.0)
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

    def __init__(self, value: float, error: float = 0.0) -> None:
        self.value, self.error = np.float64(value), float(error)

    @classmethod
    def of(cls, number: Any) -> Rounded:
        """A constant: exact, or off by what its rounding to a float costs."""
        if isinstance(number, Rounded):
            return number
        value = float(number)
        if isinstance(number, (int, Fraction)) and math.isfinite(value):
            return cls(value, 0.0 if Fraction(value) == number else math.ulp(value) / 2)
        named = hasattr(number, "precise")
        return cls(value, math.ulp(value) if named and math.isfinite(value) else 0.0)

    def apply_op(self, op: Op, args: Sequence[Value]) -> Value:
        """The value in floats, and the bound by the op's partials."""
        op.check_arity(len(args))
        numbers = [Rounded.of(arg) for arg in args]
        x = [number.value for number in numbers]
        with np.errstate(all="ignore"):
            y = op(*x)
            error = _inherited(op, y, x, [number.error for number in numbers])
        error += _own(op, len(x), y)
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


def _own(op: Op, arity: int, y: Value) -> float:
    """What rounding the op's own result costs; never less than what an underflow hides."""
    ulps = _ulps(op, arity)
    return max(ulps * math.ulp(y), _LEAST) if ulps else 0.0


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
    """Bounds on the rounding errors of a graph evaluated in float64.

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
    values = graph.evaluate(inputs, Rounded.of)
    return [values[i].error for i in (graph.outputs if outputs is None else outputs)]
