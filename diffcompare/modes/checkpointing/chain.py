"""A graph as a chain of stages: one value passes from each to the next."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.graph.graph import Graph
from diffcompare.ops.leaf import Input


@dataclass(frozen=True, eq=False)
class Stage:
    """A link of a chain.

    Attributes
    ----------
    graph : Graph
        Of one output, the next state.
    state : str
        The input that takes the state before it.
    """

    graph: Graph
    state: str


@dataclass(frozen=True, eq=False)
class Chain:
    """A graph as stages, each a function of the state before it and of the graph's other inputs.

    Attributes
    ----------
    graph : Graph
    through : str
        The input that the chain begins with.
    cuts : tuple of int
        The nodes whose values are the states: the input, then the output of each stage.
    stages : tuple of Stage
    """

    graph: Graph
    through: str
    cuts: tuple[int, ...]
    stages: tuple[Stage, ...]

    def __len__(self) -> int:
        return len(self.stages)


def chain(graph: Graph, through: str | None = None) -> Chain:
    """A graph cut at every node that all paths from an input to the output pass.

    Parameters
    ----------
    graph : Graph
        With one output.
    through : str, optional
        The input; by default the one with the most such nodes, of several the first.

    Raises
    ------
    DiffcompareError
        Of kind "shape" for several outputs, of kind "graph" where the output does not depend on
        the input.

    Examples
    --------
    >>> import diffcompare as dc
    >>> step = dc.parse("4*x*(1 - x)")
    >>> len(chain(dc.iterate(step, 5)))
    5
    """
    if len(graph.outputs) != 1:
        raise DiffcompareError("shape", "chain", need="one output", got=str(len(graph.outputs)))
    if through is not None and through not in graph.inputs:
        raise DiffcompareError("input", "chain", need=f"through as one of {', '.join(graph.inputs)}",
                               got=shorten(through))  # fmt: skip
    names = [through] if through is not None else list(graph.inputs)
    found = {name: _cuts(graph, graph.inputs[name]) for name in names}
    best = max(found, key=lambda name: len(found[name]), default="")
    if not best or not found[best]:
        raise DiffcompareError("graph", "chain", need="an output that depends on an input",
                               got=shorten(through or "a constant"))  # fmt: skip
    cuts = found[best]
    stages = tuple(_stage(graph, a, b) for a, b in pairwise(cuts))
    return Chain(graph, best, tuple(cuts), stages)


def _cuts(graph: Graph, start: int) -> list[int]:
    """The nodes on every path from `start` to the output: where all open edges end in one node."""
    (output,) = graph.outputs
    wanted, reached = graph.live([output]), graph.depends_on([start])
    inside = [a and b for a, b in zip(wanted, reached, strict=True)]
    if not inside[output]:
        return []
    users = [0] * len(graph.ops)
    for index, args in enumerate(graph.args):
        if inside[index]:
            for arg in args:
                users[arg] += 1
    cuts, crossing = [start], users[start]
    for index in range(start + 1, output + 1):
        if inside[index]:
            crossing -= sum(1 for arg in graph.args[index] if inside[arg])
            if crossing == 0:
                cuts.append(index)
            crossing += users[index]
    return cuts


def _stage(graph: Graph, before: int, after: int) -> Stage:
    """What leads from one cut to the next, the first of them as an input."""
    state = graph.ops[before]
    label = state.label if isinstance(state, Input) else _fresh(graph)
    needed, waiting = {after}, [after]
    while waiting:
        for arg in graph.args[waiting.pop()]:
            if arg != before and arg not in needed:
                needed.add(arg)
                waiting.append(arg)
    part = Graph.empty()
    place = {before: part.node(Input(label, graph.shapes[before]))}
    for index in sorted(needed):
        args = tuple([place[a] for a in graph.args[index]])
        place[index] = part.node(graph.ops[index], args)
    part.outputs = (place[after],)
    return Stage(part, label)


def _fresh(graph: Graph) -> str:
    label = "state"
    while label in graph.inputs:
        label += "_"
    return label
