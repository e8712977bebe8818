"""Errors against the truth, which comes from values alone."""

import math

import mpmath
import numpy as np
import pytest

import diffcompare as dc
from diffcompare.measure.accuracy import error_curve, true_jacobian


@pytest.mark.parametrize(
    ("x", "slope"),
    [(4, 1.3409506830258969e-3), (6, 2.4576547405332701e-5), (14, 2.7657600427722565e-12),
     (20, 1.6993417021166356e-17)],
)  # fmt: skip
def test_tails_of_tanh(x, slope):
    graph = dc.parse("tanh(x)")
    assert true_jacobian(graph, {"x": float(x)}, ["x"])[0, 0] == pytest.approx(slope, rel=1e-15)
    for mode in ("symbolic", "forward", "reverse"):
        assert dc.differentiate(graph, mode).at({"x": x})["x"] == pytest.approx(slope, rel=1e-14)


def test_cancellation_cannot_hide():
    true = true_jacobian(dc.parse("(x + 1e20*x) - 1e20*x"), {"x": 0.75}, ["x"])
    assert true[0, 0] == 1.0


def test_several_outputs_and_inputs():
    graph = dc.parse("r*cos(t), r*sin(t)")
    true = true_jacobian(graph, {"r": 1.5, "t": 0.75}, ["t", "r"])
    with mpmath.workdps(30):
        c, s = mpmath.cos(0.75), mpmath.sin(0.75)
        expected = [[float(-1.5 * s), float(c)], [float(1.5 * c), float(s)]]
    assert true == pytest.approx(np.array(expected), rel=1e-15)


def test_error_of_each_mode_is_told():
    report = dc.compare("exp(x)*sin(x)", at={"x": 0.5})
    assert all(report[mode].error < 1e-15 for mode in ("symbolic", "forward", "reverse"))
    assert 1e-13 < report["central differences"].error < 1e-8


@pytest.mark.parametrize(("scheme", "best"), [("forward", -8), ("central", -5), ("complex", -16)])
def test_the_curve_has_its_least_error_where_theory_says(scheme, best):
    """Near √ε forward, ∛ε central; the complex step only gets better."""
    curve = error_curve(dc.parse("exp(x)"), {"x": 1}, "x", scheme)
    assert len(curve) == 17
    least = min(curve, key=lambda pair: (pair[1], pair[0]))[0]
    assert abs(math.log10(least) - best) <= 1


def test_no_curve_without_a_derivative():
    with pytest.raises(dc.DiffcompareError, match="an error curve needs a point with a known"):
        error_curve(dc.parse("log(x)"), {"x": -1}, "x")
    with pytest.raises(dc.DiffcompareError, match="the scheme needs one of forward, central"):
        error_curve(dc.parse("x"), {"x": 1}, "x", "backward")
