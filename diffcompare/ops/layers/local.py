"""Locally connected layers: convolution without sharing, each position with weights of its own.

With images x N×C×H×W, weights w K×C×kh×kw×OH×OW and outputs y N×K×OH×OW, the layer and its two
adjoints come from the sum over all meetings of a tap (p, q) with a pixel

    Σ x[n, c, i·s + p·d − top, j·s + q·d − left] · w[k, c, p, q, i, j] · y[n, k, i, j].

Source: Y. LeCun, Generalization and network design strategies, 1989.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from diffcompare.ops.layers.matrices import local_image, local_output, local_weights
from diffcompare.ops.layers.settings import Pair, Sides, check, pair, sides
from diffcompare.ops.layers.trilinear import IMAGE, OUTPUT, WEIGHTS, Trilinear, biased
from diffcompare.ops.layers.windows import Counts, times
from diffcompare.ops.op import Op, Shape, family, misfit, shape_of
from diffcompare.ops.operand import Value


class _Local(Trilinear):
    forms = ("N×C×H×W", "K×C×kh×kw×OH×OW", "N×K×OH×OW")

    def giving(self, role: int, image: Shape, weights: Shape) -> Op:
        shared = self.stride, self.pad, self.dilation
        if role == IMAGE:
            return LocallyConnected2dInput((image[2], image[3]), *shared)
        if role == WEIGHTS:
            return LocallyConnected2dWeight((weights[2], weights[3]), *shared)
        return LocallyConnected2d(*shared)

    def output(self, image: Shape, weights: Shape) -> Shape:
        (n, channels, *size), (filters, _, *kernel) = image, weights
        height, width = self.windows(kernel).output(self.name, size)
        need = f"weights K×{channels}×kh×kw×{height}×{width} for images {times(*image)}"
        if weights[1] != channels or weights[4:] != (height, width):
            raise misfit(self.name, need, [weights])
        return n, filters, height, width

    def products(self, image: Shape, weights: Shape) -> Iterator[tuple[Shape, Shape, Shape]]:
        meetings = list(self.windows(weights[2:]).meetings(image[2:]))
        for n, k, c in np.ndindex(image[0], *weights[:2]):
            for position, tap, pixel in meetings:
                yield (n, c, *pixel), (k, c, *tap, *position), (n, k, *position)

    def sums(self, image: Shape, weights: Shape, counts: Counts) -> tuple[int, int, int]:
        n, channels, filters = image[0], image[1], weights[0]
        pairs = filters * channels * counts.meetings
        return n * channels * counts.pixels, pairs, n * filters * counts.positions


@family
@dataclass(frozen=True, repr=False)
class LocallyConnected2d(_Local):
    """Images seen through windows, weighted by weights of each position, and added up.

    y[n, k, i, j] = Σ_{c,p,q} x[n, c, i·s + p·d − top, j·s + q·d − left] · w[k, c, p, q, i, j]

    x is N×C×H×W, w is K×C×kh×kw×OH×OW, y is N×K×OH×OW. x̄ is `LocallyConnected2dInput` of (ȳ, w),
    w̄ is `LocallyConnected2dWeight` of (x, ȳ): without sharing, no sum over positions.

    Examples
    --------
    >>> x, w = np.array([1.0, 2.0, 3.0]), np.array([[1.0, 0.0], [0.0, 10.0]])
    >>> LocallyConnected2d()(x.reshape(1, 1, 1, 3), w.reshape(1, 1, 1, 2, 1, 2))
    array([[[[ 1., 30.]]]])
    """

    stride: Pair = (1, 1)
    pad: Sides = (0, 0, 0, 0)
    dilation: Pair = (1, 1)
    name: ClassVar[str] = "locally_connected2d"  # type: ignore[misc]
    takes = (IMAGE, WEIGHTS)
    gives = OUTPUT

    def image_and_weights(self, first: Shape, second: Shape) -> tuple[Shape, Shape]:
        return first, second

    def value(self, *x: Value) -> Value:
        image, weights = x
        shape = self.output(image.shape, weights.shape)
        y = np.zeros(shape, dtype=np.result_type(image, weights))
        for tap, at, pixels in self.windows(weights.shape[2:]).taps(image.shape[2:]):
            weight = weights[(slice(None), slice(None), *tap, *at)]
            y[(..., *at)] += np.einsum("ncij,kcij->nkij", image[(..., *pixels)], weight)
        return y

    def lower(self, *x: Value) -> Value:
        """The rows of the windows, weighted by position and added up."""
        shape = self.output(shape_of(x[0]), shape_of(x[1]))
        return local_output(self.windows(shape_of(x[1])[2:]), x[0], x[1], shape)


@family
@dataclass(frozen=True, repr=False)
class LocallyConnected2dInput(_Local):
    """What takes output adjoints of `LocallyConnected2d` back to its images.

    x[n, c, a, b] = Σ_{k,p,q} y[n, k, i, j] · w[k, c, p, q, i, j],  a = i·s + p·d − top, b alike

    y is N×K×OH×OW, w is K×C×kh×kw×OH×OW, x is N×C×H×W with (H, W) given as `size`. ȳ is
    `LocallyConnected2d` of (x̄, w), w̄ is `LocallyConnected2dWeight` of (x̄, y).

    Examples
    --------
    >>> y, w = np.array([1.0, 3.0]), np.array([[1.0, 0.0], [0.0, 10.0]])
    >>> op = LocallyConnected2dInput((1, 3))
    >>> op(y.reshape(1, 1, 1, 2), w.reshape(1, 1, 1, 2, 1, 2))
    array([[[[ 1.,  0., 30.]]]])
    """

    size: Pair
    stride: Pair = (1, 1)
    pad: Sides = (0, 0, 0, 0)
    dilation: Pair = (1, 1)
    name: ClassVar[str] = "locally_connected2d_input"  # type: ignore[misc]
    takes = (OUTPUT, WEIGHTS)
    gives = IMAGE

    def __post_init__(self) -> None:
        super().__post_init__()
        check(self.name, "size", self.size, 2, 1)

    def image_and_weights(self, first: Shape, second: Shape) -> tuple[Shape, Shape]:
        return (first[0], second[1], *self.size), second

    def value(self, *x: Value) -> Value:
        output, weights = x
        shape, _ = self.image_and_weights(output.shape, weights.shape)
        image = np.zeros(shape, dtype=np.result_type(output, weights))
        for tap, at, pixels in self.windows(weights.shape[2:]).taps(self.size):
            weight = weights[(slice(None), slice(None), *tap, *at)]
            image[(..., *pixels)] += np.einsum("nkij,kcij->ncij", output[(..., *at)], weight)
        return image

    def lower(self, *x: Value) -> Value:
        """Outputs spread over the rows of their windows, rows back to images."""
        shape, weights = self.image_and_weights(shape_of(x[0]), shape_of(x[1]))
        return local_image(self.windows(weights[2:]), x[0], x[1], shape)


@family
@dataclass(frozen=True, repr=False)
class LocallyConnected2dWeight(_Local):
    """What output adjoints of `LocallyConnected2d` make of its weights.

    w[k, c, p, q, i, j] = Σ_n x[n, c, i·s + p·d − top, j·s + q·d − left] · y[n, k, i, j]

    x is N×C×H×W, y is N×K×OH×OW, w is K×C×kh×kw×OH×OW with (kh, kw) given as `kernel`; 0 for taps
    in the padding. x̄ is `LocallyConnected2dInput` of (y, w̄), ȳ is `LocallyConnected2d` of (x, w̄).

    Examples
    --------
    >>> x, y = np.array([1.0, 2.0, 3.0]), np.array([1.0, 10.0])
    >>> op = LocallyConnected2dWeight((1, 2))
    >>> op(x.reshape(1, 1, 1, 3), y.reshape(1, 1, 1, 2))[0, 0, 0, :, 0]
    array([[ 1., 20.],
           [ 2., 30.]])
    """

    kernel: Pair
    stride: Pair = (1, 1)
    pad: Sides = (0, 0, 0, 0)
    dilation: Pair = (1, 1)
    name: ClassVar[str] = "locally_connected2d_weight"  # type: ignore[misc]
    takes = (IMAGE, OUTPUT)
    gives = WEIGHTS

    def __post_init__(self) -> None:
        super().__post_init__()
        self.windows(self.kernel).check(self.name)

    def image_and_weights(self, first: Shape, second: Shape) -> tuple[Shape, Shape]:
        return first, (second[1], first[1], *self.kernel, *second[2:])

    def value(self, *x: Value) -> Value:
        image, output = x
        _, shape = self.image_and_weights(image.shape, output.shape)
        weights = np.zeros(shape, dtype=np.result_type(image, output))
        for tap, at, pixels in self.windows(self.kernel).taps(image.shape[2:]):
            place = (slice(None), slice(None), *tap, *at)
            weights[place] = np.einsum("ncij,nkij->kcij", image[(..., *pixels)], output[(..., *at)])
        return weights

    def lower(self, *x: Value) -> Value:
        """The rows of the windows times the outputs, added up over the images."""
        _, shape = self.image_and_weights(shape_of(x[0]), shape_of(x[1]))
        return local_weights(self.windows(self.kernel), x[0], x[1], shape)


def locally_connected2d(
    x: Value, w: Value, b: Value = None, stride: Any = 1, pad: Any = 0, dilation: Any = 1
) -> Value:
    """A locally connected layer of images x N×C×H×W and weights w K×C×kh×kw×OH×OW, plus a bias b.

    Parameters
    ----------
    b : K×OH×OW or K numbers, optional
        For each filter and position, or for each filter.
    stride, dilation : int or (int, int)
        Along height and width.
    pad : int, (int, int) or (int, int, int, int)
        All around; above and below, left and right; or top, bottom, left, right.

    Raises
    ------
    DiffcompareError
        Of kind "attr" for settings that no window has, of kind "shape" for arrays that do not fit,
        or a kernel larger than its padded input.

    Examples
    --------
    >>> locally_connected2d(np.ones((1, 3, 5, 5)), np.ones((2, 3, 4, 3, 2, 3))).shape
    (1, 2, 2, 3)
    """
    what = "locally_connected2d"
    op = LocallyConnected2d(
        pair(what, "stride", stride), sides(what, pad), pair(what, "dilation", dilation)
    )
    every = op.shape([shape_of(x), shape_of(w)])[1:]
    if b is None:
        return op(x, w)
    if shape_of(b) not in (every, every[:1]):
        raise misfit(what, f"a bias of {times(*every)} or {every[0]} numbers", [shape_of(b)])
    return biased(op, x, w, b, (1, *shape_of(b), *(1,) * (3 - len(shape_of(b)))))
