"""How many nodes the scalar expansion of a graph of arrays has, without the expansion."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import singledispatch

from diffcompare.graph.graph import Graph
from diffcompare.ops.labels import PutLabel, TakeLabel
from diffcompare.ops.layers.loss import SoftmaxLogLoss
from diffcompare.ops.layers.pool import MaxPoolIndex
from diffcompare.ops.layers.pooling import overlap
from diffcompare.ops.layers.routing import PoolRoute, PoolSelect
from diffcompare.ops.op import Op, Shape
from diffcompare.ops.reduce import MaxOver


def scalar_nodes(graph: Graph, outputs: Sequence[int] | None = None) -> int:
    """Inputs, constants and operations that nodes of a graph need when written out in scalars.

    Counted op by op, in time linear in the nodes of the graph. The expansion itself has fewer where
    entries are not used, as at borders that no window meets, and where two ops have equal
    subexpressions; it has a few constants more, those inside layers.

    Parameters
    ----------
    graph : Graph
    outputs : sequence of int, optional
        Nodes; those of `graph.outputs` by default.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.parse("softmax(matmul(w, x))", shapes={"w": (2, 3), "x": (3, 1)})
    >>> scalar_nodes(graph), len(dc.expand(graph))
    (23, 23)
    """
    alive = graph.live(graph.outputs if outputs is None else outputs)
    kinds = Counter(
        (op, tuple([graph.shapes[a] for a in args]), graph.shapes[index])
        for index, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True))
        if alive[index]
    )
    return sum(times * operations(op, given, shape) for (op, given, shape), times in kinds.items())


@singledispatch
def operations(op: Op, shapes: Sequence[Shape], shape: Shape) -> int:
    """Scalar operations of an op as nodes; elementwise one for each entry, else as they are counted.

    Parameters
    ----------
    op : Op
    shapes : sequence of tuple of int
        Of the arguments.
    shape : tuple of int
        Of the result.
    """
    return math.prod(shape) if op.elementwise else op.cost(shapes).total


@operations.register(MaxOver)
@operations.register(TakeLabel)
@operations.register(PoolSelect)
def _(op: Op, shapes: Sequence[Shape], shape: Shape) -> int:
    """One that chooses among many, for each entry."""
    return math.prod(shape)


@operations.register
def _(op: SoftmaxLogLoss, shapes: Sequence[Shape], shape: Shape) -> int:
    """Those counted, and the choice of each label."""
    return op.cost(shapes).total + math.prod(shape)


@operations.register
def _(op: MaxPoolIndex, shapes: Sequence[Shape], shape: Shape) -> int:
    """One that finds the largest; in a window cut off at the border one more, for its tap."""
    whole = [
        sum(len(inside) == axis.kernel for inside in axis.inside(size))
        for axis, size in zip(op.windows.axes, shapes[0][2:], strict=True)
    ]
    return math.prod(shape[:2]) * (2 * math.prod(shape[2:]) - math.prod(whole))


@operations.register
def _(op: PutLabel, shapes: Sequence[Shape], shape: Shape) -> int:
    """A test and a choice for each entry."""
    return 2 * math.prod(shape)


@operations.register
def _(op: PoolRoute, shapes: Sequence[Shape], shape: Shape) -> int:
    """A test and a choice for each meeting of a window and a pixel, and the sums."""
    meetings = overlap(op, shape) + math.prod(shapes[0])
    return 2 * meetings + op.cost(shapes).total
