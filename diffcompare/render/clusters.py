"""What a drawing shows: layers as boxes, or opened, their operations in a cluster each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError, shorten
from diffcompare.graph.expand import LEVELS, Expansion, entry_labels, expansion
from diffcompare.graph.graph import Graph
from diffcompare.ops.leaf import Input
from diffcompare.ops.operand import ZERO, Value
from diffcompare.render.folding import Collapse, folded, helpers

_BLANK: Final = "□"
_DRAWABLE: Final = Budget(nodes=20_000)


@dataclass(frozen=True, eq=False)
class View:
    """A graph as it is drawn.

    Attributes
    ----------
    source : Graph
        What is looked at.
    held : dict of int to int
        For each of its boxes that holds a second node, that node.
    shown : Expansion
        What stands there: the source's own nodes, or those it is opened to.
    drawn : list of bool
        For each node of `shown` whether it has a box of its own.
    inside : dict of int to int
        As `held`, in `shown`.
    clusters : dict of int to list of int
        For each opened node of the source those of `shown` in its cluster.
    """

    source: Graph
    held: dict[int, int]
    shown: Expansion
    drawn: list[bool]
    inside: dict[int, int]
    clusters: dict[int, list[int]]

    @property
    def graph(self) -> Graph:
        """What stands there."""
        return self.shown.graph

    def called(self, index: int, names: Mapping[int, str]) -> str:
        """What a node of the source is called: an input's or a variable's name, else that of the
        one node it is now, by default its label, else a blank.
        """
        op, image = self.source.ops[index], self.shown.images[index]
        if isinstance(op, Input):
            return op.label
        if index in self.source.names or len(image) != 1 or image[0] is None:
            return self.source.names.get(index, _BLANK)
        return names.get(image[0], self.graph.label(image[0]))

    def inputs(self, given: Mapping[str, Value]) -> dict[str, Value]:
        """Values of the source's inputs as the inputs of `shown`."""
        found: dict[str, Value] = {}
        for label, index in self.source.inputs.items():
            value, shape = given[label], self.source.shapes[index]
            if label in self.graph.inputs:
                found[label] = value
                continue
            entries = [ZERO] * math.prod(shape) if value is ZERO else np.ravel(value)
            found.update(zip(entry_labels(label, shape), entries, strict=True))
        return found

    def outputs(self, number: int) -> range:
        """The numbers of the outputs of `shown` that an output of the source became."""
        sizes = [len(self.shown.images[index]) for index in self.source.outputs]
        start = sum(sizes[:number])
        return range(start, start + sizes[number])


def view(
    graph: Graph, depth: int = 0, collapse: Collapse = (), roots: Sequence[int] | None = None
) -> View:
    """A graph with its layers folded or opened.

    Parameters
    ----------
    graph : Graph
    depth : {0, 1, 2}
        Layers folded, opened to array operations, or all opened to operations on numbers.
    collapse : str, iterable of str or callable
        What stays folded, see `to_dot`.
    roots : sequence of int, optional
        Show what these need; by default everything.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.parse("dense(x, w)", shapes={"x": (1, 2), "w": (1, 2)})
    >>> found = view(graph, depth=1)
    >>> {owner: [found.shown.graph.ops[i].name for i in held] for owner, held in found.clusters.items()}
    {2: ['transpose', 'matmul']}
    """
    if type(depth) is not int or depth not in range(len(LEVELS) + 1):
        raise DiffcompareError("input", "to_dot", need="a depth 0, 1 or 2", got=shorten(depth))
    count, ends = len(graph.ops), list(graph.outputs if roots is None else roots)
    needed = [True] * count if roots is None else graph.live(ends)
    held = helpers(graph, needed, ends)
    home = list(range(count))
    for user, helper in held.items():
        home[helper] = user
    boxes = [index for index in range(count) if needed[index] and home[index] == index]
    closed = folded(graph, boxes, held, collapse)
    if depth:
        shown = _opened(graph, depth, closed, ends)
    else:
        shown = Expansion(graph, list(range(count)), [(i,) for i in range(count)])
        closed = [True] * count
    ends = [node for end in ends for node in shown.images[end] if node is not None]
    drawn = [True] * len(shown.graph.ops) if roots is None else shown.graph.live(ends)
    inside = {
        user: helper
        for user, helper in helpers(shown.graph, drawn, ends).items()
        if closed[shown.origins[user]]
    }
    for helper in inside.values():
        drawn[helper] = False
    opened = [here and not closed[i] for here, i in zip(drawn, shown.origins, strict=True)]
    clusters = _clusters(graph, shown, home, opened)
    return View(graph, held, shown, drawn, inside, clusters)


def _opened(graph: Graph, depth: int, closed: Sequence[bool], ends: Sequence[int]) -> Expansion:
    """The expansion of what is not closed; an input is opened where all of its users are."""
    opened = [not shut for shut in closed]
    for index, args in enumerate(graph.args):
        if not opened[index]:
            for arg in args:
                opened[arg] = opened[arg] and bool(graph.args[arg])
    try:
        return expansion(graph, LEVELS[depth - 1], opened, keep=ends, budget=_DRAWABLE)
    except DiffcompareError as error:
        raise DiffcompareError(error.kind, "to_dot", need=error.need, got=error.got,
                               hint="take a smaller depth, or collapse some layers") from None  # fmt: skip


def _clusters(
    graph: Graph, shown: Expansion, home: Sequence[int], opened: Sequence[bool]
) -> dict[int, list[int]]:
    """What each node became, where that is more than a node like itself."""
    found: dict[int, list[int]] = {}
    for node, origin in enumerate(shown.origins):
        if opened[node]:
            found.setdefault(home[origin], []).append(node)
    return {
        owner: found[owner]
        for owner in sorted(found)
        if len(found[owner]) > 1 or shown.graph.ops[found[owner][0]] != graph.ops[owner]
    }
