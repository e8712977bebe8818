"""im2row and row2im: an image as the matrix of its windows, and the adjoint of that.

With Φ(X) = `im2row` of an image X, a convolution is the matrix product Φ(X) F of rows and filters.
vec Φ(X) = H vec X for a matrix H of zeros and ones, and `row2im` is Hᵀ: it adds up what the
windows hold for each pixel. Source: J. Wu, Introduction to convolutional neural networks, 2017.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from diffcompare.ops.batching import in_samples
from diffcompare.ops.cost import ADD, Cost
from diffcompare.ops.layers.settings import Pair, Sides, check, pair, settings, sides, sizes
from diffcompare.ops.layers.windows import Windows, added_up
from diffcompare.ops.linearity import Linear
from diffcompare.ops.op import Op, Shape, family, misfit, shape_of
from diffcompare.ops.operand import Value


class _Windowed(Linear):
    """What both share: the settings of the windows."""

    kernel: Pair
    stride: Pair
    pad: Sides
    dilation: Pair

    def __post_init__(self) -> None:
        self.windows.check(self.name)

    @property
    def windows(self) -> Windows:
        """The geometry."""
        return Windows(self.kernel, self.stride, self.pad, self.dilation)

    def rows(self, image: Shape) -> Shape:
        """The shape of the matrix of an image's windows."""
        n, c, *size = image
        return n * math.prod(self.windows.output(self.name, size)), c * math.prod(self.kernel)

    def options(self) -> dict[str, Any]:
        return settings(self)


@family
@dataclass(frozen=True, repr=False)
class Im2Row(_Windowed):
    """The windows of images as the rows of a matrix; adjoint to `Row2Im`.

    x is N×C×H×W. The result is (N·OH·OW)×(C·kh·kw): a row for each image and position, a column for
    each channel and tap, both in row-major order; taps in the padding are 0.

    Examples
    --------
    >>> Im2Row((1, 2))(np.arange(6.0).reshape(1, 1, 2, 3))
    array([[0., 1.],
           [1., 2.],
           [3., 4.],
           [4., 5.]])
    """

    kernel: Pair
    stride: Pair = (1, 1)
    pad: Sides = (0, 0, 0, 0)
    dilation: Pair = (1, 1)
    name: ClassVar[str] = "im2row"  # type: ignore[misc]

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """Rows and columns of the matrix."""
        if len(shapes[0]) != 4 or 0 in shapes[0]:
            raise misfit(self.name, "images N×C×H×W, one or more", shapes)
        return self.rows(shapes[0])

    def value(self, *x: Value) -> Value:
        return self.windows.view(x[0]).transpose(0, 4, 5, 1, 2, 3).reshape(self.rows(x[0].shape))

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        return in_samples(self, x, batched, count)

    def adjoint(self, shape: Shape) -> Op:
        return Row2Im(shape, self.kernel, self.stride, self.pad, self.dilation)


@family
@dataclass(frozen=True, repr=False)
class Row2Im(_Windowed):
    """What the rows hold for each pixel, added up; adjoint to `Im2Row`.

    x is (N·OH·OW)×(C·kh·kw), the result N×C×H×W, given as `to`. Entries for taps in the padding
    are dropped, pixels that no window meets are 0.

    Examples
    --------
    >>> Row2Im((1, 1, 2, 3), (1, 2))(np.ones((4, 2)))
    array([[[[1., 2., 1.],
             [1., 2., 1.]]]])
    """

    to: Shape
    kernel: Pair
    stride: Pair = (1, 1)
    pad: Sides = (0, 0, 0, 0)
    dilation: Pair = (1, 1)
    name: ClassVar[str] = "row2im"  # type: ignore[misc]

    def __post_init__(self) -> None:
        super().__post_init__()
        check(self.name, "to", self.to, 4, 1)

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """The images, if the matrix has a row for each of their windows."""
        rows = self.rows(self.to)
        if shapes[0] != rows:
            raise misfit(self.name, f"a matrix {rows[0]}×{rows[1]}", shapes)
        return self.to

    def _columns(self, rows: Any) -> Any:
        n, c, *size = self.to
        height, width = self.windows.output(self.name, size)
        return rows.reshape(n, height, width, c, *self.kernel).transpose(0, 3, 4, 5, 1, 2)

    def value(self, *x: Value) -> Value:
        return self.windows.gather(self._columns(x[0]), self.to[2:])

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        more = replace(self, to=(count * self.to[0], *self.to[1:]))
        return in_samples(more, x, batched, count)

    def adjoint(self, shape: Shape) -> Op:
        return Im2Row(self.kernel, self.stride, self.pad, self.dilation)

    def expand(self, *x: Any) -> Any:
        columns, meetings = self._columns(x[0]), list(self.windows.meetings(self.to[2:]))
        return added_up(
            self.to,
            (
                ((n, c, *pixel), columns[(n, c, *tap, *position)])
                for n, c in np.ndindex(self.to[:2])
                for position, tap, pixel in meetings
            ),
        )

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        n, c, *size = self.to
        counts = self.windows.counts(size)
        return ADD * (n * c * (counts.meetings - counts.pixels))


def im2row(x: Value, kernel: Any, stride: Any = 1, pad: Any = 0, dilation: Any = 1) -> Value:
    """The windows of images N×C×H×W as the rows of a matrix, see `Im2Row`.

    Settings are a number for both directions or (height, width); `pad` also (top, bottom, left,
    right).

    Examples
    --------
    >>> im2row(np.ones((1, 1, 4, 4)), 3, pad=1).shape
    (16, 9)
    """
    op = Im2Row(
        pair("im2row", "kernel", kernel), pair("im2row", "stride", stride), sides("im2row", pad),
        pair("im2row", "dilation", dilation),
    )  # fmt: skip
    op.shape([shape_of(x)])
    return op(x)


def row2im(
    x: Value, to: Any, kernel: Any, stride: Any = 1, pad: Any = 0, dilation: Any = 1
) -> Value:
    """What a matrix of windows holds for each pixel of images `to` = (N, C, H, W), added up.

    Settings are those of `im2row`; see `Row2Im`.

    Examples
    --------
    >>> row2im(np.ones((4, 4)), (1, 1, 3, 3), 2)[0, 0]
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    op = Row2Im(
        sizes("row2im", "to", to), pair("row2im", "kernel", kernel),
        pair("row2im", "stride", stride), sides("row2im", pad), pair("row2im", "dilation", dilation),
    )  # fmt: skip
    op.shape([shape_of(x)])
    return op(x)
