"""Entries by their indices, and arrays joined: linear ops in dual pairs.

Gather and scatter-add are each other's adjoints; the adjoint of a concatenation takes it apart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.ops.batching import everywhere
from diffcompare.ops.cost import ADD, Cost
from diffcompare.ops.linearity import Linear
from diffcompare.ops.op import Op, Shape, family, misfit, shape_of
from diffcompare.ops.operand import ZERO, Value
from diffcompare.ops.parts import Slice, zeros


def axis_of(what: str, axis: Any, rank: int) -> int:
    """An axis of an array of that rank, counted from 0; a negative one counts from the end.

    Examples
    --------
    >>> axis_of("softmax", -1, 3)
    2
    """
    whole = isinstance(axis, (int, np.integer)) and not isinstance(axis, bool)
    if not whole or not -rank <= axis < rank:
        need = f"an axis from {-rank} to {rank - 1}" if rank else "an array, not a number"
        raise DiffcompareError("attr", what, need=need, got=f"axis {shorten(axis)}")
    return int(axis) % rank


def check_whole(what: str, option: str, *values: Any, least: int = 0) -> None:
    """Refuse options of an op that are not whole numbers of at least `least`."""
    for value in values:
        if type(value) is not int or value < least:
            raise DiffcompareError(
                "attr", what, need=f"{option} of {least} or more", got=shorten(value)
            )


class _Indexed(Linear):
    """What both of the pair share: the axis, and which entries along it."""

    axis: int
    index: Shape

    def __post_init__(self) -> None:
        check_whole(self.name, "an axis", self.axis)
        if not self.index:
            raise DiffcompareError("attr", self.name, need="one index or more", got="none")
        check_whole(self.name, "indices", *self.index)

    def _resized(self, shape: Shape, old: int | None, new: int) -> Shape:
        """The shape with another size along the axis, if the old one is as it must be."""
        if self.axis >= len(shape):
            raise misfit(self.name, f"an array with an axis {self.axis}", [shape])
        if old is None and shape[self.axis] <= max(self.index):
            raise misfit(
                self.name, f"more than {max(self.index)} entries along axis {self.axis}", [shape]
            )
        if old not in (None, shape[self.axis]):
            raise misfit(self.name, f"{old} entries along axis {self.axis}", [shape])
        return (*shape[: self.axis], new, *shape[self.axis + 1 :])


@family
@dataclass(frozen=True, repr=False)
class Gather(_Indexed):
    """The entries at constant indices along an axis, in their order; adjoint to `ScatterAdd`.

    Parameters
    ----------
    axis : int
    index : tuple of int
        From 0; may repeat.

    Examples
    --------
    >>> Gather(0, (2, 0, 0))(np.array([5.0, 6.0, 7.0]))
    array([7., 5., 5.])
    """

    axis: int
    index: Shape
    name: ClassVar[str] = "gather"  # type: ignore[misc]

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """As many entries along the axis as there are indices."""
        return self._resized(shapes[0], None, len(self.index))

    def value(self, *x: Value) -> Value:
        return np.take(x[0], self.index, self.axis)

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        return Gather(1 + self.axis, self.index)(x[0])

    def adjoint(self, shape: Shape) -> Op:
        return ScatterAdd(self.axis, self.index, shape[self.axis])

    def options(self) -> dict[str, Any]:
        return {"axis": self.axis, "index": self.index}


@family
@dataclass(frozen=True, repr=False)
class ScatterAdd(_Indexed):
    """Entries put into zeros at constant indices along an axis, those that meet added up.

    Adjoint to `Gather`.

    Parameters
    ----------
    axis : int
    index : tuple of int
        Where each entry along the axis goes.
    size : int
        Entries of the result along the axis.

    Examples
    --------
    >>> ScatterAdd(0, (2, 0, 0), 3)(np.array([5.0, 6.0, 7.0]))
    array([13.,  0.,  5.])
    """

    axis: int
    index: Shape
    size: int
    name: ClassVar[str] = "scatter_add"  # type: ignore[misc]

    def __post_init__(self) -> None:
        super().__post_init__()
        check_whole(self.name, "a size above every index", self.size, least=max(self.index) + 1)

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """`size` entries along the axis."""
        return self._resized(shapes[0], len(self.index), self.size)

    def value(self, *x: Value) -> Value:
        index = np.array(self.index)
        order = np.argsort(index, kind="stable")
        places, starts = np.unique(index[order], return_index=True)
        sums = np.add.reduceat(np.take(x[0], order, self.axis), starts, self.axis)
        result = np.zeros(self.shape([x[0].shape]), dtype=x[0].dtype)
        result[(slice(None),) * self.axis + (places,)] = sums
        return result

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        return ScatterAdd(1 + self.axis, self.index, self.size)(x[0])

    def adjoint(self, shape: Shape) -> Op:
        return Gather(self.axis, self.index)

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        meeting = len(self.index) - len(set(self.index))
        return ADD * (math.prod(shapes[0]) // len(self.index) * meeting)

    def options(self) -> dict[str, Any]:
        return {"axis": self.axis, "index": self.index, "size": self.size}


@family
@dataclass(frozen=True, repr=False)
class Concat(Op):
    """Arrays one after the other along an axis; the adjoint of each is a slice.

    ẏ is the concatenation of the tangents, x̄ₖ the part of ȳ where xₖ lies.

    Parameters
    ----------
    axis : int

    Examples
    --------
    >>> Concat(0)(np.array([1.0, 2.0]), np.array([3.0]))
    array([1., 2., 3.])
    """

    axis: int
    name: ClassVar[str] = "concat"  # type: ignore[misc]
    kind: ClassVar[str] = "linear"
    elementwise: ClassVar[bool] = False
    arity: ClassVar[tuple[int, int | None]] = (1, None)  # type: ignore[misc]

    def __post_init__(self) -> None:
        check_whole(self.name, "an axis", self.axis)

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """The sizes along the axis added up, if the others are equal."""
        first, axis = shapes[0], self.axis
        rest = {(len(s), s[:axis], s[axis + 1 :]) for s in shapes}
        if len(rest) > 1 or axis >= len(first):
            need = f"arrays of one shape but along axis {axis}"
            raise misfit(self.name, need, shapes)
        return (*first[:axis], sum(s[axis] for s in shapes), *first[axis + 1 :])

    def value(self, *x: Value) -> Value:
        return np.concatenate(x, self.axis)

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        return Concat(1 + self.axis)(*everywhere(x, batched, count))

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        moving = next((dot for dot in x_dot if dot is not ZERO), ZERO)
        if moving is ZERO:
            return ZERO
        return self(
            *(
                zeros(shape_of(part), moving) if dot is ZERO else dot
                for part, dot in zip(x, x_dot, strict=True)
            )
        )

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        shares: list[Value] = []
        begin = 0
        for part, want in zip(x, wanted, strict=True):
            shape = shape_of(part)
            start = tuple(begin if k == self.axis else 0 for k in range(len(shape)))
            stop = tuple(a + n for a, n in zip(start, shape, strict=True))
            shares.append(Slice(start, stop, (1,) * len(shape))(y_bar) if want else ZERO)
            begin += shape[self.axis]
        return shares

    @property
    def analytic(self) -> bool:
        return True

    def options(self) -> dict[str, Any]:
        return {"axis": self.axis}
