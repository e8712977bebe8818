"""Operations of a formula written out as a tree, every use computed again."""

from __future__ import annotations

from diffcompare.graph.graph import Graph
from diffcompare.ops.cost import FREE, Cost


def uses(graph: Graph) -> list[int]:
    """How often each node stands in the outputs written out: exact, however often."""
    times = [0] * len(graph.ops)
    for index in graph.outputs:
        times[index] += 1
    for index in range(len(graph.ops) - 1, -1, -1):
        if times[index]:
            for arg in graph.args[index]:
                times[arg] += times[index]
    return times


def tree_count(graph: Graph) -> Cost:
    """Operations of the outputs as trees.

    Those on constants alone are done once and not counted, as in `count`.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.parse("(x + 1)*(x + 1)")
    >>> dc.count(graph).total, tree_count(graph).total
    (2, 3)
    """
    varying = graph.depends_on(graph.inputs.values())
    total = FREE
    for index, times in enumerate(uses(graph)):
        if times and varying[index] and graph.args[index]:
            shapes = [graph.shapes[a] for a in graph.args[index]]
            total = total + graph.ops[index].cost(shapes) * times
    return total
