"""Between a graph and SymPy: the graph as expressions, SymPy's `diff`, and the result read back.

What would change the function as written is kept from SymPy: choosing ops are opaque functions
of our own, and a constant subexpression that is not a small rational is a symbol.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import sympy

from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.ops.leaf import Constant, Input
from diffcompare.parse.from_sympy import read_expressions

_RATIONAL_BITS = 128
_INFINITE = (sympy.zoo, sympy.nan, sympy.oo, -sympy.oo)


class Derived(NamedTuple):
    """What SymPy found: the Jacobian's graph and its own operation counts."""

    graph: Graph
    sympy_ops: dict[str, int]


def derive(graph: Graph, wrt: Sequence[str], simplify: bool = False) -> Iterator[Derived]:
    """SymPy's derivative, then again with each further count, so that none holds up the first."""
    values, symbols, constants = to_sympy(graph)
    outputs = [values[i] for i in graph.outputs]
    entries = [sympy.diff(f, symbols[name]) for f in outputs for name in wrt]
    result = from_entries(graph, entries, symbols, constants)
    yield Derived(result, {})
    counts = {"f": _count_ops(outputs), "raw": _count_ops(entries)}
    yield Derived(result, counts)
    replaced, reduced = sympy.cse(entries)
    cse = _count_ops([*(expression for _, expression in replaced), *reduced])
    counts["cse"] = cse
    yield Derived(result, counts)
    if simplify:
        simplest = [sympy.simplify(entry) for entry in entries]
        yield Derived(result, {**counts, "simplified": _count_ops(simplest)})


def to_sympy(graph: Graph) -> tuple[list[Any], dict[str, Any], dict[Any, int]]:
    """Every node as a SymPy expression; the symbol of each input; the node behind each constant."""
    varying = graph.depends_on(graph.inputs.values())
    symbols = {name: sympy.Symbol(name, real=True) for name in graph.inputs}
    constants: dict[Any, int] = {}
    exact = rationals(graph)
    values: list[Any] = []
    for index, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True)):
        if isinstance(op, Input):
            values.append(symbols[op.label])
        elif varying[index]:
            values.append(op.sympy(*[values[a] for a in args]))
            if _is_infinite(values[-1]):
                raise DiffcompareError(
                    "limit", "the symbolic derivative", need="a function that SymPy has",
                    got=f"{values[-1]} for {graph.label(index)}, whatever the point is",
                )  # fmt: skip
        elif index in exact:
            values.append(sympy.Rational(exact[index].numerator, exact[index].denominator))
        else:
            symbol = sympy.Dummy(f"c{index}", real=True)
            constants[symbol] = index
            values.append(symbol)
    return values, symbols, constants


def _is_infinite(value: Any) -> bool:
    """Whether SymPy has made an infinity or a nan of an expression, or a factor of one."""
    return any(part in _INFINITE for part in (value, *value.args))


def rationals(graph: Graph) -> dict[int, Fraction]:
    """The constant nodes of small exact rational value."""
    found: dict[int, Fraction] = {}
    arithmetic = ("add", "sub", "mul", "div", "neg")
    for index, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True)):
        if isinstance(op, Constant) and isinstance(op.number, Fraction):
            found[index] = op.number
        elif op.name in arithmetic and all(a in found for a in args):
            if op.name == "div" and not found[args[1]]:
                continue
            result = Fraction(op.sympy(*[found[a] for a in args]))
            if max(result.numerator.bit_length(), result.denominator.bit_length()) < _RATIONAL_BITS:
                found[index] = result
    return found


def from_entries(
    graph: Graph, entries: Sequence[Any], symbols: dict[str, Any], constants: dict[Any, int]
) -> Graph:
    """A graph with the primal's inputs and the SymPy expressions as outputs."""
    needed = graph.live(constants.values())
    order = [i for i in range(len(graph.ops)) if needed[i]]
    work, place = graph.rearranged((), order, graph.inputs)
    lookup = {symbol: Variable(work, work.inputs[name]) for name, symbol in symbols.items()}
    lookup.update({symbol: Variable(work, place[index]) for symbol, index in constants.items()})
    results = read_expressions(entries, work, lookup)
    work.outputs = tuple(v.index for v in results)
    return work.leveled()


def _count_ops(expressions: Sequence[Any]) -> int:
    return sum(int(sympy.count_ops(expression)) for expression in expressions)
