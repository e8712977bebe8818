"""What happens at one node: its derivative rules on names, its partials and adjoints as numbers.

A rule in words is the op's own `jvp` or `vjp`, run on the names of the values it needs, so it says
what is computed, whatever the op.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.modes.derivative import Sweep
from diffcompare.modes.guards import NONE, Guards, distinct
from diffcompare.ops.choice import where
from diffcompare.ops.leaf import Constant
from diffcompare.ops.op import Guarded
from diffcompare.ops.operand import ZERO, Value
from diffcompare.render.formula import formula
from diffcompare.render.notation import PRINTED
from diffcompare.render.numerals import number

DOT: Final = "\N{COMBINING DOT ABOVE}"
BAR: Final = "\N{COMBINING MACRON}"
_WHOLE: Final = 10_000
_SHORT: Final = 4


class Partial(NamedTuple):
    """A local partial derivative: its name, as a formula, as a number."""

    name: str
    rule: str
    number: float


def marked(label: str, mark: str) -> str:
    """The name of a node's tangent or adjoint: its letter with a dot or a bar.

    Examples
    --------
    >>> marked("v12", BAR)
    'v̄12'
    """
    return f"{label[0]}{mark}{label[1:]}"


def role_numbers(
    sweep: Sweep, point: Mapping[str, Any], values: Sequence[Any], *seeds: int
) -> list[Value | None]:
    """The tangent or adjoint of each primal node in one pass; None where it is structurally zero.

    Parameters
    ----------
    sweep : Sweep
    point : mapping
    values : sequence of float
        Of the primal's nodes.
    *seeds : int
        The numbers of those that are 1, the others being 0; one for each pass by itself.
    """
    inputs: dict[str, Value] = dict.fromkeys(sweep.seeds, ZERO)
    for label in (sweep.seeds[seed] for seed in seeds):
        inputs[label] = np.ones(sweep.graph.shapes[sweep.graph.inputs[label]])[()]
    swept = sweep.graph.evaluate(inputs, start=sweep.prepare(dict(point), list(values)))
    counts: dict[Guards, Value] = {NONE: True}
    for path in distinct(role.guards for role in sweep.roles):
        here = np.not_equal(swept[path.condition], 0) == path.holds
        counts[path] = np.logical_and(counts[path.outer or NONE], here)
    return [
        None if role.node is None else _counted(swept[role.node], counts[role.guards])
        for role in sweep.roles
    ]


def _counted(value: Value, counts: Value) -> Value | None:
    """An adjoint where its guards hold; None where they hold nowhere."""
    if value is ZERO or not np.any(counts):
        return None
    return plain(value if np.all(counts) else np.where(counts, value, 0.0))


def plain(value: Value) -> Value:
    """A number as Python's float, zero too where it is structural; an array as it is."""
    if value is ZERO:
        return 0.0
    return value if np.ndim(value) else float(value)


def local_partial(graph: Graph, values: Sequence[Value], index: int, slot: int) -> float:
    """The partial derivative of a node by one of its arguments, both numbers, at the values."""
    x = [np.float64(values[a]) for a in graph.args[index]]
    with np.errstate(all="ignore"):
        found = graph.ops[index].partial(slot, np.float64(values[index]), x)
    return float(plain(found))


def scalar(graph: Graph, index: int, slot: int) -> bool:
    """Whether a node and one of its arguments are numbers, so that a partial is one too."""
    return not (graph.shapes[index] or graph.shapes[graph.args[index][slot]])


def partial(graph: Graph, values: Sequence[Value], index: int, slot: int) -> Partial:
    """The partial derivative of a node by one of its arguments, in full."""
    y, x = _named(graph, index)
    seeds: list[Value] = [ZERO] * len(x)
    seeds[slot] = y.like(1)
    name = f"∂{graph.label(index)}/∂{graph.label(graph.args[index][slot])}"
    rule = _text(graph.ops[index].jvp(y, x, seeds))
    return Partial(name, rule, local_partial(graph, values, index, slot))


