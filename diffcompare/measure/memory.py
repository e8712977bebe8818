"""Memory: the peak bytes that each mode needs at a point, predicted from shapes and last uses.

The model is a sequential walk, exact for it:

* a number takes 8 bytes, 4 in single precision (twice that in the complex step), an index as many; a
  node's value is an array of its own: no views, no work in place; what an op takes while it works is
  told apart, see `run.reuse.scratch`;
* what the caller holds, the point and the seeds, is there throughout; constants belong to the
  program and take nothing;
* a node's value is there from its turn until its last use, an output until the end;
* rows or columns of the Jacobian that earlier passes gave are kept.

Forward mode computes each value together with its tangent, and both go after their last use: nothing
is stored, and each pass is such a walk. Reverse mode walks its graph as it stands, values, then what
all passes share, then adjoints: what the adjoints need is stored until they have used it, and where
there are several passes, to the end.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import singledispatch
from typing import Final

from diffcompare.graph.graph import Graph
from diffcompare.modes.derivative import Derivative
from diffcompare.modes.differences import Differences
from diffcompare.modes.forward import Forward
from diffcompare.modes.reverse import Reverse
from diffcompare.ops.op import Shape

DOUBLE: Final = 8
"""Bytes of a number, unless told otherwise."""


def peak(
    graph: Graph,
    order: Sequence[int] | None = None,
    stored: Iterable[int] = (),
    each: int = DOUBLE,
) -> int:
    """Peak bytes of one evaluation of a graph.

    Parameters
    ----------
    graph : Graph
    order : sequence of int, optional
        The nodes to evaluate, a topological order of all that the outputs need; by default those in
        their own order.
    stored : iterable of int
        Nodes whose values are kept to the end, as the outputs are.
    each : int
        Bytes of a number.

    Returns
    -------
    int

    Examples
    --------
    >>> import diffcompare as dc
    >>> peak(dc.parse("sin(exp(cos(x)))"))
    24
    """
    return each * _most(graph, order, stored)


def memory(derivative: Derivative, each: int = DOUBLE) -> int:
    """Peak bytes of the value and the whole Jacobian at one point, in the mode of a derivative.

    The symbolic mode evaluates f, then its Jacobian as one graph.

    Parameters
    ----------
    derivative : Derivative
    each : int
        Bytes of a number.

    Returns
    -------
    int

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.parse("sin(exp(cos(x)))")
    >>> [memory(dc.differentiate(graph, mode)) for mode in ("forward", "reverse")]
    [48, 56]
    >>> graph = dc.parse("sin(" * 100 + "x" + ")" * 100)
    >>> [memory(dc.differentiate(graph, mode)) for mode in ("forward", "reverse")]
    [48, 832]
    """
    return each * _numbers(derivative)


def _size(shapes: Iterable[Shape]) -> int:
    """Numbers in arrays of the given shapes."""
    return sum(map(math.prod, shapes))


def _most(graph: Graph, order: Sequence[int] | None = None, stored: Iterable[int] = ()) -> int:
    """The most numbers that are there at once, see `peak`."""
    if order is None:
        order = [i for i, alive in enumerate(graph.live(graph.outputs)) if alive]
    last: dict[int, int] = {}
    for turn, index in enumerate(order):
        last[index] = turn
        for arg in graph.args[index]:
            last[arg] = turn
    last.update(dict.fromkeys([*graph.outputs, *stored], len(order)))
    held = most = _size(graph.shapes[i] for i in graph.inputs.values())
    for turn, index in enumerate(order):
        args = graph.args[index]
        if not args:
            continue
        held += math.prod(graph.shapes[index])
        most = max(most, held)
        for gone in {index, *args}:
            if last[gone] == turn and graph.args[gone]:
                held -= math.prod(graph.shapes[gone])
    return most


@singledispatch
def _numbers(derivative: Derivative) -> int:
    """The most numbers that are there at once, see `memory`."""
    primal = derivative.primal
    value = _size(primal.shapes[i] for i in primal.outputs)
    return max(_most(primal), value + _most(derivative.graph))


@_numbers.register
def _(derivative: Differences) -> int:
    """Evaluations of f, each at a point with an input of its own, beside one other value of f."""
    primal, complex_step = derivative.primal, derivative.scheme == "complex"
    moved = max((_size([shape]) for shape in derivative.blocks.inputs), default=0)
    if complex_step:
        return 2 * (_most(primal) + moved) + _jacobian(derivative)
    value = _size(primal.shapes[i] for i in primal.outputs)
    return _most(primal) + moved + value + _jacobian(derivative)


@_numbers.register
def _(derivative: Forward) -> int:
    """Passes of dual numbers."""
    return _most(derivative.graph, in_pairs(derivative)) + _earlier(derivative)


@_numbers.register
def _(derivative: Reverse) -> int:
    """Passes over what the values and the shared partials left stored."""
    graph, start = derivative.graph, derivative.sweep_start
    stored: list[int] = []
    if derivative.passes > 1:
        alive = graph.live(graph.outputs)
        stored = [
            arg
            for index in range(start, len(graph.ops))
            if alive[index]
            for arg in graph.args[index]
            if arg < start
        ]
    return _most(graph, stored=stored) + _earlier(derivative)


def _jacobian(derivative: Derivative) -> int:
    """All entries."""
    return math.prod(derivative.blocks.shape)


def _earlier(derivative: Derivative) -> int:
    """The rows or columns that all passes but the last gave."""
    passes = max(derivative.passes, 1)
    return _jacobian(derivative) // passes * (passes - 1)


def in_pairs(derivative: Forward) -> list[int]:
    """Each node, then what its tangent needs besides, then the tangent; what no output needs not."""
    graph = derivative.graph
    alive = graph.live(graph.outputs)
    order: list[int] = []
    done = [False] * len(graph.ops)
    for index, role in enumerate(derivative.roles):
        for target in (index,) if role.node is None else (index, role.node):
            found, waiting = [], [target]
            while waiting:
                node = waiting.pop()
                if not done[node]:
                    done[node] = True
                    found.append(node)
                    waiting += graph.args[node]
            order += [i for i in sorted(found) if alive[i]]
    return [*order, *(i for i, wanted in enumerate(alive) if wanted and not done[i])]
