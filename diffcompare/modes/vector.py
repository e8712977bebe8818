"""Vector mode: all passes of a sweep at once, as one graph that can be counted and compiled."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.modes.derivative import Sweep
from diffcompare.modes.seeds import fresh
from diffcompare.numbers.batched import Batched
from diffcompare.ops.linalg import MatMul
from diffcompare.ops.moves import Broadcast, Reshape, Transpose
from diffcompare.ops.op import Op, Shape, shape_of
from diffcompare.ops.operand import ZERO, Value


@dataclass(frozen=True, eq=False)
class Vectors:
    """The passes of a sweep as one graph.

    Attributes
    ----------
    sweep : Sweep
    graph : Graph
        Its outputs are those of f, then results of passes.
    seeds : dict of str to tuple of int
        By input label the shape of what each has to be given: seeds along a first axis.
    """

    sweep: Sweep
    graph: Graph
    seeds: dict[str, Shape]

    @property
    def operations(self) -> int:
        """Of one evaluation."""
        graph = self.graph
        return sum(
            op.cost([graph.shapes[a] for a in args]).total
            for op, args in zip(graph.ops, graph.args, strict=True)
            if args
        )


def passes_at_once(sweep: Sweep, seed: str, count: int) -> Vectors:
    """So many passes with one of the seeds, the results in the order of `sweep.swept`.

    Each result has the passes along a first axis.

    Examples
    --------
    >>> import diffcompare as dc
    >>> sweep = dc.differentiate(dc.parse("x*x", shapes={"x": (4,)}), "forward")
    >>> found = passes_at_once(sweep, "x_dot", 2)
    >>> found.graph.shapes[found.graph.outputs[-1]]
    (2, 4)
    """
    work = sweep.graph.extended()
    label, results = _run(sweep, work, seed, count)
    nodes = [_written(work, result, (count, *shape)) for result, shape in results]
    return _finished(sweep, work, {label: (count, *_shape(sweep, seed))}, nodes)


def jacobian_blocks(sweep: Sweep) -> Vectors:
    """All passes with unit seeds: an output for each block, by output, then input.

    A block has the shape of the output, then that of the input. The units of a seed are an identity
    matrix, row by row; products of a matrix with them are not computed.

    Examples
    --------
    >>> import diffcompare as dc
    >>> sweep = dc.differentiate(dc.parse("matmul(a, x)", shapes={"a": (3, 4), "x": (4, 1)}), "forward", "x")
    >>> found = jacobian_blocks(sweep)
    >>> found.graph.shapes[found.graph.outputs[-1]], found.operations
    ((3, 1, 4, 1), 21)
    """
    work, seeds = sweep.graph.extended(), {}
    entries: dict[tuple[int, int], Variable] = {}
    for number, seed in enumerate(sweep.seeds):
        shape = _shape(sweep, seed)
        count = math.prod(shape)
        label, results = _run(sweep, work, seed, count)
        seeds[label] = (count, *shape)
        for place, (result, size) in enumerate(results):
            block = _written(work, result, (count, *size))
            turned = sweep.mode == "forward"
            entries[sweep.entry(number, place)] = _block(block, shape, size, turned)
    found = _finished(sweep, work, seeds, [entries[key] for key in sorted(entries)])
    graph = without_identities(found.graph, list(seeds))
    return Vectors(sweep, graph, {label: seeds[label] for label in graph.inputs if label in seeds})


def _shape(sweep: Sweep, seed: str) -> Shape:
    return sweep.graph.shapes[sweep.graph.inputs[seed]]


def _run(sweep: Sweep, work: Graph, seed: str, count: int) -> tuple[str, list[tuple[Value, Shape]]]:
    """The input that the seeds became, and each result with its shape in one pass."""
    given = fresh(work, seed, (count, *_shape(sweep, seed)))
    prefix = [Variable(work, i) for i in range(sweep.sweep_start)]
    results = sweep.run({seed: Batched(given)}, prefix, given.like)
    shapes = [sweep.graph.shapes[i] for i in sweep.swept]
    return work.ops[given.index].options()["label"], list(zip(results, shapes, strict=True))


def _written(work: Graph, result: Value, shape: Shape) -> Variable:
    """A result of many passes as a node, also where it is zero or the same in all."""
    if isinstance(result, Batched) and shape_of(result.array) == shape:
        found: Variable = result.array
    else:
        found = Broadcast(shape)(Variable.constant(work, 0) if result is ZERO else result)
    return found


def _block(results: Variable, seed: Shape, result: Shape, turned: bool) -> Variable:
    """Results of unit seeds, (seed, result), as a block (output, input)."""
    shape = seed + result
    if turned:  # passes are columns
        results = Transpose((1, 0))(Reshape((math.prod(seed), math.prod(result)))(results))
        shape = result + seed
    block: Variable = Reshape(shape)(results)
    return block


def _finished(
    sweep: Sweep, work: Graph, seeds: Mapping[str, Shape], nodes: Sequence[Variable]
) -> Vectors:
    outputs = [*sweep.primal.outputs, *(node.index for node in nodes)]
    graph = work.part(outputs, [*sweep.primal.inputs, *seeds])
    return Vectors(sweep, graph, dict(seeds))


def without_identities(graph: Graph, units: Sequence[str]) -> Graph:
    """The graph without products by identity matrices: those inputs, row by row, in any shape."""
    identity = [False] * len(graph.ops)
    stands = list(range(len(graph.ops)))
    for label in units:
        identity[graph.inputs[label]] = True
    work = graph.extended()
    nodes: list[int] = []
    for index, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True)):
        if not args:
            nodes.append(index)
            continue
        if identity[args[0]] and _keeps_units(op, graph.shapes[args[0]]):
            identity[index] = True
        elif isinstance(op, MatMul):
            for one, other in (args, args[::-1]):
                if identity[one] and len(set(graph.shapes[one])) == 1:
                    stands[index] = other
        found = stands[index]
        nodes.append(
            nodes[found] if found != index else work.node(op, tuple(nodes[a] for a in args))
        )
    outputs = [nodes[i] for i in graph.outputs]
    alive = work.live(outputs)
    used = [label for label, i in graph.inputs.items() if alive[i] or label not in set(units)]
    return work.part(outputs, used)


def _keeps_units(op: Op, shape: Shape) -> bool:
    """Whether a move leaves the entries in row-major order, or turns a square matrix of units."""
    if isinstance(op, Transpose):
        long = [axis for axis in op.axes if shape[axis] > 1]
        square = len(long) == 2 and shape[long[0]] == shape[long[1]]
        return square or long == sorted(long)
    return isinstance(op, Reshape)
