"""How long a program takes to build and to run, by backend, predicted from its instructions.

The seconds were measured by ``benchmarks/native.py`` and ``benchmarks/levels.py`` on a 2.6 GHz x86-64
machine with little else to do: they tell backends apart, they are no promise. Programs that outgrow
the caches, of more than some 50,000 instructions, take up to five times as long per instruction as
straight-line Python, up to four times as long when compiled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from diffcompare.run.instructions import TESTS, Instructions

_CHEAP: Final = frozenset(
    ["add", "sub", "mul", "div", "neg", "fabs", "sqrt", "floor", "ceil", "select", *TESTS]
)


@dataclass(frozen=True)
class Rate:
    """Seconds of a backend.

    Attributes
    ----------
    build, build_each : float
        To build a program, and for each instruction.
    call, call_each, function : float
        To evaluate one point, for each instruction, and for each that is a function of libm, on top.
    opaque : float
        For an op that has no expression, on top: NumPy's or mpmath's value.
    level : float
        For each level of the program.
    """

    build: float
    build_each: float
    call: float
    call_each: float
    function: float
    opaque: float = 2e-6
    level: float = 0.0


RATES: Final = {
    "python": Rate(1e-4, 5e-6, 0.15e-6, 20e-9, 35e-9),
    "levels": Rate(1e-4, 4.5e-6, 3e-6, 4.5e-9, 6e-9, opaque=0.1e-6, level=0.85e-6),
    "interpreted": Rate(2e-4, 2e-6, 0.20e-6, 1.1e-9, 5e-9),
    "native": Rate(2e-3, 12e-6, 0.17e-6, 0.4e-9, 5e-9),
}
NATIVE: Final = ("interpreted", "native")
"""Those that need llvmlite."""


@dataclass(frozen=True)
class Prediction:
    """Seconds to build a program, and of one evaluation."""

    build: float
    call: float

    def total(self, evaluations: int) -> float:
        """Seconds to build it and to run it so often."""
        return self.build + evaluations * self.call


def predicted(program: Instructions, backend: str) -> Prediction:
    """Seconds of a program by a backend, in a process that has built one before.

    Examples
    --------
    >>> import diffcompare as dc
    >>> from diffcompare.run.instructions import instructions
    >>> program = instructions(dc.parse("sin(x)*y"))
    >>> predicted(program, "native").build > predicted(program, "python").build
    True
    """
    rate, count = RATES[backend], len(program.names)
    functions = sum(1 for name in program.names if name not in _CHEAP)
    call = rate.call + rate.call_each * count + rate.function * functions
    call += rate.opaque * len(program.calls)
    if rate.level:
        call += rate.level * _depth(program)
    return Prediction(rate.build + rate.build_each * count, call)


def _depth(program: Instructions) -> int:
    """The longest path of instructions."""
    level = [0] * program.first
    for args in program.args:
        level.append(1 + max([level[arg] for arg in args]))
    return max(level, default=0)


def fastest(program: Instructions, evaluations: int, native: bool = True) -> str:
    """The backend that is done first, its building included.

    Parameters
    ----------
    program : Instructions
    evaluations : int
    native : bool
        Whether those that need llvmlite may be taken.

    Examples
    --------
    >>> import diffcompare as dc
    >>> from diffcompare.run.instructions import instructions
    >>> program = instructions(dc.parse("sin(x)*y + x**5"))
    >>> fastest(program, 1), fastest(program, 10**6), fastest(program, 10**6, native=False)
    ('python', 'native', 'python')
    """
    refused = () if native else NATIVE
    if program.calls:
        refused = (*refused, "interpreted")
    able = [name for name in RATES if name not in refused]
    return min(able, key=lambda name: predicted(program, name).total(evaluations))
