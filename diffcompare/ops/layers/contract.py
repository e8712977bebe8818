"""The three contractions of a convolution in NumPy, each as products of matrices.

Images x N×C×H×W, weights w K×(C/g)×kh×kw, outputs y N×K×OH×OW. Beside the result they take a few
times `columns.SCRATCH`, as much as the weights, and where images have fewer positions than filters
as much as their block. No entry of the padding meets an infinity or nan: where weights or outputs
hold one, the sum is taken tap by tap.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np

from diffcompare.ops.layers.kernels.columns import Scratch, blocks, columns, joined, parted
from diffcompare.ops.layers.windows import Windows, met
from diffcompare.ops.op import Shape

_THIN: Final = 8
"""Images of fewer channels in a group are gathered tap by tap (measured)."""


def to_output(windows: Windows, x: Any, w: Any, groups: int, shape: Shape) -> Any:
    """The output y of that shape: every window weighted and added up."""
    if any(windows.pad) and not np.isfinite(w).all():
        return _output_by_tap(windows, x, w, groups, shape)
    y = np.empty(shape, dtype=np.result_type(x, w))
    n, filters, height, width = shape
    flat, scratch = y.reshape(n, groups, filters // groups, height * width), Scratch(y.dtype)
    weights = _by_row(w, groups)
    for images, rows, tap, matrix in columns(windows, x, groups, (height, width), filters):
        part = flat[images, :, :, rows.start * width : rows.stop * width]
        if _few(part):
            product = parted(np.matmul(weights[tap], joined(matrix)), len(part))
        elif tap == 0:
            np.matmul(weights[tap], matrix, out=part)
            continue
        else:
            product = np.matmul(weights[tap], matrix, out=scratch(*part.shape))
        np.add(part, product, out=part) if tap else np.copyto(part, product)
    return y


def to_image(windows: Windows, y: Any, w: Any, groups: int, shape: Shape) -> Any:
    """The images x of that shape: what each window's weights, times its output, leave on a pixel.

    For stride 1 it is the convolution of the outputs with the kernel turned by 180°.
    """
    if windows.stride != (1, 1) or shape[1] // groups < _THIN or not np.isfinite(w).all():
        return _gathered(windows, y, w, groups, shape)
    beyond = [axis.extent - 1 - side for axis in windows.axes for side in (axis.before, axis.after)]
    top, bottom, left, right = (max(0, -side) for side in beyond)  # outputs that meet padding only
    met_by = y[:, :, top : y.shape[2] - bottom, left : y.shape[3] - right]
    pad = (max(0, beyond[0]), max(0, beyond[1]), max(0, beyond[2]), max(0, beyond[3]))
    turned = w.reshape(groups, -1, *w.shape[1:]).swapaxes(1, 2)[..., ::-1, ::-1]
    turned = turned.reshape(shape[1], -1, *windows.kernel)
    return to_output(replace(windows, pad=pad), met_by, turned, groups, shape)


def _gathered(windows: Windows, y: Any, w: Any, groups: int, shape: Shape) -> Any:
    """Images, from what is left on them by each tap."""
    x = np.zeros(shape, dtype=np.result_type(y, w))
    n, filters, height, width = y.shape
    (down, along), wide = windows.axes, windows.kernel[1]
    weights, scratch = _by_row(w, groups).mT, Scratch(x.dtype)
    across = [met(along.pixel(0, q), along.stride, width, shape[3]) for q in range(wide)]
    for images, rows in blocks(n, height, shape[1] * wide * width * x.itemsize):
        some, high = x[images], rows.stop - rows.start
        part = y[images, :, rows].reshape(-1, groups, filters // groups, high * width)
        outputs = joined(part) if _few(part) else part
        for p, turned in enumerate(weights):
            out = scratch(len(outputs), groups, turned.shape[1], outputs.shape[3])
            left = np.matmul(turned, outputs, out=out)
            left = parted(left, len(part)) if _few(part) else left
            left = left.reshape(len(part), shape[1], wide, high, width)
            above, tall = met(down.pixel(rows.start, p), down.stride, high, shape[2])
            for q, (beside, long) in enumerate(across):
                some[:, :, tall, long] += left[:, :, q, above, beside]
    return x


def to_weights(windows: Windows, x: Any, y: Any, groups: int, shape: Shape) -> Any:
    """The weights w of that shape: every tap's pixels times the outputs, added up."""
    if not any(windows.pad):
        return _weights(windows, x, y, groups, shape)
    with np.errstate(invalid="ignore"):  # zeros of the padding, which are in no product
        w = _weights(windows, x, y, groups, shape)
    return w if np.isfinite(w).all() else _weights_by_tap(windows, x, y, groups, shape)


def _weights(windows: Windows, x: Any, y: Any, groups: int, shape: Shape) -> Any:
    _, filters, height, width = y.shape
    depth, (high, wide) = filters // groups, windows.kernel
    w = np.zeros((high, groups, depth, shape[1] * wide), dtype=np.result_type(x, y))
    for images, rows, tap, matrix in columns(windows, x, groups, (height, width), filters):
        part = y[images, :, rows].reshape(len(matrix), groups, depth, -1)
        a, b = (joined(part), joined(matrix)) if _few(part) else (part, matrix)
        w[tap] += np.matmul(a, b.mT).sum(axis=0)
    return w.reshape(high, *shape[:2], wide).transpose(1, 2, 0, 3).copy()


def _by_row(w: Any, groups: int) -> Any:
    """Weights as matrices kh×g×(K/g)×(C/g · kw)."""
    filters, depth, high, wide = w.shape
    split = w.reshape(groups, filters // groups, depth, high, wide).transpose(3, 0, 1, 2, 4)
    return split.reshape(high, groups, filters // groups, depth * wide)


def _few(outputs: Any) -> bool:
    """Whether images have fewer positions than filters: their products are taken as one."""
    n, _, filters, positions = outputs.shape
    return bool(n > 1 and positions < filters)


def _output_by_tap(windows: Windows, x: Any, w: Any, groups: int, shape: Shape) -> Any:
    y = np.zeros(shape, dtype=np.result_type(x, w))
    by_group, channels = _by_group(y, groups), _by_group(x, groups)
    kernels = w.reshape(groups, -1, *w.shape[1:])
    for tap, at, pixels in windows.taps(x.shape[2:]):
        pixel, kernel = channels[(..., *pixels)], kernels[(..., *tap)]
        by_group[(..., *at)] += np.einsum("gkc,ngcij->ngkij", kernel, pixel)
    return y


def _weights_by_tap(windows: Windows, x: Any, y: Any, groups: int, shape: Shape) -> Any:
    w = np.zeros(shape, dtype=np.result_type(x, y))
    by_group = w.reshape(groups, -1, *shape[1:])
    outputs, channels = _by_group(y, groups), _by_group(x, groups)
    for tap, at, pixels in windows.taps(x.shape[2:]):
        output, pixel = outputs[(..., *at)], channels[(..., *pixels)]
        by_group[(..., *tap)] = np.einsum("ngkij,ngcij->gkc", output, pixel)
    return w


def _by_group(images: Any, groups: int) -> Any:
    """N×C×H×W as N×g×(C/g)×H×W, a view where memory allows."""
    n, channels, *size = images.shape
    return images.reshape(n, groups, channels // groups, *size)
