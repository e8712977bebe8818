"""Named constants: floats that a graph keeps exact."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import sympy


class Named(float):
    """A float that remembers which real number it rounds.

    Examples
    --------
    >>> PI.name, PI + 0
    ('pi', 3.141592653589793)
    """

    name: str
    sympy: Any
    precise: Callable[[Any], Any]

    def __new__(cls, name: str, value: float, exact: Any, precise: Callable[[Any], Any]) -> Named:
        self = super().__new__(cls, value)
        self.name, self.sympy, self.precise = name, exact, precise
        CONSTANTS[name] = self
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return _find, (self.name,)


def _find(name: str) -> Named:
    return CONSTANTS[name]


CONSTANTS: Final[dict[str, Named]] = {}

PI = Named("pi", math.pi, sympy.pi, lambda mp: +mp.pi)
E = Named("e", math.e, sympy.E, lambda mp: +mp.e)
LN2 = Named("ln2", math.log(2), sympy.log(2), lambda mp: mp.log(2))
LN10 = Named("ln10", math.log(10), sympy.log(10), lambda mp: mp.log(10))
TWO_RSQRT_PI = Named(
    "2/sqrt(pi)", 2 / math.sqrt(math.pi), 2 / sympy.sqrt(sympy.pi), lambda mp: 2 / mp.sqrt(mp.pi)
)
NAN = Named("nan", math.nan, sympy.nan, lambda mp: mp.nan)
INF = Named("inf", math.inf, sympy.oo, lambda mp: mp.inf)
