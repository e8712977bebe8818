"""Max-pooling of channels against loops: ties, nan, padding, blocks of any size, any layout."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from diffcompare.ops.layers.kernels import pooling, sums
from diffcompare.ops.layers.windows import Windows
from tests.ops.layers import loops
from tests.ops.layers.test_pool import WINDOWS, plain, routed

SHAPE = (2, 3, 7, 6)


def padded(settings: Any) -> Any:
    return (*settings, (0, 0, 0, 0))[:3]


@pytest.mark.parametrize("block", [1, 1000, 1 << 20])
@pytest.mark.parametrize("nans", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("settings", WINDOWS, ids=str)
def test_first_largest(
    settings: Any, nans: float, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pooling, "BLOCK", block)
    rng, (kernel, stride, pad) = np.random.default_rng(3), padded(settings)
    x = rng.choice([-np.inf, -0.0, 0.0, 1.0, np.inf], size=SHAPE)
    x[rng.random(SHAPE) < nans] = np.nan
    x = x.transpose(0, 1, 3, 2)  # in another order in memory
    y, index = plain(x, kernel, stride, pad)
    windows = Windows(kernel, stride, pad)
    got = pooling.largest(windows, x)
    np.testing.assert_array_equal(got, index)
    np.testing.assert_array_equal(pooling.selected(windows, x, got), y)
    held = rng.integers(-8, 8, size=y.shape).astype(float)
    expected = routed(held, index, x.shape, kernel, stride, pad)
    np.testing.assert_array_equal(pooling.routed(windows, held, got, x.shape), expected)


def test_as_many_taps_as_there_are() -> None:
    """More than a byte counts."""
    x = np.zeros((1, 1, 17, 19))
    x[..., -1, -1] = 1.0
    index = pooling.largest(Windows((17, 19)), x)
    assert index.item() == 17 * 19 - 1
    assert pooling.selected(Windows((17, 19)), x, index).item() == 1.0


@pytest.mark.parametrize("settings", WINDOWS, ids=str)
def test_sums(settings: Any) -> None:
    kernel, stride, pad = padded(settings)
    x = np.random.default_rng(4).integers(-8, 8, size=SHAPE).astype(float)
    windows = Windows(kernel, stride, pad)
    size = windows.output("avg_pool2d", SHAPE[2:])
    total, back = np.zeros((*SHAPE[:2], *size)), np.zeros(SHAPE)
    held = np.random.default_rng(5).integers(-8, 8, size=total.shape).astype(float)
    for at, _, pixel in loops.meetings(SHAPE[2:], kernel, stride, pad, (1, 1)):
        total[(..., *at)] += x[(..., *pixel)]
        back[(..., *pixel)] += held[(..., *at)]
    np.testing.assert_array_equal(sums.summed(windows, x), total)
    np.testing.assert_array_equal(sums.spread(windows, held, SHAPE[2:]), back)


def test_float32_stays() -> None:
    x = np.ones(SHAPE, dtype=np.float32)
    windows = Windows((2, 2), (2, 2))
    index = pooling.largest(windows, x)
    y = pooling.selected(windows, x, index)
    assert {y.dtype, pooling.routed(windows, y, index, SHAPE).dtype} == {np.dtype(np.float32)}
    assert {sums.summed(windows, x).dtype, sums.spread(windows, y, SHAPE[2:]).dtype} == {
        np.dtype(np.float32)
    }
