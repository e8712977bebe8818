"""A graph of numbers as a sequence of machine-like instructions, the same for every backend.

The Python expression that an op has of its value (`Op.source`) is read once per op and number of
arguments, and written out for every node: `+ - * / %`, negation, comparisons, `or`, selection, and
the functions of `math`, on floats, with IEEE results. So an op says once how it is computed.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from diffcompare.graph.graph import Graph
from diffcompare.ops.leaf import Constant, Input
from diffcompare.ops.op import Op

BINARY: Final = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Mod: "mod"}
COMPARISONS: Final = {
    ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne",
}  # fmt: skip
TESTS: Final = frozenset([*COMPARISONS.values(), "or"])
"""Instructions whose result is a truth value; all others give a float."""

Step = tuple[str, tuple[int, ...]]


@dataclass(frozen=True, eq=False)
class Instructions:
    """A program of registers: the inputs, then the constants, then one result per instruction.

    Attributes
    ----------
    inputs : int
        How many registers hold inputs.
    constants : list of float
    names : list of str
        What each instruction does: "add", "exp", "lt", "select", …; "call" of an op that has no
        expression.
    args : list of tuple of int
        The registers it reads.
    calls : dict of int to Op
        By instruction, the op of each "call".
    outputs : tuple of int
        Registers.
    """

    inputs: int
    constants: list[float]
    names: list[str]
    args: list[tuple[int, ...]]
    calls: dict[int, Op]
    outputs: tuple[int, ...]

    @property
    def first(self) -> int:
        """The register of the first instruction."""
        return self.inputs + len(self.constants)

    def last_uses(self) -> list[int]:
        """For each register the last instruction that reads it; -1 where none does."""
        last = [-1] * (self.first + len(self.names))
        for turn, args in enumerate(self.args):
            for arg in args:
                last[arg] = turn
        return last


def instructions(graph: Graph) -> Instructions:
    """The outputs of a graph as instructions; dead code left out.

    Parameters
    ----------
    graph : Graph
        Of numbers.

    Examples
    --------
    >>> import diffcompare as dc
    >>> found = instructions(dc.parse("relu(x*y) + 2"))
    >>> list(zip(found.names, found.args)), found.constants
    ([('mul', (0, 1)), ('le', (4, 2)), ('select', (5, 2, 4)), ('add', (6, 3))], [0.0, 2.0])
    """
    alive = graph.live(graph.outputs)
    kinds = [
        None if not live or not args else _expansion(op, len(args))
        for op, args, live in zip(graph.ops, graph.args, alive, strict=True)
    ]
    constants: dict[float | str, int] = {}
    inputs = len(graph.inputs)
    for kind in dict.fromkeys(kinds):
        for number in kind.constants if kind else ():
            constants.setdefault(_key(number), inputs + len(constants))
    for index, op in enumerate(graph.ops):
        if alive[index] and isinstance(op, Constant):
            constants.setdefault(_key(float(op.number)), inputs + len(constants))
    return _written(graph, kinds, alive, constants)


def _written(
    graph: Graph,
    kinds: Sequence[_Expansion | None],
    alive: Sequence[bool],
    constants: dict[float | str, int],
) -> Instructions:
    place = dict(zip(graph.inputs.values(), range(len(graph.inputs)), strict=True))
    registers = [0] * len(graph.ops)
    names: list[str] = []
    sources: list[tuple[int, ...]] = []
    calls: dict[int, Op] = {}
    following = len(graph.inputs) + len(constants)
    for index, (op, args, kind) in enumerate(zip(graph.ops, graph.args, kinds, strict=True)):
        if kind is None:
            if isinstance(op, Input):
                registers[index] = place[index]
            elif alive[index]:
                registers[index] = constants[_key(float(op.number))]  # type: ignore[attr-defined]
            continue
        if not kind.steps:
            calls[len(names)] = op
        local = [registers[a] for a in args]
        local += [constants[_key(number)] for number in kind.constants]
        for name, wanted in kind.steps or (("call", tuple(range(len(args)))),):
            names.append(name)
            sources.append(tuple([local[w] for w in wanted]))
            local.append(following)
            following += 1
        registers[index] = local[-1]
    outputs = tuple([registers[i] for i in graph.outputs])
    numbers = [float(key) for key in constants]
    return Instructions(len(graph.inputs), numbers, names, sources, calls, outputs)


def _key(number: float) -> float | str:
    """A float as a key that tells 0.0 from -0.0 and finds nan."""
    return repr(number) if math.isnan(number) or number == 0 else number


@dataclass(frozen=True)
class _Expansion:
    """An op's steps on places: its arguments, then its constants, then the steps themselves.

    Without steps the op is called.
    """

    constants: tuple[float, ...] = ()
    steps: tuple[Step, ...] = ()


@lru_cache(maxsize=4096)
def _expansion(op: Op, count: int) -> _Expansion:
    template = op.source(count)
    if template is not None:
        return _read(template, count)
    pairs = op.source(2) if op.arity[1] is None and count > 1 else None
    if pairs is None:
        return _Expansion()
    pair = _read(pairs, 2)  # of several by twos
    steps: list[Step] = []
    begin = count + len(pair.constants)
    result = 0
    for arg in range(1, count):
        local = [result, arg, *range(count, begin)]
        for name, wanted in pair.steps:
            steps.append((name, tuple(local[w] for w in wanted)))
            local.append(begin + len(steps) - 1)
        result = local[-1]
    return _Expansion(pair.constants, tuple(steps))


def _read(template: str, count: int) -> _Expansion:
    text = template.format(*(f"a{k}" for k in range(count)))
    reader = _Reader(ast.parse(text, mode="eval").body, count)
    return _Expansion(tuple(reader.constants), tuple(reader.steps))


class _Reader:
    """The steps of one expression, each distinct one once."""

    def __init__(self, body: ast.expr, count: int) -> None:
        self.count = count
        self.constants = list(dict.fromkeys(_constants(body)))
        self.steps: list[Step] = []
        self.found: dict[Step, int] = {}
        self.read(body)

    def read(self, node: ast.expr) -> int:
        """The place of a value: the depth of these expressions is an op's own, a few steps."""
        match node:
            case ast.Name(id=name) if name.startswith("a") and name[1:].isdigit():
                return int(name[1:])
            case ast.Constant() | ast.Name():
                return self.count + self.constants.index(_number(node))
            case ast.BinOp(left=left, op=op, right=right):
                return self._step(BINARY[type(op)], left, right)
            case ast.UnaryOp(operand=operand):
                return self._step("neg", operand)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self._step(COMPARISONS[type(op)], left, right)
            case ast.BoolOp(values=[first, second]):
                return self._step("or", first, second)
            case ast.IfExp(test=test, body=a, orelse=b):
                return self._at("select", self._truth(test), self.read(a), self.read(b))
            case ast.Call(func=ast.Name(id="float"), args=[inner]):
                return self.read(inner)
            case ast.Call(func=ast.Name(id=name), args=args):
                return self._step(name, *args)
        raise AssertionError(ast.dump(node))

    def _truth(self, test: ast.expr) -> int:
        place = self.read(test)
        start = self.count + len(self.constants)
        if place >= start and self.steps[place - start][0] in TESTS:
            return place
        return self._at("ne", place, self.count + self.constants.index(0.0))

    def _step(self, name: str, *nodes: ast.expr) -> int:
        return self._at(name, *[self.read(node) for node in nodes])

    def _at(self, name: str, *args: int) -> int:
        step = (name, args)
        if step not in self.found:
            self.found[step] = self.count + len(self.constants) + len(self.steps)
            self.steps.append(step)
        return self.found[step]


def _constants(body: ast.expr) -> list[float]:
    """Every number of an expression; 0 where a float stands for a truth value."""
    found: list[float] = []
    for node in ast.walk(body):
        if isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id in _NAMED):
            found.append(_number(node))
        elif isinstance(node, ast.IfExp) and isinstance(node.test, ast.Name):
            found.append(0.0)
    return found


_NAMED: Final = {"nan": float("nan"), "inf": float("inf")}


def _number(node: ast.expr) -> float:
    return _NAMED[node.id] if isinstance(node, ast.Name) else float(node.value)  # type: ignore[attr-defined]
