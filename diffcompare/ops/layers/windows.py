"""Windows that slide over images: their geometry.

Images are N×C×H×W. A window of kh×kw taps stands at each output position; its first tap lies
`pad` before the image and moves on by `stride`, its taps are `dilation` apart. A position counts
only if its window lies in the padded image, so there are ⌊(H + top + bottom − extent)/stride⌋ + 1
along the height, with extent = (kh − 1)·dilation + 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from diffcompare.errors import DiffcompareError
from diffcompare.ops.layers.settings import Pair, Sides, check
from diffcompare.ops.op import Shape


def times(*sizes: int) -> str:
    """Sizes as people write them: 3×4."""
    return "×".join(map(str, sizes))


Slices = tuple[slice, slice]


class Counts(NamedTuple):
    """Meetings of a tap and a pixel in an image, and how many of each meet at all."""

    meetings: int
    positions: int
    pixels: int
    taps: int


def met(start: int, step: int, count: int, size: int) -> Slices:
    """Which of the pixels `start`, `start + step`, … an axis of that size has, and those.

    Examples
    --------
    >>> met(-1, 2, count=4, size=5)
    (slice(1, 3, None), slice(1, 4, 2))
    """
    first = max(0, -(start // step))
    found = max(0, min(count - 1, (size - 1 - start) // step) - first + 1)
    pixel = start + first * step
    stop = pixel + (found - 1) * step + 1 if found else pixel
    return slice(first, first + found), slice(pixel, stop, step)


class Axis(NamedTuple):
    """Windows along one axis."""

    kernel: int
    stride: int
    before: int
    after: int
    dilation: int

    @property
    def extent(self) -> int:
        """From the first tap to the last, both counted."""
        return (self.kernel - 1) * self.dilation + 1

    def positions(self, size: int) -> int:
        """Windows on an image of that size; 0 or less where none fits."""
        return (size + self.before + self.after - self.extent) // self.stride + 1

    def inside(self, size: int) -> list[list[tuple[int, int]]]:
        """For each position the (tap, pixel) pairs that lie in the image, not in the padding."""
        starts = (o * self.stride - self.before for o in range(self.positions(size)))
        return [
            [(p, i) for p in range(self.kernel) if 0 <= (i := start + p * self.dilation) < size]
            for start in starts
        ]

    def tap(self, tap: int, size: int) -> tuple[slice, slice]:
        """The positions whose windows have this tap in the image, and the pixels it meets there."""
        return met(self.pixel(0, tap), self.stride, self.positions(size), size)

    def pixel(self, position: int, tap: int) -> int:
        """What a tap meets at a position; below 0 or beyond the image in the padding."""
        return position * self.stride + tap * self.dilation - self.before

    def counts(self, size: int) -> Counts:
        """Along this axis."""
        positions, pixels = np.zeros(self.positions(size), bool), np.zeros(size, bool)
        met = []
        for tap in range(self.kernel):
            at, meets = self.tap(tap, size)
            positions[at], pixels[meets] = True, True
            met.append(at.stop - at.start)
        return Counts(sum(met), int(positions.sum()), int(pixels.sum()), sum(map(bool, met)))


@dataclass(frozen=True)
class Windows:
    """The geometry of windows on images.

    Parameters
    ----------
    kernel, stride, dilation : (int, int)
        Along the height, along the width.
    pad : (int, int, int, int)
        Rows and columns added around the image: top, bottom, left, right.

    Examples
    --------
    >>> Windows((3, 2), stride=(2, 1), pad=(1, 0, 0, 0)).output("conv2d", (5, 4))
    (2, 3)
    """

    kernel: Pair
    stride: Pair = (1, 1)
    pad: Sides = (0, 0, 0, 0)
    dilation: Pair = (1, 1)

    def check(self, what: str) -> None:
        """Refuse settings that no windows have, as settings of the op `what`."""
        for field, length, least in (
            ("kernel", 2, 1), ("stride", 2, 1), ("pad", 4, 0), ("dilation", 2, 1),
        ):  # fmt: skip
            check(what, field, getattr(self, field), length, least)

    @classmethod
    def of(cls, down: Axis, along: Axis) -> Windows:
        """Windows with these axes."""
        kernel, stride, before, after, dilation = zip(down, along, strict=True)
        (top, left), (bottom, right) = before, after
        return cls(kernel, stride, (top, bottom, left, right), dilation)

    @property
    def axes(self) -> tuple[Axis, Axis]:
        """The windows along the height, and along the width."""
        top, bottom, left, right = self.pad
        sides = ((top, bottom), (left, right))
        rows, columns = (
            Axis(self.kernel[k], self.stride[k], *sides[k], self.dilation[k]) for k in range(2)
        )
        return rows, columns

    def output(self, what: str, size: Sequence[int]) -> Pair:
        """How many windows lie on an image of that height and width; at least one."""
        rows, columns = self.axes
        height, width = rows.positions(size[0]), columns.positions(size[1])
        if height < 1 or width < 1:
            top, bottom, left, right = self.pad
            kernel = times(*self.kernel)
            if self.dilation != (1, 1):
                kernel += f" dilated to {times(rows.extent, columns.extent)}"
            padded = times(size[0] + top + bottom, size[1] + left + right)
            raise DiffcompareError(
                "shape", what, need="a kernel no larger than its padded input",
                got=f"kernel {kernel} and input {padded}",
            )  # fmt: skip
        return height, width

    def counts(self, size: Sequence[int]) -> Counts:
        """Counted on one image channel of that height and width."""
        rows, columns = (axis.counts(n) for axis, n in zip(self.axes, size, strict=True))
        return Counts(*(a * b for a, b in zip(rows, columns, strict=True)))

    def reached(self, size: Sequence[int]) -> np.ndarray:
        """Which positions have a tap in an image of that height and width, OH×OW."""
        rows, columns = (
            [bool(met) for met in axis.inside(n)] for axis, n in zip(self.axes, size, strict=True)
        )
        return np.logical_and.outer(rows, columns)

    def meetings(self, size: Sequence[int]) -> Iterator[tuple[Pair, Pair, Pair]]:
        """Position, tap and pixel of each meeting in the image, in row-major order."""
        down, along = (axis.inside(n) for axis, n in zip(self.axes, size, strict=True))
        for a, b in np.ndindex(len(down), len(along)):
            for p, i in down[a]:
                for q, j in along[b]:
                    yield (a, b), (p, q), (i, j)

    def taps(self, size: Sequence[int]) -> Iterator[tuple[Pair, Slices, Slices]]:
        """Each tap with the positions that have it in the image, and the pixels it meets there."""
        rows, columns = self.axes
        for p in range(rows.kernel):
            above, high = rows.tap(p, size[0])
            for q in range(columns.kernel):
                beside, wide = columns.tap(q, size[1])
                yield (p, q), (above, beside), (high, wide)

    def view(self, image: np.ndarray, fill: float = 0.0) -> np.ndarray:
        """N×C×kh×kw×OH×OW: what each tap meets at each position; `fill` in the padding.

        A read-only view: no entry is copied but once into the padded image.
        """
        rows, columns = self.axes
        windows = np.lib.stride_tricks.sliding_window_view(
            self._padded(image, fill), (rows.extent, columns.extent), axis=(2, 3)
        )
        (down, right), (tall, wide) = self.stride, self.dilation
        return windows[:, :, ::down, ::right, ::tall, ::wide].transpose(0, 1, 4, 5, 2, 3)

    def _padded(self, image: np.ndarray, fill: float) -> np.ndarray:
        if not any(self.pad):
            return image
        top, bottom, left, right = self.pad
        n, c, height, width = image.shape
        shape = n, c, top + height + bottom, left + width + right
        padded = np.full(shape, fill, dtype=image.dtype)
        padded[:, :, top : top + height, left : left + width] = image
        return padded

    def gather(self, columns: np.ndarray, size: Sequence[int]) -> np.ndarray:
        """N×C×H×W: what all windows hold for each pixel added up; the adjoint of `view`.

        Parameters
        ----------
        columns : ndarray, N×C×kh×kw×OH×OW
        size : (int, int)
            H and W.
        """
        image = np.zeros((*columns.shape[:2], *size), dtype=columns.dtype)
        for (p, q), (above, beside), (high, wide) in self.taps(size):
            image[:, :, high, wide] += columns[:, :, p, q, above, beside]
        return image


def added_up(shape: Shape, terms: Iterable[tuple[Shape, Any]]) -> Any:
    """An object array of sums: at each place the terms given for it, in order; 0 without any."""
    sums: dict[Shape, Any] = {}
    for place, term in terms:
        sums[place] = sums[place] + term if place in sums else term
    result = np.zeros(shape, dtype=object)
    for place, total in sums.items():
        result[place] = total
    return result
