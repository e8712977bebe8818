"""Graphs for tests, built by computing with Variables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.modes.derivative import Sweep
from diffcompare.modes.forward import tangent_graph
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.ops.cost import Cost

SWEEPS: tuple[Callable[[Graph, tuple[str, ...]], Sweep], ...] = (tangent_graph, adjoint_graph)


def graph_of(function: Callable[..., Any], *names: str) -> Graph:
    """The graph of a function of as many Variables as there are names."""
    graph = Graph.empty()
    result = function(*(Variable.input(graph, name) for name in names))
    outputs = result if isinstance(result, tuple) else (result,)
    constants = (o if isinstance(o, Variable) else Variable.constant(graph, o) for o in outputs)
    graph.outputs = tuple(o.index for o in constants)
    return graph.leveled()


def logistic(n: int) -> Graph:
    """l₁ = x, lₙ₊₁ = 4 lₙ (1 − lₙ)."""

    def run(x: Any) -> Any:
        for _ in range(n - 1):
            x = 4 * x * (1 - x)
        return x

    return graph_of(run, "x")


def product(n: int) -> Graph:
    """Speelpenning's: x₀ x₁ … xₙ₋₁."""

    def run(*x: Any) -> Any:
        total = x[0]
        for factor in x[1:]:
            total = total * factor
        return total

    return graph_of(run, *(f"x{i}" for i in range(n)))


def cost(graph: Graph, start: int = 0) -> Cost:
    """Operations of the nodes from `start` on."""
    nodes = list(zip(graph.ops, graph.args, strict=True))[start:]
    return sum((op.cost([()] * len(args)) for op, args in nodes if args), Cost())


def derivatives(graph: Graph, wrt: Sequence[str] | None = None) -> tuple[Sweep, Sweep]:
    """Forward and reverse, by all inputs unless told."""
    names = tuple(graph.inputs) if wrt is None else tuple(wrt)
    return tangent_graph(graph, names), adjoint_graph(graph, names)


def same(a: Any, b: Any) -> bool:
    """Equal, nan with nan."""
    return bool(np.array_equal(np.asarray(a, float), np.asarray(b, float), equal_nan=True))
