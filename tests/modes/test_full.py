"""The full Jacobian by whichever way takes the fewest operations."""

from __future__ import annotations

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.modes.full import cheapest, jacobian
from tests.graph.test_rolled import chained
from tests.ops.layers.checks import random


@pytest.mark.parametrize(
    ("text", "mode"),
    [("x*y*z*w", "reverse"), ("sin(x), cos(x), exp(x)", "forward"), ("x*y, x/y", "forward")],
)
def test_dense(text: str, mode: str) -> None:
    graph = dc.parse(text)
    point = {name: 0.5 + k for k, name in enumerate(graph.inputs)}
    assert cheapest(graph).mode == mode
    for other in ("forward", "reverse"):
        true = dc.differentiate(graph, other).at(point).matrix
        np.testing.assert_allclose(jacobian(graph, point).matrix, true, rtol=1e-15)


def test_sparse_passes_are_shared() -> None:
    graph = chained(30)
    derivative = cheapest(graph)
    assert (derivative.mode, derivative.passes) == ("compressed", 3)
    point = dict(zip(graph.inputs, np.linspace(-2, 2, 30), strict=True))
    true = dc.differentiate(graph, "forward").at(point).matrix
    np.testing.assert_allclose(jacobian(graph, point).matrix, true, rtol=1e-14)


def test_arrays_by_their_sizes() -> None:
    shapes = {"w": (2, 9), "x": (1, 9)}
    graph = dc.parse("tanh(dense(x, w))", shapes=shapes)
    assert cheapest(graph, "x").mode == "reverse"
    point = {name: random(shape, 3) for name, shape in shapes.items()}
    true = dc.differentiate(graph, "forward", "x").at(point).matrix
    np.testing.assert_allclose(jacobian(graph, point, "x").matrix, true, rtol=1e-13, atol=1e-15)


def test_it_takes_a_graph() -> None:
    with pytest.raises(dc.DiffcompareError, match="jacobian needs a Graph"):
        dc.jacobian("x*y", {"x": 1, "y": 2})  # type: ignore[arg-type]
