"""Gram matrices, and what their derivatives are made of: each of a pair of rows taken once.

G = F Fᵀ is symmetric, so are its tangents; the adjoints of an entry and of its mirror image go
together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import combinations_with_replacement
from typing import Any, ClassVar

import numpy as np

from diffcompare.errors import DiffcompareError
from diffcompare.ops.arithmetic import add
from diffcompare.ops.batching import in_samples
from diffcompare.ops.cost import DIV, FREE, Cost
from diffcompare.ops.layers.factors import factor, number
from diffcompare.ops.layers.settings import settings
from diffcompare.ops.linalg import Bilinear
from diffcompare.ops.op import Op, Shape, family, misfit
from diffcompare.ops.operand import Value


class _Gram(Op):
    """What all three share: what the products are divided by, each pair's once."""

    divisor: Fraction
    elementwise: ClassVar[bool] = False

    def __post_init__(self) -> None:
        divisor = number(self.name, "divisor", self.divisor)
        if divisor == 0:
            raise DiffcompareError("attr", self.name, need="a divisor that is not 0", got="0")
        object.__setattr__(self, "divisor", divisor)

    def divided(self, x: Value) -> Value:
        """A number, or an array of them, by the divisor."""
        return x if self.divisor == 1 else x / factor(self.divisor, x)

    def pairs(self, shape: Shape, each: Cost) -> Cost:
        """Operations on all pairs of rows of matrices, each pair's divided."""
        count = shape[0] * shape[1] * (shape[1] + 1) // 2
        return (each if self.divisor == 1 else each + DIV) * count

    def symmetric(self, shape: Shape, entry: Callable[[int, int, int], Value]) -> Any:
        """Symmetric matrices, `entry(n, i, j)` being the undivided entries for i ≤ j."""
        y = np.empty((*shape[:2], shape[1]), dtype=object)
        for n in range(shape[0]):
            for i, j in combinations_with_replacement(range(shape[1]), 2):
                y[n, i, j] = y[n, j, i] = self.divided(entry(n, i, j))
        return y

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        return in_samples(self, x, batched, count)

    @property
    def analytic(self) -> bool:
        return True

    def options(self) -> dict[str, Any]:
        return settings(self)


def _turned(x: Any) -> Any:
    return np.swapaxes(x, 1, 2)


@family
@dataclass(frozen=True, repr=False)
class Gram(_Gram):
    """The inner products of the rows of each matrix: G = F Fᵀ / divisor.

    F is N×M×K, G is N×M×M. Smooth: Ġ = (F Ḟᵀ + Ḟ Fᵀ) / divisor, F̄ = (Ḡ + Ḡᵀ) / divisor F.

    Parameters
    ----------
    divisor : Fraction, int or float

    Examples
    --------
    >>> Gram()(np.array([[[1.0, 2.0], [3.0, 4.0]]]))
    array([[[ 5., 11.],
            [11., 25.]]])
    """

    divisor: Fraction = Fraction(1)
    name: ClassVar[str] = "gram"  # type: ignore[misc]

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """N×M×M."""
        if len(shapes[0]) != 3 or 0 in shapes[0]:
            raise misfit(self.name, "matrices N×M×K, one entry or more", shapes)
        return *shapes[0][:2], shapes[0][1]

    def value(self, *x: Value) -> Value:
        return self.divided(np.matmul(x[0], _turned(x[0])))

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        return GramMixed(self.divisor)(x[0], x_dot[0])

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        return [GramBack(self.divisor)(y_bar, x[0])]

    def expand(self, *x: Any) -> Any:
        (rows,) = x
        return self.symmetric(rows.shape, lambda n, i, j: reduce(add, rows[n, i] * rows[n, j]))

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        k = shapes[0][2]
        return self.pairs(shapes[0], Cost(mul=k, add=k - 1))


@family
@dataclass(frozen=True, repr=False)
class GramMixed(_Gram, Bilinear):
    """The tangent of Gram matrices: Y = (A Bᵀ + B Aᵀ) / divisor of matrices N×M×K.

    Y is N×M×M. Ā = (Ȳ + Ȳᵀ) / divisor B, B̄ = (Ȳ + Ȳᵀ) / divisor A.
    """

    divisor: Fraction = Fraction(1)
    name: ClassVar[str] = "gram_mixed"  # type: ignore[misc]

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """N×M×M."""
        if shapes[0] != shapes[1] or len(shapes[0]) != 3 or 0 in shapes[0]:
            raise misfit(self.name, "matrices N×M×K of one shape", shapes)
        return *shapes[0][:2], shapes[0][1]

    def value(self, *x: Value) -> Value:
        product = np.matmul(x[0], _turned(x[1]))
        return self.divided(product + _turned(product))

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        return [GramBack(self.divisor)(y_bar, x[1]), GramBack(self.divisor)(y_bar, x[0])]

    def expand(self, *x: Any) -> Any:
        a, b = x
        return self.symmetric(
            a.shape, lambda n, i, j: reduce(add, a[n, i] * b[n, j] + b[n, i] * a[n, j])
        )

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        k = shapes[0][2]
        return self.pairs(shapes[0], Cost(mul=2 * k, add=2 * k - 1))


@family
@dataclass(frozen=True, repr=False)
class GramBack(_Gram, Bilinear):
    """The adjoint of Gram matrices: Z = (Y + Yᵀ) / divisor F of Y N×M×M and F N×M×K.

    Z is N×M×K. Ȳ = (Z̄ Fᵀ + F Z̄ᵀ) / divisor, F̄ = (Y + Yᵀ) / divisor Z̄.
    """

    divisor: Fraction = Fraction(1)
    name: ClassVar[str] = "gram_back"  # type: ignore[misc]

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """That of F."""
        y, rows = shapes
        if len(rows) != 3 or 0 in rows or y != (*rows[:2], rows[1]):
            raise misfit(self.name, "matrices N×M×M and N×M×K", shapes)
        return rows

    def value(self, *x: Value) -> Value:
        return np.matmul(self.divided(x[0] + _turned(x[0])), x[1])

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        return [GramMixed(self.divisor)(y_bar, x[1]), GramBack(self.divisor)(x[0], y_bar)]

    def expand(self, *x: Any) -> Any:
        y, rows = x
        both = self.symmetric(
            rows.shape, lambda n, i, j: y[n, i, j] + y[n, j, i] if i < j else y[n, i, i]
        )
        z = np.empty(rows.shape, dtype=object)
        for n, i, k in np.ndindex(rows.shape):
            terms = [both[n, i, j] * rows[n, j, k] for j in range(rows.shape[1])]
            z[n, i, k] = reduce(add, [*terms, terms[i]])  # the diagonal counts twice
        return z

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        n, m, k = shapes[1]
        products = Cost(mul=m * m * k, add=m * (m - 1) // 2 + m * m * k) * n
        return self.pairs(shapes[1], FREE) + products
