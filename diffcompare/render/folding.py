"""Which nodes a drawing shows as one box: the parts of a layer, and what a user asks for.

A layer may be several nodes: max-pooling finds the index of each largest entry, and selects by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.graph.graph import Graph
from diffcompare.ops.leaf import Input

Collapse = str | Iterable[str] | Callable[[str, str], bool]


def helpers(graph: Graph, drawn: Sequence[bool], ends: Iterable[int]) -> dict[int, int]:
    """The node that each node holds in its box: one that only it uses, both parts of one layer.

    Parameters
    ----------
    graph : Graph
    drawn : sequence of bool
        For each node whether it counts.
    ends : iterable of int
        Nodes wanted for themselves.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.parse("max_pool2d(x, window=2)", shapes={"x": (1, 1, 4, 4)})
    >>> graph.ops
    [<op input(label=x, size=(1, 1, 4, 4))>, <op max_pool_index(window=(2, 2), stride=(2, 2), pad=(0, 0, 0, 0))>, <op pool_select(window=(2, 2), stride=(2, 2), pad=(0, 0, 0, 0))>]
    >>> helpers(graph, [True] * 3, graph.outputs)
    {2: 1}
    """
    counted = [args for args, shown in zip(graph.args, drawn, strict=True) if shown]
    uses = Counter(chain(ends, *counted))
    found = {}
    for index, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True)):
        if drawn[index] and _layer(op):
            for arg in args:
                alike = _layer(graph.ops[arg]) == _layer(op)
                if alike and uses[arg] == 1 and set(graph.args[arg]) < set(args):
                    found[index] = arg
    return found


def layer_name(graph: Graph, index: int, helper: int | None = None) -> str:
    """What a box is called: the input, the op, or the layer that it and its helper make."""
    op = graph.ops[index]
    if isinstance(op, Input):
        return op.label
    return op.name if helper is None else _layer(op)


def folded(
    graph: Graph, boxes: Sequence[int], held: dict[int, int], collapse: Collapse
) -> list[bool]:
    """For each node whether `collapse` names it, see `to_dot`.

    Parameters
    ----------
    graph : Graph
    boxes : sequence of int
        The nodes that are boxes.
    held : dict of int to int
        From `helpers`.
    """
    result = [False] * len(graph.ops)
    named = {index: layer_name(graph, index, held.get(index)) for index in boxes}
    chosen = collapse if callable(collapse) else _named(graph, named, collapse)
    for index, name in named.items():
        result[index] = bool(chosen(name, graph.label(index)))
        if index in held:
            result[held[index]] = result[index]
    return result


def _named(graph: Graph, named: dict[int, str], collapse: Any) -> Callable[[str, str], bool]:
    """The choice of those that are named; refuses names that nothing has."""
    given = [collapse] if isinstance(collapse, str) else collapse
    wanted = list(given)
    known = {*named.values(), *(graph.label(index) for index in named)}
    for name in wanted:
        if name not in known:
            ops = dict.fromkeys(name for index, name in named.items() if graph.args[index])
            need = f"collapse among {', '.join(ops)}, the inputs, and boxes as v0"
            raise DiffcompareError("name", "to_dot", need=need, got=shorten(name))
    return lambda name, label: name in wanted or label in wanted


def _layer(op: Any) -> str:
    """The layer that an op is a part of, where several make one."""
    layer: str = getattr(op, "layer", "")
    return layer
