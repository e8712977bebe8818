"""Compiled full Jacobians: what the derivatives themselves give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.run.jacobian import compile_jacobian, compile_sparse_jacobian
from tests.graph.test_rolled import chained
from tests.ops.layers.checks import close, random

SHAPES = {"a": (5, 4), "x": (4, 1), "b": (5, 1)}
POINT = {name: random(shape, 7 + k) for k, (name, shape) in enumerate(SHAPES.items())}


@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_two_outputs_and_three_inputs(kind: Any) -> None:
    graph = dc.parse("y = tanh(matmul(a, x) + b)\ny, sum(y*y)", shapes=SHAPES)
    point = {name: kind(x) for name, x in POINT.items()}
    found = compile_jacobian(graph)(*point.values())
    true = dc.differentiate(graph, "reverse").at(point)
    assert [part.dtype for part in found] == [np.dtype(kind)] * 8
    tolerance = 1e-12 if kind is np.float64 else 2e-5
    close(np.concatenate([part.ravel() for part in found[:2]]), true.value, tolerance)
    for row in range(2):
        for column, name in enumerate(graph.inputs):
            close(found[2 + 3 * row + column], true[name][row], tolerance)


def test_the_cheaper_direction() -> None:
    shapes = {"x": (50,)}
    assert compile_jacobian(dc.parse("sum(sin(x))", shapes=shapes)).mode == "reverse"
    assert compile_jacobian(dc.parse("sin(t)*x", shapes=shapes), "t").mode == "forward"


@pytest.mark.parametrize("x", [[0.0, 4.0], [-1.0, 4.0], [np.inf, 1.0]], ids=str)
def test_slopes_that_are_not_finite(x: list[float]) -> None:
    graph = dc.parse("sqrt(x)*sum(x), where(x > 0, log(x), 0)", shapes={"x": (2,)})
    program = compile_jacobian(graph)
    found = program(np.array(x))
    true = dc.differentiate(graph, program.mode).at({"x": x}, allow_nonfinite=True)
    assert not np.isfinite(true.matrix).all()
    np.testing.assert_array_equal(np.concatenate(found[:2]), true.value)
    np.testing.assert_array_equal(np.concatenate(found[2:]), true.matrix)


def dense(program: Any, nonzeros: np.ndarray) -> np.ndarray:
    matrix = np.zeros(program.pattern.shape)
    matrix[program.pattern.rows, program.pattern.columns] = nonzeros
    return matrix


@pytest.mark.parametrize("step", [1, 2])
def test_sparse(step: int) -> None:
    """By the same operations as single passes, so to the last bit."""
    graph = chained(60)
    wrt = list(graph.inputs)[::step]
    program = compile_sparse_jacobian(graph, wrt)
    assert program.vectors is not None and program.passes <= 3
    x = np.linspace(-2.0, 2.0, 60)
    values, nonzeros = program(x)
    true = dc.differentiate(graph, "forward", wrt).at(dict(zip(graph.inputs, x, strict=True)))
    np.testing.assert_array_equal(values, true.value)
    np.testing.assert_array_equal(dense(program, nonzeros), true.matrix)


def test_sparse_where_it_is_not_finite() -> None:
    graph = chained(60)
    program = compile_sparse_jacobian(graph)
    x = np.linspace(-2.0, 2.0, 60)
    x[31] = 800.0  # its exponential overflows
    values, nonzeros = program(x)
    with np.errstate(all="ignore"):
        true = dc.differentiate(graph, "forward").at(dict(zip(graph.inputs, x, strict=True)))
    assert not np.isfinite(true.matrix).all()
    np.testing.assert_array_equal(values, true.value)
    np.testing.assert_array_equal(dense(program, nonzeros), true.matrix)


def test_sparse_of_a_graph_that_does_not_roll() -> None:
    graph = Graph.empty()
    x = [Variable.input(graph, f"x{k}") for k in range(3)]
    for k in range(40):
        x[k % 3] = dc.sin(x[k % 3]) * x[(k + 1) % 3]
    graph.outputs = tuple(y.index for y in x)
    program = compile_sparse_jacobian(graph)
    assert program.vectors is None
    at = np.array([0.5, -0.25, 2.0])
    values, nonzeros = program(at)
    true = dc.differentiate(graph, "forward").at(dict(zip(graph.inputs, at, strict=True)))
    np.testing.assert_array_equal(values, true.value)
    close(dense(program, nonzeros), true.matrix)


def test_sparse_takes_numbers() -> None:
    graph = dc.parse("x*x", shapes={"x": (2,)})
    with pytest.raises(dc.DiffcompareError) as refused:
        compile_sparse_jacobian(graph)
    assert str(refused.value) == (
        "a sparse Jacobian's program needs numbers on every edge, got an array; expand the graph"
    )


def test_an_infinite_weight_spoils_its_own_column() -> None:
    """Without seeds there is no zero that it could meet."""
    graph = dc.parse("tanh(matmul(a, x))", shapes={"a": (1, 2), "x": (2, 1)})
    program = compile_jacobian(graph, "x")
    assert program.vectors.seeds == {}
    _, block = program(np.array([[np.inf, 1.0]]), np.ones((2, 1)))
    np.testing.assert_array_equal(block.ravel(), [np.nan, 0.0])
