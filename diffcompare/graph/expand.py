"""Granularity: a graph of layers, of array operations, or of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError, shorten
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.ops.leaf import Constant, Input
from diffcompare.ops.operand import elementwise
from diffcompare.ops.parts import Pick, Stack

LEVELS: Final = ("tensor", "scalar")
Chooser = Callable[[Graph, int], bool]


def expand(
    graph: Graph,
    to: str = "scalar",
    only: Chooser | None = None,
    budget: Budget = Budget(),  # noqa: B008  a frozen value
) -> Graph:
    """The same function at a finer granularity.

    Parameters
    ----------
    graph : Graph
    to : {"tensor", "scalar"}
        Layers as simpler array operations, or everything as operations on numbers. To scalars
        each array input becomes an input for each entry, as w[0,1], and each output one for each.
    only : callable, optional
        ``only(graph, index)`` chooses the nodes to expand; then inputs and outputs stay as they
        are, and arrays are taken apart and put together around the expanded nodes.
    budget : Budget
        `nodes` bounds the result; its operations are counted beforehand.

    Returns
    -------
    Graph

    Examples
    --------
    >>> from diffcompare.ops.linalg import matmul
    >>> graph = Graph.empty()
    >>> a, b = (Variable.input(graph, name, (2, 2)) for name in "ab")
    >>> graph.outputs = (matmul(a, b).index,)
    >>> expand(graph)
    Graph(a[0,0], a[0,1], a[1,0], a[1,1], b[0,0], b[0,1], b[1,0], b[1,1]; 12 operations, 4 outputs)
    """
    if not isinstance(graph, Graph):
        raise DiffcompareError("type", "expand", need="a Graph", got=shorten(graph),
                               hint="parse(source) makes one")  # fmt: skip
    if to not in LEVELS:
        raise DiffcompareError("name", "expand", need="to=" + " or ".join(LEVELS), got=shorten(to))
    _hold(graph, to, only, budget)
    if to == "tensor":
        return _lowered(graph, only)
    return _in_numbers(graph) if only is None else _mixed(graph, only)


def entry_labels(label: str, shape: tuple[int, ...]) -> list[str]:
    """The names of the entries of an array input, in row-major order; of a number, its own.

    Examples
    --------
    >>> entry_labels("w", (2, 1)), entry_labels("x", ())
    (['w[0,0]', 'w[1,0]'], ['x'])
    """
    if not shape:
        return [label]
    return [f"{label}[{','.join(map(str, place))}]" for place in np.ndindex(shape)]


def scalar_point(graph: Graph, point: Mapping[str, Any]) -> dict[str, Any]:
    """A point of a graph as the point of its scalar expansion.

    Examples
    --------
    >>> graph = Graph.empty()
    >>> w = Variable.input(graph, "w", (2,))
    >>> scalar_point(graph, {"w": [3.0, 4.0]})
    {'w[0]': np.float64(3.0), 'w[1]': np.float64(4.0)}
    """
    return {
        label: number
        for name, index in graph.inputs.items()
        for label, number in zip(
            entry_labels(name, graph.shapes[index]), np.ravel(point[name]), strict=True
        )
    }


def _in_numbers(graph: Graph) -> Graph:
    """Every node by its op's `expand`, run on object arrays of Variables."""
    work = Graph.empty()
    values: list[Any] = []
    for index, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True)):
        if isinstance(op, Input):
            entries = [Variable.input(work, name) for name in entry_labels(op.label, op.size)]
            values.append(_array(entries, op.size))
        elif isinstance(op, Constant):
            values.append(_array([Variable.constant(work, op.number)], ()))
        else:
            values.append(_expanded(graph, index, work, [values[a] for a in args]))
    work.outputs = tuple(v.index for output in graph.outputs for v in values[output].flat)
    return work.leveled()


def _mixed(graph: Graph, only: Chooser) -> Graph:
    """Chosen nodes in numbers, with their arguments taken apart and their results stacked."""
    work = Graph.empty()
    values: list[Variable] = []
    for index, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True)):
        if not args or not only(graph, index):
            values.append(Variable(work, work.node(op, tuple([values[a].index for a in args]))))
            continue
        x = [
            _array([Pick(k)(values[a]) for k in np.ndindex(graph.shapes[a])], graph.shapes[a])
            if graph.shapes[a]
            else _array([values[a]], ())
            for a in args
        ]
        result = _expanded(graph, index, work, x)
        shape = graph.shapes[index]
        values.append(Stack(shape)(*result.flat) if shape else result[()])
    work.outputs = tuple(values[i].index for i in graph.outputs)
    return work.leveled()


def _lowered(graph: Graph, only: Chooser | None) -> Graph:
    """Layers by their op's `lower`, run on Variables."""
    work = Graph.empty()
    values: list[Variable] = []
    for index, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True)):
        x = [values[a] for a in args]
        lower = getattr(op, "lower", None)
        if lower is not None and (only is None or only(graph, index)):
            values.append(lower(*x))
        else:
            values.append(Variable(work, work.node(op, tuple([v.index for v in x]))))
    work.outputs = tuple(values[i].index for i in graph.outputs)
    return work.leveled()


def _expanded(graph: Graph, index: int, work: Graph, x: list[Any]) -> Any:
    op, shape = graph.ops[index], graph.shapes[index]
    result = elementwise(op, x) if op.elementwise else op.expand(*x)
    flat = np.empty(math.prod(shape), dtype=object)
    for place, entry in enumerate(np.asarray(result, dtype=object).flat):
        flat[place] = entry if isinstance(entry, Variable) else Variable.constant(work, entry)
    return flat.reshape(shape)


def _array(entries: list[Variable], shape: tuple[int, ...]) -> Any:
    result = np.empty(len(entries), dtype=object)
    for place, entry in enumerate(entries):
        result[place] = entry
    return result.reshape(shape)


def _hold(graph: Graph, to: str, only: Chooser | None, budget: Budget) -> None:
    """Refuse an expansion that would be over the budget, before it is begun."""
    if to == "tensor":
        return
    nodes = 0
    for index, args in enumerate(graph.args):
        if only is None or (args and only(graph, index)):
            nodes += math.prod(graph.shapes[index]) if not args else 0
            nodes += graph.ops[index].cost([graph.shapes[a] for a in args]).total
    if nodes > budget.nodes:
        raise DiffcompareError("limit", "expand", need=f"at most {budget.nodes:,} nodes",
                               got=f"{nodes:,}", hint="expand chosen nodes by only=")  # fmt: skip
