"""Softmax and the logarithm of a sum of exponentials: finite for scores of any size.

Their expansions are the textbook's formulas, without the shift by the largest score that keeps the
layers from overflowing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from diffcompare.ops.elementary import exp, log
from diffcompare.ops.gather import axis_of, check_whole
from diffcompare.ops.labels import class_axis
from diffcompare.ops.layers.settings import settings
from diffcompare.ops.linalg import add_up
from diffcompare.ops.op import ADD, CALL, DIV, Cost, Op, Shape, family, misfit, shape_of
from diffcompare.ops.operand import ZERO, Value, elementwise
from diffcompare.ops.reduce import spread, without


class _AlongAxis(Op):
    """What both share: the axis, with one entry or more."""

    axis: int
    elementwise: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_whole(self.name, "an axis", self.axis)

    def check_shape(self, shape: Shape) -> Shape:
        """Refuse an array that has no entries along the axis."""
        if not self.axis < len(shape) or 0 in shape:
            raise misfit(self.name, f"an array with entries along axis {self.axis}", [shape])
        return shape

    def options(self) -> dict[str, Any]:
        return settings(self)


@family
@dataclass(frozen=True, repr=False)
class Softmax(_AlongAxis):
    """y_k = e^{x_k} / Σ_t e^{x_t} along an axis.

    x and y have one shape. Smooth, its Jacobian is symmetric: ẏ_k = y_k (ẋ_k − Σ_t y_t ẋ_t),
    x̄_k = y_k (ȳ_k − Σ_t y_t ȳ_t).

    Parameters
    ----------
    axis : int

    Examples
    --------
    >>> Softmax(0)(np.array([1000.0, 1000.0]))
    array([0.5, 0.5])
    """

    axis: int
    name: ClassVar[str] = "softmax"  # type: ignore[misc]

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """That of the argument."""
        return self.check_shape(shapes[0])

    def value(self, *x: Value) -> Value:
        power = np.exp(x[0] - np.max(x[0], axis=self.axis, keepdims=True))
        return power / np.sum(power, axis=self.axis, keepdims=True)

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        if x_dot[0] is ZERO:
            return ZERO
        mean = spread(add_up(x_dot[0] * y, [self.axis]), shape_of(y), [self.axis])
        return y * (x_dot[0] - mean)

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        return [self.jvp(y, x, [y_bar])]

    def expand(self, *x: Any) -> Any:
        powers = elementwise(exp, x)
        return elementwise(lambda e, total: e / total, [powers, _summed(powers, self.axis, True)])

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        each, rows = math.prod(shapes[0]), math.prod(without(shapes[0], [self.axis]))
        return (CALL + ADD + DIV) * each - ADD * rows


@family
@dataclass(frozen=True, repr=False)
class LogSumExp(_AlongAxis):
    """y = ln Σ_k e^{x_k} along an axis, which is gone in y.

    Smooth: ẏ = Σ_k p_k ẋ_k and x̄_k = ȳ p_k with p = softmax(x).

    Parameters
    ----------
    axis : int

    Examples
    --------
    >>> LogSumExp(1)(np.array([[1000.0, 1000.0]]))
    array([1000.69314718])
    """

    axis: int
    name: ClassVar[str] = "logsumexp"  # type: ignore[misc]

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """The other axes."""
        return without(self.check_shape(shapes[0]), [self.axis])

    def value(self, *x: Value) -> Value:
        top, rest = log_sum_exp(x[0], self.axis)
        return top + rest

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        if x_dot[0] is ZERO:
            return ZERO
        return add_up(Softmax(self.axis)(x[0]) * x_dot[0], [self.axis])

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        return [Softmax(self.axis)(x[0]) * spread(y_bar, shape_of(x[0]), [self.axis])]

    def expand(self, *x: Any) -> Any:
        return elementwise(log, [_summed(elementwise(exp, x), self.axis, False)])

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        each, rows = math.prod(shapes[0]), math.prod(without(shapes[0], [self.axis]))
        return (CALL + ADD) * each + CALL * rows - ADD * rows


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


def _summed(x: Any, axis: int, keep: bool) -> Any:
    """Sums along an axis of an object array, in order."""
    total, *rest = np.moveaxis(x, axis, 0)
    for term in rest:
        total = elementwise(lambda a, b: a + b, [total, term])
    total = np.asarray(total, dtype=object)
    return np.expand_dims(total, axis) if keep else total


def softmax(x: Value, axis: Any = None) -> Value:
    """Scores as probabilities, see `Softmax`.

    Parameters
    ----------
    x : Value
    axis : int, optional
        The channels by default: axis 1, or 0 where there is no other.

    Examples
    --------
    >>> softmax(np.array([[0.0, np.log(3.0)]]))
    array([[0.25, 0.75]])
    """
    rank = len(shape_of(x))
    op = Softmax(axis_of("softmax", class_axis(x) if axis is None else axis, rank))
    op.shape([shape_of(x)])
    return op(x)


def logsumexp(x: Value, axis: Any = None) -> Value:
    """ln Σ e^x along an axis, as of `softmax`; see `LogSumExp`.

    Examples
    --------
    >>> logsumexp(np.array([[0.0, 0.0]]))
    array([0.69314718])
    """
    rank = len(shape_of(x))
    op = LogSumExp(axis_of("logsumexp", class_axis(x) if axis is None else axis, rank))
    op.shape([shape_of(x)])
    return op(x)


def log_softmax(x: Value, axis: Any = None) -> Value:
    """ln softmax(x) = x − ln Σ e^x along an axis, as of `softmax`.

    Examples
    --------
    >>> log_softmax(np.array([1000.0, 0.0]))
    array([    0., -1000.])
    """
    shape = shape_of(x)
    along = axis_of("log_softmax", class_axis(x) if axis is None else axis, len(shape))
    return x - spread(logsumexp(x, along), shape, [along])
