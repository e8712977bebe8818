"""Average pooling: linear, with its adjoint."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.ops.batching import in_samples
from diffcompare.ops.cost import ADD, DIV, Cost
from diffcompare.ops.layers.kernels.sums import spread, summed
from diffcompare.ops.layers.links import additions, parts, sums
from diffcompare.ops.layers.pooling import Pooling, read
from diffcompare.ops.layers.settings import Pair, Sides
from diffcompare.ops.layers.windows import times
from diffcompare.ops.linearity import Linear
from diffcompare.ops.op import Op, Shape, family, misfit, shape_of
from diffcompare.ops.operand import Value, elementwise
from diffcompare.ops.reduce import mean


class _Averaging(Pooling, Linear):
    """What both share: what a window's sum is divided by."""

    count_include_pad: bool
    layer: ClassVar[str] = "avg_pool2d"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.count_include_pad, bool):
            need = "count_include_pad as true or false"
            raise DiffcompareError(
                "attr", self.layer, need=need, got=shorten(self.count_include_pad)
            )

    def divisors(self, size: Sequence[int]) -> Any:
        """OH×OW: how many taps count in each window."""
        sizes = zip(self.windows.axes, size, strict=True)
        down, along = ([len(inside) for inside in axis.inside(n)] for axis, n in sizes)
        if self.count_include_pad:
            return np.full((len(down), len(along)), math.prod(self.window))
        return np.multiply.outer(down, along)

    def shares(self, sums: Any, size: Sequence[int]) -> Any:
        """What windows hold, each divided by its taps that count."""
        if self.count_include_pad or not any(self.pad):
            return sums / math.prod(self.window)
        return sums / self.divisors(size).astype(sums.dtype)

    def work(self, size: Sequence[int], turned: bool = False) -> Cost:
        """Operations on one image channel of that height and width, there or back."""
        axes = self.links(size)
        first = np.ix_(*([group[0] for group in axis.targets] for axis in axes))
        divisions = int(np.count_nonzero(self.divisors(size)[first] > 1))
        adds = additions(*(axis.turned if turned else axis for axis in axes))
        return ADD * adds + DIV * divisions


@family
@dataclass(frozen=True, repr=False)
class AvgPool2d(_Averaging):
    """The mean of each window: the sum of the pixels it meets, divided by their number.

    x is N×C×H×W, y is N×C×OH×OW. Linear: the tangent is averaged too, the adjoint is spread evenly
    over the window, see `AvgPoolSpread`.

    Parameters
    ----------
    window, stride : (int, int)
    pad : (int, int, int, int)
        Top, bottom, left, right.
    count_include_pad : bool
        Whether the zeros of the padding count as taps.

    Examples
    --------
    >>> AvgPool2d((1, 2), (1, 2))(np.array([[[[1.0, 3.0, 5.0, 4.0]]]]))
    array([[[[2. , 4.5]]]])
    """

    window: Pair
    stride: Pair
    pad: Sides = (0, 0, 0, 0)
    count_include_pad: bool = True
    name: ClassVar[str] = "avg_pool2d"  # type: ignore[misc]

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """N×C×OH×OW."""
        return self.pooled(shapes[0])

    def value(self, *x: Value) -> Value:
        return self.shares(summed(self.windows, x[0]), x[0].shape[2:])

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        return in_samples(self, x, batched, count)

    def adjoint(self, shape: Shape) -> Op:
        return AvgPoolSpread(shape, self.window, self.stride, self.pad, self.count_include_pad)

    def expand(self, *x: Any) -> Any:
        y = np.empty(self.pooled(x[0].shape), dtype=object)
        axes, divisors = self.links(x[0].shape[2:]), self.divisors(x[0].shape[2:])
        for image in np.ndindex(y.shape[:2]):
            found = sums(parts(x[0][image], *axes), y.shape[2:], *axes)
            y[image] = elementwise(_shared, [found, divisors])
        return y

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        return self.work(shapes[0][2:]) * math.prod(shapes[0][:2])


@family
@dataclass(frozen=True, repr=False)
class AvgPoolSpread(_Averaging):
    """What windows hold, spread evenly over the pixels they meet, and added up there.

    Adjoint to `AvgPool2d`. x is N×C×OH×OW, y is N×C×H×W, given as `to`.

    Examples
    --------
    >>> AvgPoolSpread((1, 1, 1, 3), (1, 2), (1, 1))(np.array([[[[4.0, 6.0]]]]))
    array([[[[2., 5., 3.]]]])
    """

    to: Shape
    window: Pair
    stride: Pair
    pad: Sides = (0, 0, 0, 0)
    count_include_pad: bool = True
    name: ClassVar[str] = "avg_pool_spread"  # type: ignore[misc]

    def __post_init__(self) -> None:
        super().__post_init__()
        self.pooled(self.to)

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """N×C×H×W."""
        pooled = self.pooled(self.to)
        if shapes[0] != pooled:
            raise misfit(self.name, f"an array {times(*pooled)}", shapes)
        return self.to

    def value(self, *x: Value) -> Value:
        return spread(self.windows, self.shares(x[0], self.to[2:]), self.to[2:])

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        more = replace(self, to=(count * self.to[0], *self.to[1:]))
        return in_samples(more, x, batched, count)

    def adjoint(self, shape: Shape) -> Op:
        return AvgPool2d(self.window, self.stride, self.pad, self.count_include_pad)

    def expand(self, *x: Any) -> Any:
        y = np.empty(self.to, dtype=object)
        axes = self.links(self.to[2:])
        first = np.ix_(*([group[0] for group in axis.targets] for axis in axes))
        divisors = self.divisors(self.to[2:])[first]
        back = [axis.turned for axis in axes]
        for image in np.ndindex(y.shape[:2]):
            held = elementwise(_shared, [parts(x[0][image], *back), divisors])
            y[image] = sums(held, y.shape[2:], *back)
        return y

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        return self.work(self.to[2:], turned=True) * math.prod(self.to[:2])


def _shared(number: Value, count: int) -> Value:
    """A number divided evenly."""
    return number / int(count) if count > 1 else number


def avg_pool2d(
    x: Value, window: Any, stride: Any = None, pad: Any = 0, count_include_pad: bool = True
) -> Value:
    """The mean of each window, see `AvgPool2d`.

    Parameters
    ----------
    x : Value, N×C×H×W
    window, stride : int or (int, int)
        Both ways, or along height and width; the stride is the window by default.
    pad : int, (int, int) or (int, int, int, int)
        Zeros: all around, along height and width, or top, bottom, left, right.
    count_include_pad : bool
        Whether those zeros count in the mean.

    Examples
    --------
    >>> avg_pool2d(np.array([[[[1.0, 3.0], [5.0, 7.0]]]]), 2, pad=1, count_include_pad=False)
    array([[[[1., 3.],
             [5., 7.]]]])
    """
    op = AvgPool2d(*read("avg_pool2d", window, stride, pad), count_include_pad)
    op.shape([shape_of(x)])
    return op(x)


def global_avg_pool(x: Value) -> Value:
    """The mean of each channel of each image: N×C×H×W as N×C.

    Examples
    --------
    >>> global_avg_pool(np.array([[[[1.0, 3.0], [5.0, 7.0]]]]))
    array([[4.]])
    """
    shape = shape_of(x)
    if len(shape) != 4 or 0 in shape:
        raise misfit("global_avg_pool", "images N×C×H×W, one or more", [shape])
    return mean(x, (2, 3))
