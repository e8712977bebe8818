"""Agreement that sees a part in 1e9, and forgives rounding only."""

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.measure.agreement import Run, agreement
from diffcompare.modes.jacobian import Jacobian


def runs(text, point, scale=1.0, modes=("forward", "reverse")):
    graph = dc.parse(text)
    made = []
    for mode in modes:
        derivative = dc.differentiate(graph, mode)
        made.append(Run(derivative, derivative.at(point)))
    last, jacobian = made[-1]
    scaled = Jacobian(jacobian.blocks, jacobian.matrix * scale, jacobian.value)
    checked = {name: np.float64(number) for name, number in point.items()}
    return [*made[:-1], Run(last, scaled)], checked, list(graph.inputs)


@pytest.mark.parametrize("scale", [1 + 1e-9, 1 - 1e-9, 1 + 1e-11, -1])
def test_a_scaled_gradient_is_seen(scale):
    """PyTorch's gradcheck passes 1.0009, JAX's check_grads 1 + 1e-5."""
    made, point, names = runs("sin(x*y)*exp(x)", {"x": 0.5, "y": 1.25}, scale)
    verdict = agreement(made, point, ["y"], names, [])
    assert not verdict.ok
    assert verdict.worst.relative == pytest.approx(abs(scale - 1), rel=1e-3) or scale == -1


def test_rounding_is_forgiven_where_the_formula_cancels():
    made, point, names = runs("(x + 1e8)**3 - x**3", {"x": 0.1})
    assert agreement(made, point, ["y"], names, []).ok


def test_differences_are_not_compared_at_an_edge():
    report = dc.compare("abs(x) + x", at={"x": 0})
    pair = report.agreement.pairs[-1]
    assert pair.modes == ("central differences", "symbolic")
    assert pair.skipped == (("", "", "the point is on a kink at v1"),)


def test_a_removed_singularity_is_not_compared():
    report = dc.compare("sqrt(x**2)", at={"x": 0})
    reasons = [why for pair in report.agreement.pairs for _, _, why in pair.skipped]
    assert any("removable" in why for why in reasons)
    assert report.agreement.ok


def test_overflow_on_the_way_is_a_reason():
    report = dc.compare("1/(1 + exp(x))", at={"x": 400})
    assert report.agreement.ok
    assert any("overflows on the way" in s[2] for p in report.agreement.pairs for s in p.skipped)


def test_stiff_functions_do_not_fail_the_smoke_check():
    assert dc.compare("4*((1/r)**12 - (1/r)**6)", at={"r": 0.01}).agreement.ok
    assert dc.compare("exp(50*x)", at={"x": 3}).agreement.ok


def test_no_inputs_and_one_mode():
    assert dc.compare("3", at={}).agreement.worst is not None
    assert dc.compare("x", at={"x": 1}, modes=["reverse"]).agreement.pairs == ()


def test_where_nothing_can_be_compared_nothing_is_identical():
    report = dc.compare("x/x", at={"x": 0})
    first = report.agreement.pairs[0]
    assert first.entry is None
    assert [output for output, _, _ in first.skipped] == ["y"]


def test_singular_points_are_named_in_a_sentence():
    for source, why in (("sqrt(x)", "f has a singularity at v1"), ("x/x", "f is undefined at v1")):
        pair = dc.compare(source, at={"x": 0}).agreement.pairs[-1]
        assert pair.skipped == (("", "", why),)
