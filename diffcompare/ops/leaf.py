"""Where a graph begins: inputs and exact constants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.ops.constants import NAN, Named
from diffcompare.ops.op import Op, Shape, family


@family
@dataclass(frozen=True, repr=False)
class Input(Op):
    """A named number, or an array of them, that the point gives.

    Parameters
    ----------
    label : str
    size : tuple of int
        The array's shape; () for a number.
    """

    label: str
    size: Shape = ()
    name: ClassVar[str] = "input"  # type: ignore[misc]
    arity: ClassVar[tuple[int, int | None]] = (0, 0)  # type: ignore[misc]

    def options(self) -> dict[str, Any]:
        return {"label": self.label, "size": self.size} if self.size else {"label": self.label}

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        return self.size


@family
@dataclass(frozen=True, repr=False, eq=False)
class Constant(Op):
    """An exact number: a rational or a `Named` constant.

    Pi is not the rational that rounds it, though as floats they are equal.
    """

    number: Fraction | Named
    reveals: ClassVar[bool] = True
    name: ClassVar[str] = "constant"  # type: ignore[misc]
    arity: ClassVar[tuple[int, int | None]] = (0, 0)  # type: ignore[misc]

    def options(self) -> dict[str, Any]:
        return {"number": self.number}

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        return ()

    def __eq__(self, other: object) -> bool:
        if type(other) is not Constant or type(other.number) is not type(self.number):
            return False
        return other.number is self.number or other.number == self.number

    def __hash__(self) -> int:
        return hash(self.number)


@lru_cache(maxsize=1024, typed=True)
def constant(number: int | float | Fraction) -> Constant:
    """The leaf of a real number."""
    return Constant(exact(number))


def exact(number: Any) -> Fraction | Named:
    """A real number as a graph constant; refuses what is not one.

    Examples
    --------
    >>> exact(0.5)
    Fraction(1, 2)
    """
    if isinstance(number, Named):
        return number
    if isinstance(number, (int, np.integer)) and not isinstance(number, bool):
        number = Fraction(int(number))
    if isinstance(number, Fraction):
        return _within_range(number)
    if isinstance(number, np.ndarray) and number.ndim == 0:
        return exact(number[()])
    if isinstance(number, (float, np.floating)):
        if np.isnan(number):
            return NAN
        if np.isinf(number):
            raise DiffcompareError(
                "domain", "a constant", need="a finite number", got=shorten(number)
            )
        return Fraction(float(number))
    raise DiffcompareError("type", "a constant", need="a real number", got=shorten(number))


def _within_range(number: Fraction) -> Fraction:
    try:
        float(number)
    except OverflowError:
        raise DiffcompareError(
            "domain", "a constant", need="a number below 1.8e308", got="a larger one"
        ) from None
    return number
