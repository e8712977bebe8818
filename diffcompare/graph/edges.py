"""Where a point sits on a kink, a jump, a singular or an undefined value, by node."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from diffcompare.graph.graph import Graph
from diffcompare.ops.op import Op
from diffcompare.ops.operand import ZERO, Value

SEVERITY = ("kink", "jump", "singular", "undefined")


class Flag(NamedTuple):
    """An edge of the function at a point: the node's label and index, its op, and the kind."""

    label: str
    node: int
    op: str
    kind: str


def flags(graph: Graph, values: Sequence[Value]) -> list[Flag]:
    """The edges that a point sits on, in node order; branches not taken do not count.

    Parameters
    ----------
    graph : Graph
    values : sequence of float
        Of every node, from `graph.evaluate`.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.parse("relu(x) + 1")
    >>> flags(graph, graph.evaluate({"x": 0.0}))
    [Flag(label='v1', node=2, op='relu', kind='kink')]
    """
    found: dict[int, str] = {}
    taken = [False] * len(graph.ops)
    for output in graph.outputs:
        taken[output] = True
    with np.errstate(all="ignore"):
        for index in range(len(graph.ops) - 1, -1, -1):
            args = graph.args[index]
            if not taken[index]:
                continue
            if not args:
                if kind := _kind_of_leaf(values[index]):
                    found[index] = kind
                continue
            op, y, x = graph.ops[index], values[index], [values[a] for a in args]
            arrays = any(graph.shapes[a] for a in (index, *args))
            for arg, chosen in zip(
                args, [True] * len(args) if arrays else op.selects(y, x), strict=True
            ):
                taken[arg] = taken[arg] or chosen
            kind = _kind_of_arrays(op, y, x) if arrays else _kind(op, y, x)
            if kind:
                found[index] = kind
        _settle_seams(graph, values, found)
        _settle_cusps(graph, values, found)
    return [Flag(graph.label(i), i, graph.ops[i].name, found[i]) for i in sorted(found)]


def worst(found: Sequence[Flag]) -> str | None:
    """The gravest kind among flags, or None."""
    return max((flag.kind for flag in found), key=SEVERITY.index, default=None)


def _kind_of_leaf(y: Value) -> str | None:
    """Of an input, or a constant, that is not finite: nan and inf are born there."""
    return "undefined" if np.isnan(y).any() else "singular" if np.isinf(y).any() else None


def _kind(op: Op, y: Value, x: Sequence[Value]) -> str | None:
    if np.isnan(y) and not any(np.isnan(x)):
        return "undefined"
    if np.isinf(y) and all(np.isfinite(x)):
        return "singular"
    return op.edge(*x) if op.edge and all(np.isfinite(x)) else None


def _kind_of_arrays(op: Op, y: Value, x: Sequence[Value]) -> str | None:
    """The gravest edge among the entries."""
    finite = all(np.isfinite(arg).all() for arg in x)
    if np.isnan(y).any() and not any(np.isnan(arg).any() for arg in x):
        return "undefined"
    if np.isinf(y).any() and finite:
        return "singular"
    if not op.edge or not finite:
        return None
    if not op.elementwise:
        return op.edge(*x)
    kinds = {op.edge(*entries) for entries in np.broadcast(*x)}
    return max(kinds - {None}, key=SEVERITY.index, default=None)


def _settle_seams(graph: Graph, values: Sequence[Value], found: dict[int, str]) -> None:
    """A comparison at equality is only a kink where it chooses between equal values."""
    chosen: dict[int, list[bool]] = {}
    for args in (a for a, op in zip(graph.args, graph.ops, strict=True) if op.name == "where"):
        if args[0] in found:
            equal_there = np.all(values[args[1]] == values[args[2]])
            chosen.setdefault(args[0], []).append(bool(equal_there))
    for index, equal in chosen.items():
        if all(equal) and found[index] == "jump":
            found[index] = "kink"


def _settle_cusps(graph: Graph, values: Sequence[Value], found: dict[int, str]) -> None:
    """An infinite slope of what does not move, as √(x² + y²) at 0, is undefined, not singular."""
    finite = [i for i, k in found.items() if k == "singular" and np.isfinite(values[i]).all()]
    if not finite:
        return
    dots = _along_a_direction(graph, values)
    for index in finite:
        if _any_nan([dots[index]]) and not _any_nan(dots[a] for a in graph.args[index]):
            found[index] = "undefined"


def _along_a_direction(graph: Graph, values: Sequence[Value]) -> list[Value]:
    """The tangent of every node along one direction in general position."""
    dots: list[Value] = [ZERO] * len(graph.ops)
    for number, index in enumerate(graph.inputs.values()):
        shape = graph.shapes[index]
        dots[index] = np.cos(number + np.arange(math.prod(shape), dtype=float)).reshape(shape)[()]
    for index, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True)):
        if any(dots[a] is not ZERO for a in args):
            dots[index] = op.jvp(values[index], [values[a] for a in args], [dots[a] for a in args])
    return dots


def _any_nan(numbers: Iterable[Value]) -> bool:
    return any(number is not ZERO and np.isnan(number).any() for number in numbers)
