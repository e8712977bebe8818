"""Outputs by the functions that they are."""

from __future__ import annotations

from typing import Any

import numpy as np

import diffcompare as dc
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.run.alike import alike
from tests.graph.test_rolled import chained, outputs


def test_each_function_of_its_inputs_is_the_outputs() -> None:
    graph = chained(60)
    kinds = alike(graph)
    assert kinds is not None
    x = np.linspace(-2.0, 2.0, 60)
    found = np.full(60, np.nan)
    for kind in kinds:
        columns = [x[places] for places in kind.inputs]
        (found[kind.outputs],) = dc.compile(kind.graph).batch(*columns)
    np.testing.assert_allclose(found, outputs(graph, x), rtol=1e-14)
    assert sorted(np.concatenate([kind.outputs for kind in kinds])) == list(range(60))
    assert len(kinds) < 8


def test_an_input_that_is_read_twice_is_another_form() -> None:
    kinds = alike(dc.parse("x*y, y*z, z*z, 2*x, 3*x, x, 5"))
    assert kinds is not None
    assert [kind.outputs.tolist() for kind in kinds] == [[0, 1], [2], [3], [4], [5], [6]]
    assert [kind.inputs.shape for kind in kinds] == [(2, 2), (1, 1), (1, 1), (1, 1), (1, 1), (0, 1)]


def test_outputs_that_share_their_work_are_left() -> None:
    graph = Graph.empty()
    x: Any = Variable.input(graph, "x")
    found = []
    for _ in range(200):
        x = dc.sin(x)
        found.append(x.index)
    graph.outputs = tuple(found)
    assert alike(graph) is None


def test_a_large_function_is_left() -> None:
    graph = Graph.empty()
    x: Any = Variable.input(graph, "x")
    for _ in range(2000):
        x = dc.sin(x)
    graph.outputs = (x.index,)
    assert alike(graph) is None
