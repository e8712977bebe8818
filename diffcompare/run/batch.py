"""Instructions over many points at once: NumPy on blocks that stay in the cache."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from diffcompare.ops.op import Op
from diffcompare.run.columns import aligned, columns_of
from diffcompare.run.instructions import TESTS, Instructions
from diffcompare.run.order import scheduled
from diffcompare.threads import parts, share

Call = tuple[Callable[..., Any], tuple[np.ndarray, ...]]
"""A step and its arguments, the last of which takes the result."""

CACHE: Final = 1 << 22
"""Bytes that the registers of a block take at most where one thread works."""
SCRATCH: Final = 1 << 25
"""Bytes that they take at most, in each thread, where several work."""
_LEAST, _MOST = 256, 8192
"""Numbers in a register where one thread works."""
_LONG: Final = 1 << 16
"""Numbers in a register at most where several threads work: between two of NumPy's calls each holds
Python's lock, so that short calls are slower by two threads than by one."""
_SHARE, _RESULTS = 20_000, 1_000_000
"""Points, and results of instructions, some 0.3 ms, from which another thread is worth it: measured
at 8, 16, 25, 33 and 50 thousand points; to hand work to a thread takes some 0.08 ms."""
_THREADS: Final = 4
"""More would mostly wait for the lock: it is held for some 0.5 µs of the 10 µs of a call."""

UFUNCS: Final[dict[str, np.ufunc]] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "mod": np.mod,
    "neg": np.negative, "fabs": np.absolute, "pow": np.power, "or": np.logical_or,
    "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
    "eq": np.equal, "ne": np.not_equal,
    "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "asinh": np.arcsinh,
    "acosh": np.arccosh, "atanh": np.arctanh, "atan2": np.arctan2,
}  # fmt: skip
"""What NumPy calls an instruction, where the name differs or is an operator's."""


@dataclass(frozen=True)
class Plan:
    """Which buffer each result goes to, so that a buffer is used again after its last reader.

    Attributes
    ----------
    slots : list of int
        For each instruction a buffer of floats, or of truth values for a test.
    floats, tests : int
        How many buffers of each there are.
    """

    slots: list[int]
    floats: int
    tests: int


def plan(program: Instructions) -> Plan:
    """Buffers by the last use of each register.

    Examples
    --------
    >>> import diffcompare as dc
    >>> from diffcompare.run.instructions import instructions
    >>> plan(instructions(dc.parse("sin(cos(exp(x)))"))).floats
    1
    """
    first, last = program.first, _last_uses(program)
    free: dict[bool, list[int]] = {True: [], False: []}
    made = {True: 0, False: 0}
    slots: list[int] = []
    for turn, (name, args) in enumerate(zip(program.names, program.args, strict=True)):
        test, gone = name in TESTS, []
        for arg in dict.fromkeys(args):
            if arg >= first and last[arg] == turn:
                gone.append(arg - first)
        if name != "select":  # a ufunc may write over what it reads; a selection is two steps
            _release(program, slots, free, gone)
        if free[test]:
            slots.append(free[test].pop())
        else:
            slots.append(made[test])
            made[test] += 1
        if name == "select":
            _release(program, slots, free, gone)
    return Plan(slots, made[False], made[True])


def _release(
    program: Instructions, slots: list[int], free: dict[bool, list[int]], gone: list[int]
) -> None:
    for turn in gone:
        free[program.names[turn] in TESTS].append(slots[turn])


def _last_uses(program: Instructions) -> list[int]:
    last = program.last_uses()
    for register in program.outputs:
        last[register] = len(program.names)
    return last


class Batch:
    """A program over arrays of points: `batch(*columns)` gives an array for each output.

    Examples
    --------
    >>> import diffcompare as dc, numpy as np
    >>> from diffcompare.run.instructions import instructions
    >>> Batch(instructions(dc.parse("where(x > 1, log(x), x - 1)")))(np.array([0.5, np.e]))
    (array([-0.5,  1. ]),)
    """

    def __init__(self, program: Instructions) -> None:
        self.program = program = scheduled(program)
        self.plan = plan(program)
        self._constants = [np.array(number) for number in program.constants]
        self._steps = [
            step_of(name, program.calls.get(turn)) for turn, name in enumerate(program.names)
        ]

    def __call__(self, *columns: Any) -> tuple[np.ndarray, ...]:
        x, shape = columns_of(columns, self.program.inputs)
        size = x[0].size if x else 1
        results = aligned(len(self.program.outputs), size)
        runs, most = self._shares(size)
        with np.errstate(all="ignore"):
            share(lambda run: self._run(run, most, x, results), runs)
        return tuple([result.reshape(shape) for result in results])

    def _shares(self, size: int) -> tuple[list[slice], int]:
        """What each thread does, and how many numbers a register holds at most.

        One thread does all where an op is called, that may not let itself be called at once.
        """
        each = 8 * max(1, self.program.inputs + self.plan.floats)
        if not self.program.calls and _SHARE * each <= SCRATCH:
            least = _RESULTS // max(1, len(self.program.names))
            runs = parts(size, max(_SHARE, least, size // _THREADS))
            if len(runs) > 1:
                return runs, min(_LONG, SCRATCH // each)
        return [slice(0, size)], max(_LEAST, min(_MOST, CACHE // each))

    def _run(self, run: slice, most: int, x: Sequence[np.ndarray], results: np.ndarray) -> None:
        """The points of a run, block by block; the last block ends at the last point."""
        length = run.stop - run.start
        blocks = -(-length // most)
        block = -(-length // max(1, blocks))
        registers, calls = self._calls(block)
        found = [registers[register] for register in self.program.outputs]
        for turn in range(blocks):
            start = min(run.start + turn * block, run.stop - block)
            part = slice(start, start + block)
            for register, column in zip(registers, x, strict=False):
                register[:] = column[part]
            for step, args in calls:
                step(*args)
            for result, register in zip(results, found, strict=True):
                result[part] = register

    def _calls(self, block: int) -> tuple[list[np.ndarray], list[Call]]:
        """Registers of so many numbers, and the calls that fill them, in order."""
        inputs, plan = self.program.inputs, self.plan
        rows = list(aligned(inputs + plan.floats, block))
        tests = list(np.empty((plan.tests, block), dtype=bool))
        registers, calls = [*rows[:inputs], *self._constants], list[Call]()
        for step, name, args, slot in zip(
            self._steps, self.program.names, self.program.args, plan.slots, strict=True
        ):
            out = tests[slot] if name in TESTS else rows[inputs + slot]
            calls.append((step, (*[registers[arg] for arg in args], out)))
            registers.append(out)
        return registers, calls


def step_of(name: str, op: Op | None) -> Callable[..., Any]:
    """What computes an instruction, of arrays, the last of which takes the result."""
    if name == "select":
        return _select
    if op is not None:
        return _calling(op)
    return UFUNCS.get(name) or getattr(np, name, None) or _each(name)


def _select(test: np.ndarray, a: Any, b: Any, out: np.ndarray) -> None:
    np.copyto(out, b)
    np.copyto(out, a, where=test.astype(bool, copy=False))


def _calling(op: Op) -> Callable[..., Any]:
    def step(*args: Any) -> None:
        *x, out = args
        out[...] = op.value(*x)

    return step


def _each(name: str) -> Callable[..., Any]:
    """A function that NumPy has not, as erf."""
    scalar = np.vectorize(getattr(math, name), otypes=[float])

    def step(x: Any, out: np.ndarray) -> None:
        out[...] = scalar(x)

    return step
