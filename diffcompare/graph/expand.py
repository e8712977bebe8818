"""Granularity: a graph of layers, of array operations, or of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

import numpy as np

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError, shorten
from diffcompare.graph.entries import Held, array_of
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.ops.leaf import Constant, Input
from diffcompare.ops.operand import elementwise

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
        are, and arrays are taken apart and put together where expanded nodes meet others.
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
    if to not in LEVELS:
        raise DiffcompareError("name", "expand", need="to=" + " or ".join(LEVELS), got=shorten(to))
    chosen = None if only is None else [
        bool(args and only(graph, index)) for index, args in enumerate(graph.args)
    ]  # fmt: skip
    whole = () if only is None else graph.outputs
    return expansion(graph, to, chosen, whole, budget=budget).graph


class Expansion(NamedTuple):
    """A graph at a finer granularity, and which of its nodes came from which.

    Attributes
    ----------
    graph : Graph
    origins : list of int
        For each of its nodes the coarse node that it was built for; of several, the first.
    images : list of tuple
        For each coarse node those that hold its value: one, or one for each entry in row-major
        order; None for an entry that nothing needs.
    """

    graph: Graph
    origins: list[int]
    images: list[tuple[int | None, ...]]


def expansion(
    graph: Graph,
    to: str,
    opened: Sequence[bool] | None = None,
    whole: Iterable[int] = (),
    keep: Sequence[int] = (),
    budget: Budget = Budget(),  # noqa: B008
) -> Expansion:
    """A graph at a finer granularity, with the origins of its nodes.

    Parameters
    ----------
    graph : Graph
    to : {"tensor", "scalar"}
    opened : sequence of bool, optional
        For each node whether it is expanded, an array input to its entries; all by default.
    whole : iterable of int
        Nodes whose value is wanted as one array.
    keep : sequence of int
        Nodes whose value is wanted beside those of the outputs.
    budget : Budget

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.parse("sum(x*x)", shapes={"x": (2,)})
    >>> found = expansion(graph, "scalar")
    >>> [(graph.ops[i].name, op.name) for i, op in zip(found.origins, found.graph.ops)]
    [('input', 'input'), ('input', 'input'), ('mul', 'mul'), ('mul', 'mul'), ('sum_to', 'add')]
    >>> found.images
    [(0, 1), (2, 3), (4,), (4,)]
    """
    opened = [True] * len(graph.ops) if opened is None else opened
    if to == "scalar":
        _hold(graph, opened, budget)
    work, values, origins = Graph.empty(), [], list[int]()
    if to == "tensor":
        steps = _lowered(graph, work, opened)
    else:
        steps = _in_numbers(graph, work, opened, whole)
    for index, held in enumerate(steps):
        values.append([v.index for v in held])
        origins += [index] * (len(work.ops) - len(origins))
    ends = [v for i in graph.outputs for v in values[i]]
    kept = [v for i in keep for v in values[i]]
    fine, place = work.rearranged(ends, work.levels([*ends, *kept]), work.inputs)
    came = {new: origins[old] for old, new in place.items()}
    images = [tuple([place.get(v) for v in held]) for held in values]
    return Expansion(fine, [came[new] for new in range(len(fine.ops))], images)


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


def entry_names(graph: Graph, names: Iterable[str]) -> tuple[str, ...]:
    """The names that the entries of some inputs have in the scalar expansion, input by input.

    Examples
    --------
    >>> import diffcompare as dc
    >>> entry_names(dc.parse("sum(w)*x", shapes={"w": (2,)}), ["x", "w"])
    ('x', 'w[0]', 'w[1]')
    """
    shapes = ((name, graph.shapes[graph.inputs[name]]) for name in names)
    return tuple(label for name, shape in shapes for label in entry_labels(name, shape))


def scalar_point(point: Mapping[str, Any]) -> dict[str, Any]:
    """A point of a graph as the point of its scalar expansion.

    Examples
    --------
    >>> scalar_point({"w": [3.0, 4.0]})
    {'w[0]': np.float64(3.0), 'w[1]': np.float64(4.0)}
    """
    return {
        label: number
        for name, x in point.items()
        for label, number in zip(entry_labels(name, np.shape(x)), np.ravel(x), strict=True)
    }


def _in_numbers(
    graph: Graph, work: Graph, opened: Sequence[bool], whole: Iterable[int]
) -> Iterator[Sequence[Variable]]:
    """Opened nodes by their op's `expand`, run on object arrays of Variables; node by node."""
    joined = [False] * len(graph.ops)
    taken = (args for args, opens in zip(graph.args, opened, strict=True) if not opens)
    for index in chain(whole, chain.from_iterable(taken)):
        joined[index] = True
    values: list[Held] = []
    for index, args in enumerate(graph.args):
        held = Held(graph.shapes[index])
        values.append(held)
        if opened[index]:
            held.entries = _expanded(graph, index, work, [values[a].apart() for a in args])
        else:
            arrays = tuple([values[a].joined().index for a in args])
            held.array = Variable(work, work.node(graph.ops[index], arrays))
        if joined[index]:
            held.joined()
        yield list(held.entries.flat) if held.array is None else [held.array]


def _lowered(graph: Graph, work: Graph, opened: Sequence[bool]) -> Iterator[Sequence[Variable]]:
    """Opened layers by their op's `lower`, run on Variables; node by node."""
    values: list[Variable] = []
    for index, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True)):
        x = [values[a] for a in args]
        lower = getattr(op, "lower", None)
        if lower is not None and opened[index]:
            values.append(lower(*x))
        else:
            values.append(Variable(work, work.node(op, tuple([v.index for v in x]))))
        yield values[-1:]


def _expanded(graph: Graph, index: int, work: Graph, x: list[Any]) -> Any:
    op, shape = graph.ops[index], graph.shapes[index]
    if isinstance(op, Input):
        labels = entry_labels(op.label, shape)
        return array_of([Variable.input(work, label) for label in labels], shape)
    if isinstance(op, Constant):
        return array_of([Variable.constant(work, op.number)], ())
    result = elementwise(op, x) if op.elementwise else op.expand(*x)
    flat = np.empty(math.prod(shape), dtype=object)
    for place, entry in enumerate(np.asarray(result, dtype=object).flat):
        flat[place] = entry if isinstance(entry, Variable) else Variable.constant(work, entry)
    return flat.reshape(shape)


def _hold(graph: Graph, opened: Sequence[bool], budget: Budget) -> None:
    """Refuse an expansion that would be over the budget, before it is begun."""
    nodes = 0
    for index, args in enumerate(graph.args):
        if opened[index]:
            nodes += math.prod(graph.shapes[index]) if not args else 0
            nodes += graph.ops[index].cost([graph.shapes[a] for a in args]).total
    if nodes > budget.nodes:
        raise DiffcompareError("limit", "expand", need=f"at most {budget.nodes:,} nodes",
                               got=f"{nodes:,}", hint="expand chosen nodes by only=")  # fmt: skip
