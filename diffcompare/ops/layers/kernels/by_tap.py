"""The contractions of a convolution tap by tap: no product that is not asked for, so no 0 · ∞."""

from __future__ import annotations

from typing import Any

import numpy as np

from diffcompare.ops.layers.windows import Windows
from diffcompare.ops.op import Shape


def output_by_tap(windows: Windows, x: Any, w: Any, groups: int, shape: Shape) -> Any:
    """The outputs of that shape, as `contract.to_output` has them."""
    y = np.zeros(shape, dtype=np.result_type(x, w))
    by_group, channels = _by_group(y, groups), _by_group(x, groups)
    kernels = w.reshape(groups, -1, *w.shape[1:])
    for tap, at, pixels in windows.taps(x.shape[2:]):
        pixel, kernel = channels[(..., *pixels)], kernels[(..., *tap)]
        by_group[(..., *at)] += np.einsum("gkc,ngcij->ngkij", kernel, pixel)
    return y


def image_by_tap(windows: Windows, y: Any, w: Any, groups: int, shape: Shape) -> Any:
    """The images of that shape, as `contract.to_image` has them."""
    x = np.zeros(shape, dtype=np.result_type(y, w))
    channels, outputs = _by_group(x, groups), _by_group(y, groups)
    kernels = w.reshape(groups, -1, *w.shape[1:])
    for tap, at, pixels in windows.taps(shape[2:]):
        output, kernel = outputs[(..., *at)], kernels[(..., *tap)]
        channels[(..., *pixels)] += np.einsum("gkc,ngkij->ngcij", kernel, output)
    return x


def weights_by_tap(windows: Windows, x: Any, y: Any, groups: int, shape: Shape) -> Any:
    """The weights of that shape, as `contract.to_weights` has them."""
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
