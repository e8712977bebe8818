"""Average pooling: linear, its adjoint, and what counts in the mean."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from diffcompare.errors import DiffcompareError
from diffcompare.ops.cost import Cost
from diffcompare.ops.layers.average import AvgPool2d, AvgPoolSpread, avg_pool2d, global_avg_pool
from tests.ops.layers.checks import (
    LINEAR_CHECKS,
    Case,
    case,
    failing,
    random,
)
from tests.ops.layers.composed import check_composed, gradient_of

IMAGE = (2, 3, 5, 4)
APART: list[Any] = [((2, 2), (2, 2)), ((2, 1), (3, 2)), ((1, 1), (1, 1)), ((5, 4), (1, 1))]
"""Windows that share no pixel."""
OVERLAPPING: list[Any] = [
    ((3, 2), (1, 2)),
    ((3, 3), (2, 1), (1, 0, 2, 1)),
    ((3, 3), (1, 1), (1, 1, 1, 1)),
    ((2, 3), (3, 1), (1, 1, 1, 2), False),
    ((3, 3), (1, 1), (1, 1, 1, 1), False),
]
POOLS = [case(AvgPool2d(*s), IMAGE) for s in (*APART, *OVERLAPPING)]
SPREADS = [case(AvgPoolSpread(IMAGE, *s), AvgPool2d(*s).shape([IMAGE])) for s in OVERLAPPING]


@pytest.mark.parametrize("check", LINEAR_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("case", [*POOLS, *SPREADS], ids=str)
def test_layer(case: Case, check: Any) -> None:
    check(case)


def plain(x: Any, window: Any, stride: Any, pad: Any, include: bool) -> Any:
    """By loops over a padded image and over one that says where its pixels are."""
    top, bottom, left, right = pad
    spaces = ((0, 0), (0, 0), (top, bottom), (left, right))
    image, real = np.pad(x, spaces), np.pad(np.ones_like(x), spaces)
    height = (image.shape[2] - window[0]) // stride[0] + 1
    width = (image.shape[3] - window[1]) // stride[1] + 1
    y = np.empty((*x.shape[:2], height, width))
    for n, c, a, b in np.ndindex(y.shape):
        at = (n, c, slice(a * stride[0], a * stride[0] + window[0]),
              slice(b * stride[1], b * stride[1] + window[1]))  # fmt: skip
        y[n, c, a, b] = image[at].sum() / (np.prod(window) if include else real[at].sum())
    return y


@pytest.mark.parametrize("include", [True, False])
@pytest.mark.parametrize("pad", [(0, 0, 0, 0), (1, 0, 0, 1), (1, 1, 1, 1), (0, 2, 1, 0)])
def test_against_loops(pad: Any, include: bool) -> None:
    x = random(IMAGE, 1)
    got = avg_pool2d(x, (3, 2), (2, 1), pad, include)
    np.testing.assert_allclose(got, plain(x, (3, 2), (2, 1), pad, include), rtol=1e-14, atol=1e-15)


def test_counts_by_hand() -> None:
    """k − 1 additions and one division a window; where windows overlap, no part is added up twice."""
    assert AvgPool2d((2, 3), (2, 3)).cost([(1, 2, 4, 6)]) == 2 * 4 * Cost(add=5, div=1)
    # Of 4 columns the middle two are met together: in 4 rows 1 addition, then 3 for each window.
    assert AvgPool2d((2, 3), (1, 1)).cost([(1, 2, 4, 4)]) == 2 * (
        Cost(add=4) + 6 * Cost(add=3, div=1)
    )
    spread = AvgPoolSpread((1, 1, 1, 4), (1, 2), (1, 1))
    assert spread.cost([(1, 1, 1, 3)]) == Cost(add=2, div=3)  # of 4 pixels two are met twice


def test_global_average() -> None:
    x = random(IMAGE, 2)
    np.testing.assert_allclose(global_avg_pool(x), x.mean((2, 3)), rtol=1e-14, atol=1e-16)
    check_composed(global_avg_pool, x)
    np.testing.assert_array_equal(gradient_of(global_avg_pool, x), np.full(IMAGE, 0.05))


def test_a_wrong_rule_is_seen() -> None:
    class Off(AvgPool2d):
        def adjoint(self, shape: Any) -> Any:
            return AvgPoolSpread(
                shape, self.window, self.stride, self.pad, not self.count_include_pad
            )

    good = case(AvgPool2d(*OVERLAPPING[2]), IMAGE)
    bad = failing(Case(Off(*OVERLAPPING[2]), good.x, good.wrt))
    assert {"check_reverse", "check_duality"} <= set(bad)


REFUSED = [
    ((1, 1, 4, 4), (0,), "attr", "avg_pool2d needs window as 2 whole numbers, each 1 or more"),
    ((4, 4), (2,), "shape", "avg_pool2d needs images N×C×H×W, one or more, got 4×4"),
    ((1, 1, 4, 4), (5,), "shape", "got kernel 5×5 and input 4×4"),
    ((1, 1, 4, 4), (2, 2, 0, 1), "attr", "needs count_include_pad as true or false, got 1"),
    ((1, 1, 4, 4), (2, 2, 2), "shape", "avg_pool2d needs a pixel of the image in each window"),
]


@pytest.mark.parametrize(("shape", "settings", "kind", "text"), REFUSED)
def test_refusals(shape: Any, settings: Any, kind: str, text: str) -> None:
    with pytest.raises(DiffcompareError) as caught:
        avg_pool2d(np.zeros(shape), *settings)
    assert caught.value.kind == kind
    assert text in str(caught.value)


def test_global_average_refuses() -> None:
    with pytest.raises(DiffcompareError, match="global_avg_pool needs images N×C×H×W, one or more"):
        global_avg_pool(np.zeros((2, 3, 0, 4)))
