"""Correlation and convolution are dual: each is the other's backward pass."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import diffcompare as dc
from tests.ops.layers.checks import close, random

SIZES = st.integers(1, 6)
KERNELS = st.integers(1, 4)


def convolved(a: Any, b: Any) -> Any:
    """The full convolution by its definition: coefficients of a product of two polynomials."""
    result = np.zeros((a.shape[0] + b.shape[0] - 1, a.shape[1] + b.shape[1] - 1))
    for place, number in np.ndenumerate(b):
        result[place[0] : place[0] + a.shape[0], place[1] : place[1] + a.shape[1]] += number * a
    return result


def backward(x: Any, w: Any, y_bar: Any, pad: Any) -> tuple[Any, Any]:
    """∂L/∂x and ∂L/∂w of a correlation for ∂L/∂y = y_bar, by the engine's reverse mode."""
    shapes = {"x": x.shape, "w": w.shape, "y_bar": y_bar.shape}
    loss = dc.parse(lambda x, w, y_bar: dc.dot(dc.conv2d(x, w, pad=pad), y_bar), shapes=shapes)
    found = dc.differentiate(loss, "reverse", ["x", "w"]).at({"x": x, "w": w, "y_bar": y_bar})
    return found["x"][0, 0], found["w"][0, 0]


@given(KERNELS, KERNELS)
def test_the_impulse_response_of_a_correlation_is_the_turned_kernel(kh: int, kw: int) -> None:
    impulse = np.zeros((1, 1, 2 * kh - 1, 2 * kw - 1))
    impulse[0, 0, kh - 1, kw - 1] = 1
    w = random((1, 1, kh, kw), 1)
    assert (dc.conv2d(impulse, w)[0, 0] == w[0, 0, ::-1, ::-1]).all()


@given(SIZES, SIZES, KERNELS, KERNELS)
@settings(max_examples=60, deadline=None)
def test_the_backward_pass_of_correlation_is_convolution(h: int, b: int, kh: int, kw: int) -> None:
    """y = corr(x, w): x̄ = ȳ ∗ w, and w̄ = corr(x, ȳ), which is the middle of x ∗ rot180 ȳ."""
    x, w = random((1, 1, h + kh - 1, b + kw - 1), 2), random((1, 1, kh, kw), 3)
    y_bar = random((1, 1, h, b), 4)
    x_bar, w_bar = backward(x, w, y_bar, 0)
    close(x_bar, convolved(y_bar[0, 0], w[0, 0]))
    full = convolved(x[0, 0], y_bar[0, 0, ::-1, ::-1])
    close(w_bar, full[h - 1 : h - 1 + kh, b - 1 : b - 1 + kw])


@given(SIZES, SIZES, KERNELS, KERNELS)
@settings(max_examples=60, deadline=None)
def test_the_backward_pass_of_convolution_is_correlation(h: int, b: int, kh: int, kw: int) -> None:
    """y = x ∗ w, as a correlation with the turned kernel and full padding: x̄ = corr(ȳ, w)."""
    x, w = random((1, 1, h, b), 5), random((1, 1, kh, kw), 6)
    turned, pad = w[..., ::-1, ::-1], (kh - 1, kw - 1)
    close(dc.conv2d(x, turned, pad=pad)[0, 0], convolved(x[0, 0], w[0, 0]))
    y_bar = random((1, 1, h + kh - 1, b + kw - 1), 7)
    x_bar, _ = backward(x, turned, y_bar, pad)
    windows = np.lib.stride_tricks.sliding_window_view(y_bar[0, 0], (kh, kw))
    close(x_bar, (windows * w[0, 0]).sum(axis=(2, 3)))
