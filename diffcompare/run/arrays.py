"""Graphs with arrays on their edges as programs of NumPy calls."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter, methodcaller
from typing import Any, Final

import numpy as np

from diffcompare.graph.graph import Graph
from diffcompare.graph.walks import Args, Walks
from diffcompare.ops.leaf import Constant, Input
from diffcompare.ops.moves import Broadcast
from diffcompare.ops.op import Op
from diffcompare.ops.precision import precision

Kernel = Callable[..., Any]

KERNELS: Final[dict[str, Callable[[Any], Kernel]]] = {
    "slice": lambda op: itemgetter(op.where),
    "reshape": lambda op: methodcaller("reshape", op.to) if op.to else op.value,
    "transpose": lambda op: methodcaller("transpose", op.axes),
    "matmul": lambda op: np.matmul,
}
"""By op, a call that does what its value does, with what it takes made ready."""


def array_function(graph: Graph) -> Callable[..., tuple[Any, ...]]:
    """The outputs of a graph as a function of its inputs, numbers or arrays.

    Each op's value is called straight away, and lets go of what it read last. Broadcasts that
    NumPy's own arithmetic makes anyway are left to it.

    Examples
    --------
    >>> import diffcompare as dc
    >>> array_function(dc.parse("sum(x*x)", shapes={"x": (2,)}))(np.array([3.0, 4.0]))
    (np.float64(25.0),)
    """
    reads = _Reads(graph)
    alive = reads.live(graph.outputs)
    last = list(range(len(graph.ops)))
    for index, args in enumerate(reads.args):
        if alive[index]:
            for arg in args:
                last[arg] = index
    kept = {*graph.outputs, *graph.inputs.values()}
    numbers: dict[int, Any] = {}
    steps = []
    for index, (op, args) in enumerate(zip(graph.ops, reads.args, strict=True)):
        if isinstance(op, Constant):
            numbers[index] = op.number
        elif alive[index] and not isinstance(op, Input):
            gone = [a for a in dict.fromkeys(args) if last[a] == index and a not in kept]
            gone = [a for a in gone if not isinstance(graph.ops[a], Constant)]
            steps.append((index, _kernel(op, len(args)), args, gone))
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
            values[place] = value if hasattr(value, "reshape") else np.asarray(value, kind)[()]
        with np.errstate(all="ignore"):
            for index, kernel, args, gone in steps:
                if len(args) == 2:  # unpacked: faster than a list of any length
                    values[index] = kernel(values[args[0]], values[args[1]])
                elif len(args) == 1:
                    values[index] = kernel(values[args[0]])
                else:
                    values[index] = kernel(*[values[a] for a in args])
                for arg in gone:
                    values[arg] = None
        return tuple([values[i] for i in outputs])

    return function


class _Reads(Walks):
    """What each node reads: of a broadcast beside an array of the full shape, what is broadcast."""

    def __init__(self, graph: Graph) -> None:
        self.args: list[Args] = [
            self._through(graph, args) if op.elementwise and op.kind != "select" else args
            for op, args in zip(graph.ops, graph.args, strict=True)
        ]

    @staticmethod
    def _through(graph: Graph, args: Args) -> Args:
        spread = [isinstance(graph.ops[arg], Broadcast) for arg in args]
        if all(spread) or not any(spread):
            return args
        found = list(args)
        for slot in range(len(args)):
            while isinstance(graph.ops[found[slot]], Broadcast):
                (found[slot],) = graph.args[found[slot]]
        return tuple(found)


def _kernel(op: Op, count: int) -> Kernel:
    ufunc = getattr(op, "ufunc", None)
    if isinstance(ufunc, np.ufunc) and ufunc.nin == count:
        return ufunc
    return KERNELS[op.name](op) if op.name in KERNELS else op.value
