"""Dual numbers: first and second derivatives carried along, in any number kind."""

from __future__ import annotations

import math
import operator
from typing import Any

import mpmath
import numpy as np
import pytest

from diffcompare.errors import DiffcompareError
from diffcompare.numbers.dual import Dual
from diffcompare.numbers.precise import Precise
from diffcompare.ops.choice import max_, where
from diffcompare.ops.elementary import exp, hypot, log, sin, sqrt, tanh
from diffcompare.ops.linalg import add_up
from diffcompare.ops.operand import ZERO


def f(x: Any, y: Any) -> Any:
    return log(x) + x * y - sin(y)


def test_the_survey_example() -> None:
    along_x, along_y = f(Dual(2.0, 1.0), 5.0), f(2.0, Dual(5.0, 1.0))
    assert along_x.primal == along_y.primal == pytest.approx(11.652071455223084, rel=1e-15)
    assert along_x.tangent == 5.5
    assert along_y.tangent == pytest.approx(1.7163378145367738, rel=1e-15)


def test_a_direction_is_one_pass() -> None:
    y = f(Dual(2.0, 3.0), Dual(5.0, -2.0))
    assert y.tangent == pytest.approx(3 * 5.5 - 2 * 1.7163378145367738, rel=1e-15)


def test_duals_of_duals_differentiate_twice() -> None:
    x = Dual(Dual(0.5, 1.0), Dual(1.0))
    y = exp(2 * x) * x
    assert float(y.primal.primal) == pytest.approx(math.e / 2)
    assert float(y.tangent.primal) == float(y.primal.tangent) == pytest.approx(2 * math.e)
    assert float(y.tangent.tangent) == pytest.approx(6 * math.e)


def test_hessian_entries_of_a_published_example() -> None:
    def g(x: Any, y: Any, z: Any) -> Any:
        return x**2 * y**2 * z**2

    at = (1.0, 2.0, 3.0)
    hessian = [[72, 72, 48], [72, 18, 24], [48, 24, 8]]
    for i in range(3):
        for j in range(3):
            inner = [Dual(v, 1.0 if k == i else ZERO) for k, v in enumerate(at)]
            y = g(*(Dual(v, Dual(1.0)) if k == j else Dual(v) for k, v in enumerate(inner)))
            assert float(y.tangent.tangent) == hessian[i][j]


def test_what_has_no_tangent_stays_without() -> None:
    assert sin(Dual(0.5)).tangent is ZERO
    assert (Dual(-2.0, 1.0) ** Dual(3.0)).tangent == 12.0  # no logarithm of −2 is taken
    assert (Dual(2.0, 1.0) > 1).tangent is ZERO


def test_duals_of_precise_numbers() -> None:
    mp = mpmath.MPContext()
    mp.dps = 40
    slope = tanh(Dual(Precise(mp, 20), Precise(mp, 1))).tangent
    assert abs(slope.value - mp.sech(20) ** 2) < mp.mpf(10) ** -55


def test_decisions_follow_the_value() -> None:
    x = Dual(2.0, 1.0)
    assert x > 1 and x == 2 and x != 3 and not x < 2 and bool(x)
    assert max_(x, 3.0).tangent == 0.0
    assert where(x > 1, x * x, log(-x)).tangent == 4.0
    assert repr(Dual(1.5, 2.0)) == "Dual(1.5, 2.0)"
    assert len({x, x}) == 1


@pytest.mark.filterwarnings("error")
def test_ieee_without_warnings() -> None:
    assert sqrt(Dual(0.0, 1.0)).tangent == math.inf
    assert math.isnan(log(Dual(-1.0, 1.0)).primal)
    assert (1 / Dual(0, 1)).tangent == -math.inf
    assert math.isnan(hypot(Dual(0.0, 1.0), 0.0).tangent)


def test_arrays_of_numbers_in_a_dual() -> None:
    x = Dual(np.array([0.0, 1.0]), np.array([1.0, 2.0]))
    y = exp(x) * 3
    assert y.primal == pytest.approx([3.0, 3 * math.e])
    assert y.tangent == pytest.approx([3.0, 6 * math.e])


@pytest.mark.parametrize("apply", [operator.add, operator.sub, operator.mul, operator.truediv,
                                   np.hypot, np.maximum], ids=lambda f: f.__name__)  # fmt: skip
@pytest.mark.parametrize("shape", [(3,), (2, 3), (4, 2, 3), (2, 1), ()], ids=str)
def test_beside_arrays_it_computes_in_both_orders(apply: Any, shape: Any) -> None:
    """The tangent has the value's shape, also where either is broadcast."""
    rng = np.random.default_rng(1)
    x, x_dot, w = rng.uniform(1, 2, (2, 3)), rng.normal(size=(2, 3)), rng.uniform(1, 2, shape)
    h = 1e-6
    for function in (lambda v: apply(v, w), lambda v: apply(w, v)):
        y = function(Dual(x, x_dot))
        quotient = (function(x + h * x_dot) - function(x - h * x_dot)) / (2 * h)
        assert type(y) is Dual
        assert y.primal == pytest.approx(function(x), rel=1e-15)
        assert y.tangent.shape == y.primal.shape
        assert y.tangent == pytest.approx(quotient, rel=1e-8, abs=1e-8)
        total = add_up(y)
        assert total.tangent == pytest.approx(quotient.sum(), rel=1e-7, abs=1e-7)


def test_products_with_constant_matrices() -> None:
    w, x, x_dot = np.arange(6.0).reshape(2, 3), np.arange(6.0).reshape(3, 2) ** 2, np.eye(3, 2)
    assert (w @ Dual(x, x_dot)).tangent.tolist() == (w @ x_dot).tolist()
    assert (Dual(x, x_dot) @ w).tangent.tolist() == (x_dot @ w).tolist()


def test_one_number_beside_an_array_is_an_array_of_duals() -> None:
    for result in (
        Dual(2.0, 1.0) * np.array([1.0, 3.0]),
        np.array([1.0, 3.0]) * Dual(2.0, 1.0),
    ):
        assert [(y.primal, y.tangent) for y in result] == [(2.0, 1.0), (6.0, 3.0)]


def test_shapes_that_do_not_broadcast_are_refused() -> None:
    for function in (lambda x: x * np.ones(5), lambda x: np.ones(5) * x):
        with pytest.raises(DiffcompareError, match="mul needs shapes that broadcast, got") as error:
            function(Dual(np.ones((2, 3)), np.ones((2, 3))))
        assert error.value.kind == "shape"
