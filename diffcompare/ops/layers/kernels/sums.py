"""Sums over the windows of images, and the adjoint of that: along one axis and then the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from diffcompare.ops.layers.kernels.taps import pairs, replaced
from diffcompare.ops.layers.windows import Windows


def summed(windows: Windows, x: Any) -> Any:
    """What each window of x meets, added up: whole rows along the height, then along the width."""
    for axis, place in zip(windows.axes, (2, 3), strict=True):
        taps = pairs(axis, place, x.shape[place])
        if axis.before or axis.after:
            total = np.zeros(replaced(x.shape, place, axis.positions(x.shape[place])), x.dtype)
            for at, pixels in taps:
                total[at] += x[pixels]
            x = total
        elif axis.kernel > 1:
            (_, first), (_, second), *rest = taps
            total = x[first] + x[second]
            for _, pixels in rest:
                total += x[pixels]
            x = total
        else:
            x = x[taps[0][1]]
    return x


def spread(windows: Windows, held: Any, size: Sequence[int]) -> Any:
    """Images of that size: what windows hold, added up at every pixel they meet.

    Pixels are written once where windows do not overlap.
    """
    for axis, place in zip(windows.axes[::-1], (3, 2), strict=True):
        shape = replaced(held.shape, place, size[place - 2])
        apart = axis.stride >= axis.kernel
        tiled = axis == (axis.kernel, axis.kernel, 0, 0, axis.dilation)
        tiled = tiled and shape[place] == axis.kernel * held.shape[place]
        total = (np.empty if tiled else np.zeros)(shape, held.dtype)
        for at, pixels in pairs(axis, place, size[place - 2]):
            if apart:
                total[pixels] = held[at]
            else:
                total[pixels] += held[at]
        held = total
    return held
