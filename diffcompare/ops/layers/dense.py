"""The fully connected layer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from diffcompare.errors import DiffcompareError
from diffcompare.ops.batching import merged, parted
from diffcompare.ops.cost import Cost
from diffcompare.ops.linalg import matmul
from diffcompare.ops.moves import Broadcast, Reshape, SumTo, Transpose
from diffcompare.ops.op import Op, Shape, family, misfit, shape_of
from diffcompare.ops.operand import ZERO, Value

_TURN = Transpose((1, 0))


@family
@dataclass(frozen=True, repr=False)
class Dense(Op):
    """Y = X Wᵀ + b: every output sees every input.

    X is N×in, W out×in, b, which may be left out, has out entries; Y is N×out. Linear in each:
    Ẏ = Ẋ Wᵀ + X Ẇᵀ + ḃ; X̄ = Ȳ W, W̄ = Ȳᵀ X, b̄ = Σ_n Ȳ_n.

    Examples
    --------
    >>> Dense()(np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]]), np.array([0.5]))
    array([[11.5]])
    """

    name: ClassVar[str] = "dense"  # type: ignore[misc]
    arity: ClassVar[tuple[int, int | None]] = (2, 3)  # type: ignore[misc]
    elementwise: ClassVar[bool] = False

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """N×out."""
        x, w, *b = shapes
        if len(x) > 2:
            raise DiffcompareError(
                "shape", self.name, need="x as N×in", got="×".join(map(str, x)), hint="flatten(x) first"
            )  # fmt: skip
        if len(x) != 2 or len(w) != 2 or x[1] != w[1] or 0 in (*x, *w):
            raise misfit(self.name, "x of N×in and w of out×in", [x, w])
        if b and b[0] != w[:1]:
            raise misfit(self.name, f"a bias of {w[0]} entries", b)
        return x[0], w[0]

    def lower(self, *x: Value) -> Value:
        """As array operations."""
        y = matmul(x[0], _TURN(x[1]))
        return y + Broadcast(shape_of(y))(x[2]) if len(x) > 2 else y

    def value(self, *x: Value) -> Value:
        return self.lower(*x)

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        """Samples of all directions at once, or weights of all as more outputs."""
        if any(batched[1:]):
            only = len(x) == 2 and not batched[0]
            return parted(self(x[0], merged(x[1])), count, 1) if only else None
        return parted(self(merged(x[0]), *x[1:]), count)

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        total = self(x_dot[0], x[1]) + self(x[0], x_dot[1])
        return total if len(x) < 3 else total + Broadcast(shape_of(y))(x_dot[2])

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        shares = [
            matmul(y_bar, x[1]) if wanted[0] else ZERO,
            matmul(_TURN(y_bar), x[0]) if wanted[1] else ZERO,
        ]
        if len(x) > 2:
            shares.append(SumTo(shape_of(x[2]))(y_bar) if wanted[2] else ZERO)
        return shares

    def fold(self, *x: Value) -> Value:
        return ZERO if len(x) == 2 and (x[0] is ZERO or x[1] is ZERO) else None

    @property
    def analytic(self) -> bool:
        return True

    def expand(self, *x: Any) -> Any:
        rows, weights, *bias = x
        y = np.empty((len(rows), len(weights)), dtype=object)
        for n, out in np.ndindex(y.shape):
            total = rows[n, 0] * weights[out, 0]
            for k in range(1, rows.shape[1]):
                total = total + rows[n, k] * weights[out, k]
            y[n, out] = total + bias[0][out] if bias else total
        return y

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        (n, width), (out, _), *bias = shapes
        return Cost(mul=n * out * width, add=n * out * (width - 1 + len(bias)))


def dense(x: Value, w: Value, b: Value = None) -> Value:
    """x wᵀ + b, see `Dense`.

    Parameters
    ----------
    x : Value, N×in
    w : Value, out×in
    b : Value, out, optional

    Examples
    --------
    >>> dense(np.ones((1, 3)), np.ones((2, 3)))
    array([[3., 3.]])
    """
    args = (x, w) if b is None else (x, w, b)
    op = Dense()
    op.shape([shape_of(arg) for arg in args])
    return op(*args)


def flatten(x: Value) -> Value:
    """The entries of each sample in a row: N×C×H×W as N×(C·H·W).

    Examples
    --------
    >>> flatten(np.zeros((2, 3, 4, 4))).shape
    (2, 48)
    """
    shape = shape_of(x)
    if not shape:
        raise misfit("flatten", "an array", [shape])
    return Reshape((shape[0], math.prod(shape[1:])))(x)
