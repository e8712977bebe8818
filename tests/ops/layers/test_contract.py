"""The contractions in NumPy: many images in batches, tap by tap where something is not finite."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from diffcompare.ops.layers import contract
from diffcompare.ops.layers.conv import Conv2d
from diffcompare.ops.layers.kernels import columns
from diffcompare.ops.layers.windows import Windows
from tests.ops.layers import loops
from tests.ops.layers.checks import close, random

GEOMETRY: dict[str, Any] = {"stride": (2, 1), "pad": (1, 0, 2, 1), "dilation": (1, 2)}


@pytest.mark.parametrize("entries", [1, 3000, 1 << 30])
@pytest.mark.parametrize("filters", [6, 40], ids=["few", "many"])
@pytest.mark.parametrize("channels", [4, 16], ids=["thin", "deep"])
@pytest.mark.parametrize("stride", [(2, 1), (1, 1)], ids=str)
@pytest.mark.parametrize("groups", [1, 2])
def test_batches(
    entries: int, filters: int, channels: int, stride: Any, groups: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(columns, "SCRATCH", 8 * entries)
    geometry = GEOMETRY | {"stride": stride}
    x, w = random((7, channels, 5, 6), 1), random((filters, channels // groups, 3, 2), 2)
    shape = Conv2d(**geometry, groups=groups).shape([x.shape, w.shape])
    y_bar, windows = random(shape, 3), Windows((3, 2), **geometry)
    y, x_bar, w_bar = loops.conv2d(x, w, y_bar, groups=groups, **geometry)
    close(contract.to_output(windows, x, w, groups, shape), y)
    close(contract.to_image(windows, y_bar, w, groups, x.shape), x_bar)
    close(contract.to_weights(windows, x, y_bar, groups, w.shape), w_bar)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("groups", [1, 2])
def test_tap_by_tap(bad: float, groups: int) -> None:
    x, w = random((2, 4, 5, 6), 1), random((6, 4 // groups, 3, 2), 2)
    w[3, 1, 0, 1] = bad
    y_bar = random(Conv2d(**GEOMETRY, groups=groups).shape([x.shape, w.shape]), 3)
    y_bar[1, 5, 0, 2] = bad
    with np.errstate(invalid="ignore"):
        y, _, _ = loops.conv2d(x, w, groups=groups, **GEOMETRY)
        _, _, w_bar = loops.conv2d(x, np.ones(w.shape), y_bar, groups=groups, **GEOMETRY)
        _, x_bar, _ = loops.conv2d(x, w, y_bar, groups=groups, **GEOMETRY)
        windows = Windows((3, 2), **GEOMETRY)
        found = [
            (contract.to_output(windows, x, w, groups, y.shape), y),
            (contract.to_image(windows, y_bar, w, groups, x.shape), x_bar),
            (contract.to_weights(windows, x, y_bar, groups, w.shape), w_bar),
        ]
    for got, true in found:
        lost = ~np.isfinite(true)
        assert lost.any() and not lost.all()
        np.testing.assert_array_equal(got[lost], true[lost])
        close(got[~lost], true[~lost])
