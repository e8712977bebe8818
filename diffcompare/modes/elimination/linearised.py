"""The linearised graph: what depends on what, a local partial derivative on each edge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import networkx as nx

from diffcompare.errors import DiffcompareError, shorten

Label = int | str
MOST_VERTICES = 10_000
"""Vertices a linearised graph may have: its neighbour sets are bits of one integer each."""


@dataclass(frozen=True, eq=False)
class Linearised:
    """A directed acyclic graph, some vertices of which are to be eliminated.

    Eliminating a vertex joins each of its predecessors to each of its successors. A set of vertices
    is an integer with a bit for each.

    Attributes
    ----------
    labels : tuple of int or str
        The name of each vertex.
    predecessors, successors : tuple of int
        For each vertex the set of its neighbours.
    inner : tuple of int
        The vertices to eliminate, in topological order.
    kept : int
        Those of `inner` that are outputs too: their incoming edges stay.
    units : frozenset of (int, int)
        The edges whose partial is 1 or −1 at every point.

    Examples
    --------
    >>> import diffcompare as dc
    >>> from diffcompare.modes.elimination.linearise import linearise
    >>> linearise(dc.parse("sin(x*y)"))
    Linearised(4 vertices, 3 edges, 1 to eliminate)
    """

    labels: tuple[Label, ...]
    predecessors: tuple[int, ...]
    successors: tuple[int, ...]
    inner: tuple[int, ...]
    kept: int = 0
    units: frozenset[tuple[int, int]] = frozenset()

    @cached_property
    def inner_set(self) -> int:
        """`inner` as a set."""
        return sum(1 << v for v in self.inner)

    @property
    def edges(self) -> Iterator[tuple[int, int]]:
        """The edges, by head and then by tail."""
        for head, tails in enumerate(self.predecessors):
            for tail in bits(tails):
                yield tail, head

    def role(self, vertex: int) -> str:
        """ "input", "inner", "output", or "inner output" for one that is kept."""
        if self.inner_set >> vertex & 1:
            return "inner output" if self.kept >> vertex & 1 else "inner"
        return "output" if self.predecessors[vertex] else "input"

    def to_networkx(self) -> nx.DiGraph:
        """The graph for networkx: ``role`` on each vertex, ``unit`` on each edge.

        Of a function an edge has also ``partial``, the index of its node in the `graph` of partials.
        """
        result = nx.DiGraph()
        for vertex, label in enumerate(self.labels):
            result.add_node(label, role=self.role(vertex))
        for edge in self.edges:
            tail, head = edge
            result.add_edge(self.labels[tail], self.labels[head], **self._attributes(edge))
        return result

    def _attributes(self, edge: tuple[int, int]) -> dict[str, object]:
        return {"unit": edge in self.units}

    def check_order(self, order: Iterable[Label]) -> tuple[int, ...]:
        """The vertices of an order given by their labels; refuses what is no permutation."""
        if not isinstance(order, Iterable):
            raise DiffcompareError("type", "an elimination order",
                                   need="a name or a sequence of vertices", got=shorten(order))  # fmt: skip
        place = {self.labels[v]: v for v in self.inner}
        found: dict[int, None] = {}
        for label in order:
            named = isinstance(label, (int, str)) and not isinstance(label, bool)
            vertex = place.get(label) if named else None
            if vertex is None:
                what = "an input or output" if named and label in self.labels else "no vertex"
                raise _misfit("only vertices to eliminate", f"{shorten(label)}, {what}")
            if vertex in found:
                raise _misfit("each vertex once", f"{shorten(label)} twice")
            found[vertex] = None
        missing = [self.labels[v] for v in self.inner if v not in found]
        if missing:
            more = f" and {len(missing) - 1:,} more" if len(missing) > 1 else ""
            raise _misfit(f"all {len(self.inner):,} vertices to eliminate",
                          f"none for {shorten(missing[0])}{more}")  # fmt: skip
        return tuple(found)

    def __repr__(self) -> str:
        edges = sum(tails.bit_count() for tails in self.predecessors)
        return (
            f"Linearised({len(self.labels):,} vertices, {edges:,} edges, "
            f"{len(self.inner):,} to eliminate)"
        )


def _misfit(need: str, got: str) -> DiffcompareError:
    return DiffcompareError("graph", "an elimination order", need=need, got=got)


def bits(members: int) -> Iterator[int]:
    """The members of a set, smallest first.

    Examples
    --------
    >>> list(bits(0b1101))
    [0, 2, 3]
    """
    while members:
        lowest = members & -members
        yield lowest.bit_length() - 1
        members ^= lowest
