"""Sums with what is 0 at some entries: equal to their expansions, charged where they add."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from diffcompare.errors import DiffcompareError
from diffcompare.ops.arithmetic import add, sub
from diffcompare.ops.cost import ADD
from diffcompare.ops.op import Op
from diffcompare.ops.parts import Place
from diffcompare.ops.within import AddWithin, within
from tests.ops.layers.checks import CHECKS, Case, case, check_layout, random
from tests.ops.layers.composed import check_composed, graph_of

THERE = np.array([[True, False, True], [False, False, True]])
PLACES = (0, 2, 5)


def zeroed(shape: tuple[int, ...], seed: int) -> Any:
    return np.where(THERE, random(shape, seed), 0.0)


CASES = [
    case(AddWithin((2, 3), PLACES), x=[random((2, 3), 1), zeroed((2, 3), 2)], wrt=[0]),
    case(AddWithin((2, 3), PLACES, minus=True), x=[random((4, 2, 3), 3), zeroed((4, 2, 3), 4)], wrt=[0]),
]  # fmt: skip


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_op(case: Case, check: Any) -> None:
    if check is check_layout:
        pytest.skip("elementwise on arrays")
    check(case)


@pytest.mark.parametrize("op", [add, sub], ids=["add", "sub"])
def test_both_are_differentiated(op: Op) -> None:
    """Of b what is 0 by itself: padded by zeros."""
    there = np.zeros((3, 4), dtype=bool)
    there[1:, 1:3] = True

    def function(a: Any, b: Any) -> Any:
        return within(op, a, Place((3, 4), (1, 1), (1, 1))(b), there)

    x = random((3, 4), 5), random((2, 2), 6)
    check_composed(function, *x)
    padded = np.zeros((3, 4))
    padded[1:, 1:3] = x[1]
    np.testing.assert_array_equal(function(*x), op(x[0], padded))


def test_everywhere_it_is_the_sum_itself() -> None:
    graph = graph_of(lambda a, b: within(sub, a, b, np.ones(2, dtype=bool)), *np.ones((2, 3, 2)))
    assert graph.ops[-1] is sub


def test_cost_is_that_of_the_places() -> None:
    assert AddWithin((2, 3), PLACES).cost([(4, 2, 3)] * 2) == ADD * 12


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(DiffcompareError, match=r"two arrays of one shape that ends in \(2, 3\)"):
        AddWithin((2, 3), PLACES).shape([(2, 2), (2, 2)])
