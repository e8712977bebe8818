"""Settings of layers that are numbers: read exactly, and put to use in any number kind."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.ops.operand import Value
from diffcompare.ops.powers import exactly, rational


def number(what: str, option: str, value: Any) -> Fraction:
    """A setting that is a finite number, exactly as written: the float 0.1 is 1/10.

    Examples
    --------
    >>> number("lrn", "alpha", 1e-4)
    Fraction(1, 10000)
    """
    found = rational(int(value) if isinstance(value, np.integer) else value)
    if found is None:
        raise DiffcompareError(
            "attr", what, need=f"{option} as a finite number", got=shorten(value)
        )
    return Fraction(repr(float(value))) if isinstance(value, float) else found


def factor(c: Fraction, like: Value) -> Value:
    """A constant in the number kind that a value is made of: exact where the kind is."""
    while hasattr(like, "primal"):
        like = like.primal
    return exactly(c, like)
