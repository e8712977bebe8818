"""Predicted peaks: by hand on chains, and against a simulation that asks every step who is needed."""

import math
import random

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.measure.memory import in_pairs as together
from diffcompare.measure.memory import memory, peak
from diffcompare.ops.linalg import add_up, matmul


def chain(n):
    graph = dc.Graph.empty()
    x = dc.Variable.input(graph, "x")
    for _ in range(n):
        x = dc.sin(x)
    graph.outputs = (x.index,)
    return graph


def simulated(graph, order, stored=()):
    """At every step, the sizes of all that was computed and that a later step or the caller needs."""
    kept, most = {*graph.outputs, *stored}, 0
    nodes = zip(graph.shapes, graph.args, strict=True)
    sizes = [8 * math.prod(shape) if args else 0 for shape, args in nodes]
    point = sum(8 * math.prod(graph.shapes[i]) for i in graph.inputs.values())
    for turn in range(len(order)):
        needed = {a for i in order[turn:] for a in graph.args[i]} | kept | {order[turn]}
        most = max(most, sum(sizes[i] for i in order[: turn + 1] if i in needed))
    return point + most


def layers(seed):
    """A graph of matrices that refer far back."""
    rng = random.Random(seed)
    graph = dc.Graph.empty()
    values = [dc.Variable.input(graph, "A", (3, 3)), dc.Variable.input(graph, "s")]
    square = [values[0]]
    for _ in range(rng.randint(3, 25)):
        a, b = rng.choice(square), rng.choice(square)
        new = rng.choice([matmul, lambda a, b: a * b, lambda a, b: dc.sin(a)])
        square.append(new(a, b) + rng.choice([values[1], 1]))
    graph.outputs = (add_up(square[-1]).index, rng.choice(square[1:]).index)
    return graph.leveled()


def test_a_chain_by_hand():
    """x is held; two values live while one is computed from the other."""
    assert peak(chain(1)) == 2 * 8
    assert peak(chain(2)) == peak(chain(50)) == 3 * 8


@pytest.mark.parametrize("n", [3, 10, 1000])
def test_forward_stores_nothing_and_reverse_everything(n):
    """Forward: x, ẋ, v, v̇ and, while the next v̇ is computed, the new v and cos v.

    Reverse: x, ȳ, all n values; cos x comes beside them before the first value is let go.
    """
    graph = chain(n)
    assert memory(dc.differentiate(graph, "forward")) == 6 * 8
    assert memory(dc.differentiate(graph, "reverse")) == (2 + n + 2) * 8


def test_arrays_by_hand():
    """y = Σ W x, W 2×3, x 3×1: the product is two numbers, its sum one more, its view another."""
    graph = dc.Graph.empty()
    w, x = dc.Variable.input(graph, "W", (2, 3)), dc.Variable.input(graph, "x", (3, 1))
    graph.outputs = (add_up(matmul(w, x)).index,)
    assert peak(graph) == 8 * (6 + 3 + 2 + 1)
    reverse = dc.differentiate(graph, "reverse")
    assert memory(reverse) == simulated(reverse.graph, range(len(reverse.graph.ops)))


@pytest.mark.parametrize("seed", range(25))
def test_the_walk_is_simulated(seed):
    graph = layers(seed)
    alive = graph.live(graph.outputs)
    order = [i for i in range(len(graph.ops)) if alive[i]]
    assert peak(graph) == simulated(graph, order)
    stored = order[:: seed % 3 + 2]
    assert peak(graph, order, stored) == simulated(graph, order, stored)


@pytest.mark.parametrize("seed", range(10))
def test_reverse_keeps_what_further_passes_need(seed):
    graph = layers(seed)
    derivative = dc.differentiate(graph, "reverse")
    final, start = derivative.graph, derivative.sweep_start
    alive = final.live(final.outputs)
    order = [i for i in range(len(final.ops)) if alive[i]]
    stored = {a for i in order if i >= start for a in final.args[i] if a < start}
    rows = derivative.passes - 1
    row = 8 * sum(math.prod(graph.shapes[i]) for i in graph.inputs.values())
    assert memory(derivative) == simulated(final, order, stored) + rows * row


@pytest.mark.parametrize("seed", range(10))
def test_forward_has_values_and_tangents_together(seed):
    graph = layers(seed)
    derivative = dc.differentiate(graph, "forward")
    final, order = derivative.graph, together(derivative)
    assert sorted(order) == [i for i, alive in enumerate(final.live(final.outputs)) if alive]
    place = {node: turn for turn, node in enumerate(order)}
    assert all(place[a] < place[node] for node in order for a in final.args[node])
    values = [node for node in order if node < len(graph.ops)]
    assert values == sorted(values)
    for node, role in enumerate(derivative.roles[:-1]):  # no value is computed ahead of a tangent
        if role.node in place and place.get(node + 1):
            assert place[role.node] < place[node + 1]
    columns = (derivative.passes - 1) * 8 * sum(math.prod(graph.shapes[i]) for i in graph.outputs)
    assert memory(derivative) == simulated(final, order) + columns


def test_symbolic_and_differences():
    graph = dc.parse("x*y")
    assert peak(graph) == 3 * 8
    # f, then y and x themselves: no operation.
    assert memory(dc.differentiate(graph, "symbolic")) == 3 * 8
    # Besides: the moved input, f at the point before, two entries.
    assert memory(dc.differentiate(graph, "differences")) == (3 + 1 + 1 + 2) * 8
    assert memory(dc.differentiate(graph, "complex step")) == 2 * (3 + 1) * 8 + 2 * 8


def test_reports_tell_it():
    report = dc.compare(chain(100), at={"x": 1.0}, modes=["forward", "reverse"])
    assert (report.memory, report["forward"].memory, report["reverse"].memory) == (24, 48, 832)
    assert "f alone 24 B" in str(report)
    assert report.to_dict()["modes"]["reverse"]["memory"] == 832


def test_a_long_chain_takes_linear_time():
    graph = chain(100_000)
    assert memory(dc.differentiate(graph, "reverse")) == (2 + 100_000 + 2) * 8


def test_nothing_to_hold():
    graph = dc.parse("3")
    assert peak(graph) == 0
    assert memory(dc.differentiate(graph, "reverse")) >= 0
    assert np.isfinite(memory(dc.differentiate(graph, "forward")))
