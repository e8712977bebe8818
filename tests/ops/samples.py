"""Where each op is tested: smooth points, and what to hold it against where SymPy has no such form."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy

from diffcompare.ops.cost import Cost
from diffcompare.ops.index import IndexIs
from diffcompare.ops.layers.lrn import LRN
from diffcompare.ops.op import Op
from diffcompare.ops.powers import LogPow, Power
from diffcompare.ops.special import Polygamma

Points = list[tuple[float, ...]]
TINY, SMALLEST, BELOW_ONE = 2.0**-1022, 5e-324, 1 - 2.0**-53
"""The smallest normal and subnormal numbers, and the last before one."""

_SIGNED_PAIRS = [(1.5, -2.25), (-0.75, 0.1), (1e200, 3.0), (SMALLEST, 0.5), (-0.0, 1.0)]
_ORDERED_PAIRS = [(1.5, 2.25), (2.25, 1.5), (-0.0, 1e300), (SMALLEST, -SMALLEST), (-1e300, 1e300)]
_LINE = [0.3, -1.7, 0.0, -0.0, 1e-9, -1e-300, SMALLEST]
_POSITIVE = [0.3, 2.5, 1.0, 1e-9, 1e9, 1e300, TINY, SMALLEST]
_OPEN_UNIT = [0.3, -0.7, 0.0, -0.0, 1e-300, SMALLEST, BELOW_ONE, -BELOW_ONE, 1 - 1e-9]


def _each(numbers: list[float]) -> Points:
    return [(x,) for x in numbers]


# fmt: off
SAMPLES: dict[str, Points] = {
    "add": [*_SIGNED_PAIRS, (1e308, -1e308)],
    "sub": [*_SIGNED_PAIRS, (1.0, 1.0)],
    "mul": [*_SIGNED_PAIRS, (1e-200, 1e-200), (0.0, 0.0)],
    "div": [(1.5, -2.25), (-0.75, 0.1), (0.0, 3.0), (1e200, 1e-50), (1e-200, 1e-9), (SMALLEST, 0.5)],
    "neg": _each([*_LINE, 1e300]),
    "less": _ORDERED_PAIRS, "less_equal": _ORDERED_PAIRS, "greater": _ORDERED_PAIRS,
    "greater_equal": _ORDERED_PAIRS, "equal": _ORDERED_PAIRS, "not_equal": _ORDERED_PAIRS,
    "where": [(1.0, 2.5, -0.5), (0.0, 2.5, -0.5), (-0.0, 1.0, 3.0), (SMALLEST, 1e300, 0.0)],
    "relu": _each([0.3, -1.7, SMALLEST, -SMALLEST, 1e300, -1e300]),
    "abs": _each([0.3, -1.7, SMALLEST, -SMALLEST, 1e300]),
    "sign": _each([0.3, -1.7, SMALLEST, -SMALLEST, 1e300]),
    "floor": _each([0.3, -1.7, SMALLEST, -SMALLEST, 2.0**40 + 0.5]),
    "ceil": _each([0.3, -1.7, SMALLEST, -SMALLEST, 2.0**40 + 0.5]),
    "mod": [(7.5, 2.0), (-7.5, 2.0), (7.5, -2.0), (-7.5, -2.0), (0.3, 1e300), (1e9 + 0.5, 3.0)],
    "max": [(1.0, 2.0, -3.0), (2.0, 1.0, 0.0), (-5.0, -4.0, -3.0), (SMALLEST, -0.0, -1e300)],
    "min": [(1.0, 2.0, -3.0), (2.0, 1.0, 0.0), (-5.0, -4.0, -3.0), (-SMALLEST, 0.0, 1e300)],
    "argmax": [(1.0, 2.0, -3.0), (2.0, 1.0, 0.0), (-5.0, -4.0, -3.0), (-3.0, 1e300, SMALLEST)],
    "choose": [(0.0, 2.5, -0.5), (1.0, 2.5, -0.5), (1.0, 1e300, SMALLEST), (-0.0, -3.0, 7.5)],
    "level": [(1.5, 2.25, -3.0), (2.5, 1e9 + 0.5, 0.0), (-5.25, -4.75, -30.0), (0.5, SMALLEST, -1e300)],
    "log_sum": [(0.5, -1.25, 0.25), (0.75, -30.5, -2.5), (0.0, 0.0, 0.0), (-1e-9, 0.25, -700.0)],
    "logaddexp": [(0.5, -1.25, 0.25), (1e3, 999.25, 3.5), (-745.5, -744.25, -2e3), (1e15, 1e15, -3.0)],
    "exp": _each([*_LINE, 700.0, -700.0, -745.0]),
    "expm1": _each([*_LINE, 700.0, -40.0]),
    "log": _each([*_POSITIVE, 1 + 1e-9]),
    "log1p": _each([*_LINE[:1], -0.7, *_LINE[2:], 1e300, -BELOW_ONE]),
    "log2": _each(_POSITIVE), "log10": _each(_POSITIVE), "sqrt": _each(_POSITIVE),
    "cbrt": _each([0.3, -1.7, 27.0, 1e300, -1e-300, SMALLEST]),
    "sin": _each([*_LINE, 1e15, 1e300]),
    "cos": _each([*_LINE, 1e15, 1e300]),
    "tan": _each([*_LINE, 1.5707960128784180, 1e15]),
    "asin": _each(_OPEN_UNIT), "acos": _each(_OPEN_UNIT), "atanh": _each(_OPEN_UNIT),
    "atan": _each([*_LINE, 1e15, 1e200]),
    "sinh": _each([*_LINE, 20.0, -700.0]),
    "cosh": _each([*_LINE, 20.0, -700.0]),
    "tanh": _each([*_LINE, 4.0, 6.0, 14.0, 20.0, -350.0, 800.0]),
    "asinh": _each([*_LINE, 1e15, 1e200, -1e200]),
    "acosh": _each([1.5, 2.0, 1 + 2.0**-52, 1 + 1e-9, 1e15, 1e200]),
    "sigmoid": _each([*_LINE, 40.0, -40.0, 800.0, -700.0, -800.0]),
    "softplus": _each([*_LINE, 40.0, -40.0, 800.0, -700.0, -800.0]),
    "erf": _each([*_LINE, 6.0, 20.0]),
    "erfc": _each([*_LINE, 6.0, 20.0, -20.0]),
    "gamma": _each([0.3, 2.5, 1.0, 5.0, -0.5, -1.5, -15.25, 170.5, 2.0**-6]),
    "lgamma": _each([0.3, 2.5, 5.0, -0.5, -1.5, -15.25, 2.0**-6, 1e15, 1e300]),
    "hypot": [(3.0, 4.0), (-3.0, 4.0), (0.0, -2.0), (3e200, 4e200), (3e-200, -4e-200), (SMALLEST, 1.0)],
    "atan2": [(1.0, 2.0), (-1.0, -2.0), (0.0, 2.0), (3e200, 4e200), (3e-200, -4e-200), (1e-300, 1.0)],
    "pow": [(1.5, 2.5), (0.3, -1.75), (2.0, 0.0), (2.0, 1.0), (1e-300, 0.5), (1e9, 30.0), (1.0, 5.0), (BELOW_ONE, 1e9)],
}
"""Points where the value is finite and the derivative exists, by op: every op of the table has some."""

_POWERS: Points = _each([0.3, 2.5, 1e9, 1e-9])
FAMILY_SAMPLES: dict[str, list[tuple[Op, Points]]] = {
    "power": [
        (Power(Fraction(0)), _each([0.0, -1.5, 1e300])),
        (Power(Fraction(2)), _each([0.3, -1.7, 0.0, -1e150, 1e-200])),
        (Power(Fraction(3)), _each([0.3, -1.7, 0.0, -1e100])),
        (Power(Fraction(17)), _each([0.3, -1.7, 0.0])),
        (Power(Fraction(-1)), _each([0.3, -1.7, 1e150, -1e-150])),
        (Power(Fraction(-4)), _each([0.3, -1.7, 1e60])),
        (Power(Fraction(1, 2)), [*_POWERS, (SMALLEST,)]),
        (Power(Fraction(-3, 2)), _POWERS),
        (Power(Fraction(1, 3)), _POWERS),
        (Power(Fraction(7, 3)), _POWERS),
    ],
    "polygamma": [
        (Polygamma(order), _each([0.3, 2.5, 5.0, -0.5, -15.25, 1e6]))
        for order in range(4)
    ],
    "lrn": [
        (LRN(3, 2, Fraction(1, 2), Fraction(3, 4)), [(0.3, 2.5), (-1.7, 0.0), (1e3, 1e6), (0.0, 1.0)]),
        (LRN(4, 1, 2, 0.5, True), [(0.3, 2.5), (-1.7, 0.0)]),
    ],
    "index_is": [(IndexIs(position), _each([0.0, 1.0, 2.0, 3.0])) for position in (0, 2)],
    "logpow": [
        (LogPow(order), [(1.5, 2.5), (0.3, -1.75), (1e-9, 0.5), (7.0, 3.0), (2.0, 0.0)])
        for order in (1, 2, 3)
    ],
}
LEAVES = ("input", "constant")
"""Families that compute nothing."""

a, b, c = SYMBOLS = sympy.symbols("a b c", real=True)


def _if(test: Any) -> Any:
    return sympy.Piecewise((1, test), (0, True))


REFERENCES: dict[str, Any] = {
    "less": _if(a < b), "less_equal": _if(a <= b), "greater": _if(a > b),
    "greater_equal": _if(a >= b), "equal": _if(sympy.Eq(a, b)), "not_equal": _if(sympy.Ne(a, b)),
    "where": sympy.Piecewise((b, sympy.Ne(a, 0)), (c, True)),
    "relu": sympy.Piecewise((a, a > 0), (0, True)),
    "abs": sympy.Piecewise((a, a > 0), (-a, True)),
    "sign": sympy.Piecewise((1, a > 0), (-1, True)),
    "floor": sympy.floor(a), "ceil": sympy.ceiling(a), "mod": a - b * sympy.floor(a / b),
    "max": sympy.Piecewise((a, (a > b) & (a > c)), (b, b > c), (c, True)),
    "min": sympy.Piecewise((a, (a < b) & (a < c)), (b, b < c), (c, True)),
    "argmax": sympy.Piecewise((0, (a >= b) & (a >= c)), (1, b >= c), (2, True)),
    "choose": sympy.Piecewise((b, sympy.Eq(a, 0)), (c, True)), "index_is": _if(sympy.Eq(a, c)),
    "level": sympy.floor(sympy.Max(a, b, c)),
    "cbrt": sympy.Piecewise((sympy.cbrt(a), a > 0), (-sympy.cbrt(-a), True)),
    "sigmoid": 1 / (1 + sympy.exp(-a)),
    "softplus": sympy.log(1 + sympy.exp(a)),
    "lgamma": sympy.log(sympy.Abs(sympy.gamma(a))),
    "pow": a**b,
    "logpow": a**b * sympy.log(a) ** c,
}
# fmt: on
"""Stock SymPy expressions in a, b, c, valid at the sample points; c is the setting of logpow and index_is."""

NO_SYMPY_DERIVATIVE = ("floor", "ceil", "mod", "level")
"""SymPy leaves the derivative of a floor as it stands."""

COSTS: dict[str, Cost] = {
    "level": Cost(compare=3),  # two for the largest, one to round
    "log_sum": Cost(add=2, call=4),  # three exponentials and their logarithm
    "logaddexp": Cost(add=2 + 3 + 1, call=4, compare=3),  # the same, shifted and back
    "lrn": Cost(add=1, mul=2, call=1),
}
"""Operations of an op of more than one step, on two or three numbers."""

CALL_ULPS: dict[str, float] = {"logpow": 20}
"""Units in the last place that a value may be off by; 4 unless it is here."""
