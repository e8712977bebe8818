"""Batch normalisation and the leaky rectifier."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from diffcompare.errors import DiffcompareError
from diffcompare.graph.edges import flags
from diffcompare.ops.layers.normalize import batch_norm, leaky_relu
from tests.ops.layers.checks import random
from tests.ops.layers.composed import check_composed, gradient_of, graph_of

GAMMA, BETA = random((3,), 1), random((3,), 2)


@pytest.mark.parametrize("shape", [(4, 3), (2, 3, 4, 2), (2, 3, 5)], ids=str)
def test_batch_norm(shape: Any) -> None:
    check_composed(batch_norm, random(shape, 3), GAMMA, BETA)


def test_closed_formulas() -> None:
    """x̄ = γ/σ (ȳ − mean ȳ − x̂ mean(ȳ x̂)), γ̄ = Σ ȳ x̂, β̄ = Σ ȳ, by channel."""
    x, y_bar, eps = random((4, 3, 2, 5), 4), random((4, 3, 2, 5), 5), 1e-3
    over, column = (0, 2, 3), (1, 3, 1, 1)
    sigma = np.sqrt(x.var(over, keepdims=True) + eps)
    unit = (x - x.mean(over, keepdims=True)) / sigma
    gamma, beta = GAMMA.reshape(column), BETA.reshape(column)
    np.testing.assert_allclose(batch_norm(x, GAMMA, BETA, eps), gamma * unit + beta, rtol=1e-13)
    means = [(y_bar * k).mean(over, keepdims=True) for k in (1, unit)]
    true = (gamma / sigma * (y_bar - means[0] - unit * means[1]),
            (y_bar * unit).sum(over), y_bar.sum(over))  # fmt: skip
    for slot in range(3):
        got = gradient_of(lambda *v: batch_norm(*v, eps), x, GAMMA, BETA, wrt=slot, y_bar=y_bar)
        np.testing.assert_allclose(got, true[slot], rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("slope", [0, 0.01, 0.125, 1, -0.5])
def test_leaky_relu(slope: float) -> None:
    x = random((2, 3, 4), 6)
    check_composed(lambda v: leaky_relu(v, slope), x)
    np.testing.assert_array_equal(leaky_relu(x, slope), np.where(x > 0, x, slope * x))


def test_leaky_relu_at_zero() -> None:
    """The derivative there is the slope, one of its one-sided ones, and it is flagged."""
    x = np.array([0.0, -0.0])
    np.testing.assert_array_equal(gradient_of(lambda v: leaky_relu(v, 0.25), x), [0.25, 0.25])
    graph = graph_of(lambda v: leaky_relu(v, 0.25), np.float64(0))
    assert [flag.kind for flag in flags(graph, graph.evaluate({"x0": np.float64(0)}))] == ["kink"]


def test_float32_stays() -> None:
    x, parameters = random((2, 3, 4, 4), 7).astype(np.float32), random((3,), 8).astype(np.float32)
    assert batch_norm(x, parameters, parameters).dtype == np.float32
    assert leaky_relu(x, 0.1).dtype == np.float32


SHAPES = "batch_norm needs an array N×C×…, and gamma and beta of C entries, got"
REFUSED: list[tuple[Any, str, str]] = [
    (lambda x: batch_norm(x, GAMMA[:2], BETA), "shape", f"{SHAPES} 2×3×4 and 2 and 3"),
    (lambda x: batch_norm(x[0, 0], GAMMA, BETA), "shape", f"{SHAPES} 4 and 3 and 3"),
    (lambda x: batch_norm(x[:0], GAMMA, BETA), "shape", f"{SHAPES} 0×3×4 and 3 and 3"),
    (lambda x: batch_norm(x, GAMMA, BETA, "small"), "attr",
     "batch_norm needs eps as a finite number, got 'small'"),
    (lambda x: leaky_relu(x, np.inf), "attr", "leaky_relu needs slope as a finite number, got inf"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "text"), REFUSED, ids=[row[2] for row in REFUSED])
def test_refusals(call: Any, kind: str, text: str) -> None:
    with pytest.raises(DiffcompareError) as caught:
        call(np.zeros((2, 3, 4)))
    assert (caught.value.kind, str(caught.value)) == (kind, text)
