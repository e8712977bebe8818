"""Outputs of a graph of numbers that are one function of different inputs, such as rows of a stencil."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from diffcompare.graph.graph import Graph
from diffcompare.ops.leaf import Input
from diffcompare.ops.op import Op

_AGAIN: Final = 4
"""How often a node may be computed, on average, for each output that needs it by itself."""
_MOST: Final = 32
"""Functions; with more of them outputs are not alike."""
_STEPS: Final = 1000
"""Nodes of a function; a larger one is better computed piece by piece."""


@dataclass(frozen=True, eq=False)
class Alike:
    """Outputs that are one function.

    Attributes
    ----------
    graph : Graph
        The function, as the first of them computes it.
    outputs : ndarray of int, (m,)
        Their places among the outputs.
    inputs : ndarray of int, (k, m)
        For each input of the function, which input of the whole graph each of them takes.
    """

    graph: Graph
    outputs: np.ndarray
    inputs: np.ndarray


def alike(graph: Graph) -> list[Alike] | None:
    """The outputs by the functions that they are; None where those are large, many, or share work.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.parse("x0*sin(x1), x1*sin(x2), x2*sin(x0), exp(x0)")
    >>> [(part.outputs.tolist(), part.inputs.tolist()) for part in alike(graph)]
    [([0, 1, 2], [[0, 1, 2], [1, 2, 0]]), ([3], [[0]])]
    """
    places = {index: place for place, index in enumerate(graph.inputs.values())}
    codes = _codes(graph)
    room = _AGAIN * len(graph.ops)
    found: dict[tuple[tuple[int, ...], ...], list[tuple[int, list[int]]]] = {}
    for place, output in enumerate(graph.outputs):
        steps, read = _cone(graph, codes, output)
        room -= len(steps)
        found.setdefault(steps, []).append((place, read))
        if room < 0 or len(found) > _MOST or len(steps) > _STEPS:
            return None
    labels = list(graph.inputs)
    kinds = []
    for members in found.values():
        rows = np.array([place for place, _ in members])
        inputs = np.array([[places[index] for index in read] for _, read in members], dtype=int)
        names = [labels[place] for place in inputs[0]]
        kinds.append(Alike(graph.part([graph.outputs[rows[0]]], names), rows, inputs.T))
    return kinds


def _codes(graph: Graph) -> list[int]:
    """Of each node what it does; all inputs are one."""
    known: dict[Op | None, int] = {None: 0}
    return [known.setdefault(None if isinstance(op, Input) else op, len(known)) for op in graph.ops]


def _cone(
    graph: Graph, codes: list[int], output: int
) -> tuple[tuple[tuple[int, ...], ...], list[int]]:
    """What an output needs, in an order that its form alone decides, and the inputs it reads.

    What is too large is left unfinished.
    """
    local: dict[int, int] = {}
    steps: list[tuple[int, ...]] = []
    read: list[int] = []
    todo = [output]
    while todo and len(steps) <= _STEPS:
        node = todo[-1]
        args = graph.args[node]
        missing = [arg for arg in args if arg not in local]
        if missing:
            todo += reversed(missing)
            continue
        todo.pop()
        if node not in local:
            local[node] = len(steps)
            steps.append((codes[node], *[local[arg] for arg in args]))
            if not codes[node]:
                read.append(node)
    return tuple(steps), read
