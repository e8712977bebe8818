"""Columns against windows slid by hand, in blocks of any size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from diffcompare.ops.layers.kernels import columns as home
from diffcompare.ops.layers.kernels.columns import Columns, blocks, joined, parted
from diffcompare.ops.layers.windows import Windows
from tests.ops.layers import loops

GEOMETRIES: list[Any] = [
    ((3, 2), (1, 1), (0, 0, 0, 0), (1, 1)),
    ((3, 3), (2, 1), (1, 2, 0, 1), (1, 2)),
    ((2, 3), (3, 2), (4, 0, 2, 3), (2, 1)),
    ((1, 1), (1, 1), (0, 0, 0, 0), (1, 1)),
    ((4, 1), (2, 3), (0, 1, 0, 0), (1, 1)),
]


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("scratch", [1, 1000, 1 << 22])
@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("geometry", GEOMETRIES, ids=str)
def test_against_windows_slid_by_hand(
    geometry: Any, groups: int, scratch: int, whole: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home, "SCRATCH", scratch)
    windows, size = Windows(*geometry), (6, 5)
    x = np.arange(1.0, 1 + 3 * 4 * 30).reshape(3, 4, *size)
    high, wide = windows.output("conv2d", size)
    expected = np.zeros((3, 4, *windows.kernel, high, wide))
    for at, tap, pixel in loops.meetings(size, *geometry):
        expected[(..., *tap, *at)] = x[(..., *pixel)]
    got = np.full(expected.shape, np.nan)
    found = Columns(windows, x[:, :, ::1], groups, (high, wide), 2, whole)
    read, at_once = found.reader(), windows.kernel[0] if whole else 1
    for images, rows in found.blocks:
        for turn, matrix in enumerate(read(images, rows)):
            some, depth, tall = len(matrix), 4 // groups, rows.stop - rows.start
            shape = some, groups, at_once, depth, windows.kernel[1], tall, wide
            taps = slice(turn, turn + at_once)
            parts = matrix.reshape(shape).swapaxes(2, 3)
            got[images, :, taps, :, rows] = parts.reshape(some, 4, *parts.shape[3:])
    np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("room", [1, 3])
@pytest.mark.parametrize("row", [1, 100, 1 << 20, 1 << 40])
def test_blocks_tile_and_keep_within_the_scratch(row: int, room: int) -> None:
    seen = np.zeros((7, 9), dtype=int)
    for images, rows in blocks(7, 9, row, room):
        seen[images, rows] += 1
        cells = (images.stop - images.start) * (rows.stop - rows.start)
        assert cells * row <= room * home.SCRATCH or cells == 1
    assert (seen == 1).all()


def test_joined_and_parted() -> None:
    x = np.arange(120.0).reshape(5, 2, 3, 4)
    np.testing.assert_array_equal(joined(x)[0, 1, 2], x[:, 1, 2].ravel())
    np.testing.assert_array_equal(parted(joined(x), 5), x)


def test_one_by_one_copies_nothing() -> None:
    x = np.ones((2, 3, 4, 5))
    found = Columns(Windows((1, 1)), x, 1, (4, 5), 7)
    for block in found.blocks:
        (only,) = found.reader()(*block)
        assert np.shares_memory(only, x)
