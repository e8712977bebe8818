"""Reverse mode: the adjoint graph, for each node in reverse order an adjoint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from diffcompare.collector import held
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.modes.derivative import Role, Sweep
from diffcompare.modes.guards import NONE, Guards, Paths, in_order, shared
from diffcompare.modes.seeds import finish, fresh, settled
from diffcompare.ops.op import Guarded
from diffcompare.ops.operand import ZERO, Value


class Reverse(Sweep):
    """One pass per output: its seed is y_bar, its results are the adjoints of the inputs."""

    def entry(self, seed: int, result: int) -> tuple[int, int]:
        """Pass = row."""
        return seed, result

    @staticmethod
    def lines(matrix: np.ndarray, which: slice) -> np.ndarray:
        """Rows."""
        return matrix[which].T


class Adjoint(NamedTuple):
    """A contribution to an adjoint, and the guards under which it counts."""

    value: Variable
    guards: Guards = NONE


@held()
def adjoint_graph(graph: Graph, wrt: tuple[str, ...]) -> Reverse:
    """The derivative of a graph by reverse mode.

    Walks the nodes in reverse order; each adds its adjoint's share to its arguments, by the op's
    `vjp` run on Variables. What a branch receives is guarded, and the guard is applied last.

    Examples
    --------
    >>> import diffcompare as dc
    >>> adjoint_graph(dc.parse("sin(x)*y"), ("x", "y"))
    Derivative(reverse, by x, y, passes=1)
    """
    work = graph.extended()
    count = len(graph.outputs)
    seeds = [
        fresh(work, "y_bar" if count == 1 else f"y{k}_bar", graph.shapes[output])
        for k, output in enumerate(graph.outputs)
    ]
    active = _moving(graph, wrt)
    paths = Paths(work)
    nodes = [Variable(work, i) for i in range(len(graph.ops))]
    received: list[list[Adjoint]] = [[] for _ in nodes]
    for output, seed in zip(graph.outputs, seeds, strict=True):
        received[output].append(Adjoint(seed))
    roles = [Role(None)] * len(nodes)
    results: dict[int, Value] = {}
    for index in range(len(nodes) - 1, -1, -1):
        if not (active[index] and received[index]):
            continue
        adjoint = summed(received[index], paths, last=not graph.args[index])
        if not graph.ops[index].elementwise:
            adjoint = Adjoint(paths.apply(*adjoint))
        received[index] = []
        roles[index] = Role(adjoint.value.index, adjoint.guards)
        if not graph.args[index]:
            results[index] = paths.apply(*adjoint)
            continue
        for arg, share in shares(nodes, index, adjoint, active, paths):
            received[arg].append(share)
    sources = [graph.inputs[name] for name in wrt]
    swept = [settled(work, results.get(i, ZERO), graph.shapes[i]) for i in sources]
    return finish(Reverse, "reverse", graph, wrt, work, seeds, swept, roles)


def _moving(graph: Graph, wrt: Sequence[str]) -> list[bool]:
    """For each node whether it depends on an input otherwise than by jumps."""
    active = [False] * len(graph.ops)
    for name in wrt:
        active[graph.inputs[name]] = True
    for index, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True)):
        if args and not op.flat:
            active[index] = any(active[a] for a in args)
    return active


def shares(
    nodes: Sequence[Variable], index: int, adjoint: Adjoint, active: Sequence[bool], paths: Paths
) -> Iterator[tuple[int, Adjoint]]:
    """The share that each active argument of a node has of its adjoint."""
    args, (value, guards) = paths.graph.args[index], adjoint
    wanted = [active[a] for a in args]
    parts = paths.graph.ops[index].vjp(nodes[index], [nodes[a] for a in args], value, wanted)
    for arg, share, want in zip(args, parts, wanted, strict=True):
        if share is ZERO or not want:
            continue
        if type(share) is Guarded:
            inner = paths.under(guards, share.condition.index, share.holds)
            yield arg, Adjoint(share.value, inner)
        else:
            yield arg, Adjoint(share, guards)


def summed(contributions: list[Adjoint], paths: Paths, last: bool) -> Adjoint:
    """The adjoint that contributions add up to, under the guards of any; at last under none."""
    if len(contributions) == 1:
        return contributions[0]
    groups: dict[Guards, list[Variable]] = {}
    for value, guards in contributions:
        groups.setdefault(guards, []).append(value)
    summed_up = {guards: in_order(values) for guards, values in groups.items()}
    if len(groups) == 1:
        ((guards, value),) = summed_up.items()
        return Adjoint(value, guards)
    outer = shared(groups)
    value = paths.combined(summed_up, outer)
    return Adjoint(value, outer if last else paths.either(outer, groups))
