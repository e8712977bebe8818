"""Sparse Jacobians of rows that are alike, against passes one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.graph.graph import Graph
from diffcompare.run.jacobian import compile_sparse_jacobian
from tests.building import graph_of
from tests.graph.test_rolled import chained

pytest.importorskip("llvmlite", reason="the extra native is not installed")


def _check(graph: Graph, x: np.ndarray, wrt: Any = None, backend: str = "native") -> None:
    program = compile_sparse_jacobian(graph, wrt, "native")
    assert program.backend == backend
    values, nonzeros = program(x)
    with np.errstate(all="ignore"):
        point = dict(zip(graph.inputs, x, strict=True))
        true = dc.differentiate(graph, "forward", wrt).at(point, allow_nonfinite=True)
    found = np.zeros(program.pattern.shape)
    found[program.pattern.rows, program.pattern.columns] = nonzeros
    np.testing.assert_allclose(values, true.value, rtol=1e-14, atol=1e-300)
    np.testing.assert_allclose(found, true.matrix, rtol=1e-13, atol=1e-300)


@pytest.mark.parametrize("step", [1, 2, 7])
@pytest.mark.parametrize("n", [4, 60, 61])
def test_rows_of_several_kinds(n: int, step: int) -> None:
    """Kinds of fewer rows than a vector holds, and inputs that are not asked for."""
    graph = chained(n)
    _check(graph, np.linspace(-2.0, 2.0, n), list(graph.inputs)[::step])


def test_inputs_in_any_order_and_one_for_all() -> None:
    graph = dc.parse("; ".join(f"y{k} = x{7 * k % 20}*t + sin(x{k})/x{19 - k}" for k in range(20))
                     + "; " + ", ".join(f"y{k}" for k in range(20)))  # fmt: skip
    _check(graph, np.linspace(0.5, 2.0, 21))
    _check(graph, np.linspace(0.5, 2.0, 21), ["t", "x3", "x0"])


def test_outputs_that_are_inputs_constants_or_the_same() -> None:
    _check(dc.parse("x, y, 5, x*y, x*y, y*x"), np.array([2.0, 3.0]))


def test_where_it_is_not_finite() -> None:
    x = np.linspace(-2.0, 2.0, 60)
    x[31] = 800.0  # its exponential overflows
    _check(chained(60), x)


def test_rows_that_are_not_alike_are_left_to_numpy() -> None:
    def run(*x: Any) -> list[Any]:
        values = list(x)
        for k in range(60):
            values[k % 3] = dc.sin(values[k % 3]) * values[(k + 1) % 3]
            values.append(values[k % 3])
        return values

    graph = graph_of(lambda *x: tuple(run(*x)), "x", "y", "z")
    _check(graph, np.array([0.5, -0.25, 2.0]), backend="numpy")


def test_only_two_backends() -> None:
    with pytest.raises(dc.DiffcompareError, match="numpy or native"):
        compile_sparse_jacobian(dc.parse("x"), backend="levels")
