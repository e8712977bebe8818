"""Sums over neighbouring channels, of entries and of their squares."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from diffcompare.ops.batching import in_samples
from diffcompare.ops.cost import ADD, MUL, Cost
from diffcompare.ops.indexed import check_whole
from diffcompare.ops.layers.links import Links, additions, parts, sums
from diffcompare.ops.layers.settings import settings
from diffcompare.ops.linearity import Linear
from diffcompare.ops.op import Op, Shape, family, misfit, shape_of
from diffcompare.ops.operand import Value, elementwise
from diffcompare.ops.powers import power


@family
@dataclass(frozen=True, repr=False)
class ChannelSum(Linear):
    """Sums over neighbouring channels: y_k = Σ x_t for k − before ≤ t ≤ k + after.

    x and y are N×C×… of one shape. The adjoint is the mirrored sum, itself where before = after.

    Parameters
    ----------
    before, after : int

    Examples
    --------
    >>> ChannelSum(1, 1)(np.array([[1.0, 10.0, 100.0]]))
    array([[ 11., 111., 110.]])
    """

    before: int
    after: int
    name: ClassVar[str] = "channel_sum"  # type: ignore[misc]

    def __post_init__(self) -> None:
        check_whole(self.name, "reaches", self.before, self.after)

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """That of the argument."""
        if len(shapes[0]) < 2 or 0 in shapes[0]:
            raise misfit(self.name, "an array N×C×…, one entry or more", shapes)
        return shapes[0]

    def links(self, channels: int) -> Links:
        """The channels that are added up for each."""
        near = (range(k - self.before, k + self.after + 1) for k in range(channels))
        return Links.of([[t for t in group if 0 <= t < channels] for group in near])

    def alike(self, channels: int) -> tuple[int, ...]:
        """For each channel the first one with the same neighbours."""
        first = {target: group[0] for group in self.links(channels).targets for target in group}
        return tuple(first[k] for k in range(channels))

    def value(self, *x: Value) -> Value:
        y, channels = np.array(x[0]), x[0].shape[1]
        for step in range(1, min(self.before, channels - 1) + 1):
            y[:, step:] += x[0][:, :-step]
        for step in range(1, min(self.after, channels - 1) + 1):
            y[:, :-step] += x[0][:, step:]
        return y

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        return in_samples(self, x, batched, count)

    def adjoint(self, shape: Shape) -> Op:
        return ChannelSum(self.after, self.before)

    def expand(self, *x: Any) -> Any:
        y = np.empty(x[0].shape, dtype=object)
        links = self.links(y.shape[1])
        for n, *rest in np.ndindex(*y.shape[:1], *y.shape[2:]):
            here = (n, slice(None), *rest)
            y[here] = sums(parts(x[0][here], links), y.shape[1:2], links)
        return y

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        n, channels, *rest = shapes[0]
        return ADD * (n * additions(self.links(channels)) * math.prod(rest))

    def options(self) -> dict[str, Any]:
        return settings(self)


@family
@dataclass(frozen=True, repr=False)
class LRNSquares(Op):
    """Sums of squares over neighbouring channels, what `LRN` divides by: q_k = Σ x_t².

    x and q are N×C×… of one shape, t goes from k − before to k + after. Smooth: q̇ is the same sum
    of 2x ẋ, x̄ is 2x times the mirrored sum of q̄.

    Parameters
    ----------
    before, after : int

    Examples
    --------
    >>> LRNSquares(1, 1)(np.array([[1.0, 2.0, 3.0]]))
    array([[ 5., 14., 13.]])
    """

    before: int
    after: int
    name: ClassVar[str] = "lrn_squares"  # type: ignore[misc]
    layer: ClassVar[str] = "lrn"
    elementwise: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_whole(self.name, "reaches", self.before, self.after)

    @property
    def sums(self) -> ChannelSum:
        """The sum over the neighbours."""
        return ChannelSum(self.before, self.after)

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """That of the argument."""
        if len(shapes[0]) < 2 or 0 in shapes[0]:
            raise misfit("lrn", "an array N×C×…, one entry or more", shapes)
        return shapes[0]

    def lower(self, *x: Value) -> Value:
        """As array operations."""
        return self.sums(power(x[0], 2))

    def value(self, *x: Value) -> Value:
        return self.lower(*x)

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        return in_samples(self, x, batched, count)

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        return self.sums(x_dot[0] * (2 * x[0]))

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        return [self.sums.adjoint(shape_of(x[0]))(y_bar) * (2 * x[0])]

    def expand(self, *x: Any) -> Any:
        return self.sums.expand(elementwise(lambda v: power(v, 2), x))

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        return MUL * math.prod(shapes[0]) + self.sums.cost(shapes)

    @property
    def analytic(self) -> bool:
        return True

    def options(self) -> dict[str, Any]:
        return settings(self)
