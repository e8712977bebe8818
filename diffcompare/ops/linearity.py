"""Linear ops: the tangent is the op itself, the adjoint another of its kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from diffcompare.ops.arithmetic import negated
from diffcompare.ops.op import Op, Shape, shape_of
from diffcompare.ops.operand import ZERO, Value


class Steered(Op):
    """Linear in the first argument, steered by the second, which has no derivative here."""

    arity: ClassVar[tuple[int, int | None]] = (2, 2)  # type: ignore[misc]
    kind: ClassVar[str] = "linear"
    elementwise: ClassVar[bool] = False
    labels: ClassVar[tuple[int, ...]] = (1,)

    def adjoint(self, shape: Shape) -> Op:
        """The op that takes output adjoints back to a first argument of the given shape."""
        raise NotImplementedError

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        return self(x_dot[0], x[1])

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        return [self.adjoint(shape_of(x[0]))(y_bar, x[1]) if wanted[0] else ZERO, ZERO]

    def fold(self, *x: Value) -> Value:
        return ZERO if x[0] is ZERO else None


class Linear(Op):
    """A linear op of one argument: its tangent is itself, its adjoint another one."""

    kind: ClassVar[str] = "linear"
    elementwise: ClassVar[bool] = False
    fewer: ClassVar[bool] = False
    """Whether there are never more entries after it: signs are then taken off what goes in."""

    def adjoint(self, shape: Shape) -> Op:
        """The op that takes output adjoints back to an argument of the given shape."""
        raise NotImplementedError

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        return self(x_dot[0])

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        return [self.adjoint(shape_of(x[0]))(y_bar)]

    def fold(self, *x: Value) -> Value:
        if x[0] is ZERO:
            return ZERO
        inner = negated(x[0])
        return -self(inner) if inner is not None and self.fewer else None

    @property
    def analytic(self) -> bool:
        return True
