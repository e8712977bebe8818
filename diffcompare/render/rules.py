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
    sweep: Sweep, point: Mapping[str, Any], values: Sequence[Any], seed: int
) -> list[float | None]:
    """The tangent or adjoint of each primal node in one pass; None where it is structurally zero.

    Parameters
    ----------
    sweep : Sweep
    point : mapping
    values : sequence of float
        Of the primal's nodes.
    seed : int
        The number of the pass.
    """
    inputs: dict[str, Value] = dict.fromkeys(sweep.seeds, ZERO)
    inputs[sweep.seeds[seed]] = np.float64(1.0)
    prepared = sweep.prepare(dict(point), [np.float64(v) for v in values])
    swept = sweep.graph.evaluate(inputs, start=prepared)
    numbers: list[float | None] = []
    for role in sweep.roles:
        counts = all(bool(swept[c]) == holds for c, holds in role.guards)
        found = swept[role.node] if role.node is not None and counts else ZERO
        numbers.append(None if found is ZERO else float(found))
    return numbers


def local_partial(graph: Graph, values: Sequence[float], index: int, slot: int) -> float:
    """The partial derivative of a node by one of its arguments, at the values."""
    x = [np.float64(values[a]) for a in graph.args[index]]
    with np.errstate(all="ignore"):
        found = graph.ops[index].partial(slot, np.float64(values[index]), x)
    return 0.0 if found is ZERO else float(found)


def partial(graph: Graph, values: Sequence[float], index: int, slot: int) -> Partial:
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
        Variable.input(y.graph, marked(graph.label(a), DOT)) if moving[a] else ZERO for a in args
    ]
    if all(dot is ZERO for dot in x_dot):
        return "0"
    return _text(graph.ops[index].jvp(y, x, x_dot))


def adjoint_share(
    graph: Graph, values: Sequence[float], use: tuple[int, int], y_bar: float | None
) -> tuple[str, float]:
    """What a use, a node and the slot, gives to its argument's adjoint: formula and number."""
    index, slot = use
    op, args = graph.ops[index], graph.args[index]
    wanted = [k == slot for k in range(len(args))]
    y, x = _named(graph, index)
    named = Variable.input(y.graph, marked(graph.label(index), BAR))
    text = _text(op.vjp(y, x, named, wanted)[slot])
    if y_bar is None:
        return text, 0.0
    here = [np.float64(values[a]) for a in args]
    with np.errstate(all="ignore"):
        share = op.vjp(np.float64(values[index]), here, np.float64(y_bar), wanted)[slot]
    if isinstance(share, Guarded):
        share = share.value if bool(share.condition) == share.holds else ZERO
    return text, 0.0 if share is ZERO else float(share)


def _named(graph: Graph, index: int) -> tuple[Variable, list[Variable]]:
    """A node and its arguments as names, in a graph of their own; constants as they are."""
    work = Graph.empty(folding=True)
    x = []
    for arg in graph.args[index]:
        op = graph.ops[arg]
        if isinstance(op, Constant):
            x.append(Variable.constant(work, op.number))
        else:
            x.append(Variable.input(work, graph.label(arg)))
    return Variable.input(work, graph.label(index)), x


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


def signed(value: float) -> str:
    """A short number with a true minus."""
    return number(value, 4).replace("-", "−")
