"""How many nodes the scalar expansion of a graph of arrays has, without the expansion."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import singledispatch

from diffcompare.graph.graph import Graph
from diffcompare.ops.labels import PutLabel, TakeLabel
from diffcompare.ops.layers.average import AvgPool2d, AvgPoolSpread
from diffcompare.ops.layers.channels import ChannelSum, LRNSquares
from diffcompare.ops.layers.links import sum_nodes
from diffcompare.ops.layers.loss import SoftmaxLogLoss
from diffcompare.ops.layers.pool import MaxPoolIndex
from diffcompare.ops.layers.routing import PoolRoute, PoolSelect
from diffcompare.ops.layers.softmax import LogSumExp, Softmax
from diffcompare.ops.op import Op, Shape
from diffcompare.ops.reduce import MaxOver, without


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
    (29, 29)
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
def _(op: Softmax, shapes: Sequence[Shape], shape: Shape) -> int:
    """A shift and a logarithm for each row; a difference, another and an exponential for each entry."""
    return 2 * math.prod(without(shape, [op.axis])) + 3 * math.prod(shape)


@operations.register
def _(op: LogSumExp, shapes: Sequence[Shape], shape: Shape) -> int:
    """One for each row."""
    return math.prod(shape)


@operations.register
def _(op: SoftmaxLogLoss, shapes: Sequence[Shape], shape: Shape) -> int:
    """A logarithm, the choice of each label, and their difference."""
    return 3 * math.prod(shape)


@operations.register
def _(op: AvgPool2d, shapes: Sequence[Shape], shape: Shape) -> int:
    """Divisions, and sums of any number of terms."""
    axes = op.links(shapes[0][2:])
    return math.prod(shape[:2]) * (sum_nodes(*axes) + op.work(shapes[0][2:]).div)


@operations.register
def _(op: AvgPoolSpread, shapes: Sequence[Shape], shape: Shape) -> int:
    axes = [axis.turned for axis in op.links(shape[2:])]
    return math.prod(shape[:2]) * (sum_nodes(*axes) + op.work(shape[2:]).div)


@operations.register
def _(op: ChannelSum, shapes: Sequence[Shape], shape: Shape) -> int:
    """Sums of any number of terms."""
    return math.prod(shape) // shape[1] * sum_nodes(op.links(shape[1]))


@operations.register
def _(op: LRNSquares, shapes: Sequence[Shape], shape: Shape) -> int:
    """Squares, and their sums."""
    return math.prod(shape) + operations(op.sums, shapes, shape)


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
    meetings = math.prod(shape[:2]) * op.windows.counts(shape[2:]).meetings
    return 2 * meetings + op.cost(shapes).total
