"""Directions in place of all passes: what they give, and that they see what is wrong."""

import re

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.graph.point import read_point
from diffcompare.measure.agreement import Run
from diffcompare.measure.sample import dot_products, sample, told
from diffcompare.ops.elementary import cos, sin
from diffcompare.ops.linalg import add_up, matmul

SIZES = {"W": (4, 30), "x": (30, 2), "b": (4, 1)}


def network(total=True):
    """Σ sin(W x + b), or all of its entries."""
    graph = dc.Graph.empty()
    w, x, b = (dc.Variable.input(graph, name, shape) for name, shape in SIZES.items())
    y = dc.sin(matmul(w, x) + b)
    graph.outputs = ((add_up(y) if total else y).index,)
    return graph.leveled()


@pytest.fixture
def point():
    rng = np.random.default_rng(1)
    return {name: rng.normal(size=shape) for name, shape in SIZES.items()}


def truth(point):
    """∂y/∂(W, x, b), y flattened, by the closed formula in plain NumPy."""
    w, x, b = point["W"], point["x"], point["b"]
    slope = np.cos(w @ x + b)
    rows = []
    for i, j in np.ndindex(4, 2):
        by_w, by_x, by_b = np.zeros((4, 30)), np.zeros((30, 2)), np.zeros((4, 1))
        by_w[i], by_x[:, j], by_b[i] = slope[i, j] * x[:, j], slope[i, j] * w[i], slope[i, j]
        rows.append(np.concatenate([by_w.ravel(), by_x.ravel(), by_b.ravel()]))
    return np.array(rows)


def test_forward_and_reverse_products(point):
    graph, jacobian = network(total=False), truth(point)
    ahead = sample(dc.differentiate(graph, "forward"), read_point(graph, point))
    back = sample(dc.differentiate(graph, "reverse"), read_point(graph, point), 3, seed=7)
    assert (ahead.directions.shape, ahead.products.shape) == ((8, 184), (8, 8))
    assert (back.directions.shape, back.products.shape) == ((3, 8), (3, 184))
    for found in (ahead, back):
        assert set(np.unique(found.directions)) == {-1.0, 1.0}
    np.testing.assert_allclose(ahead.products, ahead.directions @ jacobian.T, rtol=1e-12)
    np.testing.assert_allclose(back.products, back.directions @ jacobian, rtol=1e-12)
    again = sample(dc.differentiate(graph, "forward"), read_point(graph, point))
    assert (again.directions == ahead.directions).all()


def few(passes):
    return dc.Budget(passes=passes)


def test_forward_over_the_budget_is_sampled(point):
    graph = network()
    report = dc.compare(graph, at=point, budget=few(100))
    leg = report["forward"]
    assert leg.jacobian is None
    assert leg.declined is None
    assert leg.passes == 184
    book = leg.ledger
    assert book.total == book.value + book.shared + book.per_pass * 184
    assert book.specialised is None
    assert re.fullmatch(
        r"184 passes counted, 8 random directions of ±1 run; dot products "
        r"(agree with symbolic to \de-1[56], )?agree with reverse to \de-1[56]", leg.notes[0],
    )  # fmt: skip
    assert f"forward: {leg.notes[0]}" in re.sub(r"\s+", " ", str(report))
    assert ("forward (8 directions)", "reverse") in [pair.modes for pair in report.agreement.pairs]
    assert report.agreement.ok
    assert "at most 100 passes" in report["central differences"].declined
    assert report.to_dict()["modes"]["forward"]["directions"] == 8
    assert "Use reverse" in report.advice or "Use symbolic" in report.advice
    assert max(map(len, str(report).splitlines())) <= 100


def test_reverse_over_the_budget_is_sampled():
    graph = dc.Graph.empty()
    t, w = dc.Variable.input(graph, "t"), dc.Variable.input(graph, "w", (60,))
    graph.outputs = (dc.sin(t * w).index,)
    at = {"t": 0.5, "w": np.linspace(-1, 1, 60)}
    report = dc.compare(graph, at=at, wrt="t", modes=["forward", "reverse"], budget=few(50))
    assert report["reverse"].jacobian is None
    assert report.agreement.pairs[0].modes == ("reverse (8 directions)", "forward")
    assert report.agreement.ok


