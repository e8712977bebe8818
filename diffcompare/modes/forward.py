"""Forward mode: the tangent graph, by dual numbers whose parts are graph Variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from diffcompare.collector import held
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.modes.derivative import Role, Sweep
from diffcompare.modes.seeds import finish, fresh, settled
from diffcompare.ops.operand import ZERO, Value


class Forward(Sweep):
    """One pass per input: its seed is x_dot, its results are the tangents of the outputs."""

    def entry(self, seed: int, result: int) -> tuple[int, int]:
        """Pass = column."""
        return result, seed

    @staticmethod
    def lines(matrix: np.ndarray, which: slice) -> np.ndarray:
        """Columns."""
        return matrix[:, which]

    def written(self, number: int, one: Variable) -> Sequence[Value]:
        """By the rules run again: what they make of a seed one is what `TreeSize` counts."""
        x_dot = _tangents(self.primal, one.graph, {self.wrt[number]: one})
        return [x_dot[i] for i in self.primal.outputs]


@held()
def tangent_graph(graph: Graph, wrt: tuple[str, ...]) -> Forward:
    """The derivative of a graph by forward mode.

    Walks the nodes in order and gives each its tangent, by the op's `jvp` run on Variables.

    Examples
    --------
    >>> import diffcompare as dc
    >>> tangent_graph(dc.parse("sin(x)*y"), ("x", "y"))
    Derivative(forward, by x, y, passes=2)
    """
    work = graph.extended()
    seeds = {name: fresh(work, f"{name}_dot", graph.shapes[graph.inputs[name]]) for name in wrt}
    x_dot = _tangents(graph, work, seeds)
    roles = [Role(None if dot is ZERO else dot.index) for dot in x_dot]
    results = [settled(work, x_dot[i], graph.shapes[i]) for i in graph.outputs]
    return finish(Forward, "forward", graph, wrt, work, list(seeds.values()), results, roles)


def _tangents(graph: Graph, work: Graph, seeds: Mapping[str, Value]) -> list[Value]:
    """The tangent of each node, in Variables of a graph that begins with the same nodes."""
    nodes = [Variable(work, i) for i in range(len(graph.ops))]
    x_dot: list[Value] = [ZERO] * len(nodes)
    for name, seed in seeds.items():
        x_dot[graph.inputs[name]] = seed
    for index, args in enumerate(graph.args):
        dots = [x_dot[a] for a in args]
        if any(dot is not ZERO for dot in dots):
            x = [nodes[a] for a in args]
            x_dot[index] = graph.ops[index].jvp(nodes[index], x, dots)
    return x_dot
