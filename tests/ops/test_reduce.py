"""Mean and maximum over axes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from diffcompare.errors import DiffcompareError
from diffcompare.ops.cost import Cost
from diffcompare.ops.reduce import MaxOver, axes_of, max_over, mean, spread
from tests.ops.layers.checks import CHECKS, Case, case, check_duality, random
from tests.ops.layers.composed import check_composed, gradient_of

TIED = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0], [0.0, -1.0, -0.0]])
CASES = [
    case(MaxOver((0,)), (4,)),
    case(MaxOver((1,)), (2, 4, 3)),
    case(MaxOver((0, 2)), (2, 4, 3)),
    case(MaxOver((0, 1, 2)), (2, 4, 3)),
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_max_over(case: Case, check: Any) -> None:
    check(case)


def test_ties_are_split() -> None:
    check_duality(case(MaxOver((1,)), x=[TIED]))
    x_bar = gradient_of(lambda x: max_over(x, 1), TIED)
    np.testing.assert_array_equal(x_bar, [[0, 0.5, 0.5], [1 / 3] * 3, [0.5, 0, 0.5]])
    assert MaxOver((1,)).edge(TIED) == "kink"
    assert MaxOver((1,)).edge(np.array([[1.0, 2.0]])) is None


def test_nan_travels() -> None:
    assert np.isnan(max_over(np.array([1.0, np.nan, 2.0])))


def test_costs() -> None:
    assert MaxOver((0, 2)).cost([(2, 4, 3)]) == Cost(compare=5 * 4)


@pytest.mark.parametrize("axes", [None, 0, -1, (0, 2), [1]])
def test_mean(axes: Any) -> None:
    x = random((2, 4, 3), 1)
    true = x.mean(tuple(axes) if isinstance(axes, list) else axes)
    np.testing.assert_allclose(mean(x, axes), true, rtol=1e-14, atol=1e-16)
    check_composed(lambda v: mean(v, axes), x)


def test_numbers_are_their_own_mean_and_maximum() -> None:
    assert mean(np.float64(3)) == max_over(np.float64(3)) == 3.0


def test_spread() -> None:
    np.testing.assert_array_equal(spread(np.array([1.0, 2.0]), (3, 2), [0]), [[1, 2]] * 3)


REFUSED: list[tuple[Any, str, str]] = [
    (lambda: mean(np.zeros((2, 0))), "shape",
     "mean needs one entry or more along each axis, got 2×0"),
    (lambda: max_over(np.zeros((2, 0)), 1), "shape",
     "max_over needs one entry or more along each axis, got 2×0"),
    (lambda: mean(np.zeros((2, 3)), 2), "attr", "mean needs an axis from -2 to 1, got axis 2"),
    (lambda: mean(np.zeros((2, 3)), (0, -2)), "attr", "mean needs each axis once, got axes (0, -2)"),
    (lambda: MaxOver(()), "attr", "max_over needs axes, each once, in order, got ()"),
    (lambda: MaxOver((1, 0)), "attr", "max_over needs axes, each once, in order, got (1, 0)"),
    (lambda: MaxOver((0.5,)), "attr", "max_over needs axes of 0 or more, got 0.5"),
    (lambda: axes_of("mean", "0", (2,)), "attr", "mean needs an axis from -1 to 0, got axis '0'"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "text"), REFUSED, ids=[row[2] for row in REFUSED])
def test_refusals(call: Any, kind: str, text: str) -> None:
    with pytest.raises(DiffcompareError) as caught:
        call()
    assert (caught.value.kind, str(caught.value)) == (kind, text)
