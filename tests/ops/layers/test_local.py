"""Locally connected layers: against loops, against a convolution, and their own expansion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from diffcompare.errors import DiffcompareError
from diffcompare.graph.expand import expand
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.ops.layers.conv import Conv2dWeight
from diffcompare.ops.layers.convolving import conv2d
from diffcompare.ops.layers.local import (
    LocallyConnected2d,
    LocallyConnected2dInput,
    LocallyConnected2dWeight,
    locally_connected2d,
)
from diffcompare.ops.op import make
from diffcompare.ops.options import make_plain, plain_options
from tests.ops.layers import loops
from tests.ops.layers.checks import CHECKS, Case, case, close, random

# fmt: off
SAMPLES: list[tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]] = [
    ((2, 3, 4, 5), (4, 3, 2, 3, 3, 3), {}),
    ((2, 1, 4, 6), (3, 1, 2, 2, 2, 3), {"stride": (2, 2)}),
    ((1, 2, 5, 4), (3, 2, 3, 2, 2, 6), {"stride": (2, 1), "pad": (1, 0, 2, 1)}),
    ((2, 1, 7, 6), (2, 1, 2, 3, 4, 2), {"dilation": (3, 2)}),
    ((1, 1, 6, 5), (2, 1, 3, 3, 2, 2), {"stride": (2, 2)}),  # a row left over at the end
    ((1, 1, 2, 3), (2, 1, 1, 2, 6, 5), {"pad": (2, 2, 3, 0)}),  # windows in the padding alone
]
# fmt: on


def all_three(image: Any, weights: Any, options: Any) -> tuple[Case, Case, Case]:
    output = LocallyConnected2d(**options).shape([image, weights])
    return (
        case(LocallyConnected2d(**options), image, weights),
        case(LocallyConnected2dInput(image[2:], **options), output, weights),
        case(LocallyConnected2dWeight(weights[2:4], **options), image, output),
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
    assert not any(op.name.startswith("locally") for op in lowered.ops)
    point = {f"x{k}": x for k, x in enumerate(case.x)}
    close(lowered.evaluate(point)[lowered.outputs[0]], case.y)


@pytest.mark.parametrize(("image", "weights", "options"), SAMPLES)
def test_against_loops(image: Any, weights: Any, options: Any) -> None:
    x, w, y_bar = (
        random(image, 1),
        random(weights, 2),
        random((image[0], weights[0], *weights[4:]), 3),
    )
    y, x_bar, w_bar = loops.locally_connected2d(x, w, y_bar, **options)
    close(locally_connected2d(x, w, **options), y)
    close(LocallyConnected2dInput(image[2:], **options)(y_bar, w), x_bar)
    close(LocallyConnected2dWeight(weights[2:4], **options)(x, y_bar), w_bar)


def test_with_equal_weights_it_is_a_convolution_and_sharing_adds_the_gradients_up() -> None:
    x, w, y_bar = random((2, 3, 5, 6), 1), random((4, 3, 2, 3), 2), random((2, 4, 3, 3), 3)
    options: dict[str, Any] = {"stride": (2, 2), "pad": (1, 0, 1, 0)}
    repeated = np.broadcast_to(w[..., None, None], (*w.shape, 3, 3))
    close(locally_connected2d(x, repeated, **options), conv2d(x, w, **options))
    apart = LocallyConnected2dWeight((2, 3), **options)(x, y_bar)
    close(apart.sum(axis=(4, 5)), Conv2dWeight((2, 3), **options)(x, y_bar))


def test_biases() -> None:
    x, w = random((2, 3, 4, 5), 1), random((4, 3, 2, 3, 3, 3), 2)
    y, each, filters = locally_connected2d(x, w), random((4, 3, 3), 3), random((4,), 4)
    np.testing.assert_array_equal(locally_connected2d(x, w, each), y + each)
    np.testing.assert_array_equal(locally_connected2d(x, w, filters), y + filters[:, None, None])
    graph = Graph.empty()
    nodes = [Variable.input(graph, name, a.shape) for name, a in (("x", x), ("w", w), ("b", each))]
    assert locally_connected2d(*nodes).shape == (2, 4, 3, 3)


def test_padding_takes_part_in_no_product() -> None:
    w = np.ones((1, 1, 2, 2, 4, 4))
    w[0, 0, 0, :, 0, :] = np.inf  # the upper taps of the upper windows lie in the padding
    assert np.isfinite(locally_connected2d(np.ones((1, 1, 3, 3)), w, pad=1)).all()


# fmt: off
REFUSED: list[tuple[Any, Any, Any, dict[str, Any], str, str]] = [
    ((1, 1, 2, 2), (1, 1, 3, 3, 1, 1), None, {}, "shape", "locally_connected2d needs a kernel no larger than its padded input, got kernel 3×3 and input 2×2"),
    ((1, 3, 4, 5), (2, 3, 2, 2), None, {}, "shape", "locally_connected2d needs images N×C×H×W and weights K×C×kh×kw×OH×OW, none empty, got 1×3×4×5 and 2×3×2×2"),
    ((1, 3, 4, 5), (2, 2, 2, 2, 3, 4), None, {}, "shape", "locally_connected2d needs weights K×3×kh×kw×3×4 for images 1×3×4×5, got 2×2×2×2×3×4"),
    ((1, 3, 4, 5), (2, 3, 2, 2, 4, 3), None, {}, "shape", "locally_connected2d needs weights K×3×kh×kw×3×4 for images 1×3×4×5, got 2×3×2×2×4×3"),
    ((1, 3, 4, 5), (2, 3, 2, 2, 3, 4), (3, 4), {}, "shape", "locally_connected2d needs a bias of 2×3×4 or 2 numbers, got 3×4"),
    ((1, 3, 4, 5), (2, 3, 2, 2, 3, 4), None, {"stride": 0}, "attr", "locally_connected2d needs stride as 2 whole numbers, each 1 or more, got (0, 0)"),
]
# fmt: on


@pytest.mark.parametrize(("image", "weights", "bias", "options", "kind", "text"), REFUSED)
def test_refused(image: Any, weights: Any, bias: Any, options: Any, kind: str, text: str) -> None:
    args = [np.ones(s) for s in (image, weights, bias) if s is not None]
    with pytest.raises(DiffcompareError) as error:
        locally_connected2d(*args, **options)
    assert (str(error.value), error.value.kind) == (text, kind)


@pytest.mark.parametrize("case", CASES[6:9], ids=str)
def test_options_round_trip(case: Case) -> None:
    op = case.op
    assert make(op.name, op.options()) == op == make_plain(op.name, plain_options(op))
