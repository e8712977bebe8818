"""The three contractions of a convolution in NumPy, each as products of matrices.

Images x N×C×H×W, weights w K×(C/g)×kh×kw, outputs y N×K×OH×OW. Beside the result they take a few
times `columns.SCRATCH` for each thread, up to five times as much as the weights, and where images
have fewer positions than filters as much as their block. No entry of the padding meets an infinity or nan: where weights or outputs
hold one, the sum is taken tap by tap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, product
from typing import Any, Final

import numpy as np

from diffcompare.ops.layers.kernels.blas import each
from diffcompare.ops.layers.kernels.columns import (
    Columns,
    Phase,
    Scratch,
    blocks,
    joined,
    parted,
    phases,
)
from diffcompare.ops.layers.windows import Slices, Windows, met
from diffcompare.ops.op import Shape

_THIN: Final = 8
"""Images of fewer channels in a group are gathered tap by tap (measured)."""
_NARROW: Final = 40
"""Images with fewer columns of outputs are gathered side by side: short rows are slow (measured)."""
_TOTALS: Final = 4
"""Weights are added up in so many parts, whatever the number of threads: so bits do not depend on it."""


def to_output(windows: Windows, x: Any, w: Any, groups: int, shape: Shape) -> Any:
    """The output y of that shape: every window weighted and added up."""
    if any(windows.pad) and not np.isfinite(w).all():
        return _output_by_tap(windows, x, w, groups, shape)
    y = np.empty(shape, dtype=np.result_type(x, w))
    n, filters, height, width = shape
    flat = y.reshape(n, groups, filters // groups, height * width)
    weights, columns = _by_row(w, groups), Columns(windows, x, groups, (height, width), filters)

    def work(blocks: Sequence[Slices]) -> None:
        band, scratch = Scratch(x.dtype), Scratch(y.dtype)
        for images, rows in blocks:
            part = flat[images, :, :, rows.start * width : rows.stop * width]
            for tap, matrix in enumerate(columns.of(images, rows, band)):
                if _few(part):
                    found = parted(np.matmul(weights[tap], joined(matrix)), len(part))
                elif tap == 0:
                    np.matmul(weights[tap], matrix, out=part)
                    continue
                else:
                    found = np.matmul(weights[tap], matrix, out=scratch(*part.shape))
                np.add(part, found, out=part) if tap else np.copyto(part, found)

    each(work, columns.blocks)
    return y


def to_image(windows: Windows, y: Any, w: Any, groups: int, shape: Shape) -> Any:
    """The images x of that shape: what each window's weights, times its output, leave on a pixel.

    Pixels a stride apart meet the same taps: they are the convolution of the outputs with those
    taps, turned by 180°.
    """
    if shape[1] // groups < _THIN or not np.isfinite(w).all():
        return _gathered(windows, y, w, groups, shape)
    weights = w.reshape(groups, -1, *w.shape[1:]).swapaxes(1, 2)
    weights = weights.reshape(shape[1], -1, *windows.kernel)
    high, wide = (
        list(phases(*sizes)) for sizes in zip(windows.axes, shape[2:], y.shape[2:], strict=True)
    )

    def pixels(images: slice, above: Phase, beside: Phase, shape: Shape) -> Any:
        on = Windows.of(above.windows, beside.windows)
        outputs = y[images, :, above.outputs, beside.outputs]
        return to_output(on, outputs, weights[:, :, above.taps, beside.taps], groups, shape)

    if windows.stride == (1, 1) and high and wide:
        return pixels(slice(None), high[0], wide[0], shape)
    x = np.zeros(shape, dtype=np.result_type(y, w))

    def work(blocks: Sequence[Slices]) -> None:
        for (images, _), above, beside in product(blocks, high, wide):
            part = x[images, :, above.pixels, beside.pixels]
            part[...] = pixels(images, above, beside, part.shape)

    each(work, list(blocks(len(x), 1, x[0].nbytes)))
    return x


def _gathered(windows: Windows, y: Any, w: Any, groups: int, shape: Shape) -> Any:
    """Images, from what is left on them by each tap."""
    n, filters, height, width = y.shape
    if windows.stride[1] == 1 and n > 1 and width < _NARROW:
        one = 1, *shape[1:3], shape[3] * n
        side_by_side = y.transpose(1, 2, 3, 0).reshape(1, filters, height, width * n)
        x = _gathered(_apart(windows, n), side_by_side, w, groups, one)
        return x.reshape(*shape[1:], n).transpose(3, 0, 1, 2).copy()
    x = np.zeros(shape, dtype=np.result_type(y, w))
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


def _apart(windows: Windows, n: int) -> Windows:
    """Windows of stride 1 along the width, on n images as one: first all of their first columns."""
    top, bottom, left, right = windows.pad
    (down, along), pad = windows.dilation, (top, bottom, left * n, right * n)
    return replace(windows, pad=pad, dilation=(down, along * n))


def to_weights(windows: Windows, x: Any, y: Any, groups: int, shape: Shape) -> Any:
    """The weights w of that shape: every tap's pixels times the outputs, added up."""
    if not any(windows.pad):
        return _weights(windows, x, y, groups, shape)
    with np.errstate(invalid="ignore"):  # zeros of the padding, which are in no product
        w = _weights(windows, x, y, groups, shape)
    return w if np.isfinite(w).all() else _weights_by_tap(windows, x, y, groups, shape)


def _weights(windows: Windows, x: Any, y: Any, groups: int, shape: Shape) -> Any:
    _, filters, height, width = y.shape
    depth, (high, wide), kind = filters // groups, windows.kernel, np.result_type(x, y)
    columns = Columns(windows, x, groups, (height, width), filters)

    def work(parts: Sequence[list[Slices]]) -> list[Any]:
        return [total(blocks) for blocks in parts]

    def total(blocks: list[Slices]) -> Any:
        w, band = np.zeros((high, groups, shape[1] * wide, depth), kind), Scratch(x.dtype)
        for images, rows in blocks:
            outputs = y[images, :, rows].reshape(
                -1, groups, depth, (rows.stop - rows.start) * width
            )
            a = joined(outputs) if _few(outputs) else outputs
            for tap, matrix in enumerate(columns.of(images, rows, band)):
                b = joined(matrix) if _few(outputs) else matrix
                w[tap] += np.matmul(b, a.mT).sum(axis=0)
        return w

    step = -(-len(columns.blocks) // _TOTALS)
    parts = [columns.blocks[k : k + step] for k in range(0, len(columns.blocks), step)]
    w = sum(chain.from_iterable(each(work, parts)))
    w = w.reshape(high, groups, shape[1], wide, depth).transpose(1, 4, 2, 0, 3)
    return w.reshape(shape)


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
