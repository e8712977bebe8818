"""Convolution of images, and its two adjoints: three ops, each the others' derivative.

As the field does, this calls convolution what is cross-correlation: the kernel is not turned.
Source: V. Dumoulin, F. Visin, A guide to convolution arithmetic for deep learning, 2016; as
products of matrices: J. Wu, Introduction to convolutional neural networks, 2017.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from diffcompare.errors import DiffcompareError
from diffcompare.ops.layers.contract import to_image, to_output, to_weights
from diffcompare.ops.layers.rows import Im2Row, Row2Im
from diffcompare.ops.layers.settings import Pair, Sides, pair, sides, sizes
from diffcompare.ops.layers.trilinear import Trilinear
from diffcompare.ops.layers.windows import added_up, times
from diffcompare.ops.linalg import matmul
from diffcompare.ops.moves import Reshape, Transpose
from diffcompare.ops.op import Cost, Shape, family, misfit, shape_of
from diffcompare.ops.operand import ZERO, Value

_TURNED = Transpose((1, 0))


def _by_position(y: Value) -> Value:
    """Outputs N×K×OH×OW as a matrix (N·OH·OW)×K."""
    n, k, height, width = shape_of(y)
    return Reshape((n * height * width, k))(Transpose((0, 2, 3, 1))(y))


@family
@dataclass(frozen=True, repr=False)
class Conv2d(Trilinear):
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
    split: ClassVar[tuple[int, int, int]] = (1, 0, 1)

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """N×K×OH×OW."""
        self.arrays("images N×C×H×W and weights K×C×kh×kw", shapes)
        return self.output(*shapes)

    def value(self, *x: Value) -> Value:
        image, weights = x
        shape = self.output(image.shape, weights.shape)
        return to_output(self.windows(weights.shape[2:]), image, weights, self.groups, shape)

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        size, kernel = (shape_of(a)[2:] for a in x)
        return [
            Conv2dInput(_pair(size), *self.shared)(y_bar, x[1]) if wanted[0] else ZERO,
            Conv2dWeight(_pair(kernel), *self.shared)(x[0], y_bar) if wanted[1] else ZERO,
        ]

    def expand(self, *x: Any) -> Any:
        shapes = x[0].shape, x[1].shape
        terms = ((out, x[0][i] * x[1][k]) for i, k, out in self.products(*shapes))
        return added_up(self.output(*shapes), terms)

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        image, weights = shapes
        return self.summed(image, weights, image[0] * weights[0], "positions")

    def by_matrices(self, *x: Value) -> Value:
        """Y = Φ(X) F, with the filters as the columns of F."""
        filters, depth, *kernel = shape_of(x[1])
        n, _, height, width = self.output(shape_of(x[0]), shape_of(x[1]))
        rows = Im2Row(_pair(kernel), self.stride, self.pad, self.dilation)(x[0])
        columns = _TURNED(Reshape((filters, depth * math.prod(kernel)))(x[1]))
        y = Reshape((n, height, width, filters))(matmul(rows, columns))
        return Transpose((0, 3, 1, 2))(y)


@family
@dataclass(frozen=True, repr=False)
class Conv2dInput(Trilinear):
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
    split: ClassVar[tuple[int, int, int]] = (1, 0, 1)

    def image(self, output: Shape, weights: Shape) -> Shape:
        """The shape of x."""
        return output[0], self.groups * weights[1], *self.size

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """N×C×H×W."""
        self.arrays("outputs N×K×OH×OW and weights K×C×kh×kw", shapes)
        image = self.image(*shapes)
        output = self.output(image, shapes[1])
        if shapes[0] != output:
            raise misfit(self.name, f"outputs {times(*output)}", shapes[:1])
        return image

    def value(self, *x: Value) -> Value:
        output, weights = x
        shape = self.image(output.shape, weights.shape)
        return to_image(self.windows(weights.shape[2:]), output, weights, self.groups, shape)

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        kernel = shape_of(x[1])[2:]
        return [
            Conv2d(*self.shared)(y_bar, x[1]) if wanted[0] else ZERO,
            Conv2dWeight(_pair(kernel), *self.shared)(y_bar, x[0]) if wanted[1] else ZERO,
        ]

    def expand(self, *x: Any) -> Any:
        image = self.image(x[0].shape, x[1].shape)
        terms = ((i, x[0][out] * x[1][k]) for i, k, out in self.products(image, x[1].shape))
        return added_up(image, terms)

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        image = self.image(*shapes)
        return self.summed(image, shapes[1], image[0] * image[1], "pixels")

    def by_matrices(self, *x: Value) -> Value:
        """φ*(Y Fᵀ): each output spread over the row of its window, rows back to images."""
        filters, depth, *kernel = shape_of(x[1])
        rows = matmul(_by_position(x[0]), Reshape((filters, depth * math.prod(kernel)))(x[1]))
        image = self.image(shape_of(x[0]), shape_of(x[1]))
        return Row2Im(image, _pair(kernel), self.stride, self.pad, self.dilation)(rows)


@family
@dataclass(frozen=True, repr=False)
class Conv2dWeight(Trilinear):
    """Weight correlation: what output adjoints of `Conv2d` make of its weights.

    w[k, c, p, q] = Σ_{n,i,j} x[n, c, i·s + p·d − top, j·s + q·d − left] · y[n, k, i, j]

    x is N×C×H×W, y is N×K×OH×OW, w is K×(C/g)×kh×kw with (kh, kw) given as `kernel`: each tap is the
    correlation of the images, as it sees them, with the outputs. x̄ is `Conv2dInput` of (y, w̄), ȳ is
    `Conv2d` of (x, w̄).

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
    split: ClassVar[tuple[int, int, int]] = (1, 1, 0)

    def weights(self, image: Shape, output: Shape) -> Shape:
        """The shape of w."""
        return output[1], image[1] // self.groups, *self.kernel

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """K×(C/g)×kh×kw."""
        self.arrays("images N×C×H×W and outputs N×K×OH×OW", shapes)
        weights = self.weights(*shapes)
        output = self.output(shapes[0], weights)
        if shapes[1] != output:
            raise misfit(self.name, f"outputs {times(*output)}", shapes[1:])
        return weights

    def value(self, *x: Value) -> Value:
        image, output = x
        shape = self.weights(image.shape, output.shape)
        return to_weights(self.windows(self.kernel), image, output, self.groups, shape)

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        size = shape_of(x[0])[2:]
        return [
            Conv2dInput(_pair(size), *self.shared)(x[1], y_bar) if wanted[0] else ZERO,
            Conv2d(*self.shared)(x[0], y_bar) if wanted[1] else ZERO,
        ]

    def expand(self, *x: Any) -> Any:
        weights = self.weights(x[0].shape, x[1].shape)
        terms = ((k, x[0][i] * x[1][out]) for i, k, out in self.products(x[0].shape, weights))
        return added_up(weights, terms)

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        weights = self.weights(*shapes)
        return self.summed(shapes[0], weights, weights[0] * weights[1], "taps")

    def by_matrices(self, *x: Value) -> Value:
        """(Yᵀ Φ(X)), its rows the filters."""
        rows = Im2Row(self.kernel, self.stride, self.pad, self.dilation)(x[0])
        weights = self.weights(shape_of(x[0]), shape_of(x[1]))
        return Reshape(weights)(matmul(_TURNED(_by_position(x[1])), rows))


