"""What both sweeps begin and end with: seeds, and the order of the finished graph."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import compress
from typing import TypeVar

from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.modes.derivative import Role, Sweep
from diffcompare.modes.guards import distinct, moved
from diffcompare.ops.moves import Broadcast
from diffcompare.ops.op import Shape
from diffcompare.ops.operand import Value

AnySweep = TypeVar("AnySweep", bound=Sweep)


def fresh(work: Graph, label: str, shape: Shape) -> Variable:
    """A new input, its label lengthened until no other has it."""
    while label in work.inputs:
        label += "_"
    return Variable.input(work, label, shape)


def settled(work: Graph, result: Value, shape: Shape) -> Variable:
    """A tangent or adjoint as a node, also where it is structurally zero."""
    if isinstance(result, Variable):
        return result
    zero = Variable.constant(work, 0)
    spread: Variable = Broadcast(shape)(zero) if shape else zero
    return spread


def finish(
    cls: type[AnySweep],
    mode: str,
    graph: Graph,
    wrt: tuple[str, ...],
    work: Graph,
    seeds: Sequence[Variable],
    results: Sequence[Variable],
    roles: Sequence[Role],
) -> AnySweep:
    """The derivative with its graph in the order primal, shared by all passes, sweep."""
    swept = [result.index for result in results]
    kept = [role.node for role in roles if role.node is not None]
    kept += [path.condition for path in distinct([role.guards for role in roles])]
    alive = work.live([*swept, *kept])
    size = len(graph.ops)
    seeded = work.depends_on([seed.index for seed in seeds])
    for seed in seeds:
        alive[seed.index] = True
    extra = list(compress(range(size, len(alive)), alive[size:]))
    shared = [i for i in extra if not seeded[i]]
    order = [*range(size), *shared, *(i for i in extra if seeded[i])]
    final, place = work.rearranged([*graph.outputs, *swept], order, ())
    guards = moved([role.guards for role in roles], place)
    finished = tuple(
        [Role(node if node is None else place[node], guards[path]) for node, path in roles]
    )
    labels = tuple(work.ops[seed.index].options()["label"] for seed in seeds)
    passes = sum(math.prod(seed.shape) for seed in seeds)
    return cls(mode, graph, wrt, final, passes, labels, size + len(shared), finished)
