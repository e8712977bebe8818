"""Powers: constant and general exponents, at zero, below zero and at exponents 0 and 1."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest

from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.ops.constants import PI
from diffcompare.ops.cost import CALL, DIV, MUL
from diffcompare.ops.operand import OPS, ZERO
from diffcompare.ops.powers import LogPow, Power, pow_, power, rational
from tests.building import derivatives, graph_of, same
from tests.ops.checks import partial, value

INF, NAN = math.inf, math.nan

# fmt: off
GENERAL = [
    # x     y      x**y   ∂x     ∂y                 edge
    (2.0,   3.0,   8.0,   12.0,  8 * math.log(2),   None),
    (2.0,   0.0,   1.0,   0.0,   math.log(2),       None),
    (1.0,   7.0,   1.0,   7.0,   0.0,               None),
    (0.0,   2.0,   0.0,   0.0,   0.0,               None),
    (0.0,   1.0,   0.0,   1.0,   0.0,               None),
    (0.0,   0.5,   0.0,   INF,   0.0,               "singular"),
    (0.0,   0.0,   1.0,   0.0,   NAN,               "undefined"),
    (0.0,  -1.0,   INF,  -INF,  -INF,               "singular"),
    (-2.0,  3.0,  -8.0,   12.0,  NAN,               "undefined"),
    (-2.0,  0.0,   1.0,   0.0,   NAN,               "undefined"),
    (-2.0, -1.0,  -0.5,  -0.25,  NAN,               "undefined"),
    (-2.0,  0.5,   NAN,   NAN,   NAN,               "undefined"),
]
CONSTANT = [
    # x     c                 x**c   slope  edge
    (0.0,   0,                1.0,   0.0,   None),
    (-3.0,  0,                1.0,   0.0,   None),
    (0.0,   2,                0.0,   0.0,   None),
    (-3.0,  2,                9.0,   -6.0,  None),
    (-2.0,  3,               -8.0,   12.0,  None),
    (-2.0,  -1,              -0.5,   -0.25, None),
    (0.0,   -1,               INF,   -INF,  "singular"),
    (0.0,   Fraction(1, 2),   0.0,   INF,   "singular"),
    (0.0,   Fraction(3, 2),   0.0,   0.0,   None),
    (4.0,   Fraction(-1, 2),  0.5,   -1/16, None),
    (-4.0,  Fraction(1, 2),   NAN,   NAN,   "undefined"),
    (-8.0,  Fraction(1, 3),   NAN,   NAN,   "undefined"),
]
# fmt: on


@pytest.mark.parametrize(("x", "y", "result", "dx", "dy", "edge"), GENERAL)
def test_general(x: float, y: float, result: float, dx: float, dy: float, edge: Any) -> None:
    assert same(value(pow_, (x, y)), result)
    for slot, slope in enumerate((dx, dy)):
        assert partial(pow_, slot, (x, y)) == pytest.approx(slope, rel=1e-15, nan_ok=True)
    assert pow_.edge(x, y) == edge


@pytest.mark.parametrize(("x", "c", "result", "slope", "edge"), CONSTANT)
def test_constant(x: float, c: Any, result: float, slope: float, edge: Any) -> None:
    op = Power(Fraction(c))
    assert same(value(op, (x,)), result)
    assert same(partial(op, 0, (x,)), slope)
    assert op.edge(x) == edge


def test_a_constant_exponent_has_its_own_op() -> None:
    graph = Graph.empty()
    x = Variable.input(graph, "x")
    half = Variable.constant(graph, 0.5)
    for z in (x**0.5, power(x, Fraction(1, 2)), x**half, np.power(x, 0.5)):
        assert z.op == Power(Fraction(1, 2))
    assert x**1 is x
    assert (x**0).op == Power(Fraction(0))
    assert (x**PI).op is OPS["pow"]
    assert (2**x).op is OPS["pow"]
    assert (x**x).op is OPS["pow"]


def test_what_counts_as_rational() -> None:
    graph = Graph.empty()
    assert rational(0.1) == Fraction(0.1) != Fraction(1, 10)
    assert rational(np.float64(0.25)) == Fraction(1, 4)
    assert rational(Variable.constant(graph, Fraction(1, 10))) == Fraction(1, 10)
    for other in (
        math.inf,
        math.nan,
        PI,
        Variable.constant(graph, PI),
        Variable.input(graph, "x"),
        True,
    ):
        assert rational(other) is None


def test_costs() -> None:
    costs = {2: MUL, -1: DIV, 3: CALL, Fraction(1, 2): CALL}
    assert all(Power(Fraction(c)).cost([()]) == cost for c, cost in costs.items())


@pytest.mark.parametrize("c", [Fraction(1, 3), Fraction(7, 3), Fraction(1, 10), Fraction(-22, 7)])
@pytest.mark.parametrize("x", [1e-90, 0.3, 1.0, 1e9, 1e90])
def test_what_the_exponent_loses_as_a_float_is_made_good(c: Fraction, x: float) -> None:
    with mpmath.workdps(50):
        true = mpmath.power(x, mpmath.mpf(c.numerator) / c.denominator)
        got = value(Power(c), (x,))
        assert abs(got / true - 1) < 4e-16
    assert [value(Power(c), (v,)) for v in (0.0, INF)] == ([0.0, INF] if c > 0 else [INF, 0.0])


def test_two_to_the_x_has_a_logarithm_of_a_constant() -> None:
    for derivative in derivatives(graph_of(lambda x: 2**x, "x")):
        assert derivative.at({"x": 3.0})["x"] == pytest.approx(8 * math.log(2), rel=1e-15)
        assert not any(op.name == "logpow" for op in derivative.graph.ops)


# fmt: off
LOGPOW = [
    # a     b     k   aᵇ (ln a)ᵏ
    (2.0,   3.0,  2,  8 * math.log(2) ** 2),
    (0.0,   2.0,  1,  0.0),
    (0.0,   2.0,  4,  0.0),
    (0.0,   0.0,  1,  NAN),
    (0.0,  -1.0,  1,  -INF),
    (0.0,  -1.0,  2,  INF),
    (-2.0,  3.0,  1,  NAN),
]
# fmt: on


@pytest.mark.parametrize(("a", "b", "k", "result"), LOGPOW)
def test_logpow_takes_its_limits_at_zero(a: float, b: float, k: int, result: float) -> None:
    assert value(LogPow(k), (a, b)) == pytest.approx(result, rel=1e-15, nan_ok=True)
    mp = mpmath.MPContext()
    precise = LogPow(k).precise(mp, mp.mpf(a), mp.mpf(b))
    true = NAN if isinstance(precise, mp.mpc) else float(precise)
    assert true == pytest.approx(result, rel=1e-15, nan_ok=True)


def test_x_ln_x_is_singular_at_zero() -> None:
    assert [LogPow(1).edge(0.0, b) for b in (2.0, 1.0, 0.5, 0.0)] == [
        None, "singular", "singular", "undefined",
    ]  # fmt: skip


def test_a_structural_zero_is_skipped() -> None:
    x = (np.float64(-2.0), np.float64(3.0))
    with np.errstate(all="ignore"):
        assert pow_.jvp(np.float64(-8.0), x, (1.0, ZERO)) == 12.0
        assert LogPow(1).jvp(1.0, x, (ZERO, ZERO)) is ZERO
        assert Power(Fraction(0)).jvp(1.0, x[:1], (1.0,)) is ZERO
        assert Power(Fraction(1)).jvp(3.0, (3.0,), (5.0,)) == 5.0
