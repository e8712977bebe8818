"""Arrays that carry a bound on their own rounding error, to first order."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np

from diffcompare.graph.graph import Graph
from diffcompare.numbers.rounding import CALL_ULPS
from diffcompare.ops.op import Op, Shape, shape_of
from diffcompare.ops.operand import ZERO, Operand, Value
from diffcompare.ops.precision import Float, precision

_HALF: Final = 0.5


class RoundedArray(Operand):
    """An array, or number, of floats and how far rounding has taken each from the exact value.

    An op adds up what the errors of its arguments come to, by `Op.inherited`, and its own: as
    `Rounded` has it for one operation, and half a unit in the last place of the sum of the terms'
    magnitudes for each term of a sum, in whatever order it is taken.

    Parameters
    ----------
    value : float or array
    error : float, array or ZERO
        Absolute, of the value's shape; structurally zero where it is exact.

    Examples
    --------
    >>> from diffcompare.ops.arithmetic import add
    >>> add(RoundedArray(np.array([1.0, 2.0**53])), 1.0).error.tolist() == [2.0**-52, 1.0]
    True
    """

    __slots__ = ("error", "value")
    rank = 1

    def __init__(self, value: Value, error: Value = ZERO) -> None:
        self.value, self.error = value, error

    @classmethod
    def of(cls, number: Any, kind: Float = np.float64) -> RoundedArray:
        """A constant: exact, or off by what its rounding to a float of a kind costs."""
        value = kind(number)
        exact = not hasattr(number, "precise") and float(value) == number
        return cls(value, ZERO if exact else np.spacing(np.abs(value)))

    @property
    def shape(self) -> Shape:
        """Of the value."""
        return shape_of(self.value)

    @property
    def dtype(self) -> Any:
        """Of the value, if it has one."""
        return getattr(self.value, "dtype", None)

    def apply_op(self, op: Op, args: Sequence[Value]) -> Value:
        """The value, and the bound by the op's derivative and magnitude."""
        op.check_arity(len(args))
        x = [arg.value if isinstance(arg, RoundedArray) else arg for arg in args]
        with np.errstate(all="ignore"):
            y = op(*x)
            error = ZERO
            for slot, arg in enumerate(args):
                if isinstance(arg, RoundedArray) and arg.error is not ZERO:
                    error = error + op.inherited(slot, y, x, arg.error)
            ulps = _ulps(op, tuple([np.shape(a) for a in x]))
            if ulps:
                kind = np.finfo(np.asarray(y).dtype)
                own = ulps * kind.eps * np.abs(op.magnitude(y, x)) + kind.smallest_subnormal
                error = error + own
        return RoundedArray(y, error if error is ZERO else np.broadcast_to(error, np.shape(y))[()])

    def __repr__(self) -> str:
        return f"RoundedArray({self.value}, {self.error})"


@lru_cache(maxsize=4096)
def _ulps(op: Op, shapes: tuple[Shape, ...]) -> float:
    """The op's own rounding in units of its magnitude's last place; of sums, as long as they are."""
    cost = op.cost(shapes)
    entries = max(1, math.prod(op.shape(shapes) if not op.elementwise else shapes[0]))
    sums = 0 if op.elementwise else math.ceil(cost.add / entries)
    if cost.call:
        return CALL_ULPS + _HALF * sums
    computes = cost.mul or cost.div or (cost.add and (len(shapes) > 1 or not op.elementwise))
    return _HALF * (1 + sums) if computes else 0.0


def error_of(number: Value) -> np.ndarray:
    """The bound that a result carries; zeros for one that is exact.

    Examples
    --------
    >>> error_of(RoundedArray(np.ones(2), np.full(2, 0.5))), error_of(np.ones(2))
    (array([0.5, 0.5]), array([0., 0.]))
    """
    if isinstance(number, RoundedArray) and number.error is not ZERO:
        return np.asarray(number.error)
    return np.zeros(shape_of(number))


def rounded_values(graph: Graph, point: Mapping[str, Any]) -> list[Value]:
    """The values of all nodes at a point taken as exact, each with its bound.

    Examples
    --------
    >>> import diffcompare as dc
    >>> values = rounded_values(dc.parse("x*y"), {"x": 3.0, "y": 5.0})
    >>> values[-1]
    RoundedArray(15.0, 1.6653345369377348e-15)
    """
    inputs = {name: RoundedArray(x) for name, x in point.items()}
    kind = precision(point.values())
    return graph.evaluate(inputs, lambda number: RoundedArray.of(number, kind))
