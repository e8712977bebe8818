"""Local response normalisation, across channels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.ops.gather import check_whole
from diffcompare.ops.layers.factors import factor, number
from diffcompare.ops.layers.settings import settings
from diffcompare.ops.moves import Linear
from diffcompare.ops.op import ADD, MUL, Cost, Op, Shape, family, misfit, shape_of
from diffcompare.ops.operand import ZERO, Value, elementwise
from diffcompare.ops.powers import Power, power


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

    def reach(self, channel: int, channels: int) -> range:
        """The channels that are added up for one of them."""
        return range(max(0, channel - self.before), min(channels, channel + self.after + 1))

    def value(self, *x: Value) -> Value:
        y, channels = np.array(x[0]), x[0].shape[1]
        for step in range(1, min(self.before, channels - 1) + 1):
            y[:, step:] += x[0][:, :-step]
        for step in range(1, min(self.after, channels - 1) + 1):
            y[:, :-step] += x[0][:, step:]
        return y

    def adjoint(self, shape: Shape) -> Op:
        return ChannelSum(self.after, self.before)

    def expand(self, *x: Any) -> Any:
        y = np.empty(x[0].shape, dtype=object)
        for n, channel, *rest in np.ndindex(y.shape):
            total = x[0][(n, channel, *rest)]  # its own first: no two sums begin alike
            for other in self.reach(channel, y.shape[1]):
                if other != channel:
                    total = total + x[0][(n, other, *rest)]
            y[(n, channel, *rest)] = total
        return y

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        n, channels, *rest = shapes[0]
        sums = sum(len(self.reach(k, channels)) - 1 for k in range(channels))
        return ADD * (n * sums * math.prod(rest))

    def options(self) -> dict[str, Any]:
        return settings(self)


@family
@dataclass(frozen=True, repr=False)
class LRN(Op):
    """Local response normalisation: y_k = x_k L_k^(−β) with L_k = κ + α Σ_{t∈G(k)} x_t².

    x and y are N×C×… of one shape; G(k) are the channels from k − ⌊(N−1)/2⌋ to k + ⌈(N−1)/2⌉ for a
    group of N, those that exist. Smooth:

    ẏ_k = ẋ_k L_k^(−β) − 2αβ x_k L_k^(−β−1) Σ_{t∈G(k)} x_t ẋ_t
    x̄_d = ȳ_d L_d^(−β) − 2αβ x_d Σ_{k: d∈G(k)} ȳ_k L_k^(−β−1) x_k

    computed with L^(−β−1) as L^(−β)/L, so that one power is taken.

    Source: A. Krizhevsky, I. Sutskever, G. Hinton, ImageNet classification with deep convolutional
    neural networks, 2012.

    Parameters
    ----------
    group : int
    kappa, alpha, beta : Fraction, int or float
    divide : bool
        Whether α is divided by the group size, as Caffe and PyTorch do.

    Examples
    --------
    >>> LRN(3, 1, 1, 1)(np.array([[1.0, 2.0]]))
    array([[0.16666667, 0.33333333]])
    """

    group: int
    kappa: Fraction
    alpha: Fraction
    beta: Fraction
    divide: bool = False
    name: ClassVar[str] = "lrn"  # type: ignore[misc]
    elementwise: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_whole(self.name, "a group", self.group, least=1)
        for option in ("kappa", "alpha", "beta"):
            object.__setattr__(self, option, number(self.name, option, getattr(self, option)))
        if not isinstance(self.divide, bool):
            raise DiffcompareError(
                "attr", self.name, need="divide as true or false", got=shorten(self.divide)
            )

    @property
    def sums(self) -> ChannelSum:
        """The sum over the group."""
        return ChannelSum((self.group - 1) // 2, self.group // 2)

    @property
    def scale(self) -> Fraction:
        """What the sum of squares is multiplied by."""
        return self.alpha / self.group if self.divide else self.alpha

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """That of the argument."""
        if len(shapes[0]) < 2 or 0 in shapes[0]:
            raise misfit(self.name, "an array N×C×…, one entry or more", shapes)
        return shapes[0]

    def _divisor(self, x: Value) -> Value:
        """L."""
        return factor(self.kappa, x) + factor(self.scale, x) * self.sums(x * x)

    def lower(self, *x: Value) -> Value:
        """As array operations."""
        return x[0] * power(self._divisor(x[0]), -self.beta)

    def value(self, *x: Value) -> Value:
        return self.lower(*x)

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        (image,), (dot,) = x, x_dot
        if dot is ZERO:
            return ZERO
        divisor = self._divisor(image)
        moved = self._twice(image) * (image * self.sums(image * dot) / divisor)
        return power(divisor, -self.beta) * (dot - moved)

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        (image,) = x
        divisor, back = self._divisor(image), self.sums.adjoint(shape_of(image))
        straight = y_bar * power(divisor, -self.beta)
        return [straight - self._twice(image) * (image * back(straight * image / divisor))]

    def _twice(self, x: Value) -> Value:
        """2αβ."""
        return factor(2 * self.scale * self.beta, x)

    def expand(self, *x: Any) -> Any:
        sums = self.sums.expand(elementwise(lambda v: v * v, x))

        def normal(v: Value, total: Value) -> Value:
            return v * power(self.kappa + self.scale * total, -self.beta)

        return elementwise(normal, [x[0], sums])

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        each = math.prod(shapes[0])
        root = Power(-self.beta).cost(shapes) if self.beta != -1 else Cost()
        return (3 * MUL + ADD) * each + self.sums.cost(shapes) + root

    @property
    def analytic(self) -> bool:
        return True

    def options(self) -> dict[str, Any]:
        return settings(self)


def lrn(
    x: Value,
    group: int = 5,
    kappa: Any = 2,
    alpha: Any = 1e-4,
    beta: Any = 0.75,
    divide: bool = False,
) -> Value:
    """Local response normalisation across channels, see `LRN`.

    Examples
    --------
    >>> lrn(np.ones((1, 2, 1, 1)), group=3, kappa=2, alpha=1, beta=1).ravel()
    array([0.25, 0.25])
    """
    op = LRN(group, kappa, alpha, beta, divide)
    op.shape([shape_of(x)])
    return op(x)
