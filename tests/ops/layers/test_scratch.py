"""Scratch memory of the kernels of layers: what tracemalloc sees is within what is said."""

from __future__ import annotations

import tracemalloc
from typing import Any, Final

import numpy as np
import pytest

from diffcompare import threads
from diffcompare.ops.layers.conv import Conv2d, Conv2dInput, Conv2dWeight
from diffcompare.ops.layers.pool import MaxPoolIndex
from diffcompare.ops.layers.routing import PoolRoute, PoolSelect
from tests.ops.layers.checks import random

SLACK: Final = 1 << 18
"""Bytes of Python's objects, and of the buffers of a NumPy function: 8192 numbers an operand."""
CONVOLUTIONS: Final[list[Any]] = [
    ((8, 16, 32, 32), (32, 16, 3, 3), {"pad": (1, 1, 1, 1)}),
    ((16, 6, 14, 14), (16, 6, 5, 5), {}),
    ((100, 2, 14, 14), (8, 2, 5, 5), {}),
    ((2, 3, 112, 112), (64, 3, 7, 7), {"stride": (2, 2), "pad": (3, 3, 3, 3)}),
    ((4, 1, 28, 28), (40, 1, 3, 3), {}),
    ((2, 32, 40, 300), (32, 32, 3, 3), {"pad": (1, 1, 1, 1)}),
    ((1, 8, 30, 400), (8, 8, 9, 1), {"dilation": (3, 1)}),
    ((16, 64, 6, 6), (128, 64, 3, 3), {"pad": (1, 1, 1, 1)}),  # fewer positions than filters
    ((4, 8, 40, 40), (16, 2, 3, 3), {"groups": 4, "stride": (1, 2)}),
]


def taken(op: Any, *x: Any) -> int:
    """Peak bytes of a value beside the result."""
    op.value(*x)  # threads, and whatever is made once
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        y = op.value(*x)
        return tracemalloc.get_traced_memory()[1] - before - np.asarray(y).nbytes
    finally:
        tracemalloc.stop()


def check(op: Any, *x: Any) -> None:
    said = op.scratch([a.shape for a in x], x[0].itemsize)
    most = taken(op, *x)
    assert most <= said + SLACK
    assert said <= 12 * max(
        most, SLACK
    )  # a bound of use: blocks of all threads are seldom there at once


@pytest.fixture(params=[1, 2], autouse=True)
def many(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many threads."""
    for home in ("threads", "ops.layers.contract", "ops.layers.kernels.columns",
                 "ops.layers.kernels.gathering", "ops.layers.kernels.pooling"):  # fmt: skip
        monkeypatch.setattr(f"diffcompare.{home}.processors", lambda: request.param)
    threads._threads.cache_clear()


@pytest.mark.parametrize("kind", ["f8", "f4"])
@pytest.mark.parametrize("case", CONVOLUTIONS, ids=str)
def test_convolutions(case: Any, kind: str) -> None:
    image, weights, settings = case
    op = Conv2d(**settings)
    output = op.shape([image, weights])
    x, w, y = (random(shape, k).astype(kind) for k, shape in enumerate((image, weights, output)))
    check(op, x, w)
    check(Conv2dInput(image[2:], **settings), y, w)
    check(Conv2dWeight(weights[2:], **settings), x, y)


@pytest.mark.parametrize("settings", [((2, 2), (2, 2)), ((3, 3), (2, 2), (1, 1, 1, 1))], ids=str)
@pytest.mark.parametrize("image", [(16, 8, 64, 64), (1, 2, 700, 600)], ids=str)
@pytest.mark.parametrize("kind", ["f8", "f4"])
def test_pooling(image: Any, settings: Any, kind: str) -> None:
    find, x = MaxPoolIndex(*settings), random(image, 1).astype(kind)
    index = find.value(x)
    check(find, x)
    check(PoolSelect(*settings), x, index)
    check(PoolRoute(image, *settings), random(index.shape, 2).astype(kind), index)
