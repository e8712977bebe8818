"""Average pooling: linear, with its adjoint."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.ops.layers.pooling import Pooling, met, overlap, read
from diffcompare.ops.layers.settings import Pair, Sides
from diffcompare.ops.layers.windows import added_up, times
from diffcompare.ops.moves import Linear
from diffcompare.ops.op import ADD, DIV, Cost, Op, Shape, family, misfit, shape_of
from diffcompare.ops.operand import Value
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

    def divisions(self, size: Sequence[int]) -> int:
        """Windows of an image channel whose sum is divided by more than 1."""
        return int(np.count_nonzero(self.divisors(size) > 1))


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
        (images,) = x
        total = np.zeros(self.pooled(images.shape), dtype=images.dtype)
        for _, (above, beside), (high, wide) in self.windows.taps(images.shape[2:]):
            total[:, :, above, beside] += images[:, :, high, wide]
        return total / self.divisors(images.shape[2:]).astype(images.dtype)

    def adjoint(self, shape: Shape) -> Op:
        return AvgPoolSpread(shape, self.window, self.stride, self.pad, self.count_include_pad)

    def expand(self, *x: Any) -> Any:
        y = np.empty(self.pooled(x[0].shape), dtype=object)
        divisors = self.divisors(x[0].shape[2:])
        middle = self.window[0] // 2 * self.window[1] + self.window[1] // 2
        for place, taps in met(self.windows, x[0]):
            # The middle first: where windows are cut off at a border, no two sums begin alike.
            (_, total), *others = sorted(taps, key=lambda item: item[0] != middle)
            for _, number in others:
                total = total + number
            divisor = int(divisors[place[2:]])
            y[place] = total / divisor if divisor > 1 else total
        return y

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        n, c, *size = shapes[0]
        return ADD * overlap(self, shapes[0]) + DIV * (n * c * self.divisions(size))


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
        shares = x[0] / self.divisors(self.to[2:]).astype(x[0].dtype)
        images = np.zeros(self.to, dtype=shares.dtype)
        for _, (above, beside), (high, wide) in self.windows.taps(self.to[2:]):
            images[:, :, high, wide] += shares[:, :, above, beside]
        return images

    def adjoint(self, shape: Shape) -> Op:
        return AvgPool2d(self.window, self.stride, self.pad, self.count_include_pad)

    def expand(self, *x: Any) -> Any:
        divisors = self.divisors(self.to[2:])
        shares = np.empty(x[0].shape, dtype=object)
        for place in np.ndindex(shares.shape):
            divisor = int(divisors[place[2:]])
            shares[place] = x[0][place] / divisor if divisor > 1 else x[0][place]
        meetings = list(self.windows.meetings(self.to[2:]))
        return added_up(
            self.to,
            (
                ((n, c, *pixel), shares[(n, c, *position)])
                for n, c in np.ndindex(self.to[:2])
                for position, _, pixel in meetings
            ),
        )

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        n, c, *size = self.to
        counts = self.windows.counts(size)
        adds = counts.meetings - counts.pixels
        return ADD * (n * c * adds) + DIV * (n * c * self.divisions(size))


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
