"""Max-pooling of channels H×W: the first largest tap of each window, and what goes by its index.

The largest is found along the width and then along the height, which finds the first in row-major
order too. Channels are shared among the processors and taken a few at a time, `BLOCK` bytes of them
or one, so that what a window compares stays in the cache: each thread holds two or three times that
beside the results.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from diffcompare.ops.layers.kernels.taps import pairs, replaced
from diffcompare.ops.layers.windows import Axis, Windows
from diffcompare.ops.op import Shape
from diffcompare.threads import parts, processors, share

BLOCK: Final = 2 << 20
"""Bytes of an image that are worked on at once: fewer, and threads wait for the interpreter."""
Larger = Callable[..., Any]


def largest(windows: Windows, x: Any) -> Any:
    """The number of the first largest tap of each window of x.

    In the smallest unsigned type that counts the taps. The first nan is larger than any number.
    """
    return pooled(windows, x)[0]


def pooled(windows: Windows, x: Any) -> tuple[Any, Any]:
    """That number, and what is there: both in one pass."""
    down, along = windows.axes
    counts = down.positions(x.shape[2]), along.positions(x.shape[3])
    kind = np.min_scalar_type(math.prod(windows.kernel))
    index, y = np.empty((*x.shape[:2], *counts), kind), np.empty((*x.shape[:2], *counts), x.dtype)
    planes, numbers, entries = _planes(x), _planes(index), _planes(y)

    def work(run: slice) -> None:
        blocks = _blocks(planes, run)
        first = planes[blocks[0]].shape
        across = _Stage(along, 2, first, x.dtype, kind)
        within = _Stage(down, 1, replaced(first, 2, counts[1]), x.dtype, kind, along.kernel)
        for some in blocks:
            out = entries[some], numbers[some]
            for larger in (np.greater, _larger_or_nan):
                within(*across(planes[some], None, larger), larger, out)
                if not np.isnan(out[0].max()):
                    break

    share(work, _runs(planes))
    return index, y


def selected(windows: Windows, x: Any, index: Any) -> Any:
    """What each window of x holds at the tap that the index names."""
    y = np.empty(index.shape, dtype=x.dtype)
    planes, entries = _planes(x), _planes(y)

    def select(some: slice, places: Any) -> None:
        planes[some].reshape(-1).take(places, out=entries[some], mode="clip")

    _by_place(windows, planes, _planes(index), select)
    return y


def routed(windows: Windows, held: Any, index: Any, shape: Shape) -> Any:
    """Images of that shape: what windows hold, added up at the pixels that the index names."""
    x = np.empty(shape, dtype=held.dtype)
    planes, entries = _planes(x), _planes(held)
    apart = all(axis.stride >= axis.kernel for axis in windows.axes)

    def route(some: slice, places: Any) -> None:
        part = planes[some].reshape(-1)
        if apart:
            part.fill(0)
            part[places.reshape(-1)] = entries[some].reshape(-1)
        else:
            part[...] = np.bincount(places.reshape(-1), entries[some].reshape(-1), part.size)

    _by_place(windows, planes, _planes(index), route)
    return x


def scratch(windows: Windows, image: Shape, itemsize: int) -> int:
    """Bytes that each of these takes at most beside its results, of numbers of `itemsize` bytes."""
    (high, wide), counts = image[2:], windows.output("max_pool2d", image[2:])
    channels = _step(np.broadcast_to(np.zeros((), f"f{itemsize}"), (1, high, wide)))
    channels = min(channels, math.prod(image[:2]))
    number = itemsize + 1 + 2 * np.min_scalar_type(math.prod(windows.kernel)).itemsize
    pooled = number * (high * counts[1] + math.prod(counts)) + 3 * high * counts[1]
    indices, doubles = 4 * math.prod(counts), (itemsize < 8) * math.prod(counts) + high * wide
    return int(processors() * channels * max(pooled, 8 * (indices + doubles)))


class _Stage:
    """The largest entry of windows along one axis, and its number; valid until it is called again.

    A number counts taps by `unit`, and from that of the entry where there is one.
    """

    def __init__(
        self, axis: Axis, place: int, first: Shape, entries: Any, numbers: Any, unit: int = 1
    ) -> None:
        shape = replaced(first, place, axis.positions(first[place]))
        self.pairs = pairs(axis, place, first[place])
        self.numbers = [numbers.type(tap * unit) for tap in range(axis.kernel)]
        whole = slice(0, shape[place])
        self.inside = all(at[place] == whole for at, _ in self.pairs)  # none in the padding
        kinds = entries, numbers, np.dtype(bool), numbers
        self.scratch = [np.empty(shape, kind) for kind in kinds]

    def __call__(self, x: Any, within: Any, larger: Larger, out: Any = None) -> tuple[Any, Any]:
        """Of some channels x, in `out` if given; of ties the first, whose number is the least."""
        best, numbers, found, new = (a[: len(x)] for a in self.scratch)
        best, numbers = out or (best, numbers)
        top, held = self._first(x, within, best, numbers)
        for tap, (at, pixels) in enumerate(self.pairs[1:], 1):
            entry, other = x[pixels], top[at]
            number = self.numbers[tap] if within is None else within[pixels] + self.numbers[tap]
            larger(entry, other, out=found[at])
            np.maximum(other, entry, out=best[at])
            np.multiply(found[at].view(np.uint8), number, out=new[at])
            np.maximum(held[at], new[at], out=numbers[at])
            top, held = best, numbers
        if out and top is not best:  # a single tap
            best[...], numbers[...] = top, held
        return top, held

    def _first(self, x: Any, within: Any, best: Any, numbers: Any) -> tuple[Any, Any]:
        """The first tap in the image, and its number: a view where none lies in the padding."""
        (_, pixels), *_ = self.pairs
        if self.inside and within is not None:
            return x[pixels], within[pixels]
        if self.inside:
            numbers.fill(0)
            return x[pixels], numbers
        for (at, pixels), number in reversed(list(zip(self.pairs, self.numbers, strict=True))):
            best[at] = x[pixels]
            numbers[at] = number if within is None else within[pixels] + number
        return best, numbers


def _larger_or_nan(a: Any, b: Any, out: Any) -> None:
    np.logical_and(~(a <= b), b == b, out=out)  # noqa: PLR0124


def _by_place(
    windows: Windows, planes: Any, index: Any, work: Callable[[slice, Any], None]
) -> None:
    """Calls `work` with a few channels and the places that the index names among their pixels."""
    size, (down, along) = planes.shape[1:], windows.axes
    taps = [down.pixel(0, p) * size[1] + along.pixel(0, q) for p, q in np.ndindex(windows.kernel)]
    within = np.array(taps)
    rows, row = (np.arange(n) for n in index.shape[1:])
    windows_at = np.add.outer(rows * (down.stride * size[1]), row * along.stride)

    def visit(run: slice) -> None:
        blocks = _blocks(planes, run)
        count = len(planes[blocks[0]])
        starts = np.add.outer(np.arange(count) * math.prod(size), windows_at)
        places = np.empty(starts.shape, np.intp)
        for some in blocks:
            taps = index[some].astype(np.intp, copy=False)
            here = within.take(taps, out=places[: len(taps)], mode="clip")
            here += starts[: len(taps)]
            work(some, here)

    share(visit, _runs(planes))


def _planes(images: Any) -> Any:
    """N×C×H×W as a row of channels."""
    return images.reshape(-1, *images.shape[2:])


def _runs(planes: Any) -> list[slice]:
    """Channels shared among the processors, a block or more for each."""
    return parts(len(planes), _step(planes))


def _blocks(planes: Any, run: slice) -> list[slice]:
    step = _step(planes)
    return [slice(a, min(a + step, run.stop)) for a in range(run.start, run.stop, step)]


def _step(planes: Any) -> int:
    return int(max(1, BLOCK // planes[0].nbytes))
