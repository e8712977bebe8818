"""Where a graph begins: inputs and exact constants."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from diffcompare.ops.constants import Named
from diffcompare.ops.op import Op, family


@family
@dataclass(frozen=True, repr=False)
class Input(Op):
    """A named number that the point gives."""

    label: str
    name: ClassVar[str] = "input"  # type: ignore[misc]
    arity: ClassVar[tuple[int, int | None]] = (0, 0)  # type: ignore[misc]

    def options(self) -> dict[str, Any]:
        return {"label": self.label}


@family
@dataclass(frozen=True, repr=False)
class Constant(Op):
    """An exact number: a rational or a `Named` constant."""

    number: Fraction | Named
    name: ClassVar[str] = "constant"  # type: ignore[misc]
    arity: ClassVar[tuple[int, int | None]] = (0, 0)  # type: ignore[misc]

    def options(self) -> dict[str, Any]:
        return {"number": self.number}
