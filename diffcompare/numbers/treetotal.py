"""The tree size of a whole Jacobian, over all inputs in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.numbers.treesize import Lean, derivative_tree_size, last_uses
from diffcompare.ops.leaf import Constant
from diffcompare.ops.op import Op
from diffcompare.ops.operand import ZERO, Value

STEPS: Final = 300_000
"""Rules applied for one total, at most: a few seconds."""
_CHAIN: Final = 8


class Alike(NamedTuple):
    """Inputs by which the tangents of a node fold alike: one of these tangents, the inputs as bits."""

    example: Lean
    inputs: int


class Tangents(NamedTuple):
    """Of a node by all inputs: those that fold alike, and the sizes of all but the literal ones."""

    alike: Sequence[Alike]
    total: int


_NONE: Final = Tangents((), 0)


def derivative_tree_total(
    graph: Graph, wrt: Sequence[str] | None = None, folding: bool = True
) -> int:
    """Tree size of the whole Jacobian: the sum over its entries.

    Every tangent enters the rule that it is used in once, and what the rule adds to its size does
    not depend on that size, but on how it folds alone. So one pass counts the inputs that a
    node's tangents fold alike by, and adds up their sizes.

    Parameters
    ----------
    graph : Graph
    wrt : sequence of str, optional
        All inputs by default.
    folding : bool
        As in `derivative_tree_size`.

    Raises
    ------
    DiffcompareError
        Of kind "limit" where tangents fold in too many ways to be counted.

    Examples
    --------
    >>> import diffcompare as dc
    >>> derivative_tree_total(dc.parse("x*sin(y)"))
    6
    """
    names = tuple(graph.inputs) if wrt is None else tuple(wrt)
    if not names:
        return 0
    if not folding:  # a seed 0 is as long as a seed 1
        sizes = (derivative_tree_size(graph, i, names[0], folding=False) for i in graph.outputs)
        return len(names) * sum(sizes)
    bits = {graph.inputs[name]: 1 << k for k, name in enumerate(names)}
    return _Pass(graph, bits).total()


class _Pass:
    """The forward rules, run on sizes by all inputs at once."""

    def __init__(self, graph: Graph, bits: dict[int, int]) -> None:
        self.graph, self.bits, self.steps = graph, bits, 0

    def total(self) -> int:
        """Of the outputs."""
        graph = self.graph
        alive, last = graph.live(graph.outputs), last_uses(graph, graph.outputs)
        formulas: list[Any] = [None] * len(graph.ops)
        tangents = [_NONE] * len(graph.ops)
        for index, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True)):
            if not args:
                formulas[index] = Lean(1, op.number if isinstance(op, Constant) else None)
                if index in self.bits:
                    tangents[index] = Tangents([Alike(Lean(1, Fraction(1)), self.bits[index])], 0)
            elif alive[index]:
                x = [formulas[a] for a in args]
                formulas[index] = Lean.node(op, x)
                tangents[index] = self.step(op, formulas[index], x, [tangents[a] for a in args])
                for arg in args:
                    if last[arg] == index:
                        formulas[arg], tangents[arg] = None, _NONE
        return sum(_size(tangents[i], len(self.bits)) for i in graph.outputs)

    def step(self, op: Op, y: Lean, x: list[Any], dots: list[Tangents]) -> Tangents:
        """The tangents of a node, by its forward rule for each way that those of its arguments fold."""
        if not any(dot.alike for dot in dots):
            return _NONE
        used = _used(op, y, x, dots)
        total = sum([dot.total for dot, use in zip(dots, used, strict=True) if use])
        found: dict[Any, Alike] = {}
        for x_dot, inputs in _ways(dots):
            self.steps += 1
            if self.steps > STEPS:
                raise DiffcompareError("limit", "the size of a derivative",
                                       need=f"at most {STEPS:,} steps to count", got="more")  # fmt: skip
            y_dot = op.jvp(y, x, x_dot)
            if y_dot is ZERO:
                continue
            y_dot = y_dot if isinstance(y_dot, Lean) else y.like(y_dot)
            if y_dot.literal is None:
                old = [d.size for d, use in zip(x_dot, used, strict=True) if use and _grows(d)]
                total += inputs.bit_count() * (y_dot.size - sum(old))
            key = _key(y_dot)
            more = found.get(key)
            found[key] = (
                Alike(y_dot, inputs) if more is None else Alike(y_dot, more.inputs | inputs)
            )
        return Tangents(list(found.values()), total) if found else _NONE


def _size(tangents: Tangents, count: int) -> int:
    """By `count` inputs: literal tangents are a node each, as the 0 by any other input."""
    grown = [alike for alike in tangents.alike if alike.example.literal is None]
    return tangents.total + count - sum(alike.inputs.bit_count() for alike in grown)


def _grows(dot: Value) -> bool:
    return dot is not ZERO and dot.literal is None


def _ways(dots: Sequence[Tangents]) -> list[tuple[list[Value], int]]:
    """Tangents of the arguments that occur together, an example of each, and by which inputs."""
    everything = 0
    for dot in dots:
        for alike in dot.alike:
            everything |= alike.inputs
    ways: list[tuple[list[Value], int]] = [([], everything)]
    for dot in dots:
        split = []
        for x_dot, inputs in ways:
            rest = inputs
            for alike in dot.alike:
                both = rest & alike.inputs
                if both:
                    split.append(([*x_dot, alike.example], both))
                    rest ^= both
            if rest:
                split.append(([*x_dot, ZERO], rest))
        ways = split
    return ways


def _used(op: Op, y: Lean, x: list[Any], dots: Sequence[Tangents]) -> list[bool]:
    """Which tangents the rule uses: not that of a condition, nor of what a known index passes by."""
    if op.kind != "select":
        return [True] * len(x)
    sizes = []
    for unit in (0, 1):
        probes = [Lean(unit << slot) if dot.alike else ZERO for slot, dot in enumerate(dots)]
        y_dot = op.jvp(y, x, probes)
        sizes.append(0 if y_dot is ZERO else y_dot.size)
    return [bool((sizes[1] - sizes[0]) >> slot & 1) for slot in range(len(x))]


def _key(formula: Lean) -> Any:
    """What `op.fold` sees of a formula: equal keys fold alike."""
    chain: list[Any] = []
    inner: Any = formula
    while inner.literal is None:
        if inner.negated is not None:
            chain.append("-")
            inner = inner.negated
        elif inner.reciprocal is not None:
            chain.append("/")
            inner = inner.reciprocal
        else:
            return tuple(chain)
        if len(chain) > _CHAIN:
            return (*chain, id(inner))
    return (*chain, type(inner.literal), inner.literal)
