"""A sweep as two programs: what all passes share, and one pass."""

from __future__ import annotations

from typing import Final

from diffcompare.graph.graph import Graph
from diffcompare.modes.derivative import Sweep
from diffcompare.ops.leaf import Input

VALUE: Final = "·"
"""Marks an input that the program before gives; no name in a formula begins so."""


def split(sweep: Sweep) -> tuple[Graph, Graph]:
    """What all passes of a sweep share, f included, and one pass as a program of its own.

    The inputs of the pass are the values it reads, then its seeds; the first program's outputs are
    those of f, then those values, in the same order.

    Examples
    --------
    >>> import diffcompare as dc
    >>> split(dc.differentiate(dc.parse("sin(x)*y"), "reverse"))
    (Graph(x, y; 3 operations, 4 outputs), Graph(·0, ·1, ·2, y_bar; 3 operations, 2 outputs))
    """
    graph, start = sweep.graph, sweep.sweep_start
    alive = graph.live(sweep.swept)
    order = [i for i in range(start, len(graph.ops)) if alive[i]]
    read = dict.fromkeys([a for i in order for a in graph.args[i]] + list(sweep.swept))
    before = [i for i in read if i < start]
    values = [i for i in before if graph.args[i] or isinstance(graph.ops[i], Input)]
    one_pass = Graph.empty()
    place: dict[int, int] = {}
    for number, index in enumerate(values):
        place[index] = one_pass.node(Input(f"{VALUE}{number}", graph.shapes[index]))
    seeds = [graph.inputs[seed] for seed in sweep.seeds]
    for index in dict.fromkeys([*seeds, *before, *order]):
        if index not in place:
            args = tuple([place[a] for a in graph.args[index]])
            place[index] = one_pass.node(graph.ops[index], args)
    one_pass.outputs = tuple([place[i] for i in sweep.swept])
    prefix = [*sweep.primal.outputs, *values]
    needed = graph.live(prefix)
    kept = [i for i in range(start) if needed[i]]
    return graph.rearranged(prefix, kept, sweep.primal.inputs)[0], one_pass
