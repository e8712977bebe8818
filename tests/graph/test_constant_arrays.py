"""Arrays that meet Variables: constants of the graph beside an array, entries beside a number."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import MOST_ENTRIES, Variable

W = np.array([[0.5, -1.0, 2.0], [1.5, 3.0, -0.25]])
X = np.array([[1.25, 0.5, 2.0], [0.75, 4.0, 1.5]])
BINARY = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod,
    operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne,
    np.maximum, np.arctan2, np.hypot, np.logaddexp,
]  # fmt: skip


def value(function: Callable[[Any], Any], at: Any = X) -> Any:
    graph = Graph.empty()
    result = function(Variable.input(graph, "x", np.shape(at)))
    assert type(result) is Variable
    assert result.shape == np.shape(function(at))
    return graph.evaluate({"x": at})[result.index]


@pytest.mark.parametrize("apply", BINARY, ids=lambda f: f.__name__)
@pytest.mark.parametrize("other", [W, W[0], W[:, :1], W[None], np.array(0.75), np.arange(1, 4)],
                         ids=lambda a: "x".join(map(str, a.shape)))  # fmt: skip
def test_operators_in_both_orders(apply: Any, other: Any) -> None:
    with np.errstate(all="ignore"):
        for function in (lambda x: apply(x, other), lambda x: apply(other, x)):
            np.testing.assert_allclose(value(function), function(X), rtol=1e-15)


def test_products_of_matrices_in_both_orders() -> None:
    for function in (lambda x: W.T @ x, lambda x: x @ W.T, lambda x: np.matmul(W.T, x)):
        np.testing.assert_allclose(value(function), function(X), rtol=1e-15)


def test_lists_in_numpys_functions() -> None:
    expected = np.maximum(X, [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(value(lambda x: np.maximum(x, [1.0, 2.0, 3.0])), expected)
    np.testing.assert_array_equal(value(lambda x: np.maximum([1.0, 2.0, 3.0], x)), expected)


def test_layers_of_constant_weights() -> None:
    w = np.arange(4.0).reshape(1, 1, 2, 2)
    graph = dc.trace(lambda x: dc.ops.conv2d(x, w), shapes={"x": (1, 1, 3, 3)})
    assert list(graph.inputs) == ["x"]
    x = np.arange(9.0).reshape(1, 1, 3, 3) ** 2
    found = dc.differentiate(graph, "reverse").at({"x": x})
    np.testing.assert_array_equal(found.value, dc.ops.conv2d(x, w).ravel())
    assert found.matrix[0].tolist() == [0, 1, 0, 2, 3, 0, 0, 0, 0]


@pytest.mark.parametrize("mode", ["symbolic", "forward", "reverse"])
def test_they_are_no_inputs(mode: str) -> None:
    graph = dc.trace(lambda x: dc.ops.sum(W * x * x), shapes={"x": W.shape})
    assert list(graph.inputs) == ["x"]
    found = dc.differentiate(graph, mode).at({"x": X})
    np.testing.assert_allclose(found["x"], 2 * W * X, rtol=1e-15)


def test_exact_and_found_again() -> None:
    graph = Graph.empty()
    x = Variable.input(graph, "x", (2,))
    assert (np.array([0.1, 0.1]) * x).index == (np.array([0.1, 0.1]) * x).index
    assert dc.from_listing(dc.to_listing(dc.trace(lambda x: x * W, shapes={"x": W.shape})))


def test_beside_a_single_number_each_entry_is_one() -> None:
    graph = Graph.empty()
    x = Variable.input(graph, "x")
    for result in (x * W, W * x):
        assert result.shape == W.shape
        assert {type(entry) for entry in result.flat} == {Variable}


def test_arrays_of_variables_are_stacked() -> None:
    graph = Graph.empty()
    a, x = Variable.input(graph, "a"), Variable.input(graph, "x", (2,))
    for result in (x * np.array([a, 3.0]), np.array([a, 3.0]) * x):
        values = graph.evaluate({"a": np.float64(5), "x": np.array([2.0, 4.0])})
        assert values[result.index].tolist() == [10.0, 12.0]


SIZE = "make it an input, with its value in the point"
REFUSED: list[tuple[Any, str, str]] = [
    (np.ones(5), "shape", "mul needs shapes that broadcast, got"),
    (np.ones((600, 2, 3)), "limit",
     f"a constant array needs 1 to {MOST_ENTRIES} entries, got 3600; {SIZE}"),
    (np.ones((0, 2, 3)), "limit", f"a constant array needs 1 to {MOST_ENTRIES} entries, got 0; {SIZE}"),
    (np.array([1.0, np.inf, 2.0]), "domain", "a constant needs a finite number, got"),
    (np.array([True, False, True]), "type", "a constant needs a real number, got"),
    (np.array(["a", "b", "c"]), "type", "a constant needs a real number, got"),
    (np.array([1j, 2, 3]), "type", "a constant needs a real number, got"),
    (np.array([1, None, 3]), "type", "a constant needs a real number, got None"),
]  # fmt: skip


@pytest.mark.parametrize(("other", "kind", "text"), REFUSED, ids=[row[2] for row in REFUSED])
def test_refused_and_nothing_half_done(other: Any, kind: str, text: str) -> None:
    graph = Graph.empty()
    x = Variable.input(graph, "x", (2, 3))
    for function in (lambda: x * other, lambda: other * x):
        with pytest.raises(DiffcompareError) as caught:
            function()
        assert caught.value.kind == kind
        assert str(caught.value).startswith(text)
        assert len(graph.ops) == len(graph.shapes) == len(graph.args) == 1
    assert (x * x).index == 1