def test_both_over_the_budget_are_held_against_each_other(point):
    graph = network(total=False)
    modes = ["forward", "reverse"]
    report = dc.compare(graph, at=point, modes=modes, budget=few(5))
    (pair,) = report.agreement.pairs
    assert pair.modes == ("forward (8 directions)", "reverse (8 directions)")
    assert pair.ok
    assert pair.relative < 1e-14
    assert "agree with reverse (8 directions)" in report["forward"].notes[0]
    alone = dc.compare(graph, at=point, modes=["forward"], budget=few(5))
    assert alone["forward"].notes[0].endswith("no other mode to check them by")


@pytest.mark.parametrize("total", [True, False])
def test_a_wrong_rule_is_seen(point, total, monkeypatch):
    """The tangent of a sine that is off by 1e-9, its adjoint right."""
    right = sin.jvp
    wrong = lambda y, x, x_dot: (1 + 1e-9) * cos(x[0]) * x_dot[0]  # noqa: E731
    object.__setattr__(sin, "jvp", wrong)
    try:
        report = dc.compare(
            network(total), at=point, modes=["forward", "reverse"], budget=few(8 if total else 5)
        )
    finally:
        object.__delattr__(sin, "jvp")
    assert sin.jvp == right
    assert not report.agreement.ok
    assert report.agreement.worst.relative > 1e-11
    assert "DISAGREE with reverse" in report["forward"].notes[0]
    assert "THE MODES DISAGREE." in str(report)


@pytest.mark.parametrize("scale", [1 + 1e-9, -1.0, np.nan])
def test_a_wrong_matrix_is_seen(point, scale):
    graph = network()
    found = sample(dc.differentiate(graph, "forward"), read_point(graph, point))
    reverse = dc.differentiate(graph, "reverse")
    names = (["y"], [f"x{k}" for k in range(184)])
    jacobian = reverse.at(point)
    assert dot_products([found], [Run(reverse, jacobian)], *names)[0].ok
    jacobian.matrix[:, :120] *= scale
    (pair,) = dot_products([found], [Run(reverse, jacobian)], *names)
    assert not pair.ok
    assert pair.entry[0] == "y"
    assert "DISAGREE with reverse" in told(found, [pair])


def test_infinite_slopes_are_no_disagreement():
    graph = dc.Graph.empty()
    w = dc.Variable.input(graph, "w", (20,))
    graph.outputs = (add_up(dc.sqrt(w)).index,)
    at = {"w": np.arange(20.0)}
    report = dc.compare(graph, at=at, modes=["forward", "reverse"], budget=few(5))
    assert report.agreement.ok
    assert report.flags[0].kind == "singular"


def test_a_long_scalar_formula_is_not_written_out():
    """Of numbers too: 300 passes over the budget are counted, and no graph of them is made."""
    graph = dc.parse("*".join(f"x{k}" for k in range(300)))
    at = {f"x{k}": 1 + k / 1000 for k in range(300)}
    report = dc.compare(graph, at=at, modes=["forward", "reverse"], budget=few(100))
    assert report["forward"].ledger.specialised is None
    assert report.agreement.ok
    # x and ẋ, four numbers of a step, and what the passes before gave.
    assert report["forward"].memory == 8 * (2 * 300 + 4 + 299)


def test_a_sampled_row_of_zeros_is_forgiven_its_rounding() -> None:
    x = np.random.default_rng(0).normal(size=400)
    budget = dc.Budget(passes=100)
    report = dc.compare("sum(softmax(x))", at={"x": x}, modes=["forward", "reverse"], budget=budget)
    (pair,) = report.agreement.pairs
    assert pair.ok and pair.tolerance < 1e-11
