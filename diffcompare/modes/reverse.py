"""Reverse mode: the adjoint graph, for each node in reverse order an adjoint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.modes.derivative import Role, Sweep
from diffcompare.modes.guards import NONE, Guards, Paths, shared
from diffcompare.modes.seeds import finish, fresh, settled
from diffcompare.ops.op import Guarded
from diffcompare.ops.operand import ZERO, Value


class Reverse(Sweep):
    """One pass per output: its seed is y_bar, its results are the adjoints of the inputs."""

    def entry(self, seed: int, result: int) -> tuple[int, int]:
        """Pass = row."""
        return seed, result

    @staticmethod
    def line(block: np.ndarray, turn: int) -> np.ndarray:
        """A row."""
        row: np.ndarray = block[turn]
        return row


class _Adjoint(NamedTuple):
    """A contribution to an adjoint, and the guards under which it counts."""

    value: Variable
    guards: Guards = NONE


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
    active = graph.depends_on([graph.inputs[name] for name in wrt])
    paths = Paths(work)
    received: list[list[_Adjoint]] = [[] for _ in graph.ops]
    for output, seed in zip(graph.outputs, seeds, strict=True):
        received[output].append(_Adjoint(seed))
    roles = [Role(None)] * len(graph.ops)
    results: dict[int, Value] = {}
    for index in range(len(graph.ops) - 1, -1, -1):
        if not (active[index] and received[index]):
            continue
        adjoint = _sum(received[index], paths, last=not graph.args[index])
        if not graph.ops[index].elementwise:
            adjoint = _Adjoint(paths.apply(*adjoint))
        received[index] = []
        roles[index] = Role(adjoint.value.index, adjoint.guards)
        if not graph.args[index]:
            results[index] = paths.apply(*adjoint)
            continue
        for arg, share in _shares(graph, index, adjoint, active, paths):
            received[arg].append(share)
    sources = [graph.inputs[name] for name in wrt]
    swept = [settled(work, results.get(i, ZERO), graph.shapes[i]) for i in sources]
    return finish(Reverse, "reverse", graph, wrt, work, seeds, swept, roles)


def _shares(
    graph: Graph, index: int, adjoint: _Adjoint, active: list[bool], paths: Paths
) -> Iterator[tuple[int, _Adjoint]]:
    """The share that each active argument of a node has of its adjoint."""
    args = graph.args[index]
    y, *x = (Variable(paths.graph, i) for i in (index, *args))
    wanted = [active[a] for a in args]
    shares = graph.ops[index].vjp(y, x, adjoint.value, wanted)
    for arg, share, want in zip(args, shares, wanted, strict=True):
        if share is ZERO or not want:
            continue
        if isinstance(share, Guarded):
            guards = paths.under(adjoint.guards, share.condition.index, share.holds)
            yield arg, _Adjoint(share.value, guards)
        else:
            yield arg, _Adjoint(share, adjoint.guards)


def _sum(contributions: list[_Adjoint], paths: Paths, last: bool) -> _Adjoint:
    """The adjoint that contributions add up to, under the guards of any; at last under none."""
    groups: dict[Guards, Variable] = {}
    total: Value = ZERO
    for value, guards in contributions:
        groups[guards] = groups[guards] + value if guards in groups else value
    if len(groups) == 1:
        ((guards, total),) = groups.items()
        return _Adjoint(total, guards)
    outer = shared(groups)
    for guards, value in groups.items():
        total = total + paths.apply(value, guards, outer)
    return _Adjoint(total, outer if last else paths.either(outer, groups))
