"""Instructions over many points at once: NumPy on blocks that stay in the cache."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from diffcompare.ops.op import Op
from diffcompare.run.columns import columns_of
from diffcompare.run.instructions import TESTS, Instructions

CACHE: Final = 1 << 22
"""Bytes that the registers of a block take at most, so that they stay in the cache."""
_LEAST, _MOST = 256, 8192

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
        self.program, self.plan = program, plan(program)
        buffers = max(1, self.plan.floats + len(program.outputs) + program.inputs)
        self.block = max(_LEAST, min(_MOST, CACHE // (8 * buffers)))
        self._steps = [
            step_of(name, program.calls.get(turn)) for turn, name in enumerate(program.names)
        ]

    def __call__(self, *columns: Any) -> tuple[np.ndarray, ...]:
        flat, shape = columns_of(columns, self.program.inputs)
        size = flat[0].size if flat else 1
        results = [np.empty(size) for _ in self.program.outputs]
        floats = np.empty((self.plan.floats, self.block))
        tests = np.empty((self.plan.tests, self.block), dtype=bool)
        with np.errstate(all="ignore"):
            for start in range(0, size, self.block):
                stop = min(start + self.block, size)
                found = self._run([c[start:stop] for c in flat], floats, tests, stop - start)
                for result, register in zip(results, found, strict=True):
                    result[start:stop] = register
        return tuple(result.reshape(shape) for result in results)

    def _run(
        self, x: Sequence[np.ndarray], floats: np.ndarray, tests: np.ndarray, size: int
    ) -> list[Any]:
        registers: list[Any] = [*x, *self.program.constants]
        rows = {False: [row[:size] for row in floats], True: [row[:size] for row in tests]}
        for step, name, args, slot in zip(
            self._steps, self.program.names, self.program.args, self.plan.slots, strict=True
        ):
            out = rows[name in TESTS][slot]
            step(*[registers[a] for a in args], out)
            registers.append(out)
        return [registers[register] for register in self.program.outputs]


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
