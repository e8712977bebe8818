"""Images gathered from outputs against loops, in blocks of any size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from diffcompare.ops.layers.kernels import columns, gathering
from diffcompare.ops.layers.windows import Windows
from tests.ops.layers import loops
from tests.ops.layers.checks import close, random
from tests.ops.layers.kernels.test_columns import GEOMETRIES

MORE: list[Any] = [
    ((2, 2), (2, 2), (0, 0, 0, 0), (1, 1)),
    ((3, 3), (2, 2), (1, 1, 1, 1), (2, 2)),  # pixels that nothing meets
    ((2, 1), (4, 3), (0, 0, 0, 0), (1, 1)),
    ((3, 2), (1, 1), (3, 4, 2, 2), (1, 1)),  # outputs that meet nothing
]


@pytest.mark.parametrize(("narrow", "wide"), [(0, 1), (40, 8), (40, 256)])
@pytest.mark.parametrize("scratch", [1, 3000, 1 << 22])
@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("geometry", GEOMETRIES + MORE, ids=str)
def test_against_loops(
    geometry: Any,
    groups: int,
    scratch: int,
    narrow: int,
    wide: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(columns, "SCRATCH", scratch)
    monkeypatch.setattr(gathering, "_NARROW", narrow)
    monkeypatch.setattr(gathering, "_WIDE", wide)
    windows, (kernel, stride, pad, dilation) = Windows(*geometry), geometry
    x, w = random((3, 4, 6, 5), 1), random((6, 4 // groups, *kernel), 2)
    y = random((3, 6, *windows.output("conv2d", x.shape[2:])), 3)
    settings = {"stride": stride, "pad": pad, "dilation": dilation, "groups": groups}
    _, expected, _ = loops.conv2d(x, w, y, **settings)
    close(gathering.gathered(windows, y, w, groups, x.shape), expected)
    close(gathering.gathered(windows, y[:1, ::-1], w[::-1], groups, (1, *x.shape[1:])),
          loops.conv2d(x[:1], w[::-1], y[:1, ::-1], **settings)[1])  # fmt: skip


def test_floats_of_half_the_size_stay() -> None:
    y, w = np.ones((1, 1, 2, 2), np.float32), np.ones((1, 1, 2, 2), np.float32)
    assert gathering.gathered(Windows((2, 2)), y, w, 1, (1, 1, 3, 3)).dtype == np.float32
