"""A graph's nodes built again in another graph, with nodes put in for inputs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import islice
from typing import Final

from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.graph.walks import Args
from diffcompare.ops.leaf import Constant, Input
from diffcompare.ops.op import Op
from diffcompare.ops.operand import ZERO, NoFoldError, Value

_ZERO: Final = -1
"""The place of what is structurally zero."""


def replayed(source: Graph, work: Graph, start: int, inputs: Mapping[str, int]) -> list[Value]:
    """The outputs of a graph in another that has its first nodes at the same indices.

    They are what `source.evaluate` makes of Variables, most of which need not be made.

    Parameters
    ----------
    source, work : Graph
    start : int
        How many nodes they begin with alike.
    inputs : mapping
        By label, the node that each later input is; one not given is structurally zero.

    Returns
    -------
    list of Variable or ZERO

    Examples
    --------
    >>> import diffcompare as dc
    >>> source, work = dc.parse("x*y + x"), Graph.empty(folding=True)
    >>> one, z = Variable.constant(work, 1), Variable.input(work, "z")
    >>> replayed(source, work, 0, {"x": one.index, "y": z.index})
    [<v1 = <op add>>]
    """
    places = list(range(start))
    for op, args in islice(zip(source.ops, source.args, strict=True), start, None):
        if args:
            found = tuple([places[a] for a in args])
            if _ZERO in found or not work.plain(op, found) or work.foldable(op, found):
                places.append(_folded(source, work, op, args, [_value(work, k) for k in found]))
            else:
                places.append(work.node(op, found, ()))
        elif isinstance(op, Constant):
            places.append(work.node(op))
        elif isinstance(op, Input):
            places.append(inputs.get(op.label, _ZERO))
    return [_value(work, places[i]) for i in source.outputs]


def _folded(source: Graph, work: Graph, op: Op, args: Args, x: list[Value]) -> int:
    try:
        result = op(*x)
    except NoFoldError:
        lift = partial(Variable.constant, work)
        result = op(*source.written_out(args, x, lift))
    return _ZERO if result is ZERO else int(result.index)


def _value(work: Graph, place: int) -> Value:
    return ZERO if place == _ZERO else Variable(work, place)
