"""Machine code over many points at once, as many to an instruction as a vector register holds."""

from __future__ import annotations

import ctypes
from itertools import pairwise
from typing import Any, Final

import numpy as np

from diffcompare.run.columns import aligned, columns_of
from diffcompare.run.instructions import Instructions
from diffcompare.run.native.engine import built, machine
from diffcompare.run.native.functions import Functions
from diffcompare.run.native.ir import assembly
from diffcompare.run.order import scheduled
from diffcompare.threads import parts, share

_RUN: Final = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64
)
WHOLE: Final = 1000
"""Instructions of a chunk; a program of no more is built with care, in some 0.1 s at most."""
_SHARE: Final = 2_000_000
"""Results of instructions from which another thread is worth it, some 0.2 ms; to hand work to a thread
takes some 0.08 ms."""


class NativeBatch:
    """A program over arrays of points: `batch(*columns)` gives an array for each output.

    Threads may call it at once, and run at once.

    Examples
    --------
    >>> import diffcompare as dc, numpy as np, pytest
    >>> from diffcompare.run.instructions import instructions
    >>> _ = pytest.importorskip("llvmlite", reason="the extra native is not installed")
    >>> NativeBatch(instructions(dc.parse("x*y + 1")))(np.array([1.0, 2.0]), 3.0)
    (array([4., 7.]),)
    """

    def __init__(self, program: Instructions, chunk: int = WHOLE) -> None:
        self.program, self.lanes = scheduled(program), machine().lanes
        functions = Functions(self.lanes)
        text = assembly(self.program, functions, chunk)
        self.slots = text.slots
        effort = 2 if len(program.names) <= WHOLE else 0
        engine = built(text.text, effort, vectors=True)
        self._run = _RUN(engine.get_function_address("run"))
        self._kept = engine, functions.kept

    def __call__(self, *columns: Any) -> tuple[np.ndarray, ...]:
        x, shape = columns_of(columns, self.program.inputs)
        size = x[0].size if x else 1
        if 0 < size < self.lanes:  # the loop takes whole vectors
            x = [np.resize(column, self.lanes) for column in x]
        room = max(size, self.lanes)
        results = list(aligned(len(self.program.outputs), room))
        if size:
            share(lambda run: self._share(run, x, results), self._shares(room))
        return tuple([result[:size].reshape(shape) for result in results])

    def _shares(self, room: int) -> list[slice]:
        """What each thread does, from the start of a cache line; one does all where Python is called."""
        if self.program.calls:
            return [slice(0, room)]
        vectors, each = room // self.lanes, self.lanes * max(1, len(self.program.names))
        runs = parts(vectors, _SHARE // each)
        ends = [run.stop * self.lanes for run in runs[:-1]]
        return [slice(start, stop) for start, stop in pairwise([0, *ends, room])]

    def _share(self, run: slice, x: list[np.ndarray], results: list[np.ndarray]) -> None:
        self.at(_from(run.start, x), _from(run.start, results), run.stop - run.start)

    def at(self, x: np.ndarray, results: np.ndarray, rows: int) -> None:
        """The columns from these addresses into those, of so many rows, at least a vector."""
        registers = aligned(1, self.slots * self.lanes)
        self._run(x.ctypes.data, results.ctypes.data, registers.ctypes.data, rows)


def _from(start: int, columns: list[np.ndarray]) -> np.ndarray:
    """Where the columns go on from a point."""
    return np.array([column.ctypes.data + 8 * start for column in columns], dtype=np.int64)
