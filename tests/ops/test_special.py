"""Γ and its kin, at poles, near zeros and far out."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

from diffcompare.ops.elementary import gamma, lgamma
from diffcompare.ops.special import Polygamma

INF = math.inf


@pytest.mark.parametrize(
    "x", [0.3, 1.5, 2.0000001, 1 - 1e-9, -2.4570247382208006, -180.5, 1e5, 1e300]
)
def test_values_are_right_to_the_last_digit(x: float) -> None:
    with mpmath.workdps(60):
        log = mpmath.log(abs(mpmath.gamma(x))) if x < 0 else mpmath.loggamma(x)
        assert float(lgamma(x)) == float(log)
        assert float(gamma(x)) == float(mpmath.gamma(x))


def test_poles_overflow_and_the_ends() -> None:
    assert [gamma(x) for x in (0.0, -0.0, 172.0, INF)] == [INF, -INF, INF, INF]
    assert all(math.isnan(gamma(x)) for x in (-1.0, -7.0, -INF, math.nan, -1e300))
    assert [lgamma(x) for x in (0.0, -3.0, INF, -INF)] == [INF] * 4
    assert math.isnan(lgamma(math.nan))
    assert (gamma.edge(-2.0), lgamma.edge(0.0), gamma.edge(-2.5)) == ("singular", "singular", None)


def test_digamma_of_one_is_minus_eulers_constant() -> None:
    assert float(Polygamma(0)(1.0)) == -0.5772156649015329
    assert float(Polygamma(1)(1.0)) == pytest.approx(math.pi**2 / 6, rel=1e-15)


@pytest.mark.parametrize("order", [1, 2, 3, 8])
@pytest.mark.parametrize("x", [-0.3, -1.75, -16.4, -16.5])
def test_below_zero_against_the_series(order: int, x: float) -> None:
    """ψ⁽ᵏ⁾(x) = (−1)ᵏ⁺¹ k! Σ 1/(x + n)ᵏ⁺¹."""
    with mpmath.workdps(60):
        tail = mpmath.zeta(order + 1, x + 40)
        head = mpmath.fsum(1 / mpmath.mpf(x + n) ** (order + 1) for n in range(40))
        true = (-1) ** (order + 1) * mpmath.factorial(order) * (head + tail)
    assert float(Polygamma(order)(x)) == pytest.approx(float(true), rel=1e-15)


def test_far_below_zero_takes_no_steps() -> None:
    assert float(Polygamma(1)(-1e15 - 0.5)) == pytest.approx(math.pi**2, rel=1e-15)
    assert float(Polygamma(2)(-(2.0**50) - 0.25)) == pytest.approx(4 * math.pi**3, rel=1e-14)


@pytest.mark.parametrize("order", [0, 1, 4])
def test_polygamma_at_its_ends(order: int) -> None:
    op = Polygamma(order)
    assert all(math.isnan(op(x)) for x in (0.0, -0.0, -4.0, -INF, math.nan))
    assert op(INF) == (INF if order == 0 else 0.0)
    assert op.edge(-4.0) == "singular"
    assert op(np.array([1.0, 2.0])).shape == (2,)
