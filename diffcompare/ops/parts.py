"""Parts of arrays: slice and place, pick and put are each other's adjoints; stack collects numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from diffcompare.errors import DiffcompareError
from diffcompare.ops.linearity import Linear
from diffcompare.ops.moves import Reshape
from diffcompare.ops.op import Op, Shape, family, make, misfit
from diffcompare.ops.operand import ZERO, Value


def _same_length(what: str, *axes: Shape) -> None:
    if len({len(a) for a in axes}) > 1:
        got = ", ".join(str(len(a)) for a in axes)
        raise DiffcompareError("attr", what, need="options for the same number of axes", got=got)


@family
@dataclass(frozen=True, repr=False)
class Slice(Linear):
    """Every `step`-th entry from `start` before `stop`, along each axis; adjoint to `Place`."""

    start: Shape
    stop: Shape
    step: Shape
    name: ClassVar[str] = "slice"  # type: ignore[misc]
    fewer: ClassVar[bool] = True

    def __post_init__(self) -> None:
        _same_length(self.name, self.start, self.stop, self.step)

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """Entries taken along each axis."""
        if len(shapes[0]) != len(self.start) or any(
            not 0 <= a <= b <= size or s < 1
            for a, b, s, size in zip(self.start, self.stop, self.step, shapes[0], strict=False)
        ):
            raise misfit(self.name, f"an argument that holds {self.start} to {self.stop}", shapes)
        return tuple(len(range(*k)) for k in zip(self.start, self.stop, self.step, strict=True))

    @property
    def where(self) -> tuple[slice, ...]:
        """As NumPy writes it."""
        return tuple(slice(*k) for k in zip(self.start, self.stop, self.step, strict=True))

    def value(self, *x: Value) -> Value:
        return x[0][self.where]

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        return Slice((0, *self.start), (count, *self.stop), (1, *self.step))(x[0])

    def adjoint(self, shape: Shape) -> Op:
        return Place(shape, self.start, self.step)

    def options(self) -> dict[str, Any]:
        return {"start": self.start, "stop": self.stop, "step": self.step}


@family
@dataclass(frozen=True, repr=False)
class Place(Linear):
    """The argument put into zeros of shape `to`, from `start` in steps; padding has steps of 1."""

    to: Shape
    start: Shape
    step: Shape
    name: ClassVar[str] = "place"  # type: ignore[misc]

    def __post_init__(self) -> None:
        _same_length(self.name, self.to, self.start, self.step)

    def slice_of(self, shape: Shape) -> Slice:
        """The entries that an argument of a shape takes in the result."""
        stop = (a + (n - 1) * s + 1 if n else a
                for a, n, s in zip(self.start, shape, self.step, strict=True))  # fmt: skip
        return Slice(self.start, tuple(stop), self.step)

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """The target, if the argument fits in."""
        if len(shapes[0]) != len(self.to):
            raise misfit(self.name, f"an argument of {len(self.to)} axes", shapes)
        self.slice_of(shapes[0]).shape([self.to])
        return self.to

    def value(self, *x: Value) -> Value:
        result = np.zeros(self.to, dtype=x[0].dtype)
        result[self.slice_of(x[0].shape).where] = x[0]
        return result

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        return Place((count, *self.to), (0, *self.start), (1, *self.step))(x[0])

    def adjoint(self, shape: Shape) -> Op:
        return self.slice_of(shape)

    def options(self) -> dict[str, Any]:
        return {"to": self.to, "start": self.start, "step": self.step}


def zeros(shape: Shape, like: Value) -> Value:
    """Zeros in the number kind of `like`, an array of that rank: no entries of it, placed."""
    none, ones = (0,) * len(shape), (1,) * len(shape)
    return Place(shape, none, ones)(Slice(none, none, ones)(like))


@family
@dataclass(frozen=True, repr=False)
class Pick(Linear):
    """One entry of an array as a number; adjoint to putting it back among zeros."""

    place: Shape
    name: ClassVar[str] = "pick"  # type: ignore[misc]
    fewer: ClassVar[bool] = True

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """A number, if the array has such an entry."""
        sizes = shapes[0]
        if len(sizes) != len(self.place) or any(
            not 0 <= k < size for k, size in zip(self.place, sizes, strict=True)
        ):
            raise misfit(self.name, f"an array with an entry at {self.place}", shapes)
        return ()

    def value(self, *x: Value) -> Value:
        return x[0][self.place]

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        ones, after = (1,) * len(self.place), tuple(k + 1 for k in self.place)
        return Reshape((count,))(Slice((0, *self.place), (count, *after), (1, *ones))(x[0]))

    def adjoint(self, shape: Shape) -> Op:
        return Put(shape, self.place)

    def options(self) -> dict[str, Any]:
        return {"place": self.place}


@family
@dataclass(frozen=True, repr=False)
class Put(Linear):
    """A number as one entry of an array of zeros; adjoint to `Pick`."""

    to: Shape
    place: Shape
    name: ClassVar[str] = "put"  # type: ignore[misc]

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """The target, if it has such an entry."""
        Pick(self.place).shape([self.to])
        return self.to

    def value(self, *x: Value) -> Value:
        number = np.asarray(x[0])
        result = np.zeros(self.to, dtype=number.dtype)
        result[self.place] = number[()]
        return result

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        ones = (1,) * len(self.place)
        put = Place((count, *self.to), (0, *self.place), (1, *ones))
        return put(Reshape((count, *ones))(x[0]))

    def adjoint(self, shape: Shape) -> Op:
        return Pick(self.place)

    def options(self) -> dict[str, Any]:
        return {"to": self.to, "place": self.place}


@family
@dataclass(frozen=True, repr=False)
class Stack(Op):
    """Numbers as the entries of an array of shape `to`, in row-major order."""

    to: Shape
    name: ClassVar[str] = "stack"  # type: ignore[misc]
    kind: ClassVar[str] = "linear"
    elementwise: ClassVar[bool] = False
    arity: ClassVar[tuple[int, int | None]] = (1, None)  # type: ignore[misc]

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """The target, if there is a number for each entry."""
        if len(shapes) != math.prod(self.to) or any(shapes):
            raise misfit(self.name, f"{math.prod(self.to)} numbers", shapes[:4])
        return self.to

    def value(self, *x: Value) -> Value:
        mixed = len(set(map(type, x))) > 1  # a zero of Python's beside float32
        return np.array(x, np.result_type(*x) if mixed else None).reshape(self.to)

    def expand(self, *x: Any) -> Any:
        entries = np.empty(len(x), dtype=object)
        entries[:] = [entry[()] for entry in x]
        return entries.reshape(self.to)

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        like = next(a for a, has in zip(x, batched, strict=True) if has)
        none = zeros((count,), like)
        columns = (
            Reshape((count, 1))(a if has else none + a) for a, has in zip(x, batched, strict=True)
        )
        return Reshape((count, *self.to))(make("concat", {"axis": 1})(*columns))

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        return self(*x_dot)

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        return [
            Pick(place)(y_bar) if want else ZERO
            for place, want in zip(np.ndindex(self.to), wanted, strict=True)
        ]

    def fold(self, *x: Value) -> Value:
        if all(arg is ZERO for arg in x):
            return ZERO
        if any(arg is ZERO for arg in x):
            return self(*(0.0 if arg is ZERO else arg for arg in x))
        return None

    def options(self) -> dict[str, Any]:
        return {"to": self.to}
