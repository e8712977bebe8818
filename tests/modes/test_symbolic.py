"""The symbolic mode: SymPy's derivative, agreeing with the graph as written."""

import math
import threading

import mpmath
import numpy as np
import pytest
import sympy

import diffcompare as dc
from diffcompare.modes.bridge import rationals, to_sympy

LOGISTIC = {n: "\n".join(["l1 = x", *(f"l{k} = 4*l{k - 1}*(1 - l{k - 1})" for k in range(2, n + 1))])
            for n in (2, 3, 4, 5, 6, 7, 9)}  # fmt: skip


def symbolic(text, **budget):
    return dc.differentiate(dc.parse(text), "symbolic", budget=dc.Budget(**budget))


def test_survey_example():
    jacobian = symbolic("log(x1) + x1*x2 - sin(x2)").at({"x1": 2, "x2": 5})
    assert jacobian["x1"] == pytest.approx(5.5, rel=1e-15)
    assert jacobian["x2"] == pytest.approx(float(2 - mpmath.cos(5)), rel=1e-15)


@pytest.mark.parametrize(
    ("n", "f", "raw", "cse"),
    [(2, 3, 2, 2), (3, 8, 21, 12), (4, 18, 82, 27), (5, 38, 264, 45), (6, 78, 768, 67),
     (7, 158, 2096, 93)],
)  # fmt: skip
def test_sympy_counts_of_the_logistic_map(n, f, raw, cse):
    """Baydin et al. 2018, table 1, as SymPy 1.14 counts them."""
    assert symbolic(LOGISTIC[n]).sympy_ops == {"f": f, "raw": raw, "cse": cse}


def test_large_derivative_comes_from_the_worker_and_is_right():
    derivative = symbolic(LOGISTIC[9])
    assert derivative.sympy_ops["raw"] == 13824
    theta = mpmath.asin(mpmath.sqrt(mpmath.mpf(0.2)))
    truth = float(2**8 * mpmath.sin(2**9 * theta) / mpmath.sin(2 * theta))
    assert derivative.at({"x": 0.2})["x"] == pytest.approx(truth, rel=1e-11)


@pytest.mark.parametrize("mode", ["symbolic", "forward", "reverse"])
@pytest.mark.parametrize(
    ("text", "point", "expected"),
    [
        ("x/x", {"x": 0}, math.nan),
        ("x - x + sqrt(x**2)", {"x": 0}, math.nan),
        ("exp(2*log(x))", {"x": 0}, math.nan),
        ("log(x)", {"x": -1}, math.nan),
        ("sqrt(x)", {"x": 0}, math.inf),
        ("x*log(x)", {"x": 0}, math.nan),
        ("exp(-x)*exp(x)", {"x": 750}, math.nan),
        ("max(x, exp(x) - 1, ((x + 1)**2 - 1)/2)", {"x": 0}, 1),
        ("relu(x) - relu(-x)", {"x": 0}, 0),
        ("max(x, 0) + log(1 + exp(-abs(x)))", {"x": 0}, 0.5),
        ("where(x > 0, log(x), 0)", {"x": 0}, 0),
        ("relu(log(x))", {"x": 0}, 0),
        ("floor(x)*x", {"x": 2}, 2),
        ("x % 3", {"x": 4}, 1),
        ("x**0", {"x": 0}, 0),
        ("abs(x)**3", {"x": -2}, -12),
        ("tanh(x)", {"x": 20}, 1.6993417021166356e-17),
        ("(x + 1e20*x) - 1e20*x", {"x": 3}, None),
    ],
)  # fmt: skip
def test_one_policy_at_edges(mode, text, point, expected):
    got = dc.differentiate(dc.parse(text), mode).at(point)["x"]
    if expected is not None:
        assert got == pytest.approx(expected, rel=1e-14, nan_ok=True)


@pytest.mark.parametrize("mode", ["symbolic", "forward", "reverse"])
@pytest.mark.parametrize(
    ("point", "expected"),
    [((-2, 3), (12, math.nan)), ((0, 2), (0, 0)), ((0, 1), (1, 0)), ((0, 0.5), (math.inf, 0)),
     ((0, 0), (0, math.nan)), ((2, 3), (12, 8 * math.log(2)))],
)  # fmt: skip
def test_power_of_two_variables(mode, point, expected):
    got = dc.differentiate(dc.parse("x**y"), mode).at(dict(zip("xy", point, strict=True)))
    assert list(got.values()) == pytest.approx(expected, rel=1e-14, nan_ok=True)


def test_removed_singularity_is_named():
    for text in ("x/x", "sqrt(x**2)"):
        jacobian = symbolic(text).at({"x": 0})
        assert jacobian.removable == {(0, 0)}
        assert math.isnan(jacobian["x"])
    assert symbolic("sqrt(x)").at({"x": 0}).removable == frozenset()


def test_constants_meet_sympy_exactly_or_not_at_all():
    graph = dc.parse("x*0.1 + x**(1/3) + x*sin(pi) + (1 + 1/1000000000)**1000000*x")
    values, _, constants = to_sympy(graph)
    assert sympy.Rational(1, 10) in values[graph.outputs[0]].atoms(sympy.Rational)
    assert len(constants) >= 2  # sin(pi) and the long power stay as they are
    assert all(number.denominator < 2**128 for number in rationals(graph).values())
    exact = dc.differentiate(graph, "symbolic").at({"x": 8})["x"]
    assert exact == pytest.approx(dc.differentiate(graph, "reverse").at({"x": 8})["x"], rel=1e-14)


def test_over_budget_is_refused_before_it_is_started():
    with pytest.raises(dc.DiffcompareError, match=r"a tree of at most 100 nodes, got \d") as caught:
        symbolic(LOGISTIC[9], symbolic_tree=100)
    assert caught.value.kind == "limit"


def test_time_over_budget_is_refused():
    with pytest.raises(dc.DiffcompareError, match=r"at most 0.01 s, got more"):
        symbolic(LOGISTIC[9], seconds=0.01)


def test_deep_chain_is_done_or_declined_with_a_reason():
    text = "\n".join(["t0 = x", *(f"t{k} = sin(t{k - 1})" for k in range(1, 2001))])
    try:
        derivative = symbolic(text, seconds=5)
    except dc.DiffcompareError as error:
        assert error.kind == "limit"
    else:
        assert derivative.at({"x": 1.0})["x"] == pytest.approx(
            dc.differentiate(dc.parse(text), "reverse").at({"x": 1.0})["x"], rel=1e-9
        )


def test_threads_share_sympy_in_turn():
    results = []

    def work(k):
        jacobian = symbolic(f"sin(x*{k})*exp(x)").at({"x": 0.5})
        results.append(abs(jacobian["x"] - math.exp(0.5) * (math.sin(k / 2) + k * math.cos(k / 2))))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8
    assert max(results) < 1e-12


def test_several_outputs_row_by_row():
    jacobian = symbolic("r*cos(t), r*sin(t)").at({"r": 1.5, "t": 0.75})
    expected = [[np.cos(0.75), -1.5 * np.sin(0.75)], [np.sin(0.75), 1.5 * np.cos(0.75)]]
    assert jacobian.matrix == pytest.approx(np.array(expected), rel=1e-15)


@pytest.mark.parametrize("text", ["log(0*x) + y", "x/0 + y", "x/(y - y)"])
def test_what_sympy_makes_infinite_is_declined_not_disagreed_on(text):
    report = dc.compare(text, {"x": 1.0, "y": 1.0})
    assert "needs a function that SymPy has, got " in report.legs["symbolic"].declined
    assert report.agreement.ok
