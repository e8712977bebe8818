"""Linearised graphs as plain text: a list of edges, and of the vertices to eliminate.

The first line is ``N E M``: vertices (numbered from 0), edges, vertices to eliminate. E lines
``a b`` follow, an edge from a to b, b depending on a; then M lines ``v o`` in forward order: v is to
be eliminated, and o = 1 where it is also an output. The other vertices are inputs and outputs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Final, NoReturn

import networkx as nx

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError, Where, shorten
from diffcompare.modes.elimination.linearised import MOST_VERTICES, Linearised
from diffcompare.parse.toml import load

_LONGEST_CYCLE: Final = 8
_NUMBER: Final = re.compile(r"[0-9]{1,9}")


def read_edge_list(
    path: str | os.PathLike[str],
    budget: Budget = Budget(text=4_000_000),  # noqa: B008  a frozen value
) -> Linearised:
    """The linearised graph in an edge-list file.

    Raises
    ------
    DiffcompareError
        Of kind "input" where the file cannot be read, "limit" where it is too large, "format" where
        it is not of the form above, "graph" where its edges have a cycle.
    """
    return parse(load(path, budget, "an edge list").text)


def parse(text: str) -> Linearised:
    """The linearised graph of an edge list.

    Examples
    --------
    >>> parse("4 3 2  0 1  1 2  2 3  1 0  2 0".replace("  ", "\\n"))
    Linearised(4 vertices, 3 edges, 2 to eliminate)
    """
    return _Reader(text).graph()


def text(graph: Linearised) -> str:
    """The edge list of a linearised graph, its vertices by number; `parse` reads it back.

    Examples
    --------
    >>> print(text(parse("3 2 1  0 1  1 2  1 0".replace("  ", "\\n"))), end="")
    3 2 1
    0 1
    1 2
    1 0
    """
    edges = [f"{tail} {head}" for tail, head in graph.edges]
    inner = [f"{v} {graph.kept >> v & 1}" for v in graph.inner]
    first = f"{len(graph.labels)} {len(edges)} {len(inner)}"
    return "\n".join([first, *edges, *inner, ""])


class _Reader:
    """The lines of an edge list, blank ones skipped, and refusals that show the line."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._rows = [
            (number, row) for number, row in enumerate(text.splitlines(), 1) if row.strip()
        ]
        self._next = 0

    def graph(self) -> Linearised:
        vertices, edges, inner = self._row("a first line N E M", 3)
        if not vertices or not edges:
            self.refuse("a vertex and an edge, or more", f"{vertices} vertices and {edges} edges")
        if vertices > MOST_VERTICES:
            raise DiffcompareError("limit", "an edge list", need=f"at most {MOST_VERTICES:,} vertices",
                                   got=f"{vertices:,}")  # fmt: skip
        if inner > vertices:
            self.refuse("no more vertices to eliminate than there are", f"{inner} of {vertices}")
        if len(self._rows) != 1 + edges + inner:
            last = self._rows[-1][0]
            raise self._error(f"{1 + edges + inner:,} lines, as its first line says",
                              f"{len(self._rows):,}", last)  # fmt: skip
        before, after = [0] * vertices, [0] * vertices
        for tail, head in self._edges(edges, vertices):
            before[head] |= 1 << tail
            after[tail] |= 1 << head
        order = self._inner(inner, vertices)
        labels = tuple(range(vertices))
        graph = Linearised(labels, tuple(before), tuple(after), tuple(order),
                           sum(1 << v for v, kept in order.items() if kept))  # fmt: skip
        _check(graph)
        return graph

    def _edges(self, count: int, vertices: int) -> Iterator[tuple[int, int]]:
        seen = set()
        for _ in range(count):
            tail, head = edge = self._row("an edge a b", 2)
            if max(edge) >= vertices:
                self.refuse(f"vertices from 0 to {vertices - 1}", str(max(edge)))
            if edge in seen:
                self.refuse("each edge once", f"{tail} {head} again")
            seen.add(edge)
            yield tail, head

    def _inner(self, count: int, vertices: int) -> dict[int, int]:
        order: dict[int, int] = {}
        for _ in range(count):
            vertex, kept = self._row("a vertex to eliminate v o", 2)
            if vertex >= vertices:
                self.refuse(f"vertices from 0 to {vertices - 1}", str(vertex))
            if kept > 1:
                self.refuse("o = 1 for an output, else 0", str(kept))
            if vertex in order:
                self.refuse("each vertex to eliminate once", f"{vertex} again")
            order[vertex] = kept
        return order

    def _row(self, need: str, count: int) -> tuple[int, ...]:
        """The numbers of the next line."""
        if self._next == len(self._rows):
            raise DiffcompareError("format", "an edge list", need=need, got="the end of the text")
        self._next += 1
        words = self._rows[self._next - 1][1].split(maxsplit=count)
        if len(words) != count or not all(map(_NUMBER.fullmatch, words)):
            self.refuse(f"{need}, whole numbers", shorten(self._rows[self._next - 1][1].strip()))
        return tuple([int(word) for word in words])

    def refuse(self, need: str, got: str) -> NoReturn:
        """Raise an error with the line last read."""
        raise self._error(need, got, self._rows[self._next - 1][0])

    def _error(self, need: str, got: str, line: int) -> DiffcompareError:
        row = self.text.splitlines()[line - 1].rstrip()
        where = Where(self.text, line, len(row) - len(row.lstrip()), len(row))
        return DiffcompareError("format", "an edge list", need=need, got=got, where=where)


def _check(graph: Linearised) -> None:
    """Refuse a cycle, and a vertex between others that is not to be eliminated."""
    whole = graph.to_networkx()
    if not nx.is_directed_acyclic_graph(whole):
        cycle = [tail for tail, _ in nx.find_cycle(whole)]
        names = [str(v) for v in [*cycle, cycle[0]]]
        if len(names) > _LONGEST_CYCLE:
            names = [*names[: _LONGEST_CYCLE - 2], "…", names[-1]]
        raise DiffcompareError("graph", "an edge list", need="edges without a cycle",
                               got=" → ".join(names))  # fmt: skip
    for v, (before, after) in enumerate(zip(graph.predecessors, graph.successors, strict=True)):
        if before and after and not graph.inner_set >> v & 1:
            raise DiffcompareError("graph", "an edge list",
                                   need="every vertex between others among those to eliminate",
                                   got=f"{v} left out")  # fmt: skip
