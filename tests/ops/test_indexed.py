"""Gather, scatter-add and concatenation: values, dual pairs, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from diffcompare.errors import DiffcompareError
from diffcompare.graph.listing import from_listing, to_listing
from diffcompare.ops.cost import Cost
from diffcompare.ops.indexed import Concat, Gather, ScatterAdd, axis_of
from diffcompare.ops.operand import ZERO
from diffcompare.ops.subscript import concat
from tests.ops.layers.checks import CHECKS, LINEAR_CHECKS, Case, case, random
from tests.ops.layers.composed import graph_of

LINEAR = [
    case(Gather(0, (1,)), (2,)),
    case(Gather(1, (2, 0, 0, 3)), (2, 4, 3)),
    case(Gather(2, (4, 1)), (2, 3, 5)),
    case(ScatterAdd(0, (3, 3, 3), 4), (3, 2)),
    case(ScatterAdd(1, (2, 0, 0, 3), 5), (2, 4, 3)),
    case(ScatterAdd(2, (0, 1, 4), 5), (2, 4, 3)),
]
JOINED = [
    case(Concat(0), (2,)),
    case(Concat(1), (2, 4, 3), (2, 1, 3), (2, 2, 3)),
    case(Concat(2), (2, 4, 3), (2, 4, 1)),
    case(Concat(1), (2, 4, 3), (2, 1, 3), (2, 2, 3), wrt=[1]),
    case(Concat(1), (2, 4, 3), (2, 1, 3), (2, 2, 3), wrt=[0, 2]),
    case(Concat(0), (2, 0, 3), (1, 0, 3)),
]


@pytest.mark.parametrize("check", LINEAR_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("case", LINEAR, ids=str)
def test_linear_pair(case: Case, check: Any) -> None:
    check(case)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("case", JOINED, ids=lambda case: f"{case}-{case.wrt}")
def test_concat(case: Case, check: Any) -> None:
    check(case)


def test_scatter_add_against_a_loop() -> None:
    x, index = random((2, 7, 3), 1), (5, 0, 5, 2, 5, 0, 1)
    true = np.zeros((2, 6, 3))
    for place, target in enumerate(index):
        true[:, target] += x[:, place]
    np.testing.assert_allclose(ScatterAdd(1, index, 6).value(x), true, rtol=1e-15, atol=0)
    assert ScatterAdd(1, index, 6).cost([x.shape]) == Cost(add=3 * 6)


def test_concat_of_branches() -> None:
    arrays = [random((2, channels, 3, 4), channels) for channels in (1, 5, 2)]
    np.testing.assert_array_equal(concat(*arrays), np.concatenate(arrays, 1))
    np.testing.assert_array_equal(
        concat(*(np.swapaxes(a, 1, 3) for a in arrays), axis=-1),
        np.swapaxes(np.concatenate(arrays, 1), 1, 3),
    )
    assert Concat(1).jvp(None, arrays, [ZERO] * 3) is ZERO


def test_listing_round_trip() -> None:
    def function(x: Any, y: Any) -> Any:
        joined = concat(x, y, axis=0)
        return ScatterAdd(0, (1, 1, 0), 2)(Gather(0, (4, 0, 2))(joined))

    text = to_listing(graph_of(function, np.zeros((2, 3)), np.zeros((3, 3))))
    assert to_listing(from_listing(text)) == text


REFUSED: list[tuple[Any, str, str]] = [
    (lambda: Gather(-1, (0,)), "attr", "gather needs an axis of 0 or more, got -1"),
    (lambda: Gather(0, ()), "attr", "gather needs one index or more, got none"),
    (lambda: Gather(0, (1, -1)), "attr", "gather needs indices of 0 or more, got -1"),
    (lambda: Gather(0, (1.5,)), "attr", "gather needs indices of 0 or more, got 1.5"),
    (lambda: Gather(0, (3,)).shape([(3,)]), "shape",
     "gather needs more than 3 entries along axis 0, got 3"),
    (lambda: Gather(1, (3,)).shape([(3,)]), "shape", "gather needs an array with an axis 1, got 3"),
    (lambda: ScatterAdd(0, (1, 3), 3), "attr",
     "scatter_add needs a size above every index of 4 or more, got 3"),
    (lambda: ScatterAdd(0, (1, 3), 4).shape([(3, 2)]), "shape",
     "scatter_add needs 2 entries along axis 0, got 3×2"),
    (concat, "arity", "concat needs at least 1 array, got none"),
    (lambda: concat(np.zeros((2, 3)), np.zeros((3, 3))), "shape",
     "concat needs arrays of one shape but along axis 1, got 2×3 and 3×3"),
    (lambda: concat(np.zeros((2, 3)), np.zeros(2)), "shape",
     "concat needs arrays of one shape but along axis 1, got 2×3 and 2"),
    (lambda: concat(np.zeros((2, 3)), axis=2), "attr",
     "concat needs an axis from -2 to 1, got axis 2"),
    (lambda: axis_of("softmax", 0, 0), "attr", "softmax needs an array, not a number, got axis 0"),
    (lambda: axis_of("softmax", True, 3), "attr", "softmax needs an axis from -3 to 2, got axis True"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "text"), REFUSED, ids=[row[2] for row in REFUSED])
def test_refusals(call: Any, kind: str, text: str) -> None:
    with pytest.raises(DiffcompareError) as caught:
        call()
    assert (caught.value.kind, str(caught.value)) == (kind, text)
