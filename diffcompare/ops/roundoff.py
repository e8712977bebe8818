"""What rounding comes to in an operation: the part of the contract that running bounds ask for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from diffcompare.ops.operand import ZERO, Value


class Roundoff:
    """What an op says of rounding errors; its value and forward rule are `Op`'s."""

    kind: ClassVar[str]
    elementwise: ClassVar[bool]

    def __call__(self, *args: Value) -> Value:
        raise NotImplementedError

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        """Tangent of the output; structurally zero tangents come as `ZERO`."""
        raise NotImplementedError

    def magnitude(self, y: Value, x: Sequence[Value]) -> Value:
        """What rounding the result is relative to: itself, or larger parts of it that cancel.

        What is neither entry by entry nor a choice is taken for a sum of products of entries.
        """
        if self.elementwise or self.kind == "select":
            return y
        return self(*[abs(arg) for arg in x])

    def inherited(self, slot: int, y: Value, x: Sequence[Value], error: Value) -> Value:
        """What the errors of one argument come to in the result, to first order: |∂y/∂xᵢ| error.

        Or more; of a sum of products of entries, what it is where no two terms cancel.
        """
        if not self.elementwise and self.kind == "smooth":
            y, x = None, [abs(arg) for arg in x]
        errors: list[Value] = [ZERO] * len(x)
        errors[slot] = error
        found = self.jvp(y, x, errors)
        return found if found is ZERO else abs(found)

    def selects(self, y: Value, x: Sequence[Value]) -> Sequence[bool]:
        """Which arguments the value at this point comes from."""
        return [True] * len(x)
