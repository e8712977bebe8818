"""Graphs of numbers as graphs of vectors: the same numbers, in few nodes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import diffcompare as dc
from diffcompare.graph import rolled as module
from diffcompare.graph.graph import Graph
from diffcompare.graph.rolled import rolled
from diffcompare.graph.variable import Variable
from tests.strategies import Sample, samples


def chained(n: int) -> Graph:
    """Broyden's tridiagonal function with a branch, and outputs from several kinds of rows."""
    graph = Graph.empty(folding=True)
    x = [Variable.input(graph, f"x{k}") for k in range(n)]
    ends = [0, *x, 0]
    rows: list[Any] = [
        dc.where(b > c, dc.exp(b) * a - 2 * c, b**2 / (1 + c * c)) if k % 3 else a + 3 * b
        for k, (a, b, c) in enumerate(zip(ends, ends[1:], ends[2:], strict=False))
    ]
    graph.outputs = tuple(row.index for row in rows)
    return graph


def outputs(graph: Graph, x: np.ndarray) -> np.ndarray:
    values = graph.evaluate(dict(zip(graph.inputs, x, strict=True)))
    return np.array([values[i] for i in graph.outputs])


def test_rows_of_several_kinds() -> None:
    graph = chained(300)
    small = rolled(graph, list(graph.inputs))
    assert small is not None and len(small.ops) < 100
    x = np.linspace(-2.0, 2.0, 300)
    (output,) = small.outputs
    np.testing.assert_array_equal(small.evaluate({"x": x})[output], outputs(graph, x))


def test_some_of_the_inputs() -> None:
    graph = chained(300)
    wrt = [name for k, name in enumerate(graph.inputs) if k % 2]
    small = rolled(graph, wrt)
    assert small is not None and list(small.inputs) == ["x", "rest"]
    x = np.linspace(-2.0, 2.0, 300)
    (output,) = small.outputs
    values = small.evaluate({"x": x[1::2], "rest": x[::2]})
    np.testing.assert_array_equal(values[output], outputs(graph, x))


def test_a_chain_stays_as_it_is() -> None:
    graph = Graph.empty()
    x = y = Variable.input(graph, "x")
    for _ in range(200):
        y = dc.sin(y) * x
    graph.outputs = (y.index,)
    assert rolled(graph, ["x"]) is None


@settings(max_examples=100, deadline=None)
@given(samples(outputs=3))
def test_any_graph(sample: Sample) -> None:
    """The same bits for whatever nodes there are, also where no two are alike."""
    graph = sample.graph
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_ALIKE", 1)
        small = rolled(graph, list(graph.inputs))
    assert small is not None
    x = np.array([float(sample.point[name]) for name in graph.inputs])
    (output,) = small.outputs
    found = small.evaluate({"x": x})[output] if small.inputs else small.evaluate({})[output]
    np.testing.assert_array_equal(found, outputs(graph, x))
