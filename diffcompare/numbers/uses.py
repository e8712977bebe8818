"""Where values are used last, so that a walk lets them go."""

from __future__ import annotations

from collections.abc import Sequence

from diffcompare.graph.graph import Graph


def last_uses(graph: Graph, kept: Sequence[int]) -> list[int]:
    """The node that uses each node last, of those that the kept ones depend on.

    It is -1 for a node that they do not depend on, and of the kept ones it is none: past the end.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.parse("sin(x)*x")
    >>> last_uses(graph, graph.outputs)
    [2, 2, 3]
    """
    last = [-1] * len(graph.ops)
    for index in kept:
        last[index] = len(last)
    for index in range(len(last) - 1, -1, -1):
        if last[index] >= 0:
            for arg in graph.args[index]:
                if last[arg] < 0:
                    last[arg] = index
    return last
