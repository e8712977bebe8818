"""Moves: linear ops that copy, place and add up entries, in dual pairs, with no multiplication.

Broadcast and sum are each other's adjoints; reshape and transpose are adjoint to their inverses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.ops.cost import ADD, Cost
from diffcompare.ops.linearity import Linear
from diffcompare.ops.op import Op, Shape, family, misfit, shape_of
from diffcompare.ops.operand import Value


@family
@dataclass(frozen=True, repr=False)
class Broadcast(Linear):
    """The argument repeated to a larger shape, by NumPy's rules; adjoint to `SumTo`."""

    to: Shape
    name: ClassVar[str] = "broadcast"  # type: ignore[misc]

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """The target, if the argument broadcasts to it."""
        try:
            fits = np.broadcast_shapes(shapes[0], self.to) == self.to
        except ValueError:
            fits = False
        if not fits:
            raise misfit(self.name, f"a shape that broadcasts to {self.to}", shapes)
        return self.to

    def value(self, *x: Value) -> Value:
        return np.broadcast_to(x[0], self.to)

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        shape = shape_of(x[0])[1:]
        ones = (1,) * (len(self.to) - len(shape))
        spread = Broadcast((count, *self.to))
        return spread(Reshape((count, *ones, *shape))(x[0]) if ones else x[0])

    def adjoint(self, shape: Shape) -> Op:
        return SumTo(shape)

    def options(self) -> dict[str, Any]:
        return {"to": self.to}


@family
@dataclass(frozen=True, repr=False)
class SumTo(Linear):
    """Entries added up along the axes that a broadcast from shape `to` repeats along."""

    to: Shape
    name: ClassVar[str] = "sum_to"  # type: ignore[misc]
    fewer: ClassVar[bool] = True

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """The target, if it broadcasts to the argument's shape."""
        Broadcast(shapes[0]).shape([self.to])
        return self.to

    def value(self, *x: Value) -> Value:
        lead = np.ndim(x[0]) - len(self.to)
        kept = tuple(
            lead + axis
            for axis, size in enumerate(self.to)
            if size == 1 and np.shape(x[0])[lead + axis] != 1
        )
        axes = (*range(lead), *kept)  # kept, so that a sum of objects is an array too
        summed = np.sum(x[0], axis=axes, keepdims=True) if axes else x[0]
        return np.reshape(summed, self.to)[()]

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        ones = (1,) * (len(shape_of(x[0])) - 1 - len(self.to))
        summed = SumTo((count, *ones, *self.to))(x[0])
        return Reshape((count, *self.to))(summed) if ones else summed

    def adjoint(self, shape: Shape) -> Op:
        return Broadcast(shape)

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        return ADD * (math.prod(shapes[0]) - math.prod(self.to))

    def options(self) -> dict[str, Any]:
        return {"to": self.to}


@family
@dataclass(frozen=True, repr=False)
class Reshape(Linear):
    """The same entries in row-major order under another shape."""

    to: Shape
    name: ClassVar[str] = "reshape"  # type: ignore[misc]
    fewer: ClassVar[bool] = True

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """The target, if it has as many entries."""
        if math.prod(shapes[0]) != math.prod(self.to):
            raise misfit(self.name, f"{math.prod(self.to)} entries for the shape {self.to}", shapes)
        return self.to

    def value(self, *x: Value) -> Value:
        return np.reshape(x[0], self.to)[()]

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        return Reshape((count, *self.to))(x[0])

    def adjoint(self, shape: Shape) -> Op:
        return Reshape(shape)

    def options(self) -> dict[str, Any]:
        return {"to": self.to}


@family
@dataclass(frozen=True, repr=False)
class Transpose(Linear):
    """Axis k of the result is axis ``axes[k]`` of the argument."""

    axes: Shape
    name: ClassVar[str] = "transpose"  # type: ignore[misc]
    fewer: ClassVar[bool] = True

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """The sizes permuted."""
        if sorted(self.axes) != list(range(len(shapes[0]))):
            raise misfit(self.name, f"an argument of {len(self.axes)} axes, permuted", shapes)
        return tuple(shapes[0][axis] for axis in self.axes)

    def value(self, *x: Value) -> Value:
        return np.transpose(x[0], self.axes)

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        return Transpose((0, *(1 + axis for axis in self.axes)))(x[0])

    def adjoint(self, shape: Shape) -> Op:
        return Transpose(tuple(int(k) for k in np.argsort(self.axes)))

    def options(self) -> dict[str, Any]:
        return {"axes": self.axes}


def aligned(op: Op, args: Sequence[Value]) -> Sequence[Value]:
    """The arguments of an elementwise op broadcast to their common shape, by ops of their own."""
    shapes = [shape_of(arg) for arg in args]
    if shapes.count(shapes[0]) == len(shapes):
        return args
    try:
        common = np.broadcast_shapes(*shapes)
    except ValueError:
        raise misfit(op.name, "shapes that broadcast", shapes) from None
    spread = Broadcast(common)
    return [
        arg if shape == common else spread(arg) for arg, shape in zip(args, shapes, strict=True)
    ]


def reshape(x: Value, to: Any) -> Value:
    """The entries of an array in row-major order under another shape; one size may be −1.

    Examples
    --------
    >>> reshape(np.arange(6.0), (2, -1))
    array([[0., 1., 2.],
           [3., 4., 5.]])
    """
    sizes = list(to) if isinstance(to, (tuple, list)) else [to]
    if sizes.count(-1) == 1:
        known = math.prod(n for n in sizes if n != -1)
        sizes[sizes.index(-1)] = math.prod(shape_of(x)) // known if known else 0
    if any(type(n) is not int or n < 1 for n in sizes):
        raise DiffcompareError("attr", "reshape", need="sizes above 0, one of them may be −1",
                               got=str(to))  # fmt: skip
    op = Reshape(tuple(sizes))
    op.shape([shape_of(x)])
    return op(x)


def transpose(x: Value, axes: Any = None) -> Value:
    """An array with its axes permuted; reversed by default.

    Examples
    --------
    >>> transpose(np.array([[1.0, 2.0]]))
    array([[1.],
           [2.]])
    """
    shape = shape_of(x)
    order = tuple(reversed(range(len(shape)))) if axes is None else axes
    if not isinstance(order, (tuple, list)) or any(type(axis) is not int for axis in order):
        raise DiffcompareError("attr", "transpose", need="axes as whole numbers, in their new order",
                               got=shorten(axes))  # fmt: skip
    op = Transpose(tuple(order))
    op.shape([shape])
    return op(x)
