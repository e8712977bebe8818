"""The options of an op as plain values that JSON holds, and back, checked."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from numbers import Integral
from typing import Any, Final, get_args, get_origin, get_type_hints

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.ops.constants import CONSTANTS, Named
from diffcompare.ops.op import FAMILIES, Op, make

_RATIONAL: Final = re.compile(r"-?(\d{1,4000}|0x[0-9a-f]+)(/(\d{1,4000}|0x[0-9a-f]+))?", re.ASCII)
_LONG_BITS: Final = 4000
"""Longer integers are written in hexadecimal, which takes linear time."""


def plain_options(op: Op) -> dict[str, Any]:
    """The options of an op, rationals as "p/q" and named constants by name.

    Examples
    --------
    >>> from diffcompare.ops.powers import Power
    >>> plain_options(Power(Fraction(3, 2)))
    {'exponent': '3/2'}
    """
    return {name: _plain(value) for name, value in op.options().items()}


def make_plain(name: str, options: dict[str, Any]) -> Op:
    """The op of a name and options as `plain_options` gives them, or as Python's own numbers.

    Raises
    ------
    DiffcompareError
        Of kind "name" for an unknown op, of kind "attr" for options that do not fit.

    Examples
    --------
    >>> make_plain("power", {"exponent": "3/2"})
    <op power(exponent=3/2)>
    """
    if name not in FAMILIES:
        return make(name, options)
    hints = _hints(name)
    read = {
        key: _read(f"option {key} of {name}", hints[key], value) if key in hints else value
        for key, value in options.items()
    }
    return make(name, read)


def unfit(op: Op) -> DiffcompareError:
    """The refusal of options that each are right, and together are not."""
    got = ", ".join(f"{key}={shorten(value)}" for key, value in plain_options(op).items())
    return DiffcompareError("attr", op.name, need="options that fit together", got=got or "none")


@cache
def _hints(name: str) -> dict[str, Any]:
    return get_type_hints(FAMILIES[name])


def _plain(value: Any) -> Any:
    if isinstance(value, Named):
        return value.name
    if isinstance(value, Fraction):
        top = _digits(value.numerator)
        return top if value.denominator == 1 else f"{top}/{_digits(value.denominator)}"
    return [_plain(part) for part in value] if isinstance(value, tuple) else value


def _digits(number: int) -> str:
    return hex(number) if number.bit_length() > _LONG_BITS else str(number)


def _read(what: str, hint: Any, value: Any) -> Any:
    """A value of the type that the op declares."""
    if get_origin(hint) is tuple:
        parts = get_args(hint)
        many = parts[-1] is Ellipsis
        if isinstance(value, (list, tuple)) and (many or len(value) == len(parts)):
            each = [parts[0]] * len(value) if many else parts
            return tuple([_read(what, h, v) for h, v in zip(each, value, strict=True)])
        raise _refused(what, "a list" if many else f"a list of {len(parts)}", value)
    need, read = _READ.get(hint, ("another type", lambda value: None))
    result = read(value)
    if result is None:
        raise _refused(what, need, value)
    return result


def _refused(what: str, need: str, value: Any) -> DiffcompareError:
    return DiffcompareError("attr", what, need=need, got=shorten(value))


def _rational(value: Any) -> Fraction | None:
    if isinstance(value, str) and _RATIONAL.fullmatch(value):
        top, _, bottom = value.partition("/")
        p, q = _integer(top), _integer(bottom or "1")
        return _finite(Fraction(p, q)) if q else None
    if isinstance(value, (bool, Named)):
        return None
    if isinstance(value, float):
        return Fraction(value) if math.isfinite(value) else None
    if isinstance(value, Integral):
        return _finite(Fraction(int(value)))
    return _finite(value) if isinstance(value, Fraction) else None


def _integer(text: str) -> int:
    return int(text, 16) if "x" in text else int(text)


def _finite(number: Fraction) -> Fraction | None:
    try:
        float(number)
    except OverflowError:
        return None
    return number


def _number(value: Any) -> Fraction | Named | None:
    if isinstance(value, str) and value in CONSTANTS:
        return CONSTANTS[value]
    return value if isinstance(value, Named) else _rational(value)


_READ: Final[dict[Any, tuple[str, Callable[[Any], Any]]]] = {
    bool: ("true or false", lambda v: v if isinstance(v, bool) else None),
    int: ("a whole number, 0 or more", lambda v: v if type(v) is int and v >= 0 else None),
    float: ("a number", lambda v: float(v) if type(v) in (int, float) else None),
    str: ("text", lambda v: v if isinstance(v, str) and v else None),
    Fraction: ('a rational number, as 2 or "3/2"', _rational),
    Fraction | Named: ('a finite number, as 2, "1/3" or "pi"', _number),
}
"""By declared type: what is needed, and a reader that gives None for anything else."""
