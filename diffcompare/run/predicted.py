"""How long a program takes to build and to run, by backend, predicted from its instructions.

The seconds were measured by ``benchmarks/native.py`` on a 2.6 GHz x86-64 machine with little else to
do: they tell backends apart, they are no promise. Programs that outgrow the caches, of more than some
50,000 instructions, take up to four times as long per instruction when compiled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from diffcompare.run.instructions import TESTS, Instructions

FUNCTION: Final = 12e-9
"""Seconds of a call of libm, whoever calls."""
CALLBACK: Final = 2e-6
"""Seconds of an op that has no expression: NumPy's or mpmath's value, on one number."""
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
    """

    build: float
    build_each: float
    call: float
    call_each: float
    function: float


RATES: Final = {
    "python": Rate(1e-4, 5e-6, 0.15e-6, 20e-9, 25e-9 + FUNCTION),
    "interpreted": Rate(2e-4, 2.5e-6, 0.20e-6, 1.2e-9, FUNCTION),
    "native": Rate(2e-3, 12e-6, 0.17e-6, 0.5e-9, FUNCTION),
}


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
    return Prediction(rate.build + rate.build_each * count, call + CALLBACK * len(program.calls))


def fastest(program: Instructions, evaluations: int) -> str:
    """The backend that is done first, its building included.

    Examples
    --------
    >>> import diffcompare as dc
    >>> from diffcompare.run.instructions import instructions
    >>> program = instructions(dc.parse("sin(x)*y + x**5"))
    >>> fastest(program, 1), fastest(program, 10**6)
    ('python', 'native')
    """
    able = [name for name in RATES if not (program.calls and name == "interpreted")]
    return min(able, key=lambda name: predicted(program, name).total(evaluations))