def conv2d(
    x: Value,
    w: Value,
    b: Value = None,
    stride: Any = 1,
    pad: Any = 0,
    dilation: Any = 1,
    groups: Any = 1,
) -> Value:
    """Convolution of images x N×C×H×W with weights w K×(C/g)×kh×kw, plus a bias b of K numbers.

    Parameters
    ----------
    stride, dilation : int or (int, int)
        Along height and width.
    pad : int, (int, int) or (int, int, int, int)
        All around; above and below, left and right; or top, bottom, left, right.
    groups : int
        Filters and channels fall into as many groups that do not mix.

    Raises
    ------
    DiffcompareError
        Of kind "attr" for such settings as there are not, of kind "shape" for arrays that do not
        fit, or a kernel larger than its padded input.

    Examples
    --------
    >>> conv2d(np.ones((1, 3, 5, 5)), np.ones((2, 3, 3, 3)), np.zeros(2), pad=1).shape
    (1, 2, 5, 5)
    """
    number = sizes("conv2d", "groups", groups)
    op = Conv2d(
        pair("conv2d", "stride", stride), sides("conv2d", pad), pair("conv2d", "dilation", dilation),
        number[0] if len(number) == 1 else 0,
    )  # fmt: skip
    filters = op.shape([shape_of(x), shape_of(w)])[1]
    if b is None:
        return op(x, w)
    if shape_of(b) != (filters,):
        raise misfit("conv2d", f"a bias of {filters} numbers", [shape_of(b)])
    return op(x, w) + Reshape((1, filters, 1, 1))(b)


def _pair(sizes: Sequence[int]) -> Pair:
    height, width = sizes
    return height, width
