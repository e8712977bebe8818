"""The three contractions of a convolution in NumPy, each as products of matrices.

Images x N×C×H×W, weights w K×(C/g)×kh×kw, outputs y N×K×OH×OW. Beside the result they take a few
times `columns.SCRATCH` for each thread, up to five times as much as the weights, and where images
have fewer positions than filters as much as their block. No entry of the padding meets an infinity or nan: where weights or outputs
hold one, the sum is taken tap by tap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, Final

import numpy as np

from diffcompare.ops.layers.kernels.blas import each
from diffcompare.ops.layers.kernels.columns import Columns, Scratch, joined, parted
from diffcompare.ops.layers.kernels.gathering import gathered
from diffcompare.ops.layers.windows import Slices, Windows
from diffcompare.ops.op import Shape

_THIN: Final = 8
"""Images of fewer channels in a group are gathered tap by tap (measured)."""
_TOTALS: Final = 4
"""Weights are added up in so many parts, whatever the number of threads: so bits do not depend on it."""


def to_output(windows: Windows, x: Any, w: Any, groups: int, shape: Shape) -> Any:
    """The output y of that shape: every window weighted and added up."""
    if any(windows.pad) and not np.isfinite(w).all():
        return _output_by_tap(windows, x, w, groups, shape)
    y = np.empty(shape, dtype=np.result_type(x, w))
    n, filters, height, width = shape
    flat = y.reshape(n, groups, filters // groups, height * width)
    whole = _shallow(w.shape, groups, 2)
    columns = Columns(windows, x, groups, (height, width), filters, whole)
    weights = _by_row(w, groups)
    if whole:
        weights = np.concatenate(weights, axis=-1)[np.newaxis]

    def work(blocks: Sequence[Slices]) -> None:
        read, scratch = columns.reader(), Scratch(y.dtype)
        for images, rows in blocks:
            part = flat[images, :, :, rows.start * width : rows.stop * width]
            for tap, matrix in enumerate(read(images, rows)):
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

    For stride 1 they are the convolution of the outputs with the taps turned by 180°.
    """
    if not np.isfinite(w).all():
        return _image_by_tap(windows, y, w, groups, shape)
    top, bottom, left, right = windows.pad
    high, wide = (axis.extent - 1 for axis in windows.axes)
    full = high - top, high - bottom, wide - left, wide - right
    if shape[1] // groups < _THIN or windows.stride != (1, 1) or min(full) < 0:
        return gathered(windows, y, w, groups, shape)
    weights = w.reshape(groups, -1, *w.shape[1:]).swapaxes(1, 2)
    turned = weights.reshape(shape[1], -1, *windows.kernel)[:, :, ::-1, ::-1]
    return to_output(replace(windows, pad=full), y, turned, groups, shape)


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
    whole = _shallow(shape, groups, 4)
    columns = Columns(windows, x, groups, (height, width), filters, whole)
    at_once, taps = (1, high * shape[1] * wide) if whole else (high, shape[1] * wide)

    def work(parts: Sequence[list[Slices]]) -> list[Any]:
        return [total(blocks) for blocks in parts]

    def total(blocks: list[Slices]) -> Any:
        w, read = np.zeros((at_once, groups, taps, depth), kind), columns.reader()
        for images, rows in blocks:
            outputs = y[images, :, rows].reshape(
                -1, groups, depth, (rows.stop - rows.start) * width
            )
            a = joined(outputs) if _few(outputs) else outputs
            for tap, matrix in enumerate(read(images, rows)):
                b = joined(matrix) if _few(outputs) else matrix
                w[tap] += np.matmul(b, a.mT).sum(axis=0)
        return w

    step = -(-len(columns.blocks) // _TOTALS)
    parts = [columns.blocks[k : k + step] for k in range(0, len(columns.blocks), step)]
    w = sum(chain.from_iterable(each(work, parts)))
    rows = w.reshape(groups, high, -1).swapaxes(0, 1) if whole else w
    w = rows.reshape(high, groups, shape[1], wide, depth).transpose(1, 4, 2, 0, 3)
    return w.reshape(shape)


def _by_row(w: Any, groups: int) -> Any:
    """Weights as matrices kh×g×(K/g)×(C/g · kw)."""
    filters, depth, high, wide = w.shape
    split = w.reshape(groups, filters // groups, depth, high, wide).transpose(3, 0, 1, 2, 4)
    return split.reshape(high, groups, filters // groups, depth * wide)


def _shallow(shape: Shape, groups: int, times: int) -> bool:
    """Whether weights have more filters than so many times the taps of a row, in all channels.

    Then it costs less to copy these for each row of the kernel than to add up outputs for each
    (measured: 2 for the outputs themselves, 4 for the weights).
    """
    filters, depth, _, wide = shape
    return filters > times * groups * depth * wide


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


def _image_by_tap(windows: Windows, y: Any, w: Any, groups: int, shape: Shape) -> Any:
    x = np.zeros(shape, dtype=np.result_type(y, w))
    channels, outputs = _by_group(x, groups), _by_group(y, groups)
    kernels = w.reshape(groups, -1, *w.shape[1:])
    for tap, at, pixels in windows.taps(shape[2:]):
        output, kernel = outputs[(..., *at)], kernels[(..., *tap)]
        channels[(..., *pixels)] += np.einsum("gkc,ngkij->ngcij", kernel, output)
    return x


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
