"""Winograd's convolution F(2×2, 3×3) in NumPy: 16 products for 4 outputs in place of 36.

It is measured beside our kernels and not among them: what the transforms cost beyond the cache is
more than the products save. Its rounding is relative to the largest pixel of a tile, so that an output
may be wrong by what lies outside its window. Source: A. Lavin, S. Gray, Fast algorithms for
convolutional neural networks, 2016.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from diffcompare.ops.layers.kernels.blas import each
from diffcompare.ops.op import Shape

_KERNEL: Final = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])


def winograd(x: Any, w: Any, pad: int, shape: Shape) -> Any:
    """The outputs of 3×3 windows one pixel apart, of even height and width, one image at a time."""
    (filters, channels), (high, wide), kind = w.shape[:2], (n // 2 for n in shape[2:]), x.dtype
    y = np.empty(shape, kind)
    kernel = np.einsum("ap,kcpq,bq->abkc", _KERNEL, w, _KERNEL).astype(kind)
    weights = np.ascontiguousarray(kernel).reshape(16, filters, channels)

    def work(images: Sequence[int]) -> None:
        padded = np.zeros((channels, 2 * high + 2, 2 * wide + 2), kind)
        rows = np.empty((4, channels, high, 2 * wide + 2), kind)
        tiles = np.empty((4, 4, channels, high, wide), kind)
        products, sums = (np.empty((k, 4, filters, high, wide), kind) for k in (4, 2))
        inside = tuple(slice(pad, pad + n) for n in x.shape[2:])
        for image in images:
            padded[(slice(None), *inside)] = x[image]
            _differences([padded[:, k : k + 2 * high - 1 : 2] for k in range(4)], rows)
            columns = [rows[..., k : k + 2 * wide - 1 : 2] for k in range(4)]
            _differences(columns, tiles.swapaxes(0, 1))
            flat = tiles.reshape(16, channels, -1)
            np.matmul(weights, flat, out=products.reshape(16, filters, -1))
            _sums(products, sums)
            for k, part in enumerate(sums):
                _sums(part, [y[image, :, k::2, q::2] for q in range(2)])

    each(work, range(len(x)))
    return y


def _differences(d: Sequence[Any], out: Any) -> None:
    """Pixels of tiles that overlap by two, one axis transformed."""
    np.subtract(d[0], d[2], out=out[0])
    np.add(d[1], d[2], out=out[1])
    np.subtract(d[2], d[1], out=out[2])
    np.subtract(d[1], d[3], out=out[3])


def _sums(m: Any, out: Sequence[Any]) -> None:
    """Outputs from what was multiplied, one axis transformed; m[0] and m[1] are written over."""
    np.add(m[0], m[1], out=m[0])
    np.add(m[0], m[2], out=out[0])
    np.subtract(m[1], m[2], out=m[1])
    np.subtract(m[1], m[3], out=out[1])
