"""The running bound on rounding: it holds, and it is not much too wide."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from diffcompare.numbers.precise import truth
from diffcompare.numbers.rounding import Rounded, rounding_error
from diffcompare.ops.choice import abs_, max_, relu, where
from diffcompare.ops.constants import PI
from diffcompare.ops.elementary import exp, log, sin, sqrt
from diffcompare.ops.logaddexp import logaddexp
from tests.building import SWEEPS, graph_of
from tests.strategies import SMOOTH, Sample, samples

HALF = 2.0**-53


@pytest.mark.parametrize(
    ("number", "error"),
    [(0.1, 0.0), (3, 0.0), (Fraction(3, 4), 0.0), (Fraction(1, 3), HALF / 4),
     (2**53 + 1, 1.0), (PI, 4 * HALF), (math.nan, 0.0)],
)  # fmt: skip
def test_constants(number: Any, error: float) -> None:
    assert Rounded.of(number).error <= error or math.isnan(number)
    assert (Rounded.of(number).error > 0) == (error > 0)


def test_arithmetic() -> None:
    x = Rounded(1.5, 1e-3)
    assert (x + 1).error == 1e-3 + 2 * HALF
    assert (x * x).error == 2 * 1.5 * 1e-3 + 2 * HALF
    assert (1 / x).error == pytest.approx(1e-3 / 2.25)
    assert (-x).error == 1e-3
    assert sqrt(x).error == pytest.approx(1e-3 / (2 * math.sqrt(1.5)))
    assert float(x % 1) == 0.5 and bool(x == 1.5) and bool(x != 1) and hash(x) == hash(x)


def test_exact_inputs_stay_exact_where_nothing_rounds() -> None:
    x, y = Rounded(0.1), Rounded(-0.3)
    assert [z.error for z in (-x, abs(y), max_(x, y), relu(x), x > y, np.floor(y))] == [0.0] * 6


def test_only_the_chosen_counts() -> None:
    good, bad = Rounded(1.0, 1e-9), Rounded(0.5, 1e3)
    assert max_(good, bad).error == 1e-9
    assert where(good > bad, good, bad).error == 1e-9
    assert where(good < bad, bad, good).error == 1e-9
    assert relu(Rounded(-1.0, 1e3)).error == 0.0
    assert where(good, good, log(Rounded(-1.0))).error == 1e-9


def test_of_tied_arguments_any_may_be_the_choice() -> None:
    assert max_(Rounded(1.0, 1e-9), Rounded(1.0, 1e-7)).error == pytest.approx(1.01e-7)


@pytest.mark.filterwarnings("error")
def test_there_is_no_bound_where_value_or_slope_has_no_end() -> None:
    x = Rounded(0.0, 1e-9)
    for y in (1 / x, log(Rounded(-1.0)), sqrt(x), exp(Rounded(1e4)), 0 * (1 / x)):
        assert math.isnan(y.error)
    assert abs_(x).error == 0.0  # of first order: the slope at the kink is 0
    assert sqrt(Rounded(0.0)).error < 1e-320


def test_a_logarithm_of_a_sum_rounds_as_its_largest_argument() -> None:
    """ln(3 e⁻¹) = ln 3 − 1: the two cancel."""
    y = logaddexp(*[Rounded(-1.0)] * 3)
    assert y.error == 4 * 2 * HALF
    assert abs(float(y) - (math.log(3) - 1)) <= y.error


def test_amplification() -> None:
    graph = graph_of(lambda x: (x + 1e20 * x) - 1e20 * x, "x")
    (bound,) = rounding_error(graph, {"x": 1.0})
    assert 1.0 <= bound <= 4 * 1e20 * HALF


def test_a_sum_is_bounded_by_its_terms() -> None:
    graph = graph_of(lambda *x: sum(x[1:], x[0]), *(f"x{i}" for i in range(100)))
    (bound,) = rounding_error(graph, dict.fromkeys(graph.inputs, 1.0))
    assert sum(math.ulp(float(k)) / 2 for k in range(2, 101)) == pytest.approx(bound)


def test_chosen_nodes() -> None:
    graph = graph_of(lambda x: sin(x) + x, "x")
    assert rounding_error(graph, {"x": 1.0}, [graph.inputs["x"]]) == [0.0]


@settings(max_examples=300, deadline=None)
@given(samples(SMOOTH))
def test_the_bound_holds(sample: Sample) -> None:
    graph, point = sample
    for derivative in (graph, *(sweep(graph, tuple(point)).jacobian_graph for sweep in SWEEPS)):
        values = derivative.evaluate({name: np.float64(x) for name, x in point.items()})
        bounds = rounding_error(derivative, point)
        for index, true, bound in zip(
            derivative.outputs, truth(derivative, point), bounds, strict=True
        ):
            if math.isfinite(bound):
                assert abs(true - float(values[index])) <= bound, (
                    index,
                    true,
                    values[index],
                    bound,
                )
