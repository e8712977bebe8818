"""networkx graphs as graphs: the form that a `Graph` itself shows to networkx."""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, Final

import networkx as nx

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError, shorten
from diffcompare.graph.graph import Graph
from diffcompare.ops.leaf import Input
from diffcompare.ops.op import Op
from diffcompare.ops.options import make_plain, unfit
from diffcompare.parse.bounded import bounded, over
from diffcompare.parse.inputs import arranged, check_label

Slots = list[Hashable]
_SHOWN: Final = 8


def parse_networkx(
    g: Any,
    inputs: Iterable[object] | None = None,
    budget: Budget = Budget(),  # noqa: B008  a frozen value
) -> Graph:
    """Read a networkx graph of operations.

    Everything is checked before anything is built. Nodes are taken in topological order, of
    several that could be next the one that was added first.

    Parameters
    ----------
    g : networkx.MultiDiGraph
        A node has the attribute ``op`` and the options of that op: ``op="input", label="x"``;
        ``op="constant", number=Fraction(1, 3)``, or ``"1/3"``, ``2``, ``0.5``, ``"pi"``;
        ``op="power", exponent="3/2"``; ``op="sin"``. An edge runs from argument to use; its key is
        the argument slot, 0, 1, …. ``g.graph["outputs"]`` lists the outputs; by default they are
        the nodes that no node uses, in order. A node may be any hashable object.
    inputs : iterable of str, optional
        The inputs in order, unused ones too; by default in the order of the nodes.
    budget : Budget
        `nodes` bounds the graph.

    Returns
    -------
    Graph
        A `Graph` is returned as it is.

    Raises
    ------
    DiffcompareError
        Of kind "graph" for the wrong kind of graph, a cycle, slots or outputs that do not fit; of
        kind "name", "attr" or "arity" for a node that is not an operation.

    Examples
    --------
    >>> g = nx.MultiDiGraph()
    >>> g.add_node("x", op="input", label="x")
    >>> g.add_node("square", op="mul")
    >>> g.add_edge("x", "square", key=0), g.add_edge("x", "square", key=1)
    (0, 1)
    >>> parse_networkx(g).evaluate({"x": 3.0})
    [3.0, np.float64(9.0)]
    """
    if isinstance(g, Graph):
        if len(g.ops) > budget.nodes:
            raise over(int(budget.nodes))
        return g
    if not isinstance(g, nx.MultiDiGraph):
        raise _wrong("a networkx source", "a MultiDiGraph, whose edge keys are argument slots",
                     type(g).__name__)  # fmt: skip
    if len(g) > budget.nodes:
        raise over(int(budget.nodes))
    ops = {node: _op(node, attributes) for node, attributes in g.nodes(data=True)}
    args = {node: _arguments(g, node, ops[node]) for node in ops}
    order = _order(args)
    outputs = _outputs(g)
    labels = _labels(ops)
    graph = bounded(budget)
    for label in labels if inputs is None else arranged(labels, inputs):
        graph.node(Input(label))
    index: dict[Hashable, int] = {}
    for node in order:
        try:
            index[node] = graph.node(ops[node], tuple([index[a] for a in args[node]]))
        except (ValueError, TypeError, IndexError) as error:
            told = error if isinstance(error, DiffcompareError) else unfit(ops[node])
            raise _of(node, told) from None
    graph.outputs = tuple([index[node] for node in outputs])
    return graph.leveled()


def _wrong(what: str, need: str, got: str, hint: str = "") -> DiffcompareError:
    return DiffcompareError("graph", what, need=need, got=got, hint=hint)


def _titled(node: Hashable) -> str:
    return f"node {shorten(node)}"


def _of(node: Hashable, error: DiffcompareError) -> DiffcompareError:
    """The same error, said of a node."""
    return DiffcompareError(
        error.kind, f"{_titled(node)}: {error.what}", need=error.need, got=error.got,
        hint=error.hint,
    )  # fmt: skip


