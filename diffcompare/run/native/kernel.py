"""Which machine code evaluates a program: its own, or the interpreter's where that is as fast."""

from __future__ import annotations

from typing import Final

from diffcompare.run.instructions import Instructions
from diffcompare.run.native.call import Kernel
from diffcompare.run.native.interpreter import interpreted, unknown
from diffcompare.run.native.ir import compiled
from diffcompare.run.native.runs import Encoded, encoded

LEAST: Final = 10_000
"""Instructions from which building by LLVM takes long, some 0.15 s."""
OUTGROWN: Final = 60_000
"""Instructions of which LLVM's code does not fit the second cache: up to four times as long each."""
LONG: Final = 32
"""Instructions of a run from which the interpreter is as fast as code that fits."""
SHORT: Final = 4
"""And from which it is as fast as code that does not."""


def native_kernel(program: Instructions) -> tuple[Kernel, str]:
    """The kernel that LLVM makes, or of a large program the interpreter's; and what is run, as text.

    The interpreter is built in a tenth of the time. It is taken where it is no slower: where runs
    of instructions of one kind are long, or code would outgrow the cache.

    Examples
    --------
    >>> import diffcompare as dc, pytest
    >>> from diffcompare.run.instructions import instructions
    >>> _ = pytest.importorskip("llvmlite", reason="the extra native is not installed")
    >>> native_kernel(instructions(dc.parse("x*y")))[1].count("fmul")
    1
    """
    if len(program.names) >= LEAST and not unknown(program):
        data = encoded(program)
        if suits(data):
            return interpreted(program, data)
    return compiled(program)


def suits(data: Encoded) -> bool:
    """Whether the interpreter is no slower than machine code of the program's own."""
    count = len(data.args)
    return len(data.runs) * (LONG if count < OUTGROWN else SHORT) <= count
