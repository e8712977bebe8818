"""Agreement that sees a part in 1e9, and forgives rounding only."""

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.measure.agreement import Run, agreement
from diffcompare.measure.rounding import bound
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


CANCELLING = [
    "sum(softmax(x))",
    "sum(logsumexp(x) - x)",
    lambda x: (x / x.sum()).sum(),
    lambda x: (x - x.mean()).sum(),
    lambda x: ((x / np.sqrt((x * x).sum())) ** 2).sum(),
    lambda x: ((x - x.mean()) / np.sqrt(((x - x.mean()) ** 2).mean() + 1e-5)).sum(),
    lambda x: (np.exp(x) / np.exp(x).sum()).sum(),
]


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("source", CANCELLING)
def test_a_row_of_zeros_is_known_to_the_size_of_its_terms(source, kind):
    x = np.array([0.1, 0.7, 0.2], kind)
    report = dc.compare(source, at={"x": x})
    assert report.agreement.ok, report.agreement.worst
    assert report.agreement.worst.tolerance < 1e4 * np.finfo(kind).eps


def test_the_bound_on_arrays_holds_and_is_no_more_than_that():
    """Of Σ softmax = 1 and Σ (x − mean)/σ = 0 every slope is zero: what is found is rounding."""
    rng = np.random.default_rng(0)
    for source in CANCELLING[:1] + CANCELLING[2:]:
        for _ in range(5):
            x = rng.uniform(0.1, 2, 30)
            graph = dc.parse(source, shapes={"x": (30,)})
            for mode in ("forward", "reverse"):
                derivative = dc.differentiate(graph, mode)
                found, allowed = derivative.at({"x": x}).matrix, bound(derivative, {"x": x})
                assert (np.abs(found) <= allowed).all()
                assert allowed.max() < 1e-11


@pytest.mark.parametrize("source", ["sum(softmax(x)**2)", CANCELLING[3], "sum(logsumexp(x)*x)"])
def test_a_scaled_gradient_of_arrays_is_seen(source):
    graph, point = dc.parse(source, shapes={"x": (3,)}), {"x": np.array([0.1, 0.7, 0.2])}
    made = [dc.differentiate(graph, mode) for mode in ("forward", "reverse")]
    first, last = (derivative.at(point) for derivative in made)
    scaled = Jacobian(last.blocks, last.matrix * (1 + 1e-9), last.value)
    names = ["x[0]", "x[1]", "x[2]"]
    pairs = [Run(made[0], first), Run(made[1], scaled)]
    zero = source is CANCELLING[3]  # there is nothing to scale
    assert agreement(pairs, point, ["y"], names, []).ok is zero


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
