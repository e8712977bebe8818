"""Products and numbers of SymPy, taken apart without building new expressions."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final, NamedTuple

import sympy

from diffcompare.errors import DiffcompareError
from diffcompare.ops.elementary import cosh, sqrt
from diffcompare.ops.operand import Value
from diffcompare.ops.powers import power

_HALF: Final = Fraction(1, 2)
_RANGE: Final = 1200
"""No float64 is as large as 2**1200 or as small as 2**-1200."""


class Factors(NamedTuple):
    """`number` times the product of `above`, over that of each `shapes[i](below[i])`."""

    number: Fraction
    above: list[Any]
    below: list[Any]
    shapes: list[Callable[[Value], Value]]


def factors(expression: Any) -> Factors:
    """Take a product, a negative power or a multiple of 1 − tanh² apart.

    Examples
    --------
    >>> x, y = sympy.symbols("x y")
    >>> factors(3 * x / y)[:3]
    (Fraction(3, 1), [x], [y])
    """
    parts = expression.args if expression.is_Mul else (expression,)
    result = Factors(Fraction(1), [], [], [])
    if is_rational(parts[0]):
        result, parts = result._replace(number=rational(parts[0])), parts[1:]
    for part in parts:
        slope = tanh_slope(part)
        if slope:
            result = result._replace(number=result.number * slope[0])
            result.below.append(slope[1])
            result.shapes.append(lambda u: power(cosh(u), 2))
        elif type(part) is sympy.Pow and is_rational(part.exp) and part.exp < 0:
            result.below.append(part.base)
            result.shapes.append(raised(part.exp, flip=True))
        else:
            result.above.append(part)
    return result


def tanh_slope(expression: Any) -> tuple[Fraction, Any] | None:
    """(c, u) where the expression is the sum c − c tanh²u, which is c/cosh²u; else None.

    Examples
    --------
    >>> tanh_slope(sympy.tanh(3 * sympy.Symbol("x")).diff())
    (Fraction(3, 1), 3*x)
    """
    if not expression.is_Add or len(expression.args) != 2:
        return None
    number, square = expression.args
    scale = sympy.S.One
    if square.is_Mul and len(square.args) == 2:
        scale, square = square.args
    if type(square) is not sympy.Pow or square.exp != 2 or square.base.func is not sympy.tanh:
        return None
    if not (is_rational(number) and is_rational(scale) and rational(number) == -rational(scale)):
        return None
    return rational(number), square.base.args[0]


def rational(number: Any) -> Fraction:
    """The exact value of a SymPy Rational or Float; a Float beyond float64 stays beyond it.

    Examples
    --------
    >>> rational(sympy.Float(0.5)), rational(sympy.Rational(1, 3))
    (Fraction(1, 2), Fraction(1, 3))
    """
    if not number.is_Float:
        return Fraction(int(number.p), int(number.q))
    sign, mantissa, exponent, bits = number._mpf_
    value = Fraction(int(mantissa))
    if mantissa:
        # Float("1e1000000000") has no use for its digits.
        exponent = max(-_RANGE, min(exponent + bits, _RANGE)) - bits
        value *= Fraction(2) ** exponent
    return -value if sign else value


def is_rational(expression: Any) -> bool:
    """Whether it is a Rational or a Float, so that `rational` reads it."""
    return bool(expression.is_Rational or expression.is_Float)


def held(number: Fraction) -> bool:
    """Whether float64 has a finite value for it, and not zero by underflow."""
    try:
        return bool(float(number)) or not number
    except OverflowError:
        return False


def is_negative(expression: Any) -> bool:
    """Whether it is a negative number or leads with one."""
    lead = expression.args[0] if expression.is_Mul else expression
    return is_rational(lead) and bool(lead < 0)


def raised(exponent: Any, flip: bool = False) -> Callable[[Value], Value]:
    """x to the power of a number, or of its opposite."""
    exact = -rational(exponent) if flip else rational(exponent)
    if not held(exact):
        raise DiffcompareError(
            "domain", "an exponent", need="a magnitude that float64 has", got="another"
        )
    return sqrt if exact == _HALF else lambda x: power(x, exact)
