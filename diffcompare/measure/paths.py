"""The chain rule path by path: a derivative as the sum over all paths of products of partials."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import networkx as nx
import numpy as np

from diffcompare.errors import DiffcompareError, grouped
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import read_output, read_point, read_wrt
from diffcompare.ops.operand import ZERO

MOST_PATHS: Final = 10_000


@dataclass(frozen=True)
class ChainPath:
    """A path from an input to an output.

    Attributes
    ----------
    nodes : tuple of str
        Labels, input first.
    partials : tuple of float
        The local partial of each edge.
    product : float
        Of the partials: what the path adds to the derivative.
    """

    nodes: tuple[str, ...]
    partials: tuple[float, ...]
    product: float


def count_paths(graph: Graph, name: str, output: int = 0) -> int:
    """How many paths lead from an input to an output, exact, without walking them.

    Examples
    --------
    >>> import diffcompare as dc
    >>> count_paths(dc.parse("(x*x)**2*(x*x)"), "x")
    4
    """
    ways = [0] * len(graph.ops)
    ways[graph.inputs[name]] = 1
    for index, args in enumerate(graph.args):
        if args:
            ways[index] = sum([ways[a] for a in args])
    return ways[graph.outputs[output]]


def chain_paths(graph: Graph, at: Mapping[str, Any], name: str, output: int = 0) -> list[ChainPath]:
    """Every path from an input to an output with its product at a point.

    Parameters
    ----------
    graph : Graph
        Of numbers.
    at : mapping
    name : str
        The input.
    output : int
        Which output, counted from 0.

    Raises
    ------
    DiffcompareError
        Of kind "limit" for more than `MOST_PATHS` paths, of kind "shape" for arrays.

    Examples
    --------
    >>> import diffcompare as dc
    >>> paths = chain_paths(dc.parse("sin(x)*x"), {"x": 0.0}, "x")
    >>> [(path.nodes, path.product) for path in paths]
    [(('v0', 'v1', 'v2'), 0.0), (('v0', 'v2'), 0.0)]
    """
    read_wrt(graph, name)
    if any(graph.shapes):
        raise DiffcompareError("shape", "paths", need="a graph of numbers", got="one of arrays",
                               hint="expand it first")  # fmt: skip
    read_output(graph, output, "chain_paths")
    total = count_paths(graph, name, output)
    if total > MOST_PATHS:
        raise DiffcompareError("limit", "paths", need=f"at most {MOST_PATHS:,} of them",
                               got=grouped(total))  # fmt: skip
    if not total:
        return []
    values = graph.evaluate(read_point(graph, at))
    slopes = _slopes(graph, values)
    source, target = graph.label(graph.inputs[name]), graph.label(graph.outputs[output])
    if source == target:
        return [ChainPath((source,), (), 1.0)]
    found = []
    for edges in nx.all_simple_edge_paths(graph, source, target):
        partials = tuple(slopes[tail, head, slot] for tail, head, slot in edges)
        nodes = (source, *(head for _, head, _ in edges))
        found.append(ChainPath(nodes, partials, math.prod(partials)))
    return found


def _slopes(graph: Graph, values: list[Any]) -> dict[tuple[str, str, int], float]:
    """The local partial of every edge."""
    slopes = {}
    with np.errstate(all="ignore"):
        for index, args in enumerate(graph.args):
            x = [values[a] for a in args]
            for slot, arg in enumerate(args):
                slope = graph.ops[index].partial(slot, values[index], x)
                edge = (graph.label(arg), graph.label(index), slot)
                slopes[edge] = 0.0 if slope is ZERO else float(slope)
    return slopes
