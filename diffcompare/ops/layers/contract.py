"""The three contractions of a convolution in NumPy, each as products of matrices.

Images x N×C×H×W, weights w K×(C/g)×kh×kw, outputs y N×K×OH×OW. The windows of an image are the
columns of a matrix, made for a few images at a time so that memory stays bounded. No entry of the
padding meets an infinity or nan: where weights or outputs hold one, the sum is taken tap by tap.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from diffcompare.ops.layers.windows import Windows
from diffcompare.ops.op import Shape

_ENTRIES = 1 << 20
"""Columns are made for as many images at once as give about this many entries."""


def to_output(windows: Windows, x: Any, w: Any, groups: int, shape: Shape) -> Any:
    """The output y of that shape: every window weighted and added up."""
    y = np.zeros(shape, dtype=np.result_type(x, w))
    by_group = _by_group(y, groups)
    if any(windows.pad) and not np.isfinite(w).all():
        kernels, channels = w.reshape(groups, -1, *w.shape[1:]), _by_group(x, groups)
        for tap, at, pixels in windows.taps(x.shape[2:]):
            kernel = kernels[(..., *tap)]
            by_group[(..., *at)] += _mixed("gkc,ngcij->ngkij", kernel, channels[(..., *pixels)])
        return y
    matrix = w.reshape(groups, shape[1] // groups, -1)
    for some in _batches(shape[0], w[0].size * groups * math.prod(shape[2:])):
        columns = windows.view(x[some])
        columns = columns.reshape(len(columns), groups, matrix.shape[2], -1)
        by_group[some] = np.matmul(matrix, columns).reshape(by_group[some].shape)
    return y


def to_image(windows: Windows, y: Any, w: Any, groups: int, shape: Shape) -> Any:
    """The images x of that shape: what each window's weights, times its output, leave on a pixel."""
    x = np.empty(shape, dtype=np.result_type(y, w))
    n, filters, *size = y.shape
    matrix = np.swapaxes(w.reshape(groups, filters // groups, -1), 1, 2)
    for some in _batches(n, w[0].size * groups * math.prod(size)):
        outputs = y[some].reshape(-1, groups, filters // groups, math.prod(size))
        columns = np.matmul(matrix, outputs)
        x[some] = windows.gather(columns.reshape(-1, shape[1], *windows.kernel, *size), shape[2:])
    return x


def to_weights(windows: Windows, x: Any, y: Any, groups: int, shape: Shape) -> Any:
    """The weights w of that shape: every tap's pixels times the outputs, added up."""
    w = np.zeros(shape, dtype=np.result_type(x, y))
    by_group = w.reshape(groups, -1, *shape[1:])
    if any(windows.pad) and not np.isfinite(y).all():
        outputs, channels = _by_group(y, groups), _by_group(x, groups)
        for tap, at, pixels in windows.taps(x.shape[2:]):
            by_group[(..., *tap)] = _mixed(
                "ngkij,ngcij->gkc", outputs[(..., *at)], channels[(..., *pixels)]
            )
        return w
    matrix = by_group.reshape(groups, shape[0] // groups, -1)
    for some in _batches(len(x), math.prod(shape[1:]) * groups * math.prod(y.shape[2:])):
        columns = windows.view(x[some]).transpose(1, 2, 3, 0, 4, 5)
        columns = columns.reshape(groups, matrix.shape[2], -1)
        outputs = y[some].swapaxes(0, 1).reshape(groups, matrix.shape[1], -1)
        matrix += np.matmul(outputs, np.swapaxes(columns, 1, 2))
    return w


def _by_group(images: Any, groups: int) -> Any:
    """N×C×H×W as N×g×(C/g)×H×W, a view where memory allows."""
    n, channels, *size = images.shape
    return images.reshape(n, groups, channels // groups, *size)


def _mixed(subscripts: str, a: Any, b: Any) -> Any:
    return np.einsum(subscripts, a, b)


def _batches(count: int, entries: int) -> Iterator[slice]:
    """Runs of images whose columns together have about `_ENTRIES` entries, at least one image."""
    step = max(1, _ENTRIES // entries)
    return (slice(start, start + step) for start in range(0, count, step))
