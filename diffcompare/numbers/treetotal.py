"""The tree size of a whole Jacobian, over all inputs in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.numbers.treerules import Form, Rules
from diffcompare.numbers.treesize import Lean, derivative_tree_sizes
from diffcompare.numbers.uses import last_uses
from diffcompare.ops.arithmetic import add
from diffcompare.ops.leaf import Constant
from diffcompare.ops.op import Op
from diffcompare.ops.operand import ZERO, Value

STEPS: Final = 300_000
"""Rules applied for one total, at most: a few seconds."""
_FEW: Final = 4
"""Up to so many arguments a rule is one step."""


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
        return len(names) * sum(row[0] for row in derivative_tree_sizes(graph, names[:1], False))
    if len(names) == 1:
        return sum(row[0] for row in derivative_tree_sizes(graph, names))
    bits = {graph.inputs[name]: 1 << k for k, name in enumerate(names)}
    return _Pass(graph, bits).total()


class _Pass:
    """The forward rules, run on sizes by all inputs at once."""

    def __init__(self, graph: Graph, bits: dict[int, int]) -> None:
        self.graph, self.bits, self.steps = graph, bits, 0
        self.rules = Rules(Lean)

    def total(self) -> int:
        """Of the outputs."""
        graph = self.graph
        last = last_uses(graph, graph.outputs)
        formulas: list[Any] = [None] * len(graph.ops)
        tangents = [_NONE] * len(graph.ops)
        for index, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True)):
            if not args:
                formulas[index] = Lean(1, op.number if isinstance(op, Constant) else None)
                if index in self.bits:
                    tangents[index] = Tangents([Alike(Lean(1, Fraction(1)), self.bits[index])], 0)
            elif last[index] >= 0:
                x = [formulas[a] for a in args]
                dots = [tangents[a] for a in args]
                formulas[index], tangents[index] = self.node(op, x, dots)
                for arg in args:
                    if last[arg] == index:
                        formulas[arg], tangents[arg] = None, _NONE
        return sum(_size(tangents[i], len(self.bits)) for i in graph.outputs)

    def node(self, op: Op, x: list[Any], dots: list[Tangents]) -> tuple[Lean, Tangents]:
        """A node and its tangents; of a sum by twos, as those of few terms fold in few ways."""
        if op is not add:
            y = Lean.node(op, x)
            return y, self.step(op, y, x, dots)
        y, tangents = x[0], dots[0]
        for term, more in zip(x[1:], dots[1:], strict=True):
            pair = [y, term]
            y = Lean.node(op, pair)
            tangents = self.step(op, y, pair, [tangents, more])
        return y, tangents

    def step(self, op: Op, y: Lean, x: list[Any], dots: list[Tangents]) -> Tangents:
        """The tangents of a node, by its forward rule for each way that those of its arguments fold."""
        if not any(dot.alike for dot in dots):
            return _NONE
        used = _used(op, y, x, dots)
        total = sum([dot.total for dot, use in zip(dots, used, strict=True) if use])
        found: dict[Form, Alike] = {}
        ways = _ways(dots)
        self.steps += max(len(ways), len(ways) * len(dots) // _FEW)
        if self.steps > STEPS:
            raise _too_many()
        for x_dot, inputs in ways:
            y_dot = self.rules.tangent(op, y, x, x_dot)
            if y_dot is ZERO:
                continue
            if y_dot.literal is None:
                old = [d.size for d, use in zip(x_dot, used, strict=True) if use and _grows(d)]
                total += inputs.bit_count() * (y_dot.size - sum(old))
            more = found.get(y_dot.form)
            found[y_dot.form] = (
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
    masks = {alike.inputs for dot in dots for alike in dot.alike}
    if len(masks) == 1 and all(len(dot.alike) < 2 for dot in dots):  # as by one input
        return [([dot.alike[0].example if dot.alike else ZERO for dot in dots], masks.pop())]
    everything = 0
    for mask in masks:
        everything |= mask
    ways: list[tuple[dict[int, Lean], int]] = [({}, everything)]
    for slot, dot in enumerate(dots):
        if len(ways) * len(dots) > _FEW * STEPS:
            raise _too_many()
        split = []
        for found, inputs in ways:
            rest = inputs
            for alike in dot.alike:
                both = rest & alike.inputs
                if both:
                    split.append(({**found, slot: alike.example}, both))
                    rest ^= both
            if rest:
                split.append((found, rest))
        ways = split
    return [
        ([found.get(slot, ZERO) for slot in range(len(dots))], inputs) for found, inputs in ways
    ]


def _too_many() -> DiffcompareError:
    return DiffcompareError("limit", "the size of a derivative",
                            need=f"at most {STEPS:,} steps to count", got="more")  # fmt: skip


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
