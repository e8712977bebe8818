"""Where a graph begins: inputs and exact constants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from diffcompare.ops.constants import Named
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
