"""What every number kind computes with: operators, NumPy's functions, the structural zero."""

from __future__ import annotations

import operator
import pickle
from typing import Any

import numpy as np
import pytest

from diffcompare.numbers.dual import Dual
from diffcompare.numbers.treesize import TreeSize
from diffcompare.ops.choice import where
from diffcompare.ops.elementary import sin
from diffcompare.ops.operand import OPS, ZERO, Operand

BINARY = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod,
    operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne,
]  # fmt: skip


@pytest.mark.parametrize("apply", BINARY, ids=lambda f: f.__name__)
def test_operators_on_both_sides(apply: Any) -> None:
    for a, b in ((2.5, 1.5), (1.5, 2.5), (2.0, 2.0)):
        expected = float(apply(a, b))
        for pair in ((Dual(a), Dual(b)), (Dual(a), b), (a, Dual(b)), (np.float64(a), Dual(b))):
            assert float(apply(*pair).primal) == expected


@pytest.mark.parametrize("apply", [operator.neg, operator.pos, abs], ids=lambda f: f.__name__)
def test_signs(apply: Any) -> None:
    assert apply(Dual(-2.5, 1.0)).primal == apply(-2.5)


@pytest.mark.parametrize("ufunc", [np.sin, np.exp, np.hypot, np.maximum, np.power], ids=str)
def test_ufuncs_on_numbers_and_on_arrays_of_them(ufunc: Any) -> None:
    args = [0.75, 1.25][: ufunc.nin]
    expected = float(ufunc(*args))
    assert float(ufunc(*map(Dual, args)).primal) == pytest.approx(expected, rel=1e-15)
    array = np.array([Dual(args[0]), Dual(args[0])], dtype=object)
    result = ufunc(array, *map(Dual, args[1:]))
    assert result.shape == (2,)
    assert [float(x.primal) for x in result] == pytest.approx([expected] * 2, rel=1e-15)


def test_other_attributes_are_refused() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'spam'"):
        Dual(1.0).spam  # noqa: B018


def test_matrix_products_of_arrays_of_numbers() -> None:
    weights = np.array([[1.0, 2.0], [3.0, 4.0]])
    x = np.array([Dual(1.0, 1.0), Dual(2.0)], dtype=object)
    assert [float(y.primal) for y in weights @ x] == [5.0, 11.0]
    assert [float(y.tangent) for y in weights @ x] == [1.0, 3.0]


def test_the_structural_zero_is_absorbed() -> None:
    x = Dual(np.inf, np.nan)
    assert ZERO * x is ZERO
    assert x * ZERO is ZERO
    assert ZERO / x is ZERO
    assert -ZERO is ZERO
    assert ZERO + x is x
    assert x + ZERO is x
    assert x - ZERO is x
    assert (ZERO - Dual(2.0)).primal == -2.0
    assert where(x, ZERO, ZERO) is ZERO
    assert where(1.0, 2.5, ZERO) == 2.5
    assert where(0.0, 2.5, ZERO) == 0.0
    assert pickle.loads(pickle.dumps(ZERO)) is ZERO
    assert repr(ZERO) == "ZERO"


def test_what_a_structural_zero_cannot_be_is_said() -> None:
    with pytest.raises(NotImplementedError, match=r"^sin of a structural zero"):
        sin(ZERO)


def test_only_kinds_that_know_are_asked_to_fold() -> None:
    for number in (Dual(1.0), TreeSize(), ZERO):
        assert (number.negated, number.reciprocal) == (None, None)
    with pytest.raises(NotImplementedError):
        Operand().apply_op(OPS["sin"], ())
