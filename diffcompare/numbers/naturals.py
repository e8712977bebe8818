"""Arrays of natural numbers of any size, exact, at the speed of float arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Any, Final

import numpy as np

from diffcompare.ops.op import Shape

_BITS: Final = 24
_BASE: Final = 2.0**_BITS
"""Sums of up to 2²⁹ digits are exact in float64."""


class Naturals:
    """An array of natural numbers, by their digits in base 2²⁴.

    Whatever adds up entries of float arrays adds up these: it is run on the digits.

    Attributes
    ----------
    digits : tuple of ndarray of float
        Arrays of one shape, the lowest digits first.

    Examples
    --------
    >>> big = Naturals.of([2.0**52, 1.0])
    >>> (big + big + 1).through(np.sum)
    Naturals(9007199254740996)
    """

    __slots__ = ("digits",)

    def __init__(self, digits: Sequence[Any]) -> None:
        self.digits = tuple([np.asarray(digit) for digit in digits])

    @classmethod
    def of(cls, numbers: Any) -> Naturals:
        """Whole numbers below 2⁵³."""
        return cls(_carried([np.asarray(numbers, dtype=float)]))

    @classmethod
    def ones(cls, shape: Shape) -> Naturals:
        """Ones, in no memory."""
        return cls([np.broadcast_to(1.0, shape)])

    @property
    def shape(self) -> Shape:
        """The shape of the array."""
        shape: Shape = self.digits[0].shape
        return shape

    def __add__(self, other: Naturals | Any) -> Naturals:
        """Entry by entry, broadcast; a summand may be an array of whole floats below 2⁵²."""
        more = other.digits if isinstance(other, Naturals) else (np.asarray(other, dtype=float),)
        pairs = zip_longest(self.digits, more, fillvalue=np.zeros(()))
        return Naturals(_carried([a + b for a, b in pairs]))

    def through(self, linear: Callable[[Any], Any]) -> Naturals:
        """What a linear map makes of them that only adds up entries, each up to 2²⁹ times."""
        return Naturals(_carried([np.asarray(linear(digit)) for digit in self.digits]))

    @staticmethod
    def joined(join: Callable[..., Any], parts: Sequence[Naturals]) -> Naturals:
        """What a linear map makes of several arrays that only adds up entries, as `through`."""
        rows = zip_longest(*(part.digits for part in parts))
        shapes = [part.shape for part in parts]
        return Naturals(_carried([
            np.asarray(join(*(np.zeros(s) if d is None else d for d, s in zip(row, shapes, strict=True))))
            for row in rows
        ]))  # fmt: skip

    def total(self) -> int:
        """The sum of the entries."""
        return sum(int(digit.sum()) << _BITS * k for k, digit in enumerate(self.digits))

    def tolist(self) -> list[int]:
        """The entries in row-major order."""
        rows = zip(*(digit.ravel().tolist() for digit in self.digits), strict=True)
        return [sum(int(digit) << _BITS * k for k, digit in enumerate(row)) for row in rows]

    def __repr__(self) -> str:
        return f"Naturals({', '.join(map(str, self.tolist()))})"


def _carried(digits: list[Any]) -> list[Any]:
    """Digits made smaller than the base again; arrays that are stay as they are."""
    carried: list[Any] = []
    carry: Any = None
    for digit in digits:
        full = digit if carry is None else digit + carry
        carry = None
        if np.max(full, initial=0.0) >= _BASE:
            carry = np.floor(full / _BASE)
            full = full - carry * _BASE
        carried.append(full)
    return carried if carry is None else [*carried, *_carried([carry])]
