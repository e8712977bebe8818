"""Images from what each tap leaves on them: one product, and sums of shifted runs.

The product has every tap's share of every output. Outputs carry as many columns of zeros as taps
reach beyond the last one, so that a tap's shares of whole rows are one run of numbers, and to shift
it is to begin elsewhere. Pixels a stride apart meet the same taps: their shares are added up side by
side, and each pixel is written once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any, Final

import numpy as np

from diffcompare.ops.layers.kernels.blas import each
from diffcompare.ops.layers.kernels.columns import Scratch, blocks
from diffcompare.ops.layers.windows import Axis, Slices, Windows, met
from diffcompare.ops.op import Shape
from diffcompare.threads import processors

_NARROW: Final = 24
_WIDE: Final = 256
"""Images with fewer columns of outputs are taken side by side, up to so many columns: short runs are
slow, and so are few rows at a time, whose neighbours are computed again (measured)."""


def gathered(windows: Windows, y: Any, w: Any, groups: int, shape: Shape) -> Any:
    """The images of that shape that outputs y leave through weights w, which must be finite.

    Examples
    --------
    >>> y, w = np.array([[[[1.0, 2.0]]]]), np.array([[[[3.0, 4.0, 5.0]]]])
    >>> gathered(Windows((1, 3), stride=(1, 2)), y, w, 1, (1, 1, 1, 5))
    array([[[[ 3.,  4., 11.,  8., 10.]]]])
    """
    if _narrow(windows, y.shape):
        return _side_by_side(windows, y, w, groups, shape)
    (n, _, height, width) = y.shape
    kind, (high, wide) = np.result_type(y, w), windows.kernel
    down, along = map(_Shifts, windows.axes, y.shape[2:], shape[2:])
    x = (np.empty if down.everywhere and along.everywhere else np.zeros)(shape, kind)
    images, outputs = x.reshape(n, groups, -1, *shape[2:]), y.reshape(n, groups, -1, height, width)
    depth, long = images.shape[2], along.count
    turned = w.reshape(groups, -1, depth, high, wide).transpose(0, 3, 4, 2, 1)
    weights = turned.reshape(groups, high * wide * depth, -1)

    def work(blocks: Sequence[Slices]) -> None:
        padded, room, sums = Scratch(kind), Scratch(kind), Scratch(kind)
        for some, rows in blocks:
            above, into = down.outputs(rows), images[some]
            count, tall = len(into), above.stop - above.start
            held = padded(count, groups, weights.shape[2], tall, long)
            held[..., :width], held[..., width:] = outputs[some, :, :, above], 0
            shares = room(count, groups, weights.shape[1], tall * long)
            np.matmul(weights, held.reshape(*held.shape[:3], -1), out=shares)
            shares = shares.reshape(count, groups, high, wide, depth, tall, long)
            total = sums(count, groups, depth, rows.stop - rows.start, long)
            for (p, vertical), (q, horizontal) in product(down.phases, along.phases):
                place, pixels = down.met(p, rows)
                beside, columns = along.met(q, slice(0, long))
                _added(shares, total, [(a, b) for a in vertical for b in horizontal], rows, above)
                into[..., pixels, columns] = total[..., place, beside]

    each(work, _blocks(windows, n, shape[1], down, along, x.itemsize))
    return x


def _side_by_side(windows: Windows, y: Any, w: Any, groups: int, shape: Shape) -> Any:
    """Some images at a time as one, whose columns are theirs in turn."""
    x = np.empty(shape, np.result_type(y, w))

    def work(runs: Sequence[slice]) -> None:
        for run in runs:
            some = y[run].transpose(1, 2, 3, 0)
            n, one = some.shape[3], some.reshape(1, *some.shape[:2], -1)
            whole = 1, *shape[1:3], shape[3] * n
            found = gathered(_apart(windows, n), one, w, groups, whole)
            x[run] = found.reshape(*shape[1:], n).transpose(3, 0, 1, 2)

    many = _joined(y.shape)
    each(work, [slice(k, k + many) for k in range(0, len(y), many)])
    return x


def _joined(y: Shape) -> int:
    """How many images are taken side by side."""
    return min(y[0], -(-_WIDE // y[3]))


def scratch(windows: Windows, y: Shape, weights: Shape, shape: Shape, itemsize: int) -> int:
    """Bytes that `gathered` takes at most beside its images, of numbers of `itemsize` bytes."""
    if _narrow(windows, y):
        many = _joined(y)
        one, whole = (1, *y[1:3], y[3] * many), (1, *shape[1:3], shape[3] * many)
        each_run = scratch(_apart(windows, many), one, weights, whole, itemsize)
        copies = itemsize * (math.prod(one) + 2 * math.prod(whole))
        return min(processors(), -(-y[0] // many)) * (each_run + copies)
    filters = y[1]
    down, along = map(_Shifts, windows.axes, y[2:], shape[2:])
    found = _blocks(windows, y[0], shape[1], down, along, itemsize)
    (images, rows), at_once = found[0], min(processors(), len(found))
    above, high = down.outputs(rows), rows.stop - rows.start
    outputs = (above.stop - above.start) * (filters + shape[1] * math.prod(windows.kernel))
    block = (images.stop - images.start) * along.count * (outputs + shape[1] * high)
    return int(itemsize * (2 * math.prod(weights) + at_once * block))


def _narrow(windows: Windows, y: Shape) -> bool:
    return windows.stride[1] == 1 and y[0] > 1 and y[3] < _NARROW


def _blocks(
    windows: Windows, n: int, channels: int, down: _Shifts, along: _Shifts, itemsize: int
) -> list[Slices]:
    """Images, and rows of their pixels, whose shares are there at once."""
    row = channels * math.prod(windows.kernel) * along.count * itemsize
    return list(blocks(n, down.count, row, room=2))


Tap = tuple[int, int]
"""Its number along an axis, and how far what it leaves is shifted."""


def _added(shares: Any, total: Any, taps: list[tuple[Tap, Tap]], rows: slice, above: slice) -> None:
    """Shares of some taps, each with its shift, of rows `above` of outputs added up in `rows` of pixels."""
    long, flat = total.shape[-1], total.reshape(*total.shape[:-2], -1)
    begun = False
    for (p, lower), (q, right) in taps:
        first, last = max(rows.start, above.start + lower), min(rows.stop, above.stop + lower)
        if first >= last:
            continue
        run = shares[:, :, p, q, :, first - lower - above.start : last - lower - above.start]
        run = run.reshape(*flat.shape[:-1], -1)[..., : (last - first) * long - right]
        start = (first - rows.start) * long + right
        stop = start + run.shape[-1]
        if begun:
            flat[..., start:stop] += run
        else:
            flat[..., :start], flat[..., start:stop], flat[..., stop:] = 0, run, 0
            begun = True
    if not begun:
        flat[...] = 0


class _Shifts:
    """Windows along one axis as shifts: what a tap leaves lies so many rows below its output.

    Pixels are counted a stride apart, from the first that a window may meet.

    Attributes
    ----------
    count : int
        Of these, how many one phase has.
    phases : list of (int, list of (int, int))
        Where pixels begin, and the taps that meet these, each with its shift.
    """

    def __init__(self, axis: Axis, positions: int, size: int) -> None:
        self.axis, self.positions, self.size = axis, positions, size
        apart = [divmod(tap * axis.dilation, axis.stride) for tap in range(axis.kernel)]
        self.reach = apart[-1][0]
        self.count = positions + self.reach
        phases: dict[int, list[Tap]] = {}
        for tap, (shift, phase) in enumerate(apart):
            phases.setdefault(phase, []).append((tap, shift))
        self.phases = list(phases.items())

    @property
    def everywhere(self) -> bool:
        """Whether every pixel of the image is among them."""
        found = (self.met(phase, slice(0, self.count))[0] for phase, _ in self.phases)
        total: int = sum(rows.stop - rows.start for rows in found)
        return total == self.size

    def outputs(self, rows: slice) -> slice:
        """Those that some tap leaves on such rows."""
        return slice(max(0, rows.start - self.reach), min(self.positions, rows.stop))

    def met(self, phase: int, rows: slice) -> Slices:
        """Which of these rows lie in the image, counted from the first of them, and their pixels."""
        first = self.axis.pixel(rows.start, 0) + phase
        return met(first, self.axis.stride, rows.stop - rows.start, self.size)


def _apart(windows: Windows, n: int) -> Windows:
    """Windows of stride 1 along the width, on n images as one: first all of their first columns."""
    top, bottom, left, right = windows.pad
    (down, along), pad = windows.dilation, (top, bottom, left * n, right * n)
    return replace(windows, pad=pad, dilation=(down, along * n))
