"""Arrays of natural numbers, against Python's integers."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from diffcompare.numbers.naturals import Naturals

NUMBERS = st.lists(st.integers(0, 2**200), min_size=1, max_size=6)


def naturals(numbers: list[int]) -> Naturals:
    """By their digits in base 2²⁴."""
    count = max(1, *(-(-n.bit_length() // 24) for n in numbers), 1)
    return Naturals([[float(n >> 24 * k & (1 << 24) - 1) for n in numbers] for k in range(count)])


@given(NUMBERS, st.data())
def test_sums(numbers: list[int], data: Any) -> None:
    others = [data.draw(st.integers(0, 2**200)) for _ in numbers]
    small = [data.draw(st.integers(0, 2**52)) for _ in numbers]
    a, b = naturals(numbers), naturals(others)
    assert a.tolist() == numbers and a.total() == sum(numbers)
    assert (a + b).tolist() == [m + n for m, n in zip(numbers, others, strict=True)]
    added = a + np.array(small, dtype=float)
    assert added.tolist() == [m + n for m, n in zip(numbers, small, strict=True)]
    assert (a + 1).tolist() == [n + 1 for n in numbers]
    assert all((digit < 2**24).all() for digit in (a + b).digits)


@given(NUMBERS, st.integers(1, 5))
def test_through_a_linear_map(numbers: list[int], rows: int) -> None:
    matrix = np.random.default_rng(rows).integers(0, 2**20, size=(rows, len(numbers)))
    found = naturals(numbers).through(lambda digit: matrix.astype(float) @ digit)
    assert found.tolist() == [
        sum(int(c) * n for c, n in zip(row, numbers, strict=True)) for row in matrix
    ]


def test_many_carries() -> None:
    """Digits that all are full: a carry goes through them all."""
    full = 2**240 - 1
    assert (naturals([full, 0]) + 1).tolist() == [full + 1, 1]


@given(NUMBERS, NUMBERS)
def test_joined(numbers: list[int], others: list[int]) -> None:
    joined = Naturals.joined(
        lambda a, b: np.concatenate([a, b]), [naturals(numbers), naturals(others)]
    )
    assert joined.tolist() == [*numbers, *others]


def test_ones_take_no_memory() -> None:
    ones = Naturals.ones((1000, 1000, 1000, 1000))
    assert ones.shape == (1000,) * 4 and ones.digits[0].strides == (0,) * 4
    assert Naturals.of([[2.0**52, 3.0]]).tolist() == [2**52, 3]
