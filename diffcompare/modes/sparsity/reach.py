"""Which numbers a graph's outputs depend on with a slope: index sets carried along the nodes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from diffcompare.errors import DiffcompareError, grouped
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.ops.op import Op, Shape
from diffcompare.ops.operand import ZERO, Value

MOST: Final = 20_000_000
"""Nonzeros of a pattern, and entries of index sets copied on the way to it."""
FEW: Final = 4
"""Outputs that are cheaper to trace back, one by one."""
_NOTHING: Final[set[int]] = set()


@lru_cache(maxsize=4096)
def flows(op: Op, shapes: tuple[Shape, ...]) -> tuple[int, ...]:
    """The argument slots through which a tangent passes, asked of the op's own forward rule.

    Of an op with any number of arguments the second speaks for all that follow.

    Examples
    --------
    >>> from diffcompare.ops.choice import floor, where
    >>> flows(where, ((), (), ())), flows(floor, ((),))
    ((1, 2), ())
    """
    work = Graph.empty(folding=True)
    x = [Variable.input(work, f"x{slot}", shape) for slot, shape in enumerate(shapes)]
    y = Variable(work, work.node(op, tuple([v.index for v in x])))

    def passes(slot: int) -> bool:
        dots: list[Value] = [ZERO] * len(x)
        dots[slot] = Variable.input(work, f"x{slot}_dot", shapes[slot])
        return op.jvp(y, x, dots) is not ZERO

    asked = len(x) if op.arity[1] is not None else min(2, len(x))
    found = [passes(slot) for slot in range(asked)]
    found += found[-1:] * (len(x) - asked)
    return tuple(slot for slot, passing in enumerate(found) if passing)


def dependencies(graph: Graph, sources: Sequence[int]) -> list[set[int]]:
    """For each output of a graph of numbers, which of the sources it depends on with a slope.

    Few outputs are traced back. From the inputs of many, sets are carried on: one is shared by all
    nodes that have the same, and grown in place by the only node that uses it, so that a sum of n
    terms takes time linear in n, not quadratic.

    Parameters
    ----------
    graph : Graph
        Of numbers only.
    sources : sequence of int
        Nodes; the sets hold positions in this sequence.

    Raises
    ------
    DiffcompareError
        Of kind "limit" beyond `MOST`.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.parse("x*y, y + z")
    >>> dependencies(graph, list(graph.inputs.values()))
    [{0, 1}, {1, 2}]
    """
    passing = _Passing()
    if len(graph.outputs) <= FEW:
        return [_traced(graph, output, sources, passing) for output in graph.outputs]
    found = _carried(graph, sources, passing)
    if sum(map(len, found)) > MOST:
        raise too_many(grouped(sum(map(len, found))))
    return found


class _Passing(dict[tuple[Op, int], tuple[int, ...]]):
    """Of an op of so many numbers, the slots through which a tangent passes."""

    def __missing__(self, key: tuple[Op, int]) -> tuple[int, ...]:
        op, count = key
        self[key] = found = flows(op, ((),) * count)
        return found


def _traced(graph: Graph, output: int, sources: Sequence[int], passing: _Passing) -> set[int]:
    """What one output depends on, back from it."""
    reached, todo = {output}, [output]
    while todo:
        index = todo.pop()
        args = graph.args[index]
        for slot in passing[graph.ops[index], len(args)] if args else ():
            if args[slot] not in reached:
                reached.add(args[slot])
                todo.append(args[slot])
    return {number for number, source in enumerate(sources) if source in reached}


def _carried(graph: Graph, sources: Sequence[int], passing: _Passing) -> list[set[int]]:
    """What all outputs depend on, from the sources on."""
    alive = graph.live(graph.outputs)
    sets, owned = [_NOTHING] * len(graph.ops), [False] * len(graph.ops)
    for number, source in enumerate(sources):
        sets[source], owned[source] = {number}, True
    uses = _uses(graph, alive)
    room = MOST
    for index, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True)):
        if not args or not alive[index]:
            continue
        parts = [args[slot] for slot in passing[op, len(args)] if sets[args[slot]]]
        if not parts:
            continue
        top = parts[0] if len(parts) == 1 else max(parts, key=lambda a: len(sets[a]))
        mine, own = sets[top], owned[top] and uses[top] == 1
        for part in parts:
            other = sets[part]
            if other is not mine and not other <= mine:
                room -= len(other) if own else len(mine) + len(other)
                mine = mine if own else set(mine)
                own = True
                mine |= other
        sets[index], owned[index] = mine, own
        if room < 0:
            raise too_many(f"more than {MOST:,} on the way")
    return [sets[output] for output in graph.outputs]


def _uses(graph: Graph, alive: Sequence[bool]) -> list[int]:
    """How often each value is used by live nodes and as an output."""
    uses = [0] * len(graph.ops)
    for index in graph.outputs:
        uses[index] += 1
    for args, live in zip(graph.args, alive, strict=True):
        if live:
            for arg in args:
                uses[arg] += 1
    return uses


def too_many(got: str) -> DiffcompareError:
    return DiffcompareError("limit", "sparsity", need=f"at most {MOST:,} nonzeros", got=got,
                            hint="a derivative as full as this needs no pattern")  # fmt: skip


def choosing(graph: Graph, sources: Sequence[int]) -> list[int]:
    """The nodes by which the true pattern changes with the point, in order.

    They pass tangents of the sources, and the values decide which: `where`, `relu`, `max`, the
    routes of a max-pooling.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.parse("where(x > 0, y, z) + x")
    >>> [graph.ops[i].name for i in choosing(graph, list(graph.inputs.values()))]
    ['where']
    """
    alive = graph.live(graph.outputs)
    active = graph.depends_on(sources)
    varying = graph.depends_on(graph.inputs.values())
    found = []
    for index, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True)):
        if not args or not (alive[index] and active[index]):
            continue
        slots = flows(op, tuple([graph.shapes[a] for a in args]))
        if len(slots) == len(args) and op.kind != "select":
            continue
        chosen = op.kind == "select" or any(
            varying[arg] for slot, arg in enumerate(args) if slot not in slots
        )
        if chosen and any(active[args[slot]] for slot in slots):
            found.append(index)
    return found
