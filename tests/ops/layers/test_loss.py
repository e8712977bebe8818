"""Losses against published numbers, closed formulas and their expansions."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest

from diffcompare.errors import DiffcompareError
from diffcompare.modes.forward import tangent_graph
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.ops.cost import Cost
from diffcompare.ops.layers.gram import Gram, GramBack
from diffcompare.ops.layers.loss import (
    SoftmaxLogLoss,
    gram,
    log_loss,
    softmax_log_loss,
    squared_error,
)
from diffcompare.ops.layers.softmax import softmax
from tests.ops.layers.checks import CHECKS, Case, case, random, sweep_costs
from tests.ops.layers.composed import check_composed, gradient_of, graph_of, value_of

LABELS = np.array([[3.0, 0.0, 2.0], [1.0, 1.0, 3.0]])
SPATIAL = random((2, 4, 3), 1)
CASES = [
    case(SoftmaxLogLoss(0), x=[random((5,), 2), np.array(4.0)], wrt=[0]),
    case(SoftmaxLogLoss(1), x=[SPATIAL, LABELS], wrt=[0]),
]


@pytest.mark.parametrize("check", CHECKS[:-2], ids=lambda check: check.__name__)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_layer(case: Case, check: Any) -> None:
    check(case)


@pytest.mark.parametrize("check", CHECKS[-2:], ids=lambda check: check.__name__)
def test_layouts(check: Any) -> None:
    check(CASES[1])


def test_published_cross_entropy() -> None:
    """Scores (−2.85, 0.86, 0.28), the third class: 0.016, 0.631, 0.353 and 1.04."""
    scores = np.array([[-2.85, 0.86, 0.28]])
    np.testing.assert_allclose(np.exp(scores), [[0.058, 2.36, 1.32]], atol=5e-3)
    np.testing.assert_allclose(softmax(scores), [[0.016, 0.631, 0.353]], atol=1e-3)
    for loss in (softmax_log_loss(scores, [2]), log_loss(softmax(scores), [2])):
        assert abs(loss - 1.04) < 5e-3


@pytest.mark.parametrize("fused", [True, False])
def test_published_gradient(fused: bool) -> None:
    """x = (1, 2, 3, 4), the third class."""
    function = softmax_log_loss if fused else lambda v, c: log_loss(softmax(v), c)
    got = gradient_of(function, np.array([[1.0, 2.0, 3.0, 4.0]]), np.array([2.0]))
    true = [[0.03205860328, 0.08714431874, -0.76311718191, 0.64391425989]]
    np.testing.assert_allclose(got, true, rtol=0, atol=5e-12)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_log_loss(reduction: str) -> None:
    """∂/∂x_c = −1/x_c at the label, 0 elsewhere, and its mean over all labels."""
    p = np.exp(SPATIAL)
    check_composed(lambda v, c: log_loss(v, c, reduction), p, LABELS, wrt=[0])
    picked = np.take_along_axis(p, LABELS.astype(int)[:, None], 1)
    true = {"mean": np.mean, "sum": np.sum, "none": np.squeeze}[reduction](-np.log(picked))
    np.testing.assert_allclose(log_loss(p, LABELS, reduction), true, rtol=1e-14)
    x_bar, factor = np.zeros(p.shape), 1 / 6 if reduction == "mean" else 1.0
    np.put_along_axis(x_bar, LABELS.astype(int)[:, None], -factor / picked, 1)
    got = gradient_of(lambda v, c: log_loss(v, c, reduction), p, LABELS)
    np.testing.assert_allclose(got, x_bar, rtol=1e-14)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_softmax_log_loss(reduction: str) -> None:
    """The gradient is softmax − unit vector, over the number of labels for the mean."""
    check_composed(lambda v, c: softmax_log_loss(v, c, reduction), SPATIAL, LABELS, wrt=[0])
    two_steps = value_of(lambda v, c: log_loss(softmax(v), c, reduction), SPATIAL, LABELS)
    np.testing.assert_allclose(softmax_log_loss(SPATIAL, LABELS, reduction), two_steps, rtol=1e-13)
    unit = np.moveaxis(np.eye(4)[LABELS.astype(int)], -1, 1)
    true = (np.exp(SPATIAL) / np.exp(SPATIAL).sum(1, keepdims=True) - unit) / (
        6 if reduction == "mean" else 1
    )
    got = gradient_of(lambda v, c: softmax_log_loss(v, c, reduction), SPATIAL, LABELS)
    np.testing.assert_allclose(got, true, rtol=1e-13, atol=1e-16)


def test_hessian_of_the_fused_loss() -> None:
    """diag(p) − p pᵀ, forward over reverse."""
    x = random((5,), 3)
    graph = graph_of(softmax_log_loss, x, np.float64(1))
    gradient = adjoint_graph(graph, ("x0",))
    work = gradient.graph
    work.outputs = gradient.swept
    hessian = tangent_graph(work, ("x0",))
    point = {"x0": x, "x1": np.float64(1), gradient.seeds[0]: np.float64(1)}
    p = np.exp(x) / np.exp(x).sum()
    got = hessian.entries(point, work.evaluate(point))
    np.testing.assert_allclose(got, np.diag(p) - np.outer(p, p), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("scores", [(1000.0, 0.0), (0.0, 1000.0), (-800.0, -900.0), (40.0, 0.0)])
@pytest.mark.parametrize("label", [0, 1])
def test_any_size_against_mpmath(scores: Any, label: int) -> None:
    mp = mpmath.MPContext()
    mp.prec = 4000
    total = mp.fsum(mp.exp(s) for s in scores)
    true = float(mp.log(total) - scores[label])
    np.testing.assert_allclose(float(softmax_log_loss(np.array(scores), label)), true, rtol=1e-15)
    p = [float(mp.exp(s) / total) - (k == label) for k, s in enumerate(scores)]
    got = gradient_of(lambda v: softmax_log_loss(v, label), np.array(scores))
    np.testing.assert_allclose(got, p, rtol=1e-14, atol=1e-16)


def test_counts_by_hand() -> None:
    """Each sample: the logarithm of the sum, shifted there and back, less the score."""
    each = Cost(compare=5, call=5 + 1, add=5 + 4 + 1 + 1)
    assert SoftmaxLogLoss(1).cost([(2, 5), (2,)]) == 2 * each


def test_constant_labels_are_no_input() -> None:
    graph = graph_of(lambda v: softmax_log_loss(v, [3, 0]), random((2, 4), 4))
    assert tuple(graph.inputs) == ("x0",)
    check_composed(lambda v: log_loss(v, [3, 0]), np.exp(random((2, 4), 4)))
    for reduction in ("mean", "sum", "none"):
        check_composed(lambda v, r=reduction: softmax_log_loss(v, [3, 0], r), random((2, 4), 4))
    check_composed(lambda v: softmax_log_loss(v, 1), random((3,), 4))


def test_constant_labels_are_subtracted_where_they_are() -> None:
    """ȳ p − ȳ e: one subtraction for each sample."""
    graph = graph_of(lambda v: softmax_log_loss(v, [3, 0], "none"), random((2, 4), 4))
    assert sweep_costs(adjoint_graph(graph, ("x0",)))[1] == Cost(mul=8, add=2)


@pytest.mark.parametrize(
    ("reduction", "factor"), [("half", 0.5), ("sum", 1.0), ("mean", 1 / 6), ("none", 1.0)]
)
def test_squared_error(reduction: str, factor: float) -> None:
    """The gradient of ½Σ(t − x)² is −(t − x)."""
    x, t = random((2, 3), 5), random((2, 3), 6)
    check_composed(lambda a, b: squared_error(a, b, reduction), x, t)
    squares = (t - x) ** 2 * factor
    true = squares if reduction == "none" else squares.sum()
    np.testing.assert_allclose(squared_error(x, t, reduction), true, rtol=1e-14)
    got = gradient_of(lambda a, b: squared_error(a, b, reduction), x, t)
    np.testing.assert_allclose(got, -2 * factor * (t - x), rtol=1e-14)


def test_squared_error_of_numbers() -> None:
    assert squared_error(np.float64(1), np.float64(3)) == 2.0


@pytest.mark.parametrize("shape", [(3, 2, 4), (1, 3, 2, 4), (2, 3, 2, 4)], ids=str)
@pytest.mark.parametrize("divisor", [1, 24])
def test_gram(shape: Any, divisor: int) -> None:
    """G = F Fᵀ / d and F̄ = (Ḡ + Ḡᵀ) F / d."""
    x = random(shape, 7)
    check_composed(lambda v: gram(v, divisor), x)
    maps = x.reshape(*shape[:-2], -1)
    got = gram(x, divisor)
    np.testing.assert_allclose(got, maps @ np.swapaxes(maps, -1, -2) / divisor, rtol=1e-13)
    y_bar = random(got.shape, 8)
    true = ((y_bar + np.swapaxes(y_bar, -1, -2)) @ maps / divisor).reshape(shape)
    got = gradient_of(lambda v: gram(v, divisor), x, y_bar=y_bar)
    np.testing.assert_allclose(got, true, rtol=1e-12, atol=1e-14)


def test_gram_counts_by_hand() -> None:
    """Of 3 rows of 4: 6 inner products; back 3 sums of mirror images, 9 products of a row and 3·3."""
    assert Gram().cost([(1, 3, 4)]) == 6 * Cost(mul=4, add=3)
    assert GramBack().cost([(1, 3, 3), (1, 3, 4)]) == Cost(mul=9 * 4, add=3 + 9 * 4)


REFUSED: list[tuple[Any, str, str]] = [
    (lambda x: log_loss(x, [0, 3]), "input", "a label needs a whole number from 0 to 2, got 3"),
    (lambda x: softmax_log_loss(x, [0, 1.5]), "input",
     "a label needs a whole number from 0 to 2, got 1.5"),
    (lambda x: value_of(softmax_log_loss, x, np.array([0, 1.5])), "input",
     "a label needs a whole number from 0 to 2, got 1.5"),
    (lambda x: softmax_log_loss(x, [0, 1], "avg"), "attr",
     """softmax_log_loss needs reduction "mean", "sum" or "none", got 'avg'"""),
    (lambda x: log_loss(x, [0, 1], None), "attr",
     'log_loss needs reduction "mean", "sum" or "none", got None'),
    (lambda x: log_loss(x, [0, 1, 2]), "shape",
     "log_loss needs a label for each sample, got 2×3 and 3"),
    (lambda x: softmax_log_loss(x[:0], []), "shape",
     "softmax_log_loss needs an entry for each class, one sample or more, got 0×3"),
    (lambda x: squared_error(x, x[0]), "shape",
     "squared_error needs arguments of one shape, not empty, got 2×3 and 3"),
    (lambda x: squared_error(x, x, "halves"), "attr",
     """squared_error needs reduction "half", "mean", "sum" or "none", got 'halves'"""),
    (gram, "shape", "gram needs feature maps C×H×W or N×C×H×W, got 2×3"),
    (lambda x: gram(x[None], 0), "attr", "gram needs a divisor that is not 0, got 0"),
    (lambda x: gram(x[None], "C"), "attr", "gram needs divisor as a finite number, got 'C'"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "text"), REFUSED, ids=[row[2] for row in REFUSED])
def test_refusals(call: Any, kind: str, text: str) -> None:
    with pytest.raises(DiffcompareError) as caught:
        call(np.zeros((2, 3)))
    assert (caught.value.kind, str(caught.value)) == (kind, text)