def _op(node: Hashable, attributes: Mapping[str, Any]) -> Op:
    """The operation of a node, from its attributes."""
    options = dict(attributes)
    name = options.pop("op", None)
    if name is None:
        raise _wrong(_titled(node), "the attribute op", _listed(attributes))
    try:
        if not isinstance(name, str):
            raise DiffcompareError("name", "op", need="the name of an op", got=shorten(name))
        op = make_plain(name, options)
        if isinstance(op, Input):
            check_label(op.label)
    except DiffcompareError as error:
        raise _of(node, error) from None
    return op


def _arguments(g: Any, node: Hashable, op: Op) -> Slots:
    """The arguments of a node by slot."""
    edges = [(key, source) for source, keys in g.pred[node].items() for key in keys]
    slots = [key for key, _ in edges]
    if any(type(key) is not int for key in slots) or sorted(slots) != list(range(len(slots))):
        raise _wrong(
            _titled(node), f"edges into it with the keys 0 to {len(slots) - 1}, its argument slots",
            _listed(slots), "write g.add_edge(argument, node, key=slot)",
        )  # fmt: skip
    try:
        op.check_arity(len(slots))
    except DiffcompareError as error:
        raise _of(node, error) from None
    found: Slots = [None] * len(edges)
    for key, source in edges:
        found[key] = source
    return found


def _order(args: Mapping[Hashable, Slots]) -> Slots:
    """A topological order, in which the nodes stay as they were added where they can."""
    names = list(args)
    rank = {node: i for i, node in enumerate(names)}
    users: list[list[int]] = [[] for _ in names]
    missing = [0] * len(names)
    for node, slots in args.items():
        for arg in set(slots):
            users[rank[arg]].append(rank[node])
            missing[rank[node]] += 1
    ready = [i for i, count in enumerate(missing) if not count]
    order: list[int] = []
    while ready:
        order.append(heapq.heappop(ready))
        for user in users[order[-1]]:
            missing[user] -= 1
            if not missing[user]:
                heapq.heappush(ready, user)
    if len(order) < len(names):
        cycle = _cycle(args, next(node for node in names if missing[rank[node]]), missing, rank)
        raise _wrong("a graph", "no cycle", " → ".join(map(shorten, cycle)))
    return [names[i] for i in order]


def _cycle(
    args: Mapping[Hashable, Slots],
    node: Hashable,
    missing: Sequence[int],
    rank: Mapping[Hashable, int],
) -> Slots:
    """A cycle, in the direction of its edges: what waits has an argument that waits."""
    path: dict[Hashable, None] = {}
    while node not in path:
        path[node] = None
        node = next(arg for arg in args[node] if missing[rank[arg]])
    back = list(path)
    cycle = back[back.index(node) :][::-1]
    first = min(range(len(cycle)), key=lambda i: rank[cycle[i]])
    cycle = [*cycle[first:], *cycle[: first + 1]]
    return cycle if len(cycle) <= _SHOWN else [*cycle[:_SHOWN], f"… ({len(cycle) - 1} nodes)"]


def _labels(ops: Mapping[Hashable, Op]) -> list[str]:
    """The inputs in order, each once."""
    found: dict[str, Hashable] = {}
    for node, op in ops.items():
        if isinstance(op, Input):
            if op.label in found:
                raise _wrong(
                    f"the input {shorten(op.label)}", "one node",
                    f"{_titled(found[op.label])} and {_titled(node)}",
                )  # fmt: skip
            found[op.label] = node
    return list(found)


def _outputs(g: Any) -> Slots:
    given = g.graph.get("outputs")
    if given is None:
        given = [node for node in g if not g.succ[node]]
    if not isinstance(given, (list, tuple)):
        raise _wrong("the outputs", "a list of nodes", shorten(given))
    for node in given:
        if not (isinstance(node, Hashable) and node in g):
            raise _wrong("the outputs", "nodes of the graph", shorten(node))
    if not given:
        raise _wrong("a graph", "at least 1 output", "none")
    return list(given)


def _listed(values: Iterable[object]) -> str:
    shown = [value if isinstance(value, str) else shorten(value) for value in values]
    return ", ".join(shown[:_SHOWN]) + ", …" * (len(shown) > _SHOWN) or "none"
