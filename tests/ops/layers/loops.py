"""Layers of images by plain loops over their formulas: what values and gradients must come out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

Meeting = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]


def meetings(
    size: tuple[int, int],
    kernel: tuple[int, int],
    stride: tuple[int, int] = (1, 1),
    pad: tuple[int, int, int, int] = (0, 0, 0, 0),
    dilation: tuple[int, int] = (1, 1),
) -> Iterator[Meeting]:
    """(position, tap, pixel) of all that meet in the image, by sliding over the padded image."""
    top, bottom, left, right = pad
    spread = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
    for i, a in enumerate(range(-top, size[0] + bottom - spread[0] + 1, stride[0])):
        for j, b in enumerate(range(-left, size[1] + right - spread[1] + 1, stride[1])):
            for p, q in np.ndindex(kernel):
                row, column = a + p * dilation[0], b + q * dilation[1]
                if 0 <= row < size[0] and 0 <= column < size[1]:
                    yield (i, j), (p, q), (row, column)


def output_size(
    size: tuple[int, int],
    kernel: tuple[int, int],
    stride: tuple[int, int] = (1, 1),
    pad: tuple[int, int, int, int] = (0, 0, 0, 0),
    dilation: tuple[int, int] = (1, 1),
) -> tuple[int, int]:
    """How often a window can be moved on until it leaves the padded image."""
    result = []
    for axis in range(2):
        room = size[axis] + pad[2 * axis] + pad[2 * axis + 1]
        start, count = 0, 0
        while start + (kernel[axis] - 1) * dilation[axis] < room:
            start, count = start + stride[axis], count + 1
        result.append(count)
    return result[0], result[1]


def conv2d(
    x: Any, w: Any, y_bar: Any = None, groups: int = 1, **settings: Any
) -> tuple[Any, Any, Any]:
    """Value, and the gradients of Σ ȳ·y by x and w."""
    (n, c, *size), (filters, depth, *kernel) = x.shape, w.shape
    met = list(meetings(tuple(size), tuple(kernel), **settings))
    y = np.zeros((n, filters, *output_size(tuple(size), tuple(kernel), **settings)))
    y_bar = np.ones(y.shape) if y_bar is None else y_bar
    x_bar, w_bar = np.zeros(x.shape), np.zeros(w.shape)
    for group in range(groups):
        for k in range(group * filters // groups, (group + 1) * filters // groups):
            for image, d in np.ndindex(n, depth):
                channel = group * c // groups + d
                for at, tap, pixel in met:
                    place = (image, channel, *pixel)
                    y[(image, k, *at)] += x[place] * w[(k, d, *tap)]
                    x_bar[place] += y_bar[(image, k, *at)] * w[(k, d, *tap)]
                    w_bar[(k, d, *tap)] += y_bar[(image, k, *at)] * x[place]
    return y, x_bar, w_bar


def locally_connected2d(x: Any, w: Any, y_bar: Any, **settings: Any) -> tuple[Any, Any, Any]:
    """Value, and the gradients of Σ ȳ·y by x and w."""
    met = list(meetings(x.shape[2:], w.shape[2:4], **settings))
    y = np.zeros((len(x), len(w), *w.shape[4:]))
    x_bar, w_bar = np.zeros(x.shape), np.zeros(w.shape)
    for n, k, c in np.ndindex(len(x), *w.shape[:2]):
        for at, tap, pixel in met:
            weight = (k, c, *tap, *at)
            y[(n, k, *at)] += x[(n, c, *pixel)] * w[weight]
            x_bar[(n, c, *pixel)] += y_bar[(n, k, *at)] * w[weight]
            w_bar[weight] += y_bar[(n, k, *at)] * x[(n, c, *pixel)]
    return y, x_bar, w_bar
