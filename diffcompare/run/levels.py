"""Instructions at one point of a large graph: NumPy on groups of alike ones, in few calls.

Of the instructions whose arguments are there, the one with the longest path ahead is next, and all of
its kind come along as one group: one gather of registers and one NumPy call, whose results lie side
by side. So a wide graph takes two or three groups for each of its levels, and a group of thousands
costs less for each instruction than Python takes for one; a narrow graph has as many groups as
instructions.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

import numpy as np

from diffcompare.graph.graph import Graph
from diffcompare.ops.op import Op
from diffcompare.run.batch import step_of
from diffcompare.run.instructions import Instructions

LARGE: Final = 1000
"""Operations from which a graph is asked for its width."""
WIDE: Final = 64
"""Operations for each level from which groups take less time than straight-line Python: a group costs
about 0.6 µs and there are two for each level, an operation in Python 20 ns; `benchmarks/levels.py`."""

Kind = tuple[str, int, Op | None]
"""The name of an instruction, how many registers it reads, and the op of a call."""


class Group(NamedTuple):
    """Alike instructions that are run at once, in the order of their results."""

    kind: Kind
    members: list[int]


def is_wide(graph: Graph) -> bool:
    """Whether a graph of numbers is large, and wide enough for groups to be worth it.

    Examples
    --------
    >>> import diffcompare as dc
    >>> is_wide(dc.parse("x*x"))
    False
    """
    if len(graph.ops) < LARGE:
        return False
    alive = graph.live(graph.outputs)
    level, operations = [0] * len(alive), 0
    for index, args in enumerate(graph.args):
        if args and alive[index]:
            level[index] = 1 + max([level[arg] for arg in args])
            operations += 1
    return operations >= max(LARGE, WIDE * max(level))


def groups(program: Instructions) -> list[Group]:
    """The instructions of a program in groups, each after those that it reads.

    Parameters
    ----------
    program : Instructions

    Examples
    --------
    >>> import diffcompare as dc
    >>> from diffcompare.run.instructions import instructions
    >>> for group in groups(instructions(dc.parse("sin(x*y) + sin(x*x)"))):
    ...     print(group)
    Group(kind=('mul', 2, None), members=[0, 1])
    Group(kind=('sin', 1, None), members=[2, 3])
    Group(kind=('add', 2, None), members=[4])
    """
    kinds, members_of = _kinds(program)
    readers, starts = _readers(program)
    height = _heights(program)
    waiting = [sum([arg >= program.first for arg in args]) for args in program.args]
    ready: dict[int, list[int]] = {}
    tops: dict[int, int] = {}
    entering = [turn for turn, count in enumerate(waiting) if not count]
    found: list[Group] = []
    while entering or ready:
        for turn in entering:
            kind = members_of[turn]
            if kind in ready:
                ready[kind].append(turn)
                tops[kind] = max(tops[kind], height[turn])
            else:
                ready[kind], tops[kind] = [turn], height[turn]
        kind = max(tops, key=tops.__getitem__)
        members = ready.pop(kind)
        del tops[kind]
        found.append(Group(kinds[kind], members))
        entering = []
        for member in members:
            for reader in readers[starts[member] : starts[member + 1]]:
                waiting[reader] -= 1
                if not waiting[reader]:
                    entering.append(reader)
    return found


def _kinds(program: Instructions) -> tuple[list[Kind], list[int]]:
    """The kinds of instructions there are, and which each one is."""
    calls, numbers = program.calls, dict[Kind, int]()
    of = [
        numbers.setdefault((name, len(args), calls.get(turn)), len(numbers))
        for turn, (name, args) in enumerate(zip(program.names, program.args, strict=True))
    ]
    return list(numbers), of


def _readers(program: Instructions) -> tuple[list[int], list[int]]:
    """The instructions that read a result, result by result, and where those of each begin."""
    count = len(program.names)
    read = np.fromiter(chain.from_iterable(program.args), np.intp) - program.first
    by = np.repeat(np.arange(count), [len(args) for args in program.args])
    order = np.argsort(read, kind="stable")
    starts = np.searchsorted(read[order], np.arange(count + 1))
    return by[order].tolist(), starts.tolist()


def _heights(program: Instructions) -> list[int]:
    """For each instruction the longest path of instructions that go on from it."""
    first, height = program.first, [0] * (program.first + len(program.names))
    for turn in range(len(program.names) - 1, -1, -1):
        above = height[first + turn] + 1
        for arg in program.args[turn]:
            height[arg] = max(height[arg], above)
    return height[first:]


class Levels:
    """A program at one point, by groups: `levels(*x)` gives a tuple of its outputs.

    Threads may call it at once: each call takes registers that no other has.

    Attributes
    ----------
    groups : list of Group

    Examples
    --------
    >>> import diffcompare as dc
    >>> from diffcompare.run.instructions import instructions
    >>> Levels(instructions(dc.parse("where(x > 1, log(x), x/0)")))(1.0)
    (inf,)
    """

    def __init__(self, program: Instructions) -> None:
        self.inputs, self.constants = program.inputs, program.constants
        self.groups = groups(program)
        places = np.arange(program.first + len(program.names))
        order = [member for group in self.groups for member in group.members]
        places[program.first + np.array(order, dtype=np.intp)] = places[program.first :].copy()
        self._sources = [
            places[np.array([program.args[m] for m in group.members], dtype=np.intp).T].reshape(-1)
            for group in self.groups
        ]
        self._outputs = places[list(program.outputs)]
        self._free: list[_Registers] = []

    @property
    def source(self) -> str:
        """What is run, a line for each group."""
        start, lines = self.inputs + len(self.constants), []
        for (name, reads, op), members in self.groups:
            stop = start + len(members)
            x = ", ".join(["r[…]"] * reads)
            lines.append(f"r[{start}:{stop}] = {op.name if op else name}({x})")
            start = stop
        return "\n".join(lines)

    def __call__(self, *x: float) -> tuple[float, ...]:
        registers = self._free.pop() if self._free else _Registers(self)
        result = registers.run(x, self._outputs)
        self._free.append(registers)
        return result


class _Registers:
    """The registers of one call, and the NumPy calls on them."""

    def __init__(self, levels: Levels) -> None:
        sources = levels._sources
        first = levels.inputs + len(levels.constants)
        results = sum(len(group.members) for group in levels.groups)
        self.values = np.empty(first + results)
        self.values[levels.inputs : first] = levels.constants
        gathered = np.empty(max(map(len, sources), default=0))
        self.steps: list[tuple[np.ndarray, np.ndarray, Callable[..., Any], Sequence[Any]]] = []
        start = first
        for ((name, reads, op), members), source in zip(levels.groups, sources, strict=True):
            size = len(members)
            x = [gathered[k * size : (k + 1) * size] for k in range(reads)]
            out = self.values[start : start + size]
            self.steps.append((source, gathered[: reads * size], step_of(name, op), (*x, out)))
            start += size

    def run(self, x: Sequence[float], outputs: np.ndarray) -> tuple[float, ...]:
        values = self.values
        take = values.take
        values[: len(x)] = array("d", x)  # numbers alone, where NumPy makes None a nan
        with np.errstate(all="ignore"):
            for source, gathered, step, args in self.steps:
                take(source, None, gathered, "clip")  # the mode that needs no copy
                step(*args)
        return tuple(values[outputs].tolist())
