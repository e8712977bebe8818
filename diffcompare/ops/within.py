"""Sums with an array that is known to be 0 but at some entries: they take additions there alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from diffcompare.ops.arithmetic import add, sub
from diffcompare.ops.batching import everywhere
from diffcompare.ops.cost import ADD, Cost
from diffcompare.ops.indexed import check_whole
from diffcompare.ops.moves import Broadcast
from diffcompare.ops.op import Op, Shape, family, misfit, shape_of
from diffcompare.ops.operand import ZERO, Value, elementwise


@family
@dataclass(frozen=True, repr=False)
class AddWithin(Op):
    """y = a + b or a − b, where b is 0 but at some entries of each trailing part; of one shape.

    Linear: ẏ is that of the tangents, and ȳ goes to both. Windows in the padding alone make such zeros, and labels
    that are constants.

    Parameters
    ----------
    part : tuple of int
        The sizes of the last axes, which `places` count in; further axes repeat them.
    places : tuple of int
        Where b may be other than 0, in row-major order.
    minus : bool
        Whether b is subtracted.

    Examples
    --------
    >>> AddWithin((3,), (0, 2))(np.array([5.0, 6.0, 7.0]), np.array([1.0, 0.0, 2.0]))
    array([6., 6., 9.])
    """

    part: Shape
    places: Shape
    minus: bool = False
    name: ClassVar[str] = "add_within"  # type: ignore[misc]
    kind: ClassVar[str] = "linear"
    elementwise: ClassVar[bool] = False
    arity: ClassVar[tuple[int, int | None]] = (2, 2)  # type: ignore[misc]

    def __post_init__(self) -> None:
        check_whole(self.name, "sizes", *self.part)
        check_whole(self.name, "places", *self.places)

    @property
    def sum(self) -> Op:
        """What is done at the places."""
        return sub if self.minus else add

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """That of both."""
        a, b = shapes
        if a != b or a[len(a) - len(self.part) :] != self.part:
            raise misfit(self.name, f"two arrays of one shape that ends in {self.part}", shapes)
        return a

    def value(self, *x: Value) -> Value:
        return self.sum.value(*x)

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        return self(*everywhere(x, batched, count))

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        return self(*x_dot)

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        return self.sum.vjp(y, x, y_bar, wanted)

    def fold(self, *x: Value) -> Value:
        a, b = x
        return self.sum(a, b) if a is ZERO or b is ZERO else None

    def there(self, shape: Shape) -> np.ndarray:
        """Where b may be other than 0, in arrays of a shape."""
        there = np.zeros(math.prod(self.part), dtype=bool)
        there[list(self.places)] = True
        return np.broadcast_to(there.reshape(self.part), shape)

    def expand(self, *x: Any) -> Any:
        args = [*x, self.there(x[0].shape)]
        return elementwise(lambda a, b, known: self.sum(a, b) if known else a, args)

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        return ADD * (math.prod(shapes[0]) // math.prod(self.part) * len(self.places))

    @property
    def analytic(self) -> bool:
        return True

    def options(self) -> dict[str, Any]:
        return {"part": self.part, "places": self.places, "minus": self.minus}


def within(op: Op, a: Value, b: Value, there: np.ndarray) -> Value:
    """`add` or `sub` of a, broadcast to the shape of b, and b, which is 0 but where `there` holds.

    Parameters
    ----------
    op : Op
        `add` or `sub`.
    a, b : Value
    there : ndarray of bool
        Of the shape of b, or of its last axes.

    Examples
    --------
    >>> within(sub, np.array([[5.0, 6.0]]), np.array([[1.0, 0.0]]), np.array([True, False]))
    array([[4., 6.]])
    """
    a = a if shape_of(a) == shape_of(b) else Broadcast(shape_of(b))(a)
    if there.all():
        return op(a, b)
    places = tuple(np.flatnonzero(there).tolist())
    return AddWithin(there.shape, places, op is sub)(a, b)
