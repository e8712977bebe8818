"""Max-pooling of channels H×W: the first largest tap of each window, and what goes by its index.

The largest is found along the width and then along the height, which finds the first in row-major
order too. Channels are taken a few at a time, `BLOCK` bytes of them or one, so that what a window
compares stays in the cache; no more than two or three times that is held beside the results.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from diffcompare.ops.layers.windows import Axis, Windows, met
from diffcompare.ops.op import Shape

BLOCK: Final = 1 << 20
"""Bytes of an image that are worked on at once."""
Larger = Callable[[Any, Any], Any]


def largest(windows: Windows, x: Any) -> Any:
    """The number of the first largest tap of each window of x.

    In the smallest unsigned type that counts the taps. The first nan is larger than any number.
    """
    counts = (axis.positions(n) for axis, n in zip(windows.axes, x.shape[2:], strict=True))
    kind = np.min_scalar_type(math.prod(windows.kernel))
    index = np.empty((*x.shape[:2], *counts), dtype=kind)
    planes, found = _planes(x), _planes(index)
    for some in _blocks(planes):
        best, taps = _largest(windows, planes[some], np.greater, kind)
        if np.isnan(best.max()):
            _, taps = _largest(windows, planes[some], _larger_or_nan, kind)
        found[some] = taps
    return index


def selected(windows: Windows, x: Any, index: Any) -> Any:
    """What each window of x holds at the tap that the index names."""
    y = np.empty(index.shape, dtype=x.dtype)
    planes, taps, out = _planes(x), _planes(index), _planes(y)
    blocks = _blocks(planes)
    pixels = _pixels(windows, taps[blocks[0]].shape, x.shape[2:])
    for some in blocks:
        planes[some].reshape(-1).take(pixels(taps[some]), out=out[some], mode="clip")
    return y


def routed(windows: Windows, held: Any, index: Any, shape: Shape) -> Any:
    """Images of that shape: what windows hold, added up at the pixels that the index names."""
    x = np.empty(shape, dtype=held.dtype)
    planes, parts, taps = _planes(x), _planes(held), _planes(index)
    blocks = _blocks(planes)
    pixels = _pixels(windows, taps[blocks[0]].shape, shape[2:])
    for some in blocks:
        part = planes[some]
        places, weights = pixels(taps[some]).reshape(-1), parts[some].reshape(-1)
        part[...] = np.bincount(places, weights, part.size).reshape(part.shape)
    return x


def summed(windows: Windows, x: Any) -> Any:
    """What each window of x meets, added up: along the width, then along the height."""
    for axis, place in zip(windows.axes[::-1], (3, 2), strict=True):
        pairs = _pairs(axis, place, x.shape[place])
        if axis.before or axis.after:
            total = np.zeros(_with(x.shape, place, axis.positions(x.shape[place])), dtype=x.dtype)
            for at, pixels in pairs:
                total[at] += x[pixels]
            x = total
        else:
            x = sum((x[pixels] for _, pixels in pairs[1:]), start=x[pairs[0][1]])
    return x


def spread(windows: Windows, held: Any, size: Sequence[int]) -> Any:
    """Images of that size: what windows hold, added up at every pixel they meet."""
    for axis, place in zip(windows.axes, (2, 3), strict=True):
        total = np.zeros(_with(held.shape, place, size[place - 2]), dtype=held.dtype)
        for at, pixels in _pairs(axis, place, size[place - 2]):
            total[pixels] += held[at]
        held = total
    return held


def _with(shape: Shape, place: int, size: int) -> Shape:
    return (*shape[:place], size, *shape[place + 1 :])


def _pairs(axis: Axis, place: int, size: int) -> list[tuple[Any, Any]]:
    """For each tap the positions that have it in the image, and the pixels, along that axis."""
    ahead, count = (slice(None),) * place, axis.positions(size)
    edges = (met(axis.pixel(0, tap), axis.stride, count, size) for tap in range(axis.kernel))
    return [((*ahead, at), (*ahead, pixels)) for at, pixels in edges]


def _planes(images: Any) -> Any:
    """N×C×H×W as a row of channels."""
    return images.reshape(-1, *images.shape[2:])


def _blocks(planes: Any) -> list[slice]:
    step = max(1, BLOCK // planes[0].nbytes)
    return [slice(first, first + step) for first in range(0, len(planes), step)]


def _pixels(windows: Windows, shape: Shape, size: Sequence[int]) -> Callable[[Any], Any]:
    """The places that taps have among the pixels of some channels, all of H×W."""
    (height, width), (down, along) = size, windows.axes
    taps = [down.pixel(0, p) * width + along.pixel(0, q) for p, q in np.ndindex(windows.kernel)]
    within, (channels, *counts) = np.array(taps), shape
    rows, row = np.arange(counts[0]) * down.stride * width, np.arange(counts[1]) * along.stride
    starts = np.add.outer(np.arange(channels) * height * width, np.add.outer(rows, row))

    def pixels(index: Any) -> Any:
        places = within.take(index.astype(np.intp, copy=False))
        places += starts[: len(index)]
        return places

    return pixels


def _larger_or_nan(a: Any, b: Any) -> Any:
    return ~(a <= b) & (b == b)  # noqa: PLR0124


def _largest(windows: Windows, planes: Any, larger: Larger, kind: Any) -> tuple[Any, Any]:
    """The largest entry of each window, and its tap."""
    down, along = windows.axes
    best, taps = _along(along, 2, planes, None, kind.type, larger)
    return _along(down, 1, best, taps, lambda p: kind.type(p * along.kernel), larger)


def _along(
    axis: Axis, place: int, x: Any, within: Any, number: Callable[[int], Any], larger: Larger
) -> tuple[Any, Any]:
    """The largest entry of windows along one axis, and its number: the tap's, and that within it."""
    pairs, count = _pairs(axis, place, x.shape[place]), axis.positions(x.shape[place])
    mine = any(at[place] != slice(0, count) for at, _ in pairs)
    if mine:  # some taps lie in the padding
        best = np.empty(_with(x.shape, place, count), dtype=x.dtype)
        numbers = np.empty(best.shape, dtype=type(number(0)))
        for tap in reversed(range(axis.kernel)):  # last the first one
            at, pixels = pairs[tap]
            best[at] = x[pixels]
            numbers[at] = number(tap) if within is None else within[pixels] + number(tap)
    else:
        best = x[pairs[0][1]]
        numbers = np.zeros(best.shape, type(number(0))) if within is None else within[pairs[0][1]]
    for tap, (at, pixels) in enumerate(pairs[1:], 1):
        found, top, held = x[pixels], best[at], numbers[at]
        new = number(tap) if within is None else within[pixels] + number(tap)
        new = larger(found, top).view(np.uint8) * new
        if mine:
            np.maximum(held, new, out=held)
            np.maximum(top, found, out=top)
        else:
            best, numbers, mine = np.maximum(top, found), np.maximum(held, new), True
    return best, numbers
