"""The fully connected layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from diffcompare.errors import DiffcompareError
from diffcompare.ops.cost import Cost
from diffcompare.ops.layers.dense import Dense, dense, flatten
from tests.ops.layers.checks import CHECKS, Case, case, failing, random
from tests.ops.layers.composed import check_composed, gradient_of

CASES = [
    case(Dense(), (2, 5), (3, 5)),
    case(Dense(), (2, 5), (3, 5), (3,)),
    case(Dense(), (1, 1), (4, 1), (4,)),
    case(Dense(), (2, 5), (3, 5), (3,), wrt=[1]),
    case(Dense(), (2, 5), (3, 5), (3,), wrt=[2]),
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case}-{case.wrt}")
def test_layer(case: Case, check: Any) -> None:
    check(case)


def test_closed_formulas() -> None:
    """X̄ = Ȳ W, W̄ = Ȳᵀ X, b̄ = Σ Ȳ: each the size of its variable."""
    x, w, b, y_bar = (random(s, k) for k, s in enumerate([(2, 5), (3, 5), (3,), (2, 3)]))
    np.testing.assert_allclose(dense(x, w, b), x @ w.T + b, rtol=1e-14)
    for slot, true in enumerate((y_bar @ w, y_bar.T @ x, y_bar.sum(0))):
        got = gradient_of(dense, x, w, b, wrt=slot, y_bar=y_bar)
        np.testing.assert_allclose(got, true, rtol=1e-14)


def test_tensor_level() -> None:
    x, w, b = CASES[1].x
    check_composed(Dense().lower, x, w, b)


def test_textbook_counts() -> None:
    assert Dense().cost([(2, 5), (3, 5)]) == Cost(mul=30, add=24)
    assert Dense().cost([(2, 5), (3, 5), (3,)]) == Cost(mul=30, add=30)


def test_flatten() -> None:
    x = random((2, 3, 4, 5), 1)
    np.testing.assert_array_equal(flatten(x), x.reshape(2, 60))
    check_composed(flatten, x[:, :, :2, :1])
    assert flatten(np.zeros(3)).shape == (3, 1)


def test_a_wrong_rule_is_seen() -> None:
    class Swapped(Dense):
        def vjp(self, y: Any, x: Any, y_bar: Any, wanted: Any) -> list[Any]:
            return super().vjp(y, (x[0] * (1 + 1e-9), *x[1:]), y_bar, wanted)

    assert "check_duality" in failing(Case(Swapped(), CASES[0].x, (0, 1)))


REFUSED: list[tuple[tuple[Any, ...], str]] = [
    (((1, 2, 2, 2), (3, 2)), "dense needs x as N×in, got 1×2×2×2; flatten(x) first"),
    (((2,), (3, 2)), "dense needs x of N×in and w of out×in, got 2 and 3×2"),
    (((2, 4), (3, 2)), "dense needs x of N×in and w of out×in, got 2×4 and 3×2"),
    (((0, 2), (3, 2)), "dense needs x of N×in and w of out×in, got 0×2 and 3×2"),
    (((2, 2), (3, 2), (2,)), "dense needs a bias of 3 entries, got 2"),
]


@pytest.mark.parametrize(("shapes", "text"), REFUSED, ids=[row[1] for row in REFUSED])
def test_refusals(shapes: Any, text: str) -> None:
    with pytest.raises(DiffcompareError) as caught:
        dense(*(np.zeros(shape) for shape in shapes))
    assert (caught.value.kind, str(caught.value)) == ("shape", text)


def test_flatten_needs_an_array() -> None:
    with pytest.raises(DiffcompareError, match="flatten needs an array, got a number"):
        flatten(np.float64(1))
