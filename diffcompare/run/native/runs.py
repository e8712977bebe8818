"""Programs as data: runs of instructions of one kind, as the interpreter reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np

from diffcompare.run.instructions import Instructions

ONE: Final = (
    "neg", "fabs", "sqrt", "floor", "ceil", "exp", "expm1", "log", "log1p", "log2", "log10", "cbrt",
    "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
    "erf", "erfc",
)  # fmt: skip
TWO: Final = (
    "add", "sub", "mul", "div", "mod", "pow", "hypot", "atan2",
    "lt", "le", "gt", "ge", "eq", "ne", "or",
)  # fmt: skip
ARITY: Final = {**dict.fromkeys(ONE, 1), **dict.fromkeys(TWO, 2), "select": 3}
CODES: Final = {name: code for code, name in enumerate(ARITY)}


@dataclass(frozen=True, eq=False)
class Encoded:
    """A program as data; a result goes to the register after the one before.

    Attributes
    ----------
    runs : ndarray
        Of instructions of one kind: what kind, and how many.
    args : ndarray
        The registers that each instruction reads, the last one repeated up to three.
    place : ndarray
        For each register of the program, where it went.
    """

    runs: np.ndarray
    args: np.ndarray
    place: np.ndarray

    @property
    def source(self) -> str:
        """The runs, a line for each."""
        names = list(ARITY)
        return "\n".join([f"{count} {names[code]}" for code, count in self.runs.tolist()])


def encoded(program: Instructions) -> Encoded:
    """The program in few runs.

    Examples
    --------
    >>> import diffcompare as dc
    >>> from diffcompare.run.instructions import instructions
    >>> data = encoded(instructions(dc.parse("sin(x)*x + sin(y)*y + 1")))
    >>> data.source.splitlines(), data.args[:3, 0].tolist()
    (['2 sin', '2 mul', '2 add'], [0, 1, 3])
    """
    first, count = program.first, len(program.names)
    codes = np.fromiter(map(CODES.__getitem__, program.names), np.int32, count)
    sizes = np.fromiter(map(len, program.args), np.int64, count)
    flat = np.fromiter(chain.from_iterable(program.args), np.int64, int(sizes.sum()))
    order = np.array(_order(codes.tolist(), flat - first, sizes), dtype=np.int64)
    place = np.arange(first + count, dtype=np.int32)
    place[first + order] = np.arange(first, first + count)
    codes = codes[order]
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    lengths = np.diff(starts, append=count)
    runs = np.stack([codes[starts], lengths], axis=1).astype(np.int64)
    slots = np.minimum(np.arange(3), sizes[:, np.newaxis] - 1)
    threes = flat[(np.cumsum(sizes) - sizes)[:, np.newaxis] + slots]
    return Encoded(runs, place[threes[order]], place)


def _order(codes: Sequence[int], read: np.ndarray, sizes: np.ndarray) -> list[int]:
    """Of the instructions whose arguments are known all of the kind that has the most, and so on.

    What a run makes ready, it goes on with where that is of its kind. `read` has the instructions
    that each reads, one after the other, below zero where it reads no instruction.
    """
    reader = np.repeat(np.arange(len(sizes)), sizes)[read >= 0]
    read = read[read >= 0]
    readers = reader[np.argsort(read, kind="stable")].tolist()
    ends = np.cumsum(np.bincount(read, minlength=len(sizes))).tolist()
    starts = [0, *ends]
    waiting = np.bincount(reader, minlength=len(sizes)).tolist()
    ready: dict[int, list[int]] = {code: [] for code in sorted(set(codes))}
    for turn, left in enumerate(waiting):
        if not left:
            ready[codes[turn]].append(turn)
    order: list[int] = []
    while len(order) < len(codes):
        code = max(ready, key=lambda code: len(ready[code]))
        run = ready[code]
        for turn in run:  # it grows
            for user in readers[starts[turn] : ends[turn]]:
                waiting[user] -= 1
                if not waiting[user]:
                    ready[codes[user]].append(user)
        order += run
        ready[code] = []
    return order
