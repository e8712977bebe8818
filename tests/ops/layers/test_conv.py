"""Convolution and its two adjoints: against loops, closed forms and their own expansion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffcompare.graph.expand import expand
from diffcompare.measure.ledger import count
from diffcompare.ops.cost import Cost
from diffcompare.ops.layers.conv import Conv2d, Conv2dInput, Conv2dWeight
from diffcompare.ops.layers.convolving import conv2d
from tests.ops.layers import loops
from tests.ops.layers.checks import CHECKS, Case, case, close, random

# fmt: off
SAMPLES: list[tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]] = [
    ((2, 3, 4, 5), (2, 3, 2, 4), {}),
    ((1, 2, 6, 5), (2, 2, 3, 2), {"stride": (2, 1), "pad": (1, 0, 2, 1)}),
    ((2, 1, 6, 7), (2, 1, 2, 3), {"dilation": (3, 2)}),
    ((1, 4, 4, 3), (2, 2, 3, 2), {"groups": 2, "pad": (1, 1, 0, 1)}),
    ((2, 3, 4, 5), (3, 1, 3, 2), {"groups": 3, "stride": (1, 2)}),  # a filter for each channel
    ((3, 5, 2, 4), (2, 5, 1, 1), {}),
    ((1, 1, 8, 7), (2, 1, 3, 3), {"stride": (2, 2)}),  # rows left over at the end
    ((1, 2, 1, 1), (3, 2, 3, 3), {"pad": (1, 1, 1, 1)}),  # weights that meet no pixel
    ((1, 1, 2, 3), (2, 1, 1, 2), {"pad": (2, 2, 3, 0)}),  # windows in the padding alone
    ((2, 1, 5, 7), (2, 1, 2, 1), {"stride": (3, 4), "pad": (0, 3, 1, 2), "dilation": (2, 3)}),
]
# fmt: on


def all_three(image: Any, weights: Any, options: Any) -> tuple[Case, Case, Case]:
    output = Conv2d(**options).shape([image, weights])
    return (
        case(Conv2d(**options), image, weights),
        case(Conv2dInput(image[2:], **options), output, weights),
        case(Conv2dWeight(weights[2:], **options), image, output),
    )


CASES = [c for sample in SAMPLES for c in all_three(*sample)]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_layer(case: Case, check: Callable[[Case], None]) -> None:
    check(case)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_in_array_operations(case: Case) -> None:
    close(case.op.lower(*case.x), case.y)
    lowered = expand(case.layer, to="tensor")
    assert not {op.name for op in lowered.ops} & {"conv2d", "conv2d_input", "conv2d_weight"}
    point = {f"x{k}": x for k, x in enumerate(case.x)}
    close(lowered.evaluate(point)[lowered.outputs[0]], case.y)


def test_array_operations_without_padding_cost_the_same() -> None:
    layer = case(Conv2d(), (2, 3, 4, 5), (4, 3, 2, 3)).layer
    assert count(expand(layer, to="tensor")) == count(layer) == Cost(mul=1296, add=1224)


@pytest.mark.parametrize(("image", "weights", "options"), SAMPLES)
def test_against_loops(image: Any, weights: Any, options: Any) -> None:
    x, w = random(image, 1), random(weights, 2)
    y_bar = random(Conv2d(**options).shape([image, weights]), 3)
    y, x_bar, w_bar = loops.conv2d(x, w, y_bar, **options)
    close(conv2d(x, w, **options), y)
    close(Conv2dInput(image[2:], **options)(y_bar, w), x_bar)
    close(Conv2dWeight(weights[2:], **options)(x, y_bar), w_bar)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_random_geometries_against_loops(data: Any) -> None:
    def draw(low: int, high: int, many: int = 1) -> Any:
        return tuple(data.draw(st.integers(low, high)) for _ in range(many))

    options = {"stride": draw(1, 3, 2), "pad": draw(0, 3, 4), "dilation": draw(1, 3, 2)}
    size, kernel, (g, n, c, k) = draw(1, 7, 2), draw(1, 3, 2), draw(1, 3, 4)
    if not all(loops.output_size(size, kernel, **options)):
        return
    x, w = random((n, g * c, *size), 4), random((g * k, c, *kernel), 5)
    op = Conv2d(**options, groups=g)
    y_bar = random(op.shape([x.shape, w.shape]), 6)
    y, x_bar, w_bar = loops.conv2d(x, w, y_bar, groups=g, **options)
    got = op(x, w)
    close(got, y)
    for share, true in zip(op.vjp(got, [x, w], y_bar, [True, True]), (x_bar, w_bar), strict=True):
        close(share, true)


def test_the_lecture_3x3_by_2x2() -> None:
    x, w, o = random((3, 3), 1), random((2, 2), 2), random((2, 2), 3)
    y = np.array([[(x[i : i + 2, j : j + 2] * w).sum() for j in range(2)] for i in range(2)])
    d = 2 * (y - o)  # of L = Σ (y − o)²
    by_w = [
        [
            d[0, 0] * x[p, q]
            + d[0, 1] * x[p, q + 1]
            + d[1, 0] * x[p + 1, q]
            + d[1, 1] * x[p + 1, q + 1]
            for q in range(2)
        ]
        for p in range(2)
    ]
    by_x = [
        [d[0, 0] * w[0, 0], d[0, 0] * w[0, 1] + d[0, 1] * w[0, 0], d[0, 1] * w[0, 1]],
        [
            d[0, 0] * w[1, 0] + d[1, 0] * w[0, 0],
            d[0, 0] * w[1, 1] + d[0, 1] * w[1, 0] + d[1, 0] * w[0, 1] + d[1, 1] * w[0, 0],
            d[0, 1] * w[1, 1] + d[1, 1] * w[0, 1],
        ],
        [d[1, 0] * w[1, 0], d[1, 0] * w[1, 1] + d[1, 1] * w[1, 0], d[1, 1] * w[1, 1]],
    ]
    op, images, weights = Conv2d(), x[None, None], w[None, None]
    got = op(images, weights)
    x_bar, w_bar = op.vjp(got, [images, weights], 2 * (got - o), [True, True])
    close(got[0, 0], y)
    close(w_bar[0, 0], by_w)
    close(x_bar[0, 0], by_x)


def test_the_input_gradient_is_the_full_convolution_with_the_turned_kernel() -> None:
    y_bar, w = random((2, 4, 3, 5), 1), random((4, 3, 2, 3), 2)
    turned = w[:, :, ::-1, ::-1].swapaxes(0, 1)
    close(Conv2dInput((4, 7))(y_bar, w), conv2d(y_bar, turned, pad=(1, 2)))


def test_the_weight_gradient_is_the_correlation_of_images_and_adjoint() -> None:
    x, y_bar = random((2, 3, 5, 6), 1), random((2, 4, 4, 3), 2)
    correlated = conv2d(x.swapaxes(0, 1), y_bar.swapaxes(0, 1)).swapaxes(0, 1)
    close(Conv2dWeight((2, 4))(x, y_bar), correlated)


@pytest.mark.parametrize("size", [(3, 4), (5, 3)])
def test_the_answer_to_an_impulse_is_the_kernel_turned(size: tuple[int, int]) -> None:
    w, impulse = random((1, 1, *size), 1), np.zeros((1, 1, 2 * size[0] - 1, 2 * size[1] - 1))
    impulse[0, 0, size[0] - 1, size[1] - 1] = 1.0
    np.testing.assert_array_equal(conv2d(impulse, w), w[..., ::-1, ::-1])


def test_1x1_is_a_product_of_matrices_over_channels() -> None:
    x, w = random((2, 256, 3, 4), 1), random((64, 256, 1, 1), 2)
    close(conv2d(x, w), np.einsum("kc,ncij->nkij", w[:, :, 0, 0], x))
    assert Conv2d().cost([(1, 256, 1, 1), (64, 256, 1, 1)]) == Cost(mul=64 * 256, add=64 * 255)


def test_edges_and_blur() -> None:
    image = np.zeros((1, 1, 5, 6))
    image[..., 3:] = 9.0
    edges = np.tile([-1.0, 0.0, 1.0], (3, 1))[None, None]
    np.testing.assert_array_equal(conv2d(image, edges)[0, 0], [[0, 27, 27, 0]] * 3)
    np.testing.assert_array_equal(
        np.round(conv2d(image, np.full((1, 1, 3, 3), 1 / 9))[0, 0], 12), [[0, 3, 6, 9]] * 3
    )


def test_grouped_is_apart() -> None:
    x, w = random((2, 6, 4, 5), 1), random((4, 3, 2, 2), 2)
    apart = [conv2d(x[:, 3 * g : 3 * g + 3], w[2 * g : 2 * g + 2]) for g in range(2)]
    close(conv2d(x, w, groups=2), np.concatenate(apart, axis=1))


def test_the_complex_step() -> None:
    x, w, w_dot = random((1, 2, 4, 5), 1), random((3, 2, 2, 3), 2), random((3, 2, 2, 3), 3)
    close(conv2d(x, w + 1e-200j * w_dot, pad=1).imag / 1e-200, conv2d(x, w_dot, pad=1))
