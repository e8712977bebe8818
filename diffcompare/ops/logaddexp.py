"""The logarithm of a sum of exponentials, of any number of numbers, finite for all sizes.

A whole number near the largest is subtracted first. It is constant between jumps, and what is shifted
by it and back does not jump: so it has no derivative, and no edge.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar, Final

import numpy as np
import sympy

from diffcompare.ops.arithmetic import total
from diffcompare.ops.cost import ADD, CALL, COMPARE, Cost
from diffcompare.ops.elementary import exp
from diffcompare.ops.index import Step
from diffcompare.ops.op import Op, Shape, register
from diffcompare.ops.operand import ZERO, Value


class _Level(Step):
    """The whole number below the largest argument; 0 where that is not finite."""

    name = "level"
    arity = (1, None)

    def value(self, *x: Value) -> Value:
        return level_of(_stacked(x), 0)

    def precise(self, mp: Any, *x: Value) -> Value:
        top = max(x)
        return mp.floor(top) if mp.isfinite(top) and not any(map(mp.isnan, x)) else mp.zero

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        return COMPARE * (len(shapes) * math.prod(np.broadcast_shapes(*shapes)))


class _LogSum(Op):
    """y = ln Σ e^x with ∂y/∂x_k = e^(x_k − y): exact to rounding where all is of moderate size."""

    name = "log_sum"
    arity = (1, None)
    kind: ClassVar[str] = "smooth"

    def value(self, *x: Value) -> Value:
        return sum(log_sum_exp(_stacked(x), 0))

    def shares(self, y: Value, x: Sequence[Value], wanted: Sequence[bool]) -> list[Value]:
        """The local partials that are wanted."""
        return [exp(a - y) if want else ZERO for a, want in zip(x, wanted, strict=True)]

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        shares = self.shares(y, x, [dot is not ZERO for dot in x_dot])
        return total(share * dot for share, dot in zip(shares, x_dot, strict=True))

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        return [share * y_bar for share in self.shares(y, x, wanted)]

    def magnitude(self, y: Value, x: Sequence[Value]) -> Value:
        """Of the largest argument, to which the logarithm of the sum is added."""
        return max(abs(y), abs(max(x)))

    def sympy(self, *x: Value) -> Value:
        return sympy.log(sympy.Add(*map(sympy.exp, x)))

    def precise(self, mp: Any, *x: Value) -> Value:
        top = max(x)
        return top + mp.log(mp.fsum(mp.exp(a - top) for a in x)) if mp.isfinite(top) else top

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        count = len(shapes)
        return (CALL * (count + 1) + ADD * (count - 1)) * math.prod(np.broadcast_shapes(*shapes))


class _LogAddExp(_LogSum):
    """y = ln Σ e^x = m + ln Σ e^(x − m), m being the `level` of x; ∂y/∂x_k is the softmax of x."""

    name = "logaddexp"

    def shares(self, y: Value, x: Sequence[Value], wanted: Sequence[bool]) -> list[Value]:
        shares = softmax_of(x)
        return [share if want else ZERO for share, want in zip(shares, wanted, strict=True)]

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        shift = ADD * ((len(shapes) + 1) * math.prod(np.broadcast_shapes(*shapes)))
        return level.cost(shapes) + shift + super().cost(shapes)


level: Final[Op] = register(_Level())
log_sum: Final[Op] = register(_LogSum())
logaddexp: Final[Op] = register(_LogAddExp())


def softmax_of(x: Sequence[Value]) -> list[Value]:
    """e^x / Σ e^x of several numbers, as e^(d − ln Σ e^d) with d = x − m, m being their `level`.

    Examples
    --------
    >>> softmax_of([1000.0, 1000.0])
    [np.float64(0.5), np.float64(0.5)]
    """
    shift = level(*x)
    moderate = [a - shift for a in x]
    whole = log_sum(*moderate)
    return [exp(a - whole) for a in moderate]


def softmax_cost(count: int) -> Cost:
    """Operations of `softmax_of` so many numbers."""
    numbers: list[Shape] = [()] * count
    return level.cost(numbers) + log_sum.cost(numbers) + (2 * ADD + CALL) * count


def level_of(x: Any, axis: int, keepdims: bool = False) -> Any:
    """The whole number below the largest entry along an axis; 0 where that is not finite."""
    top = np.floor(np.max(x, axis=axis, keepdims=keepdims))
    return np.where(np.isfinite(top), top, np.zeros_like(top))[()]


def log_sum_exp(x: Any, axis: int) -> tuple[Any, Any]:
    """Two parts of ln Σ e^x: the largest entry, and the logarithm of the sum relative to it.

    The largest entry's own 1 is left to log1p, so that the second part keeps its digits where the
    other entries are far below.
    """
    place = np.expand_dims(np.argmax(x, axis=axis), axis)
    top = np.take_along_axis(x, place, axis)
    power = np.exp(x - np.where(np.isfinite(top), top, np.zeros_like(top)))
    np.put_along_axis(power, place, np.where(np.isnan(top), top, np.zeros_like(top)), axis)
    return np.squeeze(top, axis)[()], np.log1p(np.sum(power, axis=axis))


def _stacked(x: Sequence[Value]) -> Any:
    return np.stack(np.broadcast_arrays(*x))
