"""Our graph in another system's expressions: one walk, and a table for each system."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from benchmarks.peers.subject import MissingError
from diffcompare.graph.graph import Graph
from diffcompare.ops.leaf import Input
from diffcompare.ops.op import Op

Maker = Callable[[Op], Callable[..., Any]]
"""From an op, with its settings, the function of another system."""

ELEMENTARY: Final = (
    "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "cbrt", "sin", "cos", "tan", "asin",
    "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfc", "hypot", "atan2",
    "sigmoid", "softplus", "relu",
)  # fmt: skip
NUMPY: Final = {
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh",
    "atanh": "arctanh", "atan2": "arctan2",
}  # fmt: skip
"""NumPy's spelling, and that of who follows it."""


def always(function: Callable[..., Any]) -> Maker:
    """For an op without settings."""
    return lambda op: function


def _power(op: Any) -> Callable[[Any], Any]:
    exponent: Fraction = op.exponent
    number = int(exponent) if exponent.denominator == 1 else float(exponent)
    return lambda x: x**number


ARITHMETIC: Final[dict[str, Maker]] = {
    "add": always(operator.add),
    "sub": always(operator.sub),
    "mul": always(operator.mul),
    "div": always(operator.truediv),
    "neg": always(operator.neg),
    "pow": always(operator.pow),
    "power": _power,
}


def table(home: Any, spelling: Mapping[str, str] | None = None, **more: Maker) -> dict[str, Maker]:
    """Arithmetic, the elementary functions that a module has, and what is given besides."""
    spelling = spelling or {}
    found = {name: getattr(home, spelling.get(name, name), None) for name in ELEMENTARY}
    named = {name: always(function) for name, function in found.items() if function is not None}
    return {**ARITHMETIC, **named, **more}


def translated(
    graph: Graph, makers: Mapping[str, Maker], number: Callable[[Any], Any] = float
) -> Callable[[Iterable[Any]], list[Any]]:
    """The graph as a function of its inputs, one after the other, in a system's own values.

    Nodes are taken in their order, so depth is no matter; what is dead is left out.

    Raises
    ------
    MissingError
        Where the table has no such op.
    """
    alive = graph.live(graph.outputs)
    start: list[Any] = [None] * len(graph.ops)
    steps: list[tuple[int, Callable[..., Any], Sequence[int]]] = []
    made: dict[Op, Callable[..., Any]] = {}
    for index, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True)):
        if not alive[index] or isinstance(op, Input):
            continue
        if not args:
            start[index] = number(op.number)  # type: ignore[attr-defined]
            continue
        if op not in made:
            if op.name not in makers:
                raise MissingError(f"no {op.name}")
            made[op] = makers[op.name](op)
        steps.append((index, made[op], args))
    places, outputs = tuple(graph.inputs.values()), graph.outputs

    def function(x: Iterable[Any]) -> list[Any]:
        values = start.copy()
        for place, value in zip(places, x, strict=True):
            values[place] = value
        for index, step, args in steps:
            values[index] = step(*[values[a] for a in args])
        return [values[i] for i in outputs]

    return function
