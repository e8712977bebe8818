"""Convolution of images, and its two adjoints: three ops, each the others' derivative.

With images x N×C×H×W, weights w K×(C/g)×kh×kw in g groups, and outputs y N×K×OH×OW, all three come
from the sum over all meetings of a tap (p, q) with a pixel

    Σ x[n, c, i·s + p·d − top, j·s + q·d − left] · w[k, c, p, q] · y[n, k, i, j].

As the field does, this calls convolution what is cross-correlation: the kernel is not turned.
Source: V. Dumoulin, F. Visin, A guide to convolution arithmetic for deep learning, 2016; as
products of matrices: J. Wu, Introduction to convolutional neural networks, 2017.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from diffcompare.errors import DiffcompareError
from diffcompare.ops.layers.contract import (
    image_scratch,
    output_scratch,
    to_image,
    to_output,
    to_weights,
    weights_scratch,
)
from diffcompare.ops.layers.matrices import shared_image, shared_output, shared_weights
from diffcompare.ops.layers.settings import Pair, Sides, check, check_count
from diffcompare.ops.layers.trilinear import IMAGE, OUTPUT, WEIGHTS, Trilinear
from diffcompare.ops.layers.windows import Counts
from diffcompare.ops.op import Op, Shape, family, misfit, shape_of
from diffcompare.ops.operand import Value


class _Convolution(Trilinear):
    groups: int
    forms = ("N×C×H×W", "K×C×kh×kw", "N×K×OH×OW")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_count(self.name, "groups", self.groups)

    def giving(self, role: int, image: Shape, weights: Shape) -> Op:
        shared = self.stride, self.pad, self.dilation, self.groups
        if role == IMAGE:
            return Conv2dInput((image[2], image[3]), *shared)
        if role == WEIGHTS:
            return Conv2dWeight((weights[2], weights[3]), *shared)
        return Conv2d(*shared)

    def output(self, image: Shape, weights: Shape) -> Shape:
        (n, channels, *size), (filters, depth, *kernel) = image, weights
        for number, what in ((channels, "channels"), (filters, "filters")):
            if number % self.groups:
                need = f"{what} that its {self.groups} groups divide"
                raise DiffcompareError("shape", self.name, need=need, got=f"{number} {what}")
        if channels // self.groups != depth:
            need = f"weights K×{channels // self.groups}×kh×kw for {channels} channels"
            groups = f" in {self.groups} groups" if self.groups > 1 else ""
            raise misfit(self.name, need + groups, [weights])
        return n, filters, *self.windows(kernel).output(self.name, size)

    def products(self, image: Shape, weights: Shape) -> Iterator[tuple[Shape, Shape, Shape]]:
        meetings = list(self.windows(weights[2:]).meetings(image[2:]))
        filters = weights[0] // self.groups
        for n, k, depth in np.ndindex(image[0], *weights[:2]):
            c = k // filters * weights[1] + depth
            for position, tap, pixel in meetings:
                yield (n, c, *pixel), (k, depth, *tap), (n, k, *position)

    def sums(self, image: Shape, weights: Shape, counts: Counts) -> tuple[int, int, int]:
        (n, channels, *_), (filters, depth, *_) = image, weights
        pixels, taps, positions = counts.pixels, counts.taps, counts.positions
        return n * channels * pixels, filters * depth * taps, n * filters * positions


@family
@dataclass(frozen=True, repr=False)
class Conv2d(_Convolution):
    """Images seen through windows, weighted and added up.

    y[n, k, i, j] = Σ_{c,p,q} x[n, c, i·s + p·d − top, j·s + q·d − left] · w[k, c, p, q]

    x is N×C×H×W, w is K×(C/g)×kh×kw, y is N×K×OH×OW. With g groups, filter k sees the channels of
    its group only. x̄ is `Conv2dInput` of (ȳ, w), w̄ is `Conv2dWeight` of (x, ȳ).

    Examples
    --------
    >>> image, edge = np.array([[0.0, 0.0, 5.0, 5.0]]), np.array([[-1.0, 1.0]])
    >>> Conv2d()(image.reshape(1, 1, 1, 4), edge.reshape(1, 1, 1, 2))
    array([[[[0., 5., 0.]]]])
    """

    stride: Pair = (1, 1)
    pad: Sides = (0, 0, 0, 0)
    dilation: Pair = (1, 1)
    groups: int = 1
    name: ClassVar[str] = "conv2d"  # type: ignore[misc]
    takes = (IMAGE, WEIGHTS)
    gives = OUTPUT

    def image_and_weights(self, first: Shape, second: Shape) -> tuple[Shape, Shape]:
        return first, second

    def value(self, *x: Value) -> Value:
        image, weights = x
        shape = self.output(image.shape, weights.shape)
        windows = self.windows(weights.shape[2:])
        return to_output(windows, image, weights, self.groups, shape)

    def scratch(self, shapes: Sequence[Shape], itemsize: int = 8) -> int:
        (image, weights), groups = shapes, self.groups
        output, windows = self.output(image, weights), self.windows(weights[2:])
        return output_scratch(windows, image, weights, groups, output, itemsize)

    def lower(self, *x: Value) -> Value:
        """Y = Φ(X) F for each group, with the filters as the columns of F."""
        shape = self.output(shape_of(x[0]), shape_of(x[1]))
        return shared_output(self.windows(shape_of(x[1])[2:]), x[0], x[1], self.groups, shape)


@family
@dataclass(frozen=True, repr=False)
class Conv2dInput(_Convolution):
    """Transposed convolution: what takes output adjoints of `Conv2d` back to its images.

    x[n, c, a, b] = Σ_{k,p,q} y[n, k, i, j] · w[k, c, p, q],  a = i·s + p·d − top, b alike

    y is N×K×OH×OW, w is K×(C/g)×kh×kw, x is N×C×H×W with (H, W) given as `size`. For stride 1 it is
    the full convolution of y with the kernel turned by 180°. ȳ is `Conv2d` of (x̄, w), w̄ is
    `Conv2dWeight` of (x̄, y).

    Examples
    --------
    >>> y, w = np.array([[1.0, 0.0, 2.0]]), np.array([[-1.0, 1.0]])
    >>> Conv2dInput((1, 4))(y.reshape(1, 1, 1, 3), w.reshape(1, 1, 1, 2))
    array([[[[-1.,  1., -2.,  2.]]]])
    """

    size: Pair
    stride: Pair = (1, 1)
    pad: Sides = (0, 0, 0, 0)
    dilation: Pair = (1, 1)
    groups: int = 1
    name: ClassVar[str] = "conv2d_input"  # type: ignore[misc]
    takes = (OUTPUT, WEIGHTS)
    gives = IMAGE

    def __post_init__(self) -> None:
        super().__post_init__()
        check(self.name, "size", self.size, 2, 1)

    def image_and_weights(self, first: Shape, second: Shape) -> tuple[Shape, Shape]:
        return (first[0], self.groups * second[1], *self.size), second

    def value(self, *x: Value) -> Value:
        output, weights = x
        shape, _ = self.image_and_weights(output.shape, weights.shape)
        windows = self.windows(weights.shape[2:])
        return to_image(windows, output, weights, self.groups, shape)

    def scratch(self, shapes: Sequence[Shape], itemsize: int = 8) -> int:
        (output, weights), groups = shapes, self.groups
        image, _ = self.image_and_weights(output, weights)
        windows = self.windows(weights[2:])
        return image_scratch(windows, output, weights, groups, image, itemsize)

    def lower(self, *x: Value) -> Value:
        """φ*(Y Fᵀ) for each group: outputs spread over the rows of their windows, rows to images."""
        shape, weights = self.image_and_weights(shape_of(x[0]), shape_of(x[1]))
        return shared_image(self.windows(weights[2:]), x[0], x[1], self.groups, shape)


@family
@dataclass(frozen=True, repr=False)
class Conv2dWeight(_Convolution):
    """Weight correlation: what output adjoints of `Conv2d` make of its weights.

    w[k, c, p, q] = Σ_{n,i,j} x[n, c, i·s + p·d − top, j·s + q·d − left] · y[n, k, i, j]

    x is N×C×H×W, y is N×K×OH×OW, w is K×(C/g)×kh×kw with (kh, kw) given as `kernel`: the correlation
    of images and outputs. x̄ is `Conv2dInput` of (y, w̄), ȳ is `Conv2d` of (x, w̄).

    Examples
    --------
    >>> x, y = np.array([[0.0, 0.0, 5.0, 5.0]]), np.array([[1.0, 0.0, 2.0]])
    >>> Conv2dWeight((1, 2))(x.reshape(1, 1, 1, 4), y.reshape(1, 1, 1, 3))
    array([[[[10., 10.]]]])
    """

    kernel: Pair
    stride: Pair = (1, 1)
    pad: Sides = (0, 0, 0, 0)
    dilation: Pair = (1, 1)
    groups: int = 1
    name: ClassVar[str] = "conv2d_weight"  # type: ignore[misc]
    takes = (IMAGE, OUTPUT)
    gives = WEIGHTS

    def __post_init__(self) -> None:
        super().__post_init__()
        self.windows(self.kernel).check(self.name)

    def image_and_weights(self, first: Shape, second: Shape) -> tuple[Shape, Shape]:
        return first, (second[1], first[1] // self.groups, *self.kernel)

    def value(self, *x: Value) -> Value:
        image, output = x
        _, shape = self.image_and_weights(image.shape, output.shape)
        return to_weights(self.windows(self.kernel), image, output, self.groups, shape)

    def scratch(self, shapes: Sequence[Shape], itemsize: int = 8) -> int:
        (image, output), groups = shapes, self.groups
        _, weights = self.image_and_weights(image, output)
        windows = self.windows(self.kernel)
        return weights_scratch(windows, image, output, groups, weights, itemsize)

    def lower(self, *x: Value) -> Value:
        """Yᵀ Φ(X) for each group, its rows the filters."""
        _, shape = self.image_and_weights(shape_of(x[0]), shape_of(x[1]))
        return shared_weights(self.windows(self.kernel), x[0], x[1], self.groups, shape)
