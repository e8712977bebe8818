"""Finite differences and complex step."""

import mpmath
import pytest

import diffcompare as dc
from diffcompare.modes.differences import differences

TEXT, POINT = "exp(x)*sin(y)", {"x": 0.5, "y": 1.25}


def truth(order):
    return float(mpmath.diff(lambda x, y: mpmath.exp(x) * mpmath.sin(y), (0.5, 1.25), order))


@pytest.mark.parametrize(
    ("mode", "evaluations", "relative"),
    [("forward differences", 3, 1e-5), ("central differences", 4, 1e-9), ("complex step", 2, 1e-15)],
)  # fmt: skip
def test_evaluations_and_error(mode, evaluations, relative):
    derivative = dc.differentiate(dc.parse(TEXT), mode)
    assert derivative.passes == evaluations
    jacobian = derivative.at(POINT)
    assert jacobian["x"] == pytest.approx(truth((1, 0)), rel=relative)
    assert jacobian["y"] == pytest.approx(truth((0, 1)), rel=relative)


def test_error_against_h_falls_then_rises():
    graph = dc.parse("exp(x)")
    errors = [
        abs(differences(graph, ("x",), "forward", h).at({"x": 1})["x"] - float(mpmath.e))
        for h in (1e-2, 1e-8, 1e-14)
    ]
    assert errors[0] > 1e3 * errors[1]
    assert errors[2] > 1e3 * errors[1]


@pytest.mark.parametrize("scheme", ["forward", "central"])
def test_quotients_as_a_graph(scheme):
    derivative = differences(dc.parse("x*y, x + sin(y)"), ("y", "x"), scheme)
    graph = derivative.jacobian_graph
    values = graph.evaluate({"x": 2.0, "y": 5.0})
    got = [values[i] for i in graph.outputs]
    assert got == pytest.approx(derivative.at({"x": 2, "y": 5}).matrix.ravel(), rel=1e-6)


def test_complex_step_names_the_op_without_a_complex_rule():
    with pytest.raises(
        dc.DiffcompareError, match="complex step needs ops with a complex rule, got erf"
    ):
        dc.differentiate(dc.parse("x*erf(x)"), "complex step")
    assert (
        dc.differentiate(dc.parse("x*erf(y)"), "complex step", "x").at({"x": 1, "y": 0})["x"] == 0
    )


def test_unknown_mode_is_refused():
    with pytest.raises(dc.DiffcompareError, match="mode needs one of symbolic, forward, reverse"):
        dc.differentiate(dc.parse("x"), "backward")
    with pytest.raises(dc.DiffcompareError, match="differentiate needs a Graph, got 'x'"):
        dc.differentiate("x", "reverse")
