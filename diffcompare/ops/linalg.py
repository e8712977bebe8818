"""Products of matrices and vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np

from diffcompare.ops.arithmetic import mul
from diffcompare.ops.batching import merged, parted
from diffcompare.ops.cost import Cost
from diffcompare.ops.moves import Broadcast, Reshape, SumTo, Transpose
from diffcompare.ops.op import Op, Shape, family, misfit, shape_of
from diffcompare.ops.operand import ZERO, Value


class Bilinear(Op):
    """An op that is linear in each of two arguments: its tangent is a sum of two of itself."""

    elementwise: ClassVar[bool] = False
    arity: tuple[int, int | None] = (2, 2)

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        return self(x_dot[0], x[1]) + self(x[0], x_dot[1])

    def fold(self, *x: Value) -> Value:
        return ZERO if x[0] is ZERO or x[1] is ZERO else None

    @property
    def analytic(self) -> bool:
        return True


@family
@dataclass(frozen=True, repr=False)
class MatMul(Bilinear):
    """Y = A B: Ȧ B + A Ḃ; Ā = Ȳ Bᵀ, B̄ = Aᵀ Ȳ."""

    name: ClassVar[str] = "matmul"  # type: ignore[misc]

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        a, b = shapes
        if len(a) != 2 or len(b) != 2 or a[1] != b[0]:
            raise misfit(self.name, "a matrix and one with as many rows as it has columns", shapes)
        return a[0], b[1]

    def value(self, *x: Value) -> Value:
        self.shape([shape_of(x[0]), shape_of(x[1])])  # NumPy takes vectors and stacks too
        return np.matmul(x[0], x[1])

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        """Rows of all directions times one matrix; A B as (Bᵀ Aᵀ)ᵀ where B is of many."""
        if all(batched):
            return None
        if batched[0]:
            return parted(self(merged(x[0]), x[1]), count)
        turned = Transpose((0, 2, 1))
        return turned(self.batched((turned(x[1]), Transpose((1, 0))(x[0])), (True, False), count))

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        turned = Transpose((1, 0))
        return [
            self(y_bar, turned(x[1])) if wanted[0] else ZERO,
            self(turned(x[0]), y_bar) if wanted[1] else ZERO,
        ]

    def expand(self, *x: Any) -> Any:
        a, b = x
        result = np.empty((a.shape[0], b.shape[1]), dtype=object)
        for i, j in np.ndindex(result.shape):
            total = a[i, 0] * b[0, j]
            for k in range(1, a.shape[1]):
                total = total + a[i, k] * b[k, j]
            result[i, j] = total
        return result

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        (m, k), (_, n) = shapes
        return Cost(mul=m * k * n, add=m * (k - 1) * n)


matmul: Final = MatMul()


def add_up(x: Value, axes: Sequence[int] | None = None) -> Value:
    """The sum over some axes, all of them by default.

    Examples
    --------
    >>> add_up(np.ones((2, 3)), [0])
    array([2., 2., 2.])
    """
    shape = shape_of(x)
    gone = {axis % len(shape) for axis in axes} if axes is not None else set(range(len(shape)))
    kept = SumTo(tuple(1 if axis in gone else n for axis, n in enumerate(shape)))(x)
    return Reshape(tuple(n for axis, n in enumerate(shape) if axis not in gone))(kept)


def dot(a: Value, b: Value) -> Value:
    """The inner product of two arrays of one shape; NumPy has another product for matrices.

    Examples
    --------
    >>> float(dot(np.array([1.0, 2.0]), np.array([3.0, 4.0])))
    11.0
    """
    shapes = [shape_of(a), shape_of(b)]
    if shapes[0] != shapes[1]:
        raise misfit("dot", "two arrays of one shape", shapes)
    return add_up(mul(a, b))


def outer(a: Value, b: Value) -> Value:
    """The outer product of two vectors.

    Examples
    --------
    >>> outer(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    array([[3., 4.],
           [6., 8.]])
    """
    shapes = [shape_of(a), shape_of(b)]
    if [len(shape) for shape in shapes] != [1, 1]:
        raise misfit("outer", "two vectors", shapes)
    (m,), (n,) = shapes
    column, row = Reshape((m, 1))(a), Reshape((1, n))(b)
    return mul(Broadcast((m, n))(column), Broadcast((m, n))(row))


def product(a: Value, b: Value) -> Value:
    """a @ b as NumPy has it for vectors and matrices.

    Examples
    --------
    >>> product(np.array([1.0, 2.0]), np.array([[3.0, 4.0], [5.0, 6.0]]))
    array([13., 16.])
    """
    left, right = shape_of(a), shape_of(b)
    if not {len(left), len(right)} <= {1, 2} or 1 not in (len(left), len(right)):
        return matmul(a, b)
    if left[-1] != right[0]:
        raise misfit("matmul", "as many rows as the first has columns", [left, right])
    if len(left) == len(right):
        return dot(a, b)
    row = a if len(left) == 2 else Reshape((1, *left))(a)
    column = b if len(right) == 2 else Reshape((*right, 1))(b)
    return Reshape((*left[:-1], *right[1:]))(matmul(row, column))
