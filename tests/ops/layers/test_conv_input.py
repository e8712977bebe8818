"""What conv2d is given: settings as users write them, what does not fit, nan and infinity."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.numbers.dual import Dual
from diffcompare.ops.layers.conv import Conv2d, Conv2dInput, Conv2dWeight
from diffcompare.ops.layers.convolving import conv2d
from diffcompare.ops.op import make
from diffcompare.ops.options import make_plain, plain_options
from tests.ops.layers.checks import close, random

IMAGE, WEIGHTS = (2, 6, 5, 4), (4, 3, 2, 3)


def test_settings_as_users_write_them() -> None:
    graph = Graph.empty()
    x, w = Variable.input(graph, "x", IMAGE), Variable.input(graph, "w", WEIGHTS)
    assert conv2d(x, w, groups=2).op == Conv2d(groups=2)
    op = conv2d(x, w, stride=2, pad=(1, 2), dilation=[2, 1], groups=2).op
    assert op == Conv2d((2, 2), (1, 1, 2, 2), (2, 1), 2)
    assert conv2d(x, w, pad=(1, 2, 3, 4), groups=2).op == Conv2d(pad=(1, 2, 3, 4), groups=2)


def test_a_bias_is_added_by_a_broadcast() -> None:
    graph = Graph.empty()
    x, w, b = (
        Variable.input(graph, name, shape)
        for name, shape in (("x", (2, 3, 5, 4)), ("w", WEIGHTS), ("b", (4,)))
    )
    y = conv2d(x, w, b)
    assert y.op.name == "add" and y.shape == (2, 4, 4, 2)
    point = {"x": random((2, 3, 5, 4), 1), "w": random(WEIGHTS, 2), "b": random((4,), 3)}
    expected = conv2d(point["x"], point["w"]) + point["b"][:, None, None]
    np.testing.assert_array_equal(graph.evaluate(point)[y.index], expected)
    np.testing.assert_array_equal(conv2d(*point.values()), expected)


def test_of_dual_numbers() -> None:
    x, x_dot = random((2, 3, 5, 4), 1), random((2, 3, 5, 4), 2)
    w, b_dot = random(WEIGHTS, 3), random((4,), 4)
    y = conv2d(Dual(x, x_dot), w, Dual(np.zeros(4), b_dot))
    close(y.tangent, conv2d(x_dot, w) + b_dot[:, None, None])


# fmt: off
REFUSED: list[tuple[Any, Any, Any, dict[str, Any], str, str]] = [
    ((1, 1, 2, 2), (1, 1, 3, 3), None, {}, "shape", "conv2d needs a kernel no larger than its padded input, got kernel 3×3 and input 2×2"),
    ((3, 3), (1, 1, 3, 3), None, {}, "shape", "conv2d needs images N×C×H×W and weights K×C×kh×kw, none empty, got 3×3 and 1×1×3×3"),
    ((1, 1, 3, 3), (3, 3), None, {}, "shape", "conv2d needs images N×C×H×W and weights K×C×kh×kw, none empty, got 1×1×3×3 and 3×3"),
    ((), (1, 1, 3, 3), None, {}, "shape", "conv2d needs images N×C×H×W and weights K×C×kh×kw, none empty, got a number and 1×1×3×3"),
    ((0, 1, 3, 3), (1, 1, 3, 3), None, {}, "shape", "conv2d needs images N×C×H×W and weights K×C×kh×kw, none empty, got 0×1×3×3 and 1×1×3×3"),
    ((1, 3, 5, 5), (2, 2, 3, 3), None, {}, "shape", "conv2d needs weights K×3×kh×kw for 3 channels, got 2×2×3×3"),
    ((1, 6, 5, 5), (2, 2, 3, 3), None, {"groups": 2}, "shape", "conv2d needs weights K×3×kh×kw for 6 channels in 2 groups, got 2×2×3×3"),
    ((1, 3, 5, 5), (2, 2, 3, 3), None, {"groups": 2}, "shape", "conv2d needs channels that its 2 groups divide, got 3 channels"),
    ((1, 4, 5, 5), (3, 2, 3, 3), None, {"groups": 2}, "shape", "conv2d needs filters that its 2 groups divide, got 3 filters"),
    ((1, 3, 5, 5), (2, 3, 3, 3), (3,), {}, "shape", "conv2d needs a bias of 2 numbers, got 3"),
    ((1, 3, 5, 5), (2, 3, 3, 3), (1, 2, 1, 1), {}, "shape", "conv2d needs a bias of 2 numbers, got 1×2×1×1"),
    ((1, 3, 5, 5), (2, 3, 3, 3), None, {"stride": 0}, "attr", "conv2d needs stride as 2 whole numbers, each 1 or more, got (0, 0)"),
    ((1, 3, 5, 5), (2, 3, 3, 3), None, {"stride": -1}, "attr", "conv2d needs stride as 2 whole numbers, each 1 or more, got (-1, -1)"),
    ((1, 3, 5, 5), (2, 3, 3, 3), None, {"pad": -1}, "attr", "conv2d needs pad as 4 whole numbers, each 0 or more, got (-1, -1, -1, -1)"),
    ((1, 3, 5, 5), (2, 3, 3, 3), None, {"dilation": 0}, "attr", "conv2d needs dilation as 2 whole numbers, each 1 or more, got (0, 0)"),
    ((1, 3, 5, 5), (2, 3, 3, 3), None, {"groups": 0}, "attr", "conv2d needs groups as a whole number, 1 or more, got 0"),
    ((1, 3, 5, 5), (2, 3, 3, 3), None, {"stride": 1.5}, "attr", "conv2d needs stride as a whole number or two: height, width, got 1.5"),
    ((1, 3, 5, 5), (2, 3, 3, 3), None, {"groups": "two"}, "attr", "conv2d needs groups as a whole number, got 'two'"),
]
# fmt: on


@pytest.mark.parametrize(("image", "weights", "bias", "options", "kind", "text"), REFUSED)
@pytest.mark.parametrize("traced", [False, True])
def test_refused(
    image: Any, weights: Any, bias: Any, options: Any, kind: str, text: str, traced: bool
) -> None:
    graph = Graph.empty()
    shapes = [s for s in (image, weights, bias) if s is not None]
    args = [
        Variable.input(graph, f"x{k}", shape) if traced else np.ones(shape)
        for k, shape in enumerate(shapes)
    ]
    with pytest.raises(DiffcompareError) as error:
        conv2d(*args, **options)
    assert (str(error.value), error.value.kind) == (text, kind)


def test_adjoints_of_other_shapes_are_refused() -> None:
    with pytest.raises(DiffcompareError, match="outputs 2×4×4×2, got 2×4×4×3"):
        Conv2dInput((5, 4)).shape([(2, 4, 4, 3), (4, 3, 2, 3)])
    with pytest.raises(DiffcompareError, match="outputs 2×4×4×2, got 1×4×4×2"):
        Conv2dWeight((2, 3)).shape([(2, 3, 5, 4), (1, 4, 4, 2)])
    for build in (lambda: Conv2dInput((0, 2)), lambda: Conv2dWeight((2, 0))):
        with pytest.raises(DiffcompareError) as error:
            build()
        assert error.value.kind == "attr"


@pytest.mark.parametrize("op", [
    Conv2d((2, 1), (1, 0, 2, 1), (1, 3), 2), Conv2dInput((5, 4), groups=3), Conv2dWeight((2, 3)),
], ids=repr)  # fmt: skip
def test_options_round_trip(op: Any) -> None:
    assert make(op.name, op.options()) == op == pickle.loads(pickle.dumps(op))
    assert make_plain(op.name, plain_options(op)) == op


def test_nan_in_the_image_reaches_the_windows_that_hold_it() -> None:
    x = random((1, 2, 5, 6), 1)
    x[0, 1, 2, 3] = np.nan
    lost = np.isnan(conv2d(x, np.zeros((1, 2, 2, 3)))[0, 0])
    assert np.argwhere(lost).tolist() == [[i, j] for i in (1, 2) for j in (1, 2, 3)]


@pytest.mark.parametrize("bad", [np.inf, np.nan])
@pytest.mark.parametrize("groups", [1, 2])
def test_padding_takes_part_in_no_product(bad: float, groups: int) -> None:
    x, w = np.ones((2, 2, 3, 4)), np.ones((2, 2 // groups, 3, 3))
    w[0, 0, 0, 0] = bad
    y = conv2d(x, w, pad=1, groups=groups)
    met = np.zeros((2, 2, 3, 4), bool)
    met[:, 0, 1:, 1:] = True  # where the window's first tap is in the image
    np.testing.assert_array_equal(np.isfinite(y), ~met)
    y_bar = np.ones((2, 2, 3, 4))
    y_bar[0, 0, 0, 0] = bad
    w_bar = Conv2dWeight((3, 3), pad=(1, 1, 1, 1), groups=groups)(x, y_bar)
    met = np.zeros(w.shape, bool)
    met[0, :, 1:, 1:] = True  # the taps in the image at the first position
    np.testing.assert_array_equal(np.isfinite(w_bar), ~met)
    for op, a, b in ((Conv2d, x, w), (Conv2dWeight, x, y_bar)):
        finite = [np.where(np.isfinite(k), k, 2.0) for k in (a, b)]
        options: dict[str, Any] = {"pad": (1, 1, 1, 1), "groups": groups}
        made = op(kernel=(3, 3), **options) if op is Conv2dWeight else op(**options)
        keep = np.isfinite(made(a, b))
        close(made(a, b)[keep], made(*finite)[keep])
