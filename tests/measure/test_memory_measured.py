"""Predicted peaks against those that tracemalloc sees while compiled programs run."""

import tracemalloc

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.measure.memory import in_pairs, memory, peak
from diffcompare.modes.forward import tangent_graph
from diffcompare.modes.reverse import adjoint_graph

SIZE = 100_000
TEXTS = {
    "chain": "sum(" + "sin(" * 12 + "x" + ")" * 12 + ")",
    "diamond": "a = sin(x)\nb = exp(a)\nc = a*b\nsum(c*a + b)",
    "wide": "sum(sin(x)*cos(x) + exp(x)*x)",
}


def measured(graph, *x):
    """Peak bytes of what a program allocates, its inputs apart."""
    program = dc.compile(graph)
    program(*x)  # whatever is made once
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        results = program(*x)
        return tracemalloc.get_traced_memory()[1] - before, results
    finally:
        tracemalloc.stop()


@pytest.fixture(params=TEXTS, ids=str)
def graph(request):
    return dc.parse(TEXTS[request.param], shapes={"x": (SIZE,)})


X = np.linspace(0.1, 0.9, SIZE)
SLACK = 8 * SIZE // 50
"""Lists, numbers and array headers: far less than an array."""


def test_of_f(graph):
    found, _ = measured(graph, X)
    assert peak(graph) - X.nbytes == pytest.approx(found, abs=SLACK)


def test_of_reverse_mode(graph):
    sweep = adjoint_graph(graph, ("x",))
    found, _ = measured(sweep.graph, X, 1.0)
    spread = X.nbytes  # of the seed over the array: a view, where the model has an array
    predicted = memory(sweep) - X.nbytes
    assert any(abs(predicted - views - found) < SLACK for views in (0, spread))


def test_of_a_forward_pass(graph):
    """Values and tangents side by side; the rows of other passes are not there yet."""
    sweep = tangent_graph(graph, ("x",))
    paired = sweep.graph.rearranged(sweep.graph.outputs, in_pairs(sweep), sweep.graph.inputs)[0]
    found, _ = measured(paired, X, np.ones(SIZE))
    assert peak(paired) - 2 * X.nbytes == pytest.approx(found, abs=SLACK)
    earlier = 8 * (SIZE - 1)
    assert memory(sweep) == peak(paired) + earlier


def test_reverse_mode_holds_what_forward_lets_go():
    graph = dc.parse(TEXTS["chain"], shapes={"x": (SIZE,)})
    reverse, _ = measured(adjoint_graph(graph, ("x",)).graph, X, 1.0)
    sweep = tangent_graph(graph, ("x",))
    paired = sweep.graph.rearranged(sweep.graph.outputs, in_pairs(sweep), sweep.graph.inputs)[0]
    forward, _ = measured(paired, X, np.ones(SIZE))
    assert reverse > 3 * forward
