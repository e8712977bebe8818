"""Softmax and log-sum-exp: the textbook's derivatives, and scores of any size."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest

from diffcompare.errors import DiffcompareError
from diffcompare.graph.expand import expand
from diffcompare.modes.forward import tangent_graph
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.ops.cost import Cost
from diffcompare.ops.layers.softmax import LogSumExp, Softmax, log_softmax, logsumexp, softmax
from tests.ops.layers.checks import CHECKS, Case, case, failing, random
from tests.ops.layers.composed import check_composed, gradient_of, graph_of

CASES = [
    case(op, shape)
    for op, shape in (
        (Softmax(0), (5,)),
        (Softmax(1), (2, 5, 3)),
        (Softmax(2), (2, 3, 4)),
        (Softmax(1), (3, 1)),
        (LogSumExp(0), (5,)),
        (LogSumExp(1), (2, 5, 3)),
        (LogSumExp(2), (2, 3, 4)),
    )
]
TINY = 2.0**-1070
"""A few of the smallest numbers."""
SCORES = [
    (0.0, 0.0), (1000.0, 1000.0), (1000.0, 0.0), (-1000.0, -1001.0), (710.0, 709.0, -5.0),
    (-745.0, -700.0), (1e300, 1e299), (0.0, 40.0), (0.0, -np.inf),
]  # fmt: skip


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_layer(case: Case, check: Any) -> None:
    check(case)


@pytest.mark.parametrize("scores", SCORES, ids=str)
def test_any_size_against_mpmath(scores: Any) -> None:
    x, mp = np.array(scores), mpmath.MPContext()
    mp.dps, mp.prec = 60, 4000
    powers = [mp.exp(mp.mpf(v)) for v in scores]
    total = mp.fsum(powers)
    shares = [float(p / total) for p in powers]
    np.testing.assert_allclose(softmax(x), shares, rtol=1e-14, atol=TINY)
    np.testing.assert_allclose(float(logsumexp(x)), float(mp.log(total)), rtol=1e-15, atol=1e-17)
    true = [float(mp.mpf(v) - mp.log(total)) for v in scores]
    np.testing.assert_allclose(log_softmax(x), true, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(gradient_of(logsumexp, x), shares, rtol=1e-14, atol=TINY)


def test_digits_of_small_remainders_are_kept() -> None:
    """ln(1 + e⁻⁴⁰) is not lost beside the largest score 0."""
    assert float(logsumexp(np.array([0.0, -40.0]))) == float(mpmath.log1p(mpmath.exp(-40)))


def test_non_finite_scores() -> None:
    with np.errstate(invalid="ignore"):
        assert np.isnan(softmax(np.array([np.nan, 0.0]))).all()
        assert np.isnan(logsumexp(np.array([np.nan, 0.0])))
        assert logsumexp(np.array([np.inf, 0.0])) == np.inf
        assert logsumexp(np.array([-np.inf, -np.inf])) == -np.inf


def test_closed_formula() -> None:
    """x̄ = y (ȳ − Σ ȳ y), along the axis alone."""
    x, y_bar = random((2, 4, 3), 1), random((2, 4, 3), 2)
    y = np.exp(x) / np.exp(x).sum(1, keepdims=True)
    true = y * (y_bar - (y_bar * y).sum(1, keepdims=True))
    np.testing.assert_allclose(gradient_of(softmax, x, y_bar=y_bar), true, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("axis", [None, 0, 1, -1])
def test_functions(axis: Any) -> None:
    x = random((2, 4, 3), 3)
    along = 1 if axis is None else axis
    powers = np.exp(x)
    total = powers.sum(along, keepdims=True)
    np.testing.assert_allclose(softmax(x, axis), powers / total, rtol=1e-14)
    np.testing.assert_allclose(logsumexp(x, axis), np.log(total.squeeze(along)), rtol=1e-14)
    check_composed(lambda v: log_softmax(v, axis), x)


def test_counts_by_hand() -> None:
    """On a row of 5: 5 comparisons for the shift, 5 + 1 additions there and back; 5 exponentials,
    4 additions and a logarithm. Softmax: no way back, but a subtraction and an exponential each."""
    row = Cost(compare=5, add=5 + 4, call=5 + 1)
    assert LogSumExp(1).cost([(2, 5)]) == 2 * (row + Cost(add=1))
    assert Softmax(1).cost([(2, 5)]) == 2 * (row + Cost(add=5, call=5))


@pytest.mark.parametrize("scores", SCORES[:8], ids=str)
@pytest.mark.parametrize("layer", [softmax, logsumexp, log_softmax])
def test_expansions_are_finite_for_any_size_too(layer: Any, scores: Any) -> None:
    """Value and Jacobian, that of log-softmax being 1 − the softmax."""
    x = np.array(scores)
    graph = expand(graph_of(layer, x))
    point = dict(zip(graph.inputs, x, strict=True))
    y = np.array([graph.evaluate(point)[i] for i in graph.outputs]).reshape(np.shape(layer(x)))
    np.testing.assert_allclose(y, layer(x), rtol=1e-14, atol=1e-15)
    p = softmax(x)
    true = {
        softmax: np.diag(p) - np.outer(p, p), logsumexp: p[None], log_softmax: np.eye(len(p)) - p,
    }[layer]  # fmt: skip
    for derivative in (tangent_graph, adjoint_graph):
        found = derivative(graph, tuple(graph.inputs)).at(point).matrix
        np.testing.assert_allclose(found, true, rtol=1e-12, atol=1e-15)


def test_a_wrong_rule_is_seen() -> None:
    class Diagonal(Softmax):
        def vjp(self, y: Any, x: Any, y_bar: Any, wanted: Any) -> list[Any]:
            return [y * (y_bar - y_bar * y)]

    bad = failing(Case(Diagonal(1), CASES[1].x, (0,)))
    assert {"check_reverse", "check_second", "check_duality"} <= set(bad)


REFUSED: list[tuple[Any, str, str]] = [
    (lambda: softmax(np.zeros((2, 3)), 2), "attr", "softmax needs an axis from -2 to 1, got axis 2"),
    (lambda: softmax(np.float64(1)), "attr", "softmax needs an array, not a number, got axis -1"),
    (lambda: softmax(np.zeros((2, 0))), "shape",
     "softmax needs an array with entries along axis 1, got 2×0"),
    (lambda: Softmax(2).shape([(2, 3)]), "shape",
     "softmax needs an array with entries along axis 2, got 2×3"),
    (lambda: Softmax(-1), "attr", "softmax needs an axis of 0 or more, got -1"),
    (lambda: logsumexp(np.zeros((0, 3))), "shape",
     "logsumexp needs an array with entries along axis 1, got 0×3"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "text"), REFUSED, ids=[row[2] for row in REFUSED])
def test_refusals(call: Any, kind: str, text: str) -> None:
    with pytest.raises(DiffcompareError) as caught:
        call()
    assert (caught.value.kind, str(caught.value)) == (kind, text)
