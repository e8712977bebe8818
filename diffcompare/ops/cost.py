"""Operations as a vector of counts."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final


@dataclass(frozen=True)
class Cost:
    """A vector of operation counts; never weighted before it is shown.

    Examples
    --------
    >>> Cost(mul=2) + Cost(mul=1, add=1)
    Cost(add=1, mul=3, div=0, call=0, compare=0)
    """

    add: int = 0
    mul: int = 0
    div: int = 0
    call: int = 0
    compare: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(*(a + b for a, b in zip(self.counts, other.counts, strict=True)))

    def __sub__(self, other: Cost) -> Cost:
        return Cost(*(a - b for a, b in zip(self.counts, other.counts, strict=True)))

    def __mul__(self, times: int) -> Cost:
        return Cost(*(a * times for a in self.counts))

    __rmul__ = __mul__

    @property
    def counts(self) -> tuple[int, ...]:
        """The five counts in the order of the fields."""
        return tuple(getattr(self, field.name) for field in fields(self))

    @property
    def total(self) -> int:
        """All operations, each counted once."""
        return sum(self.counts)

    def to_dict(self) -> dict[str, int]:
        """The counts by name, and their total."""
        names = (field.name for field in fields(self))
        return {**dict(zip(names, self.counts, strict=True)), "total": self.total}


FREE: Final = Cost()
ADD, MUL, DIV = Cost(add=1), Cost(mul=1), Cost(div=1)
CALL, COMPARE = Cost(call=1), Cost(compare=1)
