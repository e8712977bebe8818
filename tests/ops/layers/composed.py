"""What a function made of several ops has to satisfy, and operations counted as they are done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from diffcompare.graph.expand import entry_labels, expand
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.measure.ledger import count
from diffcompare.modes.derivative import Sweep, flat
from diffcompare.modes.forward import tangent_graph
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.ops.cost import FREE, Cost
from diffcompare.ops.op import Op, Shape
from diffcompare.ops.operand import Operand, Value
from tests.ops.layers.checks import close, sweep_costs
from tests.ops.layers.point import evaluated, random, swept

Function = Callable[..., Any]


def graph_of(function: Function, *x: Any) -> Graph:
    """The graph of a function of arrays, called x0, x1, …"""
    graph = Graph.empty()
    inputs = [Variable.input(graph, f"x{k}", np.shape(a)) for k, a in enumerate(x)]
    graph.outputs = (function(*inputs).index,)
    return graph


def value_of(function: Function, *x: Any) -> Any:
    graph = graph_of(function, *x)
    values = graph.evaluate({f"x{k}": a for k, a in enumerate(x)})
    return values[graph.outputs[0]]


def gradient_of(function: Function, *x: Any, wrt: int = 0, y_bar: Any = None) -> Any:
    """The adjoint of one argument; of a number's gradient if no output adjoint is given."""
    graph = graph_of(function, *x)
    sweep = adjoint_graph(graph, (f"x{wrt}",))
    seed = np.ones(graph.shapes[graph.outputs[0]]) if y_bar is None else y_bar
    return swept(sweep, flat(x), flat([seed])).reshape(np.shape(x[wrt]))


def check_composed(
    function: Function,
    *x: Any,
    wrt: Sequence[int] | None = None,
    shared: Cost = FREE,
    forward: Cost = FREE,
    reverse: Cost = FREE,
) -> None:
    """Value, both sweeps and both second orders equal those of the scalar expansion.

    So do the operations of a value, what all passes share, and what each takes; but for what those
    of the function are known to take more, `shared` by passes, `forward` or `reverse`.
    """
    graph = graph_of(function, *x)
    scalar, slots = expand(graph), range(len(x)) if wrt is None else wrt
    point = flat(x)
    y = flat([value_of(function, *x)])
    close(y, evaluated(scalar, point))
    assert count(graph) == count(scalar), (count(graph), count(scalar))
    names = tuple(f"x{slot}" for slot in slots)
    entries = tuple(e for s in slots for e in entry_labels(f"x{s}", np.shape(x[s])))
    x_dot, y_bar = random((sum(np.size(x[s]) for s in slots),), 400), random((y.size,), 401)
    pairs = (
        (tangent_graph(graph, names), tangent_graph(scalar, entries), x_dot, (shared, forward)),
        (adjoint_graph(graph, names), adjoint_graph(scalar, entries), y_bar, (shared, reverse)),
    )
    results = [_same(layer, entry, point, seeds, more) for layer, entry, seeds, more in pairs]
    np.testing.assert_allclose(y_bar @ results[0], results[1] @ x_dot, rtol=1e-11, atol=1e-13)
    _check_differences(graph, names, point, x_dot, results[0])
    _check_second(pairs[1][0], pairs[1][1], names, entries, flat([point, y_bar]))


def _same(layer: Sweep, scalar: Sweep, point: Any, seeds: Any, more: tuple[Cost, Cost]) -> Any:
    got = swept(layer, point, seeds)
    close(got, swept(scalar, point, seeds))
    true = tuple(cost + known for cost, known in zip(sweep_costs(scalar), more, strict=True))
    assert sweep_costs(layer) == true, (layer, sweep_costs(layer), true)
    return got


def _check_differences(graph: Graph, names: Any, point: Any, x_dot: Any, y_dot: Any) -> None:
    """The tangent against the central difference quotient."""
    h, move = 2.0**-17, np.zeros_like(point)
    sizes = [int(np.prod(graph.shapes[i])) for i in graph.inputs.values()]
    starts = np.cumsum([0, *sizes])
    begin = 0
    for number, name in enumerate(graph.inputs):
        if name in names:
            move[starts[number] : starts[number + 1]] = x_dot[begin : begin + sizes[number]]
            begin += sizes[number]
    above, below = (evaluated(graph, point + s * h * move) for s in (1, -1))
    close((above - below) / (2 * h), y_dot, 1e-7)


def _check_second(layer: Sweep, scalar: Sweep, names: Any, entries: Any, point: Any) -> None:
    """Forward and reverse over reverse."""
    seeds = random((sum(int(np.prod(s)) for s in _shapes(layer, names)),), 402)
    true = swept(tangent_graph(scalar.graph, entries), point, seeds)
    close(swept(tangent_graph(layer.graph, names), point, seeds), true)
    y_bar = random(true.shape, 403)
    true = swept(adjoint_graph(scalar.graph, entries), point, y_bar)
    close(swept(adjoint_graph(layer.graph, names), point, y_bar), true)


def _shapes(layer: Sweep, names: Any) -> list[Shape]:
    return [layer.graph.shapes[layer.graph.inputs[name]] for name in names]


class Counted(Operand):
    """A number that counts the operations done with it, each time it is done."""

    rank = 1

    def __init__(self, tally: list[Cost]) -> None:
        self.tally = tally

    def apply_op(self, op: Op, args: Sequence[Value]) -> Value:
        """Count it."""
        self.tally.append(op.cost([()] * len(args)))
        return Counted(self.tally)


def work(op: Op, shapes: Sequence[Shape]) -> Cost:
    """The operations that `expand` does, equal subexpressions each time anew."""
    tally = [Cost()]
    x = []
    for shape in shapes:
        entries = np.empty(shape, dtype=object)
        for place in np.ndindex(shape):
            entries[place] = Counted(tally)
        x.append(entries)
    op.expand(*x)
    return sum(tally, Cost())