def tangent_rule(graph: Graph, index: int, moving: Sequence[bool]) -> str:
    """A node's tangent in terms of those of its arguments.

    Parameters
    ----------
    graph : Graph
    index : int
    moving : sequence of bool
        For each node, whether it depends on an input, and so has a tangent.
    """
    y, x = _named(graph, index)
    args = graph.args[index]
    x_dot: list[Value] = [
        Variable.input(y.graph, marked(graph.label(a), DOT), graph.shapes[a]) if moving[a] else ZERO
        for a in args
    ]
    if all(dot is ZERO for dot in x_dot):
        return "0"
    return _text(graph.ops[index].jvp(y, x, x_dot))


def adjoint_share(
    graph: Graph, values: Sequence[Value], use: tuple[int, int], y_bar: Value | None
) -> tuple[str, Value]:
    """What a use, a node and the slot, gives to its argument's adjoint: formula and number."""
    index, slot = use
    op, args = graph.ops[index], graph.args[index]
    wanted = [k == slot for k in range(len(args))]
    y, x = _named(graph, index)
    named = Variable.input(y.graph, marked(graph.label(index), BAR), graph.shapes[index])
    text = _text(op.vjp(y, x, named, wanted)[slot])
    if y_bar is None:
        return text, 0.0
    with np.errstate(all="ignore"):
        share = op.vjp(
            _wide(values[index]), [_wide(values[a]) for a in args], _wide(y_bar), wanted
        )[slot]
        if isinstance(share, Guarded):
            branches = (share.value, 0.0) if share.holds else (0.0, share.value)
            share = where(share.condition, *branches)
    return text, plain(share)


def _wide(value: Value) -> Value:
    """A number as NumPy's, so that IEEE rules hold."""
    return value if np.ndim(value) else np.float64(value)


def _named(graph: Graph, index: int) -> tuple[Variable, list[Variable]]:
    """A node and its arguments as names, in a graph of their own; constants as they are."""
    work = Graph.empty(folding=True)
    x = []
    for arg in graph.args[index]:
        op = graph.ops[arg]
        if isinstance(op, Constant):
            x.append(Variable.constant(work, op.number))
        else:
            x.append(Variable.input(work, graph.label(arg), graph.shapes[arg]))
    return Variable.input(work, graph.label(index), graph.shapes[index]), x


def _text(derivative: Value) -> str:
    if derivative is ZERO:
        return "0"
    if isinstance(derivative, Guarded):
        branches = (derivative.value, 0) if derivative.holds else (0, derivative.value)
        derivative = where(derivative.condition, *branches)
    return formula(derivative.graph, derivative.index, _WHOLE, PRINTED)


def summed(terms: Sequence[str]) -> str:
    """Terms joined by plus and minus.

    Examples
    --------
    >>> summed(["a", "−b", "c"])
    'a − b + c'
    """
    return " + ".join(terms).replace("+ −", "− ") or "0"


def equals(rule: str, value: float) -> str:
    """A rule and its number, once where they are the same."""
    shown = signed(value)
    return rule if rule == shown else f"{rule} = {shown}"


def signed(value: Value) -> str:
    """A short number with a true minus."""
    return figure(value, 4).replace("-", "−")


def figure(value: Value, digits: int = 6) -> str:
    """A number, a short vector, or the shape of an array.

    Examples
    --------
    >>> figure(0.5), figure(np.array([1.0, 2.0])), figure(np.zeros((3, 4)))
    ('0.5', '[1, 2]', '3×4 array')
    """
    if not np.ndim(value):
        return number(value, digits)
    if np.ndim(value) == 1 and len(value) <= _SHORT:
        return f"[{', '.join(number(entry, digits) for entry in value)}]"
    return f"{'×'.join(map(str, np.shape(value)))} array"
