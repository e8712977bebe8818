"""The three contractions of a convolution in NumPy, each as products of matrices.

Images x N×C×H×W, weights w K×(C/g)×kh×kw, outputs y N×K×OH×OW. No entry of the padding meets an
infinity or nan: where weights or outputs hold one, the sum is taken tap by tap.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, Final

import numpy as np

from diffcompare.ops.layers.kernels import gathering
from diffcompare.ops.layers.kernels.blas import each
from diffcompare.ops.layers.kernels.by_tap import image_by_tap, output_by_tap, weights_by_tap
from diffcompare.ops.layers.kernels.columns import Columns, Scratch, joined, parted
from diffcompare.ops.layers.kernels.gathering import gathered
from diffcompare.ops.layers.windows import Slices, Windows
from diffcompare.ops.op import Shape
from diffcompare.threads import processors

_THIN: Final = 8
"""Images of fewer channels in a group are gathered tap by tap (measured)."""
_OUTPUTS: Final = 2
_WEIGHTS: Final = 4
"""How many times as many filters as taps make whole columns worth their copies (measured)."""
_TOTALS: Final = 4
"""Weights are added up in so many parts, whatever the number of threads: so bits do not depend on it."""


def to_output(windows: Windows, x: Any, w: Any, groups: int, shape: Shape) -> Any:
    """The output y of that shape: every window weighted and added up."""
    if any(windows.pad) and not np.isfinite(w).all():
        return output_by_tap(windows, x, w, groups, shape)
    y = np.empty(shape, dtype=np.result_type(x, w))
    n, filters, height, width = shape
    flat = y.reshape(n, groups, filters // groups, height * width)
    columns = _columns(windows, x, groups, shape, w.shape, _OUTPUTS)
    weights = _by_row(w, groups)
    if columns.whole:
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


def output_scratch(
    windows: Windows, image: Shape, weights: Shape, groups: int, output: Shape, itemsize: int
) -> int:
    """Bytes that `to_output` takes at most beside its result, of finite numbers of `itemsize` bytes."""
    columns = _columns(windows, _blank(image, itemsize), groups, output, weights, _OUTPUTS)
    return columns.scratch + 3 * itemsize * math.prod(weights)


def to_image(windows: Windows, y: Any, w: Any, groups: int, shape: Shape) -> Any:
    """The images x of that shape: what each window's weights, times its output, leave on a pixel.

    For stride 1 they are the convolution of the outputs with the taps turned by 180°.
    """
    if not np.isfinite(w).all():
        return image_by_tap(windows, y, w, groups, shape)
    full = _full(windows, shape[1] // groups)
    if full is None:
        return gathered(windows, y, w, groups, shape)
    weights = w.reshape(groups, -1, *w.shape[1:]).swapaxes(1, 2)
    turned = weights.reshape(shape[1], -1, *windows.kernel)[:, :, ::-1, ::-1]
    return to_output(full, y, turned, groups, shape)


def image_scratch(
    windows: Windows, output: Shape, weights: Shape, groups: int, image: Shape, itemsize: int
) -> int:
    """Those of `to_image`."""
    full = _full(windows, image[1] // groups)
    if full is None:
        return gathering.scratch(windows, output, weights, image, itemsize)
    turned = groups * weights[1], weights[0] // groups, *weights[2:]
    copied = 2 * itemsize * math.prod(weights)
    return copied + output_scratch(full, output, turned, groups, image, itemsize)


def _full(windows: Windows, channels: int) -> Windows | None:
    """The windows whose convolution of outputs has the images; None where shares are gathered."""
    top, bottom, left, right = windows.pad
    high, wide = (axis.extent - 1 for axis in windows.axes)
    pad = high - top, high - bottom, wide - left, wide - right
    thin = channels < _THIN
    return None if thin or windows.stride != (1, 1) or min(pad) < 0 else replace(windows, pad=pad)


def to_weights(windows: Windows, x: Any, y: Any, groups: int, shape: Shape) -> Any:
    """The weights w of that shape: every tap's pixels times the outputs, added up."""
    if not any(windows.pad):
        return _weights(windows, x, y, groups, shape)
    with np.errstate(invalid="ignore"):  # zeros of the padding, which are in no product
        w = _weights(windows, x, y, groups, shape)
    return w if np.isfinite(w).all() else weights_by_tap(windows, x, y, groups, shape)


def weights_scratch(
    windows: Windows, image: Shape, output: Shape, groups: int, weights: Shape, itemsize: int
) -> int:
    """Those of `to_weights`."""
    columns = _columns(windows, _blank(image, itemsize), groups, output, weights, _WEIGHTS)
    images, rows = columns.blocks[0]
    positions = (rows.stop - rows.start) * output[3]
    few = positions < output[1] // groups
    count: int = 1 if few else images.stop - images.start
    parts = min(_TOTALS, len(columns.blocks))
    rows_at_once = windows.kernel[0] if columns.whole else 1
    product = count * math.prod(weights) * rows_at_once // windows.kernel[0]
    return columns.scratch + itemsize * (
        2 * processors() * product + (parts + 3) * math.prod(weights)
    )


def _weights(windows: Windows, x: Any, y: Any, groups: int, shape: Shape) -> Any:
    _, filters, _, width = y.shape
    depth, (high, wide), kind = filters // groups, windows.kernel, np.result_type(x, y)
    columns = _columns(windows, x, groups, y.shape, shape, _WEIGHTS)
    at_once, taps = (1, high * shape[1] * wide) if columns.whole else (high, shape[1] * wide)

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
    rows = w.reshape(groups, high, -1).swapaxes(0, 1) if columns.whole else w
    w = rows.reshape(high, groups, shape[1], wide, depth).transpose(1, 4, 2, 0, 3)
    return w.reshape(shape)


def _by_row(w: Any, groups: int) -> Any:
    """Weights as matrices kh×g×(K/g)×(C/g · kw)."""
    filters, depth, high, wide = w.shape
    split = w.reshape(groups, filters // groups, depth, high, wide).transpose(3, 0, 1, 2, 4)
    return split.reshape(high, groups, filters // groups, depth * wide)


def _columns(
    windows: Windows, x: Any, groups: int, output: Shape, weights: Shape, times: int
) -> Columns:
    """Whole where there are more filters than so many times the taps of a row, in all channels.

    Then it costs less to copy these for each row of the kernel than to add up products for each.
    """
    filters, depth, _, wide = weights
    whole = filters > times * groups * depth * wide
    return Columns(windows, x, groups, output[2:], filters, whole)


def _blank(shape: Shape, itemsize: int) -> Any:
    """What stands for images of numbers of so many bytes, and takes none."""
    return np.broadcast_to(np.zeros((), f"f{itemsize}"), shape)


def _few(outputs: Any) -> bool:
    """Whether images have fewer positions than filters: their products are taken as one."""
    n, _, filters, positions = outputs.shape
    return bool(n > 1 and positions < filters)
