"""The geometry of windows against sliding them by hand."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffcompare.errors import DiffcompareError
from diffcompare.ops.layers.windows import Windows, added_up
from tests.ops.layers import loops

PAIRS = st.tuples(st.integers(1, 3), st.integers(1, 3))
GEOMETRIES = st.tuples(
    PAIRS, PAIRS, st.tuples(*[st.integers(0, 4)] * 4), PAIRS, st.tuples(*[st.integers(1, 7)] * 2)
)


def fitting(geometry: Any) -> tuple[Windows, tuple[int, int]] | None:
    *options, size = geometry
    return (Windows(*options), size) if all(loops.output_size(size, *options)) else None


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("kernel", [1, 2, 3, 5])
def test_output_size_is_the_formula(kernel: int, stride: int) -> None:
    for width, pad in product(range(1, 9), range(4)):
        windows = Windows((1, kernel), (1, stride), (0, 0, pad, pad))
        if width + 2 * pad < kernel:
            with pytest.raises(DiffcompareError, match="no larger than its padded input"):
                windows.output("conv2d", (4, width))
        else:
            expected = 4, (width + 2 * pad - kernel) // stride + 1
            assert windows.output("conv2d", (4, width)) == expected


@given(GEOMETRIES)
@settings(max_examples=200, deadline=None)
def test_against_sliding_by_hand(geometry: Any) -> None:
    found = fitting(geometry)
    if found is None:
        return
    windows, size = found
    *options, _ = geometry
    assert windows.output("conv2d", size) == loops.output_size(size, *options)
    met = list(loops.meetings(size, *options))
    assert list(windows.meetings(size)) == met
    positions, taps, pixels = ({m[k] for m in met} for k in range(3))
    assert windows.counts(size) == (len(met), len(positions), len(pixels), len(taps))
    by_tap = [
        (at, tap, pixel)
        for tap, positions_of, pixels_of in windows.taps(size)
        for at, pixel in zip(entries(positions_of), entries(pixels_of), strict=True)
    ]
    assert sorted(by_tap) == sorted(met)


def entries(places: tuple[slice, slice]) -> list[tuple[int, int]]:
    return list(product(*(range(s.start, s.stop, s.step or 1) for s in places)))


@given(GEOMETRIES)
@settings(max_examples=100, deadline=None)
def test_view_and_gather(geometry: Any) -> None:
    found = fitting(geometry)
    if found is None:
        return
    windows, size = found
    image = np.arange(1.0, 1 + 6 * size[0] * size[1]).reshape(2, 3, *size)
    view = windows.view(image, fill=-9.0)
    expected = np.full(view.shape, -9.0)
    back = np.zeros(image.shape)
    for at, tap, pixel in windows.meetings(size):
        expected[(..., *tap, *at)] = image[(..., *pixel)]
        back[(..., *pixel)] += image[(..., *pixel)]
    np.testing.assert_array_equal(view, expected)
    np.testing.assert_array_equal(windows.gather(view, size), back)


def test_a_view_cannot_be_written_to_and_keeps_the_dtype() -> None:
    windows = Windows((2, 2), pad=(1, 0, 0, 0))
    for dtype in (np.float32, np.float64, complex):
        view = windows.view(np.ones((1, 1, 3, 3), dtype))
        assert view.dtype == dtype and windows.gather(view, (3, 3)).dtype == dtype
        with pytest.raises(ValueError, match="read-only"):
            view[0] = 1.0


# fmt: off
REFUSED = [
    ((3, 3), (1, 1), (0, 0, 0, 0), (1, 1), (2, 2), "conv2d needs a kernel no larger than its padded input, got kernel 3×3 and input 2×2"),
    ((3, 3), (1, 1), (0, 0, 1, 0), (1, 1), (2, 2), "conv2d needs a kernel no larger than its padded input, got kernel 3×3 and input 2×3"),
    ((3, 1), (1, 1), (1, 0, 0, 0), (2, 1), (3, 4), "conv2d needs a kernel no larger than its padded input, got kernel 3×1 dilated to 5×1 and input 4×4"),
]
SETTINGS = [
    ({"stride": (0, 1)}, "conv2d needs stride as 2 whole numbers, each 1 or more, got (0, 1)"),
    ({"stride": (1, -2)}, "conv2d needs stride as 2 whole numbers, each 1 or more, got (1, -2)"),
    ({"kernel": (0, 3)}, "conv2d needs kernel as 2 whole numbers, each 1 or more, got (0, 3)"),
    ({"kernel": (2,)}, "conv2d needs kernel as 2 whole numbers, each 1 or more, got (2,)"),
    ({"kernel": 2}, "conv2d needs kernel as 2 whole numbers, each 1 or more, got 2"),
    ({"pad": (0, 0, 0, -1)}, "conv2d needs pad as 4 whole numbers, each 0 or more, got (0, 0, 0, -1)"),
    ({"pad": (1, 1)}, "conv2d needs pad as 4 whole numbers, each 0 or more, got (1, 1)"),
    ({"dilation": (1, 0)}, "conv2d needs dilation as 2 whole numbers, each 1 or more, got (1, 0)"),
    ({"dilation": (1.0, 1)}, "conv2d needs dilation as 2 whole numbers, each 1 or more, got (1.0, 1)"),
    ({"stride": (True, 1)}, "conv2d needs stride as 2 whole numbers, each 1 or more, got (True, 1)"),
]
# fmt: on


@pytest.mark.parametrize(("kernel", "stride", "pad", "dilation", "size", "text"), REFUSED)
def test_kernels_that_do_not_fit(
    kernel: Any, stride: Any, pad: Any, dilation: Any, size: Any, text: str
) -> None:
    with pytest.raises(DiffcompareError) as error:
        Windows(kernel, stride, pad, dilation).output("conv2d", size)
    assert (str(error.value), error.value.kind) == (text, "shape")


@pytest.mark.parametrize(("changed", "text"), SETTINGS)
def test_settings_that_no_windows_have(changed: dict[str, Any], text: str) -> None:
    with pytest.raises(DiffcompareError) as error:
        Windows(**{"kernel": (2, 2), **changed}).check("conv2d")
    assert (str(error.value), error.value.kind) == (text, "attr")


def test_added_up() -> None:
    result = added_up((2, 2), [((0, 1), "a"), ((1, 0), "b"), ((0, 1), "c")])
    assert result.tolist() == [[0, "ac"], ["b", 0]]


def test_large_geometry_takes_no_time() -> None:
    windows = Windows((11, 11), (4, 4), (2, 2, 2, 2))
    assert windows.output("conv2d", (100_000, 100_000)) == (24_999, 24_999)
    across = (
        11 * 24_999 - 2 - 1
    )  # the first window begins 2 before the image, the last ends 1 after
    assert windows.counts((100_000, 100_000)) == (across**2, 24_999**2, 100_000**2, 11**2)
