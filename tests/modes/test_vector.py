"""Vector mode as a graph: blocks of a Jacobian, and products with identity matrices left out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.modes.derivative import Sweep
from diffcompare.modes.forward import tangent_graph
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.modes.vector import Vectors, jacobian_blocks, passes_at_once
from tests.ops.layers.checks import close, random
from tests.ops.layers.functions import SAMPLES, Sample

SWEEPS = [tangent_graph, adjoint_graph]


def values(vectors: Vectors, point: dict[str, Any]) -> list[Any]:
    units = {name: np.eye(shape[0]).reshape(shape) for name, shape in vectors.seeds.items()}
    found = vectors.graph.evaluate({**point, **units})
    return [found[i] for i in vectors.graph.outputs]


def by_hand(sweep: Sweep, point: dict[str, Any]) -> list[np.ndarray]:
    """Blocks put together from single passes, a unit seed at a time."""
    prepared = sweep.prepare(point, sweep.primal.evaluate(point))
    blocks: dict[tuple[int, int], np.ndarray] = {}
    for number, seed in enumerate(sweep.seeds):
        shape = sweep.graph.shapes[sweep.graph.inputs[seed]]
        for place in np.ndindex(shape):
            unit = np.zeros(shape)
            unit[place] = 1.0
            for k, result in enumerate(sweep.run({seed: unit[()]}, prepared)):
                out, given = key = sweep.entry(number, k)
                size = sweep.blocks.outputs[out] + sweep.blocks.inputs[given]
                block = blocks.setdefault(key, np.zeros(size))
                forward = sweep.mode == "forward"
                block[(..., *place) if forward else place] = result
    return [blocks[key] for key in sorted(blocks)]


@pytest.mark.parametrize("make", SWEEPS)
@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_every_layer(sample: Sample, make: Any) -> None:
    names = [f"x{k}" for k in range(len(sample.x))]
    shapes = {name: np.shape(x) for name, x in zip(names, sample.x, strict=True)}
    graph = traced(sample, shapes)
    sweep = make(graph, tuple(names[k] for k in sample.wrt))
    point = dict(zip(names, map(np.asarray, sample.x), strict=True))
    true = by_hand(sweep, point)
    found = values(jacobian_blocks(sweep), point)[len(graph.outputs) :]
    for block, right in zip(found, true, strict=True):
        close(block, right)


def traced(sample: Sample, shapes: dict[str, Any]) -> Graph:
    graph = Graph.empty(folding=True)
    x = [Variable.input(graph, name, shape) for name, shape in shapes.items()]
    graph.outputs = (sample(*x).index,)
    return graph


def test_a_matrix_is_its_own_jacobian() -> None:
    graph = dc.parse("matmul(a, x)", shapes={"a": (3, 4), "x": (4, 1)})
    found = jacobian_blocks(tangent_graph(graph, ("x",)))
    assert found.seeds == {} and found.operations == 3 * (4 + 3)
    a = random((3, 4), 1)
    _, block = values(found, {"a": a, "x": random((4, 1), 2)})
    np.testing.assert_array_equal(block[:, 0, :, 0], a)


@pytest.mark.parametrize("make", SWEEPS)
def test_rectangular_units_are_no_identity(make: Any) -> None:
    """Units of a matrix reshaped: as a matrix of another form they are multiplied."""
    graph = dc.parse("matmul(x, a)", shapes={"x": (3, 2), "a": (2, 5)})
    sweep = make(graph, ("x",))
    point = {"x": random((3, 2), 1), "a": random((2, 5), 2)}
    (true,) = by_hand(sweep, point)
    close(values(jacobian_blocks(sweep), point)[1], true)


def test_some_directions() -> None:
    graph = dc.parse("sin(x)*sum(x)", shapes={"x": (4,)})
    sweep = tangent_graph(graph, ("x",))
    found = passes_at_once(sweep, "x_dot", 3)
    ((label, shape),) = found.seeds.items()
    x, seeds = random((4,), 1), random((3, 4), 2)
    assert shape == seeds.shape
    result = found.graph.evaluate({"x": x, label: seeds})[found.graph.outputs[-1]]
    close(result, seeds @ (np.diag(np.cos(x) * x.sum()) + np.outer(np.sin(x), np.ones(4))).T)


def test_what_depends_on_no_seed_is_zero() -> None:
    graph = dc.parse("floor(x)", shapes={"x": (2,)})
    _, block = values(jacobian_blocks(tangent_graph(graph, ("x",))), {"x": np.array([0.5, 1.5])})
    assert block.tolist() == [[0, 0], [0, 0]]
