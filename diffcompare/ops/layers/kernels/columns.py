"""Windows of images as the columns of matrices, a block of images or rows at a time.

A band holds the taps along the width only, for every row of pixels that windows meet. The columns of
each kernel row are a view of it, so an image is copied kw times and not kh·kw, and kh products are
added up. Rows of pixels that different kernel rows of a stride meet lie apart, so that the view is a
matrix with evenly spaced rows for any stride and dilation. Kernels 1×1 copy nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np

from diffcompare.ops.layers.windows import Slices, Windows, met

SCRATCH: Final = 4 << 20
"""Bytes of columns, or of a product, at once; more only where one row of windows has more."""


class Columns(NamedTuple):
    """What one kernel row meets in some windows; valid until the next is asked for.

    Attributes
    ----------
    images, rows : slice
        Which images, and which rows of their outputs.
    tap : int
        The row of the kernel.
    matrix : ndarray, images×groups×(channels of a group · kw)×positions
    """

    images: slice
    rows: slice
    tap: int
    matrix: Any


def blocks(count: int, rows: int, row: int) -> Iterator[tuple[slice, slice]]:
    """Even runs of images, or of one image's output rows, of so many bytes a row, within `SCRATCH`.

    Examples
    --------
    >>> list(blocks(3, 4, SCRATCH // 8))
    [(slice(0, 2, None), slice(0, 4, None)), (slice(2, 3, None), slice(0, 4, None))]
    """
    most = max(1, SCRATCH // row)
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
        size = int(np.prod(shape))
        if size > self.flat.size:
            self.flat = np.empty(size, dtype=self.flat.dtype)
        return self.flat[:size].reshape(shape)


def columns(
    windows: Windows, x: Any, groups: int, size: tuple[int, int], filters: int
) -> Iterator[Columns]:
    """The columns of images N×C×H×W, for outputs of that size with so many filters."""
    (n, channels), (height, width) = x.shape[:2], size
    if windows == Windows((1, 1)):
        flat = x.reshape(n, groups, channels // groups, height * width)
        yield Columns(slice(0, n), slice(0, height), 0, flat)
        return
    down, along = windows.axes
    apart = [divmod(p * down.dilation, down.stride) for p in range(down.kernel)]
    more, phases = apart[-1][0], sorted({phase for _, phase in apart})
    across = [met(along.pixel(0, q), along.stride, width, x.shape[3]) for q in range(along.kernel)]
    scratch = Scratch(x.dtype)
    row = max(filters, channels * along.kernel * len(phases)) * width * x.itemsize
    for images, rows in blocks(n, height, row):
        some, high = x[images], rows.stop - rows.start
        band = scratch(len(some), channels, along.kernel, len(phases), high + more, width)
        for k, phase in enumerate(phases):
            first = down.pixel(rows.start, 0) + phase
            above, tall = met(first, down.stride, high + more, x.shape[2])
            for q, (beside, wide) in enumerate(across):
                _place(band[:, :, q, k], (above, beside), some[:, :, tall, wide])
        for p, (start, phase) in enumerate(apart):
            view = band[:, :, :, phases.index(phase), start : start + high]
            yield Columns(images, rows, p, view.reshape(len(some), groups, -1, high * width))


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
