"""Graphs with arrays on their edges as programs of NumPy calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from diffcompare.graph.graph import Graph
from diffcompare.ops.leaf import Constant, Input
from diffcompare.ops.precision import precision


def array_function(graph: Graph) -> Callable[..., tuple[Any, ...]]:
    """The outputs of a graph as a function of its inputs, numbers or arrays.

    Each op's value is called straight away, and lets go of what it read last.

    Examples
    --------
    >>> import diffcompare as dc
    >>> array_function(dc.parse("sum(x*x)", shapes={"x": (2,)}))(np.array([3.0, 4.0]))
    (np.float64(25.0),)
    """
    alive = graph.live(graph.outputs)
    last = list(range(len(graph.ops)))
    for index, args in enumerate(graph.args):
        if alive[index]:
            for arg in args:
                last[arg] = index
    kept = {*graph.outputs, *graph.inputs.values()}
    numbers: dict[int, Any] = {}
    steps = []
    for index, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True)):
        if isinstance(op, Constant):
            numbers[index] = op.number
        elif alive[index] and not isinstance(op, Input):
            gone = [a for a in dict.fromkeys(args) if last[a] == index and a not in kept]
            gone = [a for a in gone if not isinstance(graph.ops[a], Constant)]
            steps.append((index, op.value, args, gone))
    places, outputs = list(graph.inputs.values()), graph.outputs
    starts: dict[Any, list[Any]] = {}  # by precision: constants must not widen what they meet

    def function(*x: Any) -> tuple[Any, ...]:
        kind = precision(x)
        if kind not in starts:
            starts[kind] = [
                kind(numbers[i]) if i in numbers else None for i in range(len(graph.ops))
            ]
        values = starts[kind].copy()
        for place, value in zip(places, x, strict=True):
            values[place] = value
        with np.errstate(all="ignore"):
            for index, value_of, args, gone in steps:
                values[index] = value_of(*[values[a] for a in args])
                for arg in gone:
                    values[arg] = None
        return tuple([values[i] for i in outputs])

    return function
