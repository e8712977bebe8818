"""Softmax and the logarithm of a sum of exponentials: finite for scores of any size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from diffcompare.ops.cost import Cost
from diffcompare.ops.indexed import axis_of, check_whole
from diffcompare.ops.labels import class_axis
from diffcompare.ops.layers.settings import settings
from diffcompare.ops.linalg import add_up
from diffcompare.ops.logaddexp import level_of, log_sum_exp, logaddexp, softmax_cost, softmax_of
from diffcompare.ops.op import Op, Shape, family, misfit, shape_of
from diffcompare.ops.operand import ZERO, Value
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
    x̄_k = y_k (ȳ_k − Σ_t y_t ȳ_t). Computed as e^{d_k − ln Σ e^d}, d being the scores less a whole
    number near the largest, so that the sweeps need nothing but y.

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
        moderate = x[0] - level_of(x[0], self.axis, keepdims=True)
        whole = sum(log_sum_exp(moderate, self.axis))
        return np.exp(moderate - np.expand_dims(whole, self.axis))

    def inherited(self, slot: int, y: Value, x: Sequence[Value], error: Value) -> Value:
        return y * (error + np.sum(y * error, axis=self.axis, keepdims=True))

    def magnitude(self, y: Value, x: Sequence[Value]) -> Value:
        """What is exponentiated is rounded to its own size."""
        return y * (1 + np.max(x[0], axis=self.axis, keepdims=True) - x[0])

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        return Softmax(1 + self.axis)(x[0])

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
        y = np.empty(x[0].shape, dtype=object)
        rows, results = (np.moveaxis(a, self.axis, -1) for a in (x[0], y))
        for place in np.ndindex(rows.shape[:-1]):
            results[place] = softmax_of(list(rows[place]))
        return y

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        return softmax_cost(shapes[0][self.axis]) * math.prod(without(shapes[0], [self.axis]))


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
        return sum(log_sum_exp(x[0], self.axis))

    def inherited(self, slot: int, y: Value, x: Sequence[Value], error: Value) -> Value:
        return self.jvp(y, x, [error])

    def magnitude(self, y: Value, x: Sequence[Value]) -> Value:
        """It is the largest score, rounded, and no more than the logarithm of their number."""
        return abs(y) + np.max(abs(x[0]), axis=self.axis)

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        return LogSumExp(1 + self.axis)(x[0])

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        if x_dot[0] is ZERO:
            return ZERO
        return add_up(Softmax(self.axis)(x[0]) * x_dot[0], [self.axis])

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        return [Softmax(self.axis)(x[0]) * spread(y_bar, shape_of(x[0]), [self.axis])]

    def expand(self, *x: Any) -> Any:
        rows = np.moveaxis(x[0], self.axis, -1)
        y = np.empty(rows.shape[:-1], dtype=object)
        for place in np.ndindex(y.shape):
            y[place] = logaddexp(*rows[place])
        return y

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        row = logaddexp.cost([()] * shapes[0][self.axis])
        return row * math.prod(without(shapes[0], [self.axis]))


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
