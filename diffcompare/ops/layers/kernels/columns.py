"""Windows of images as the columns of matrices, a block of images or rows at a time.

A band holds the taps along the width only, for every row of pixels that windows meet. The columns of
each kernel row are a view of it, so an image is copied kw times and not kh·kw, and kh products are
added up. Rows of pixels that different kernel rows of a stride meet lie apart, so that the view is a
matrix with evenly spaced rows for any stride and dilation. Kernels 1×1 copy nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final

import numpy as np

from diffcompare.ops.layers.windows import Slices, Windows, met
from diffcompare.threads import processors

SCRATCH: Final = 3 << 20
"""Bytes of columns, or of a product, at once in a thread (measured); more only where one row has more."""


def blocks(count: int, rows: int, row: int, room: int = 1) -> Iterator[tuple[slice, slice]]:
    """Even runs of images, or of one image's rows, of so many bytes a row, in `room` · `SCRATCH`.

    Examples
    --------
    >>> list(blocks(3, 4, SCRATCH // 8))
    [(slice(0, 2, None), slice(0, 4, None)), (slice(2, 3, None), slice(0, 4, None))]
    """
    most = max(1, room * SCRATCH // row)
    many, high = _even(count, max(1, most // rows)), _even(rows, most)
    for first in range(0, count, many):
        for top in range(0, rows, high):
            yield slice(first, min(count, first + many)), slice(top, min(rows, top + high))


def _even(count: int, most: int) -> int:
    """The length of as few runs as possible, which are all about as long."""
    return -(-count // -(-count // most))


class Scratch:
    """Memory that is used again and again, as an array of whatever shape."""

    def __init__(self, kind: Any) -> None:
        self.flat = np.empty(0, dtype=kind)

    def __call__(self, *shape: int) -> Any:
        """An array of that shape; what was in it is lost."""
        size = math.prod(shape)
        if size > self.flat.size:
            self.flat = np.empty(size, dtype=self.flat.dtype)
        return self.flat[:size].reshape(shape)


class Columns:
    """The columns of images N×C×H×W, for outputs of that size with so many filters.

    Parameters
    ----------
    whole : bool
        Whether those of all rows of the kernel are wanted as one matrix.

    Attributes
    ----------
    blocks : list of (slice, slice)
        Images, and rows of their outputs, whose columns are made at once; none is larger than the
        first.
    """

    def __init__(
        self, windows: Windows, x: Any, groups: int, size: Sequence[int], filters: int,
        whole: bool = False,
    ) -> None:  # fmt: skip
        self.x, self.groups, (height, self.width) = x, groups, size
        self.filters, self.whole = filters, whole and windows.kernel[0] > 1
        self.down, along = windows.axes
        self.copied = windows != Windows((1, 1))
        apart = [divmod(p * self.down.dilation, self.down.stride) for p in range(self.down.kernel)]
        self.apart, self.more = apart, apart[-1][0]
        self.phases = sorted({phase for _, phase in apart})
        self.across = [
            met(along.pixel(0, q), along.stride, self.width, x.shape[3])
            for q in range(along.kernel)
        ]
        taps = along.kernel * max(len(self.phases), self.whole * self.down.kernel)
        row = max(filters, x.shape[1] * taps) * self.width * x.itemsize
        self.blocks = list(blocks(len(x), height, row))

    @property
    def scratch(self) -> int:
        """Bytes that all threads hold at most: readers', a matrix side by side, and two products."""
        images, rows = self.blocks[0]
        count, high = images.stop - images.start, rows.stop - rows.start
        taps, positions = self.x.shape[1] * len(self.across), count * high * self.width
        band = taps * len(self.phases) * count * (high + self.more) * self.width * self.copied
        matrices = taps * positions * (2 * self.down.kernel if self.whole else 1)
        one = band + matrices + 2 * self.filters * positions
        return int(min(processors(), len(self.blocks)) * self.x.itemsize * one)

    def reader(self) -> Callable[[slice, slice], Iterator[Any]]:
        """A function of a block for one thread: for each row of the kernel, what it meets there.

        As matrices images×groups×(channels of a group · kw)×positions, valid until the next block;
        whole columns as one, with the rows of the kernel before the channels.
        """
        kind = self.x.dtype
        if self.whole:
            return partial(self._whole, Scratch(kind), Scratch(kind))
        return partial(self._by_row, Scratch(kind))

    def _whole(self, stack: Scratch, scratch: Scratch, images: slice, rows: slice) -> Iterator[Any]:
        for row, view in enumerate(self._by_row(scratch, images, rows)):
            n, groups, taps, positions = view.shape
            columns = stack(n, groups, self.down.kernel, taps, positions)
            columns[:, :, row] = view
        yield columns.reshape(n, groups, -1, positions)

    def _by_row(self, scratch: Scratch, images: slice, rows: slice) -> Iterator[Any]:
        some, high = self.x[images], rows.stop - rows.start
        shape = len(some), self.groups, -1, high * self.width
        if not self.copied:
            yield some[:, :, rows].reshape(shape)
            return
        kernel, tall = len(self.across), high + self.more
        band = scratch(*some.shape[:2], kernel, len(self.phases), tall, self.width)
        for k, phase in enumerate(self.phases):
            first = self.down.pixel(rows.start, 0) + phase
            above, met_by = met(first, self.down.stride, tall, some.shape[2])
            for q, (beside, wide) in enumerate(self.across):
                _place(band[:, :, q, k], (above, beside), some[:, :, met_by, wide])
        for start, phase in self.apart:
            view = band[:, :, :, self.phases.index(phase), start : start + high]
            yield view.reshape(shape)


def _place(band: Any, at: Slices, pixels: Any) -> None:
    """Pixels where a tap meets them, zeros where it lies in the padding."""
    above, beside = at
    band[:, :, : above.start] = 0
    band[:, :, above.stop :] = 0
    band[:, :, above, : beside.start] = 0
    band[:, :, above, beside.stop :] = 0
    band[:, :, above, beside] = pixels


def joined(matrices: Any) -> Any:
    """Matrices images×groups×rows×positions with the positions of all images side by side."""
    n, groups, rows, positions = matrices.shape
    return matrices.transpose(1, 2, 0, 3).reshape(1, groups, rows, n * positions)


def parted(matrix: Any, images: int) -> Any:
    """The inverse of `joined`, as a view."""
    _, groups, rows, positions = matrix.shape
    return matrix.reshape(groups, rows, images, positions // images).transpose(2, 0, 1, 3)
