"""Memory of programs: where a step may write its result, and what it takes while it works."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from typing import Any, Final

import numpy as np

from diffcompare.graph.graph import Graph
from diffcompare.graph.walks import Args

Kernel = Callable[..., Any]
_MOST: Final = (1 << 25) - (1 << 16)
"""Bytes that glibc is willing to keep."""


def overwritable(
    args: Sequence[Args], alive: Sequence[bool], own: Collection[int], kept: Iterable[int]
) -> list[list[int]]:
    """For each node, the slots of the arguments whose memory nothing reads after it.

    Parameters
    ----------
    args : sequence of tuple of int
        What each node reads.
    alive : sequence of bool
        Which nodes there are.
    own : collection of int
        Those whose results are arrays of their own; others may be views of their arguments.
    kept : iterable of int
        Those whose results are not to change: inputs, outputs.

    Examples
    --------
    >>> overwritable([(), (0,), (1,), (1, 2)], [True] * 4, own={1, 2, 3}, kept=[0, 3])
    [[], [], [], [0, 1]]
    """
    memory = list(range(len(args)))  # a node of the same memory, before it; itself if there is none

    def first(index: int) -> int:
        while memory[index] != index:
            memory[index] = index = memory[memory[index]]
        return index

    for index, read in enumerate(args):
        if alive[index] and index not in own:
            for arg in read:
                one, other = first(arg), first(memory[index])
                memory[max(one, other)] = min(one, other)
    last: list[float] = [0.0] * len(args)
    for index, read in enumerate(args):
        if alive[index]:
            for arg in read:
                last[first(arg)] = index
    for index in (*kept, *(k for k, read in enumerate(args) if not read)):
        last[first(index)] = math.inf
    return [
        [slot for slot, arg in enumerate(read) if last[first(arg)] == index]
        for index, read in enumerate(args)
    ]


def over(kernel: Kernel, slots: Iterable[int], x: Sequence[Any], y: Any) -> Kernel:
    """A ufunc that writes over one of the arguments in those slots, if y fits there.

    Examples
    --------
    >>> a, b = np.ones(2), np.ones(2)
    >>> over(np.add, [1], [a, b], a + b)(a, b) is b
    True
    """
    if isinstance(y, np.ndarray):  # and no number
        for slot in slots:
            old = x[slot]
            if (old.dtype, old.shape) == (y.dtype, y.shape) and old.flags.writeable:
                return _over(kernel, slot, len(x))
    return kernel


def _over(kernel: Kernel, slot: int, count: int) -> Kernel:
    if count == 1:
        return lambda a: kernel(a, a)
    if count == 2:  # faster than any number of arguments
        return (lambda a, b: kernel(a, b, b)) if slot else (lambda a, b: kernel(a, b, a))
    return lambda *x: kernel(*x, x[slot])


def scratch(graph: Graph, itemsize: int = 8) -> int:
    """Bytes that one op of the outputs takes at most while it works, beside the values.

    Ops work one at a time, each in all threads; see `Op.scratch`.

    Parameters
    ----------
    graph : Graph
    itemsize : int
        Bytes of a number.

    Examples
    --------
    >>> import diffcompare as dc
    >>> scratch(dc.parse("sin(x)"))
    0
    >>> graph = dc.parse("conv2d(x, w)", shapes={"x": (8, 16, 64, 64), "w": (32, 16, 3, 3)})
    >>> 0 < scratch(graph) < 20_000_000
    True
    """
    shapes, nodes = graph.shapes, zip(graph.ops, graph.args, graph.live(graph.outputs), strict=True)
    return max(
        (
            op.scratch([shapes[a] for a in args], itemsize)
            for op, args, alive in nodes
            if alive and args
        ),
        default=0,
    )


@cache
def keep_memory() -> None:
    """Has freed arrays of up to 32 MB stay with the process, and not fetched anew in every call.

    glibc returns what is more than twice the largest block that was ever mapped and freed; an
    array of which no byte is touched is enough. It costs nothing there or elsewhere.
    """
    np.empty(_MOST, dtype=np.uint8)
