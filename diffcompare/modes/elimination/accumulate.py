"""Elimination carried out: the Jacobian as a graph, by the chain rule in the order given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from diffcompare.graph.graph import Graph
from diffcompare.graph.point import Point
from diffcompare.graph.variable import Variable
from diffcompare.modes.derivative import Derivative
from diffcompare.modes.elimination.linearise import LinearisedFunction
from diffcompare.modes.guards import Paths
from diffcompare.modes.reverse import Adjoint, summed
from diffcompare.ops.operand import Value

Rows = list[dict[int, Adjoint]]


@dataclass(frozen=True, eq=False, repr=False)
class Accumulated(Derivative):
    """The Jacobian by elimination: one graph, without seeds, that no pass is needed for."""

    @cached_property
    def jacobian_graph(self) -> Graph:
        """The graph itself."""
        return self.graph

    def entries(self, point: Point, values: Sequence[Value]) -> np.ndarray:
        """By evaluating it."""
        everything = self.graph.evaluate(point)
        entries = [everything[i] for i in self.graph.outputs]
        return np.array(entries, float).reshape(self.blocks.shape)


def accumulate(function: LinearisedFunction, order: Sequence[int]) -> Accumulated:
    """The derivative of a function by eliminating its vertices in an order.

    Examples
    --------
    >>> import diffcompare as dc
    >>> from diffcompare.modes.elimination.linearise import linearise
    >>> function = linearise(dc.parse("x1*x2*x3"))
    >>> accumulate(function, function.inner).at({"x1": 2, "x2": 3, "x3": 5})
    Jacobian({'x1': 15.0, 'x2': 10.0, 'x3': 6.0})
    """
    work = function.graph.extended()
    paths = Paths(work)
    tails, heads = _edges(function, work)
    kept = function.kept
    for vertex in order:
        for p, into in tails[vertex].items():
            for s, out in heads[vertex].items():
                product = _product(into, out, paths)
                if s in heads[p]:
                    product = summed([heads[p][s], product], paths, last=False)
                heads[p][s] = tails[s][p] = product
            if not kept >> vertex & 1:
                del heads[p][vertex]
        for s in heads[vertex]:
            del tails[s][vertex]
        heads[vertex] = {}
    return _finished(function, heads, paths)


def _edges(function: LinearisedFunction, work: Graph) -> tuple[Rows, Rows]:
    """The partials by head and tail, and by tail and head, as Variables of a copy of their graph."""
    tails: Rows = [{} for _ in function.labels]
    heads: Rows = [{} for _ in function.labels]
    for (tail, head), (value, guards) in function.partials.items():
        heads[tail][head] = tails[head][tail] = Adjoint(Variable(work, value.index), guards)
    return tails, heads


def _product(into: Adjoint, out: Adjoint, paths: Paths) -> Adjoint:
    """A product that counts where both factors count."""
    guards = into.guards
    for condition, holds in out.guards:
        guards = paths.under(guards, condition, holds)
    return Adjoint(into.value * out.value, guards)


def _finished(function: LinearisedFunction, heads: Rows, paths: Paths) -> Accumulated:
    """What is left: an edge from each input to each output it reaches."""
    work, primal = paths.graph, function.primal
    place = {node: vertex for vertex, node in enumerate(function.nodes)}
    zero, one = (Variable.constant(work, n).index for n in (0, 1))
    outputs = []
    for output in primal.outputs:
        head = place.get(output, -1)
        for source in range(len(function.wrt)):
            entry = heads[source].get(head)
            outputs.append(
                one if head == source else zero if entry is None else paths.apply(*entry).index
            )
    alive = work.live(outputs)
    order = [i for i in range(len(work.ops)) if alive[i]]
    graph = work.rearranged(outputs, order, primal.inputs)[0]
    return Accumulated("elimination", primal, function.wrt, graph, passes=0)
