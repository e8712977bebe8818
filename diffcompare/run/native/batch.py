"""Machine code over many points at once, as many to an instruction as a vector register holds."""

from __future__ import annotations

import ctypes
from typing import Any, Final

import numpy as np

from diffcompare.run.columns import columns_of
from diffcompare.run.instructions import Instructions
from diffcompare.run.native.engine import built, machine
from diffcompare.run.native.functions import Functions
from diffcompare.run.native.ir import assembly

_RUN: Final = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64
)
WHOLE: Final = 1000
"""Instructions of a chunk; a program of no more is built with care, in some 0.1 s at most."""
_LINE: Final = 64
"""Bytes of a cache line: a vector that crosses one is slow to load."""


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
        self.program, self.lanes = program, machine().lanes
        functions = Functions(self.lanes)
        text = assembly(program, functions, chunk)
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
        results = list(np.empty((len(self.program.outputs), room)))  # one block: large pages
        if size:
            registers = np.empty(self.slots * self.lanes + _LINE // 8)
            start = registers.ctypes.data
            self._run(_addresses(x), _addresses(results), start + -start % _LINE, room)
        return tuple([result[:size].reshape(shape) for result in results])


def _addresses(arrays: list[np.ndarray]) -> Any:
    return (ctypes.c_void_p * len(arrays))(*[array.ctypes.data for array in arrays])
