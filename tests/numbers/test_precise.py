"""Numbers of any precision, and the truth they give."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from itertools import product as every
from typing import Any

import mpmath
import numpy as np
import pytest

from diffcompare.graph.graph import Graph
from diffcompare.numbers.precise import MOST, Precise, truth
from diffcompare.ops.choice import where
from diffcompare.ops.constants import LN2, PI
from diffcompare.ops.elementary import (
    acosh,
    asin,
    atanh,
    cbrt,
    cos,
    exp,
    gamma,
    lgamma,
    log,
    sin,
    sqrt,
)  # fmt: skip
from diffcompare.ops.operand import OPS
from diffcompare.ops.powers import Power
from diffcompare.ops.special import Polygamma
from tests.building import SWEEPS, graph_of, logistic

MP = mpmath.MPContext()
MP.dps = 50
SCALAR_OPS = [op for op in OPS.values() if op.elementwise]


def precise(number: Any) -> Precise:
    return Precise(MP, number)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.1, "0.1000000000000000055511151231257827021181583404541015625"),
        (Fraction(1, 3), "0.33333333333333333333333333333333333333333333333333"),
        (PI, "3.1415926535897932384626433832795028841971693993751"),
        (LN2, "0.69314718055994530941723212145817656807550013436026"),
        (2**70 + 1, "1180591620717411303425"),
        (np.float64(-0.5), "-0.5"),
    ],
)
def test_lifting_is_exact(number: Any, text: str) -> None:
    assert abs(precise(number).value - MP.mpf(text)) <= MP.mpf(10) ** -49 * abs(MP.mpf(text))


def test_it_computes_like_a_number() -> None:
    x = precise(2)
    assert float(((x + 1) * 3 - 1 / x) ** 2) == 72.25
    assert float(-x % 3) == 1.0
    assert float(abs(-x)) == 2.0
    assert float(2**x) == 4.0
    assert bool(x > 1) and bool(x == 2) and bool(x != 3) and not bool(x < 2)
    assert float(where(x > 1, sqrt(x), log(x - 2))) == math.sqrt(2)
    assert repr(sin(x)).startswith("Precise(0.90929742682568169539601986591174484270225497144789")


@pytest.mark.parametrize(
    "y",
    [log(precise(-1)), sqrt(precise(-2)), asin(precise(2)), acosh(precise(0.5)), atanh(precise(2)),
     precise(-8) ** Fraction(1, 3), precise(-2) ** precise(0.5), gamma(precise(-1)),
     Polygamma(1)(precise(-3)), precise(0) / 0],
)  # fmt: skip
def test_what_is_not_real_is_nan(y: Precise) -> None:
    assert math.isnan(float(y))


def test_real_roots_stay_real() -> None:
    assert float(cbrt(precise(-8))) == -2.0
    assert float(precise(-2) ** 3) == -8.0
    assert float(precise(-2) ** precise(3)) == -8.0
    assert float(lgamma(precise(-0.5))) == pytest.approx(1.2655121234846454, rel=1e-15)


def test_poles_are_as_in_ieee() -> None:
    assert float(1 / precise(0)) == math.inf
    assert float(-1 / precise(0)) == -math.inf
    assert float(log(precise(0))) == -math.inf
    assert float(gamma(precise(0))) == math.inf
    assert float(Power(Fraction(-1))(precise(0))) == math.inf


def test_magnitudes_are_bounded() -> None:
    huge = exp(exp(precise(1000)))
    assert float(huge) == math.inf
    assert float(exp(-exp(precise(1000)))) == 0.0
    assert float(gamma(precise(1e300))) == math.inf
    assert abs(float(sin(precise(1e300)))) == pytest.approx(0.8178819121159085, rel=1e-15)


@pytest.mark.parametrize("op", SCALAR_OPS, ids=lambda op: op.name)
def test_no_special_value_raises(op: Any) -> None:
    special = (math.nan, math.inf, -math.inf, 0.0, -0.0, 1e300, -1e300, 5e-324, 1.0, -1.5)
    for x in every(special, repeat=max(op.arity[0], 1)):
        with np.errstate(all="ignore"):
            y = float(op.value(*np.array(x)))
        true = float(op(*[precise(v) for v in x]))
        if op.arity[0] == 1 and not math.isinf(x[0]):
            assert math.isnan(true) == math.isnan(y), (x, true, y)


@pytest.mark.parametrize("name", ["max", "min", "relu", "abs", "sign", "add", "exp", "floor"])
def test_nan_travels(name: str) -> None:
    op = OPS[name]
    for k in range(op.arity[0]):
        args = [precise(1.0)] * op.arity[0]
        args[k] = precise(math.nan)
        assert math.isnan(float(op(*args)))
    assert math.isnan(float(OPS["max"](precise(1), precise(math.nan), precise(3))))


@pytest.mark.parametrize(
    ("n", "text"),
    [(2, "2.4"), (3, "-2.688"), (4, "9.0660864"), (5, "15.302555848409088"),
     (10, "-246.07692890735666"), (20, "593458.74065050473"), (30, "379828163.22534311")],
)  # fmt: skip
@pytest.mark.parametrize("sweep", SWEEPS, ids=lambda sweep: sweep.__name__)
def test_truth_of_the_logistic_map(sweep: Any, n: int, text: str) -> None:
    slopes = sweep(logistic(n), ("x",)).jacobian_graph
    (found,) = truth(slopes, {"x": Fraction(1, 5)})
    theta = MP.asin(MP.sqrt(MP.mpf(1) / 5))
    closed = 2 ** (n - 1) * MP.sin(2**n * theta) / MP.sin(2 * theta)
    assert abs(MP.mpf(found) / closed - 1) < MP.mpf(10) ** -30
    assert float(found) == pytest.approx(float(text), rel=1e-15)


def ladder(x: Any, scale: Any) -> Any:
    return (x + scale * x) - scale * x


@pytest.mark.parametrize("exponent", [20, 60, 120, 300])
def test_truth_sees_through_cancellation(exponent: int) -> None:
    scale = float(f"1e{exponent}")
    graph = graph_of(lambda x: (x + scale) - scale + 5, "x")
    assert [float(y) for y in truth(graph, {"x": 0.375})] == [5.375]
    graph = graph_of(lambda x: ladder(x, scale), "x")
    assert [float(y) for y in truth(graph, {"x": 0.375})] == [0.375]


def test_truth_of_zero_and_of_nothing() -> None:
    graph = graph_of(lambda x: (sin(x) ** 2 + cos(x) ** 2 - 1, log(x), 1 / (x - x), x - x), "x")
    nothing, undefined, pole, zero = truth(graph, {"x": -1.5})
    assert abs(nothing) < MP.mpf(10) ** -400
    assert math.isnan(float(undefined))
    assert float(pole) == math.inf
    assert zero == 0


def test_truth_that_needs_more_than_all_digits_is_nan() -> None:
    graph = graph_of(lambda x: ladder(x, exp(x * 10000)), "x")
    assert math.isnan(float(truth(graph, {"x": 1.0})[0]))
    assert 10000 / math.log(10) > MOST
    graph = graph_of(lambda x: 1 / (1 + exp(-10000 * x)), "x")
    assert truth(graph, {"x": 1.0}) == [1]


def test_truth_of_chosen_nodes() -> None:
    graph = graph_of(lambda x: sqrt(x) + 1, "x")
    root = next(i for i, op in enumerate(graph.ops) if op.name == "sqrt")
    assert float(truth(graph, {"x": 2.0}, [root])[0]) == math.sqrt(2)
    assert truth(graph, {"x": 2.0}, []) == []


def hard(_: int) -> str:
    graph = graph_of(lambda x: ladder(sin(x) * gamma(x), 1e30), "x")
    return str(truth(graph, {"x": 1.25})[0])


def test_threads_and_global_precision_do_not_meet() -> None:
    before = mpmath.mp.prec
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(hard, range(32)))
    assert len(found) == 1
    assert mpmath.mp.prec == before


def test_a_graph_is_not_needed() -> None:
    assert isinstance(graph_of(lambda x: x + 1, "x"), Graph)
    assert float(graph_of(lambda x: x + 1, "x").evaluate({"x": precise(1)}, precise)[-1]) == 2.0
