"""Which of several numbers: the position of the largest, and the number at a position.

An index is a number like any other, a whole one, and constant between jumps: it has no derivative.
What goes by it is only moved, so it costs no operation, as with `where`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np

from diffcompare.ops.arithmetic import literal
from diffcompare.ops.cost import COMPARE, Cost
from diffcompare.ops.op import Guarded, Op, Shape, family, register
from diffcompare.ops.opaque import Opaque
from diffcompare.ops.operand import ZERO, Value
from diffcompare.ops.precision import precision


class Step(Opaque):
    """Piecewise constant: no tangent passes."""

    kind: ClassVar[str] = "select"
    flat: ClassVar[bool] = True

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        return ZERO

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        return [ZERO] * len(x)

    def selects(self, y: Value, x: Sequence[Value]) -> Sequence[bool]:
        return [bool(np.isnan(arg)) for arg in x]  # what is below a step has no slope to kink


class _ArgMax(Step):
    """The position, from 0, of the largest argument: the first of tied ones, or the first nan."""

    name = "argmax"
    arity = (1, None)

    def value(self, *x: Value) -> Value:
        if any(np.ndim(arg) for arg in x):
            stacked = np.stack(np.broadcast_arrays(*x))
            return np.argmax(stacked, axis=0).astype(precision(x))
        lost = next((k for k, arg in enumerate(x) if np.isnan(arg)), None)
        return precision(x)(max(range(len(x)), key=x.__getitem__) if lost is None else lost)

    def precise(self, mp: Any, *x: Value) -> Value:
        lost = next((k for k, arg in enumerate(x) if mp.isnan(arg)), None)
        return mp.mpf(max(range(len(x)), key=x.__getitem__) if lost is None else lost)

    def edge(self, *x: Value) -> str | None:
        best = max(x)
        return "kink" if sum(arg == best for arg in x) > 1 else None

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        return COMPARE * ((len(shapes) - 1) * math.prod(np.broadcast_shapes(*shapes)))


@family
@dataclass(frozen=True, repr=False)
class IndexIs(Step):
    """1 where an index is the given position, else 0.

    Examples
    --------
    >>> IndexIs(2)(2.0), IndexIs(2)(1.0)
    (np.float64(1.0), np.float64(0.0))
    """

    position: int
    name: ClassVar[str] = "index_is"  # type: ignore[misc]
    labels: ClassVar[tuple[int, ...]] = (0,)

    def value(self, *x: Value) -> Value:
        return np.equal(x[0], self.position).astype(precision(x))

    def source(self, count: int) -> str | None:
        return f"(1.0 if {{0}} == {self.position!r}.0 else 0.0)"

    def precise(self, mp: Any, *x: Value) -> Value:
        return mp.mpf(int(mp.nint(x[0])) == self.position)

    def fold(self, *x: Value) -> Value:
        index = literal(x[0])
        return None if index is None else x[0].like(int(index == self.position))

    def options(self) -> dict[str, Any]:
        return {"position": self.position}


class _Choose(Opaque):
    """y = x_i, the first argument being the index i, from 0; nan where there is no such argument."""

    name = "choose"
    arity = (2, None)
    labels: ClassVar[tuple[int, ...]] = (0,)
    kind: ClassVar[str] = "select"

    def value(self, *x: Value) -> Value:
        index, *choices = x
        if any(np.ndim(arg) for arg in x):
            index, *choices = np.broadcast_arrays(*x)
            chosen = np.full(index.shape, np.nan, precision(choices))
            for position, choice in enumerate(choices):
                chosen = np.where(index == position, choice, chosen)
            return chosen
        return choices[int(index)] if _is_one(index, len(choices)) else precision(choices)(np.nan)

    def source(self, count: int) -> str | None:
        cases = (f"{{{k}}} if {{0}} == {k - 1}.0 else " for k in range(1, count))
        return f"({''.join(cases)}nan)"

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        return self(x[0], *x_dot[1:])

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        known = literal(x[0])
        shares: list[Value] = [ZERO] * len(x)
        for position, want in enumerate(wanted[1:]):
            if want and known is None:
                shares[1 + position] = Guarded(IndexIs(position)(x[0]), True, y_bar)
            elif want and known == position:
                shares[1 + position] = y_bar
        return shares

    def selects(self, y: Value, x: Sequence[Value]) -> Sequence[bool]:
        return [True, *(bool(position == x[0]) for position in range(len(x) - 1))]

    def precise(self, mp: Any, *x: Value) -> Value:
        index, *choices = x
        return choices[int(mp.nint(index))] if -0.5 < index < len(choices) - 0.5 else mp.nan

    def fold(self, *x: Value) -> Value:
        index, *choices = x
        if all(choice is ZERO for choice in choices):
            return ZERO
        position = literal(index)
        if position is not None and _is_one(position, len(choices)):
            return choices[int(position)]
        if any(choice is ZERO for choice in choices):
            return self(index, *(0 if choice is ZERO else choice for choice in choices))
        return None


def _is_one(index: Value, count: int) -> bool:
    return bool(0 <= index < count) and index == int(index)


argmax: Final[Op] = register(_ArgMax())
choose: Final[Op] = register(_Choose())
