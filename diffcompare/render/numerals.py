"""Numbers as text: floats, exact rationals, integers of any size, times."""

from __future__ import annotations

import math
from decimal import Context, Decimal
from fractions import Fraction
from typing import Final

_GROUPED_DIGITS: Final = 15
"""Integers up to here are written out; longer ones as 1.234e56."""
_EXACT_DIGITS: Final = 17
_LARGE: Final = 10**7
_LEADING_ZEROS: Final = -3
_FIVES: Final = 400
_BYTES: Final = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))
_UNITS: Final = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def number(x: float, digits: int = 6) -> str:
    """A float in so many significant digits; nan, inf and -inf by name.

    Examples
    --------
    >>> number(11.652071455223084), number(2.0), number(float("-inf"))
    ('11.6521', '2', '-inf')
    """
    x = float(x)
    if not math.isfinite(x):
        return str(x)
    text = f"{x:.{digits}g}" if x else "0"
    if "e" in text:
        mantissa, exponent = text.split("e")
        return f"{mantissa}e{int(exponent)}"
    return text


def exact(n: Fraction) -> str:
    """A rational without rounding: a decimal where that is short, else p/q.

    Examples
    --------
    >>> exact(Fraction(5, 2)), exact(Fraction(1, 3)), exact(Fraction(1, 10**30))
    ('2.5', '1/3', '1e-30')
    """
    places = _places(n.denominator)
    if places is not None:
        scaled = n.numerator * 10**places // n.denominator
        if abs(scaled) < 10**_EXACT_DIGITS or places == 0:
            return _decimal(scaled, places)
    return f"{digits_of(n.numerator)}/{digits_of(n.denominator)}"


def shortest(n: Fraction) -> str:
    """A rational as the shortest decimal that gives the same float, where it is a float's value.

    Examples
    --------
    >>> shortest(Fraction(0.1)), shortest(Fraction(1, 3))
    ('0.1', '1/3')
    """
    text = exact(n)
    if "/" not in text:
        return text
    try:
        near = float(n)
    except OverflowError:
        return text
    return repr(near) if Fraction(near) == n else text


def _places(denominator: int) -> int | None:
    """Fewest decimal places that write 1/denominator exactly, if there are few."""
    twos = (denominator & -denominator).bit_length() - 1
    rest, fives = denominator >> twos, 0
    while rest % 5 == 0 and fives < _FIVES:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 and twos < _FIVES else None


def _decimal(scaled: int, places: int) -> str:
    if not scaled:
        return "0"
    body, sign = digits_of(abs(scaled)), "-" * (scaled < 0)
    short = body.rstrip("0")
    exponent = len(body) - len(short) - places
    if exponent == 0 or (exponent > 0 and len(body) <= _EXACT_DIGITS):
        return sign + (body if places == 0 else short)
    ahead = len(short) + exponent
    if exponent > 0 or ahead < _LEADING_ZEROS:
        mantissa = short if len(short) == 1 else f"{short[0]}.{short[1:]}"
        return f"{sign}{mantissa}e{ahead - 1}"
    return (
        f"{sign}{short[:ahead]}.{short[ahead:]}" if ahead > 0 else f"{sign}0.{'0' * -ahead}{short}"
    )


def digits_of(n: int) -> str:
    """All digits of an integer of any size; `str` refuses more than 4300.

    Examples
    --------
    >>> len(digits_of(10**5000))
    5001
    """
    return format(Decimal(n), "f")


def whole(n: int) -> str:
    """An integer, written out up to 15 digits, then as leading digits and their count.

    Examples
    --------
    >>> whole(4841474), whole(2**200)
    ('4,841,474', '1.607e60 (61 digits)')
    """
    if abs(n) < 10**_GROUPED_DIGITS:
        return f"{n:,}"
    mantissa, exponent = f"{Decimal(n):.3e}".split("e")
    return f"{mantissa}e{int(exponent)} ({Decimal(abs(n)).adjusted() + 1:,} digits)"


def rounded(n: int) -> str:
    """An integer, in four digits where it has more than seven.

    Examples
    --------
    >>> rounded(1_234_567), rounded(33_093_231_580)
    ('1,234,567', '3.309e10')
    """
    return whole(n) if abs(n) < _LARGE else number(float(n), 4)


def ratio(n: int, over: int) -> str:
    """How many times `over` an integer is.

    Examples
    --------
    >>> ratio(21, 5), ratio(10**400, 3), ratio(1, 0)
    ('4.2', '3.333e399', '–')
    """
    if not over:
        return "–"
    if abs(n) < 10**_GROUPED_DIGITS * over:
        times = n / over
        return f"{times:,.0f}" if times >= 1000 else number(times, 3)
    return whole(n // over).split(" ")[0]


def bytes_text(count: int) -> str:
    """Bytes in the unit that fits.

    Examples
    --------
    >>> bytes_text(800), bytes_text(61_706 * 8), bytes_text(5 << 30)
    ('800 B', '482 KiB', '5 GiB')
    """
    unit, name = next((row for row in _BYTES if count >= row[0]), (1, "B"))
    return f"{number(count / unit, 3) if count < 1000 * unit else f'{count / unit:,.0f}'} {name}"


def seconds(time: float) -> str:
    """A duration in the unit that fits.

    Examples
    --------
    >>> seconds(0.00123), seconds(12.0)
    ('1.23 ms', '12 s')
    """
    unit, name = next((row for row in _UNITS if time >= row[0]), _UNITS[-1])
    digits = Context(prec=3).create_decimal_from_float(time / unit)
    return f"{format(digits.normalize(), 'f')} {name}"
