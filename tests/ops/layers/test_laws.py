"""Layers of any size and setting are their expansions: values, sweeps and operations."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from diffcompare.errors import DiffcompareError
from diffcompare.ops import names
from tests.ops.layers.checks import random
from tests.ops.layers.composed import check_composed

FEW = st.integers(1, 3)
IMAGES = st.tuples(st.integers(1, 2), st.integers(1, 4), st.integers(1, 4), st.integers(1, 4))
PAIRS = st.tuples(FEW, FEW)
SIDES = st.tuples(*[st.integers(0, 3)] * 4)
REDUCTIONS = st.sampled_from(["mean", "sum", "none"])


def check(name: str, *x: Any, wrt: Any = None, **settings: Any) -> None:
    """What the layer refuses is another test's affair."""
    try:
        check_composed(lambda *a: names.called(name)(*a, **settings), *x, wrt=wrt)
    except DiffcompareError as refused:
        assume(refused.kind not in ("shape", "attr"))
        raise


def with_labels(name: str, labels: Any, reduction: str, x: Any) -> Any:
    return names.called(name)(x, labels, reduction)


def arrays(*shapes: Any) -> list[Any]:
    return [random(shape, k) for k, shape in enumerate(shapes)]


@settings(max_examples=80, deadline=None)
@given(IMAGES, PAIRS, st.integers(1, 2), st.booleans(), st.data())
def test_convolution(image: Any, kernel: Any, groups: int, bias: bool, data: Any) -> None:
    n, c, *size = image
    filters = groups * data.draw(st.integers(1, 2))
    shapes = [(n, groups * c, *size), (filters, c, *kernel)] + [(filters,)] * bias
    geometry = {key: data.draw(PAIRS) for key in ("stride", "dilation")}
    check("conv2d", *arrays(*shapes), groups=groups, pad=data.draw(SIDES), **geometry)


@settings(max_examples=40, deadline=None)
@given(IMAGES, PAIRS, st.sampled_from([0, 1, 3]), st.data())
def test_locally_connected(image: Any, kernel: Any, bias: int, data: Any) -> None:
    filters, stride, pad = data.draw(st.integers(1, 2)), data.draw(PAIRS), data.draw(SIDES)
    places = [
        (h + a + b - k) // s + 1
        for h, a, b, k, s in zip(image[2:], pad[::2], pad[1::2], kernel, stride, strict=True)
    ]
    assume(all(k > 0 for k in places) and np.prod(places) < 17)
    shapes = [image, (filters, image[1], *kernel, *places), (filters, *places)[:bias]]
    x = arrays(*shapes[: 3 if bias else 2])
    check("locally_connected2d", *x, stride=stride, pad=pad)


@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
@settings(max_examples=40, deadline=None)
@given(IMAGES, PAIRS, PAIRS, st.tuples(st.integers(0, 1), st.integers(0, 1)))
def test_pooling(name: str, image: Any, window: Any, stride: Any, pad: Any) -> None:
    check(name, *arrays(image), window=window, stride=stride, pad=pad)


@settings(max_examples=30, deadline=None)
@given(IMAGES, st.integers(1, 6), st.integers(0, 3))
def test_normalising(image: Any, group: int, axis: int) -> None:
    check("lrn", *arrays(image), group=group, alpha=0.25)
    check("softmax", *arrays(image), axis=axis)
    check("logsumexp", *arrays(image), axis=axis)
    check("batch_norm", *arrays(image, image[1:2], image[1:2]), eps=0.5)  # tame for differences
    check("global_avg_pool", *arrays(image))


@settings(max_examples=30, deadline=None)
@given(FEW, FEW, REDUCTIONS, st.booleans(), st.data())
def test_losses(n: int, classes: int, reduction: str, constant: bool, data: Any) -> None:
    """Labels as an input, and as constants."""
    labels = np.array([data.draw(st.integers(0, classes - 1)) for _ in range(n)], float)
    (x,) = arrays((n, classes))
    for name, scores in (("softmax_log_loss", x), ("log_loss", np.exp(x))):
        if constant:
            check_composed(partial(with_labels, name, labels, reduction), scores)
        else:
            check(name, scores, labels, wrt=[0], reduction=reduction)


@settings(max_examples=40, deadline=None)
@given(IMAGES, PAIRS, PAIRS, SIDES)
def test_rows(image: Any, kernel: Any, stride: Any, pad: Any) -> None:
    check("im2row", *arrays(image), kernel=kernel, stride=stride, pad=pad)
    check("gram", *arrays(image), divisor=2)
    check("dense", *arrays(image[:2], (stride[0], image[1]), stride[:1]))
