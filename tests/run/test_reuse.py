"""What programs write over: nothing that is read later, given from outside, or handed out."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.run.arrays import array_function
from diffcompare.run.reuse import scratch

TEXTS = (
    "y = tanh(x); y*y + exp(y), y",
    "y = x + 1; z = reshape(y, to=(6,)); sin(y), z*z",
    "y = exp(x); transpose(y) + transpose(sin(y))",
    "y = exp(x); z = reshape(y, to=(6,)); z + reshape(sin(y), to=(6,)), z*2",
    "a = x*x; b = a + t; c = a*b; d = c/b; e = d - c; e*e + a",
    "a = -x; b = -a; c = where(b > 0, a, b); c*c*c",
    "x + t, x*1, exp(reshape(x, to=(3, 2)))",
)


@pytest.mark.parametrize("text", TEXTS)
def test_calls_in_a_row(text: str) -> None:
    """Each call gives what the graph itself has, in the same bits, and leaves what it was given."""
    graph = dc.parse(text, shapes={"x": (2, 3)})
    function, earlier = array_function(graph), []
    for seed, kind in itertools.product(range(3), (np.float64, np.float32, np.int64)):
        rng = np.random.default_rng(seed)
        full: dict[str, Any] = {"x": (4 * rng.standard_normal((2, 3))).astype(kind), "t": kind(3)}
        point = {name: full[name] for name in graph.inputs}
        before = {name: np.copy(value) for name, value in point.items()}
        with np.errstate(all="ignore"):
            values = graph.evaluate(point)
        found = function(*point.values())
        for got, index in zip(found, graph.outputs, strict=True):
            if kind is not np.float32:  # there a program keeps what a constant would widen
                np.testing.assert_array_equal(got, values[index], strict=True)
            assert not any(np.shares_memory(got, other) and got is not other for other in earlier)
        for name, value in point.items():
            np.testing.assert_array_equal(value, before[name])
        earlier = [got for got in found if not any(got is x for x in point.values())]


def test_max_pooling_in_one_call() -> None:
    """The index and what it names, also where the index is an output or only one of them is."""
    x = np.random.default_rng(0).standard_normal((2, 3, 6, 6))
    graph = dc.parse("max_pool2d(x*x, window=3, stride=2)", shapes={"x": x.shape})
    for source in (graph, dc.differentiate(graph, "reverse", ["x"]).graph):
        point = {name: np.resize(x, source.shapes[k]) for name, k in source.inputs.items()}
        values = source.evaluate(point)
        function = array_function(source)
        for _ in range(2):
            for got, index in zip(function(*point.values()), source.outputs, strict=True):
                np.testing.assert_array_equal(got, values[index])


def test_scratch_is_that_of_the_op_that_takes_most() -> None:
    shapes = {"x": (2, 3, 8, 8), "w": (4, 3, 3, 3)}
    graph = dc.parse("sum(max_pool2d(relu(conv2d(x, w, pad=1)), window=2))", shapes=shapes)
    each = [
        op.scratch([graph.shapes[a] for a in args], 4)
        for op, args in zip(graph.ops, graph.args, strict=True)
        if args
    ]
    assert sum(map(bool, each)) == 3  # convolution, index and selection
    assert scratch(graph, 4) == max(each)
    assert dc.compile(graph).scratch == scratch(graph) > scratch(graph, 4)
    assert dc.compile(dc.parse("x*y")).scratch == 0


def test_scratch_of_what_no_output_needs_does_not_count() -> None:
    graph = dc.parse("conv2d(x, w)", shapes={"x": (1, 1, 3, 3), "w": (1, 1, 2, 2)})
    graph.outputs = (graph.inputs["x"],)
    assert scratch(graph) == 0
