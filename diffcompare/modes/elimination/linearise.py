"""The linearised graph of a function: its local partials as nodes of one graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import read_wrt
from diffcompare.graph.variable import Variable
from diffcompare.modes.elimination.linearised import MOST_VERTICES, Linearised
from diffcompare.modes.guards import NONE, Paths
from diffcompare.modes.reverse import Adjoint, shares, summed
from diffcompare.ops.leaf import Input

Edge = tuple[int, int]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class LinearisedFunction(Linearised):
    """The linearised graph of a scalar graph.

    Vertices are the inputs and the operations between them and the outputs; constants, and what has
    no slope, are left out. Equal subexpressions are one vertex, and the two edges of x*x are one.

    Attributes
    ----------
    primal : Graph
    wrt : tuple of str
    nodes : tuple of int
        The node of the primal that each vertex is.
    graph : Graph
        The primal, then the local partials: its outputs, in the order of `edges`.
    partials : dict of (int, int) to Adjoint
        By edge the partial in that graph before its guards are applied, and the guards.
    """

    primal: Graph
    wrt: tuple[str, ...]
    nodes: tuple[int, ...]
    graph: Graph
    partials: Mapping[Edge, Adjoint]

    @cached_property
    def _places(self) -> dict[Edge, int]:
        return dict(zip(self.edges, self.graph.outputs, strict=True))

    def _attributes(self, edge: Edge) -> dict[str, object]:
        return {"partial": self._places[edge], **super()._attributes(edge)}


def linearise(graph: Graph, wrt: str | Sequence[str] | None = None) -> LinearisedFunction:
    """The linearised graph of a scalar graph.

    Parameters
    ----------
    graph : Graph
    wrt : str or sequence of str, optional
        The inputs to differentiate by, all of them by default.

    Raises
    ------
    DiffcompareError
        Of kind "shape" where there are arrays, of kind "limit" where there are over 10 000 vertices.

    Examples
    --------
    >>> import diffcompare as dc
    >>> square = linearise(dc.parse("x*x"))
    >>> list(square.to_networkx().edges), square.graph.outputs
    ([('v0', 'v1')], (3,))
    """
    _need_scalars(graph)
    names = read_wrt(graph, wrt)
    work = graph.extended()
    paths = Paths(work)
    partials = _partials(graph, names, paths)
    nodes = _between(graph, names, partials)
    place = {node: vertex for vertex, node in enumerate(nodes)}
    edges = {
        (tail, head): partials[node][nodes[tail]]
        for head, node in enumerate(nodes)
        for tail in sorted(place[arg] for arg in partials[node] if arg in place)
    }
    before, after = [0] * len(nodes), [0] * len(nodes)
    for tail, head in edges:
        before[head] |= 1 << tail
        after[tail] |= 1 << head
    work.outputs = tuple([paths.apply(*partial).index for partial in edges.values()])
    inner = tuple(v for v in range(len(names), len(nodes)) if after[v])
    outputs = {place[i] for i in graph.outputs if i in place}
    return LinearisedFunction(
        tuple(graph.label(i) for i in nodes), tuple(before), tuple(after), inner,
        kept=sum(1 << v for v in inner if v in outputs),
        units=frozenset(edge for edge, partial in edges.items() if is_unit(partial)),
        primal=graph, wrt=names, nodes=nodes, graph=work, partials=edges,
    )  # fmt: skip


def is_unit(partial: Adjoint) -> bool:
    """Whether multiplying by a partial takes no multiplication: it is 1 or −1, under any guards."""
    return partial.value.literal in (1, -1)


def _need_scalars(graph: Graph) -> None:
    array = next((i for i, shape in enumerate(graph.shapes) if shape), None)
    if array is not None:
        got = "×".join(map(str, graph.shapes[array]))
        raise DiffcompareError("shape", "elimination", need="numbers on the edges",
                               got=f"{got} at {graph.label(array)}",
                               hint="expand the graph to scalars first")  # fmt: skip


def _partials(graph: Graph, wrt: Sequence[str], paths: Paths) -> list[dict[int, Adjoint]]:
    """For each node its local partials by argument; what is structurally zero is left out."""
    one = Adjoint(Variable.constant(paths.graph, 1), NONE)
    active = graph.depends_on([graph.inputs[name] for name in wrt])
    nodes = [Variable(paths.graph, i) for i in range(len(graph.ops))]
    result: list[dict[int, Adjoint]] = []
    for index, args in enumerate(graph.args):
        parts: dict[int, list[Adjoint]] = {}
        if active[index] and args:
            for arg, share in shares(nodes, index, one, active, paths):
                parts.setdefault(arg, []).append(share)
        result.append({arg: summed(part, paths, last=False) for arg, part in parts.items()})
    return result


def _between(
    graph: Graph, wrt: Sequence[str], partials: Sequence[Mapping[int, Adjoint]]
) -> tuple[int, ...]:
    """The inputs, then in order the nodes on a path from one of them to an output."""
    sources = [graph.inputs[name] for name in wrt]
    reached = [False] * len(graph.ops)
    for index in sources:
        reached[index] = True
    for index, local in enumerate(partials):
        reached[index] = reached[index] or any(reached[arg] for arg in local)
    needed = [False] * len(graph.ops)
    for index in graph.outputs:
        needed[index] = True
    for index in range(len(graph.ops) - 1, -1, -1):
        if needed[index]:
            for arg in partials[index]:
                needed[arg] = True
    inner = [
        i for i, op in enumerate(graph.ops)
        if reached[i] and needed[i] and not isinstance(op, Input)
    ]  # fmt: skip
    if len(inner) > MOST_VERTICES:
        raise DiffcompareError("limit", "elimination", need=f"at most {MOST_VERTICES:,} vertices",
                               got=f"{len(inner):,}")  # fmt: skip
    return (*sources, *inner)
