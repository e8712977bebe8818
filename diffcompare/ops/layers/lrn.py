"""Local response normalisation, across channels.

It is two ops: `LRNSquares` adds up the squares of neighbouring channels, which the sweeps need as
well, and `LRN` divides by them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.ops.arithmetic import total
from diffcompare.ops.cost import ADD, MUL, Cost
from diffcompare.ops.indexed import Gather, check_whole
from diffcompare.ops.layers.channels import LRNSquares
from diffcompare.ops.layers.factors import factor, number
from diffcompare.ops.layers.settings import settings
from diffcompare.ops.op import Op, Shape, family, shape_of
from diffcompare.ops.operand import ZERO, Value
from diffcompare.ops.powers import Power, power


@family
@dataclass(frozen=True, repr=False)
class LRN(Op):
    """Local response normalisation of x, entry by entry, by its `LRNSquares` q: y = x L^(−β).

    L = κ + α q is a node's own affair; the q of x are a node, as the sweeps need them too. With
    G(k) the channels from k − ⌊(N−1)/2⌋ to k + ⌈(N−1)/2⌉ that exist, for a group of N, and
    q_k = Σ x_t² over t∈G(k), both together are

    ẏ_k = ẋ_k L_k^(−β) − 2αβ x_k L_k^(−β−1) Σ_{t∈G(k)} x_t ẋ_t
    x̄_d = ȳ_d L_d^(−β) − 2αβ x_d Σ_{k: d∈G(k)} ȳ_k L_k^(−β−1) x_k

    with L^(−β−1) taken as L^(−β)/L, one power for both.

    Source: A. Krizhevsky, I. Sutskever, G. Hinton, ImageNet classification with deep convolutional
    neural networks, 2012.

    Parameters
    ----------
    group : int
    kappa, alpha, beta : Fraction, int or float
    divide : bool
        Whether α is divided by the group size, as Caffe and PyTorch do.

    Examples
    --------
    >>> LRN(3, 1, 1, 1)(np.array([1.0, 2.0]), np.array([5.0, 5.0]))
    array([0.16666667, 0.33333333])
    """

    group: int
    kappa: Fraction
    alpha: Fraction
    beta: Fraction
    divide: bool = False
    name: ClassVar[str] = "lrn"  # type: ignore[misc]
    layer: ClassVar[str] = "lrn"
    arity: ClassVar[tuple[int, int | None]] = (2, 2)  # type: ignore[misc]

    def __post_init__(self) -> None:
        check_whole(self.name, "a group", self.group, least=1)
        for option in ("kappa", "alpha", "beta"):
            object.__setattr__(self, option, number(self.name, option, getattr(self, option)))
        if not isinstance(self.divide, bool):
            raise DiffcompareError(
                "attr", self.name, need="divide as true or false", got=shorten(self.divide)
            )

    @property
    def squares(self) -> LRNSquares:
        """The sum over the group."""
        return LRNSquares((self.group - 1) // 2, self.group // 2)

    @property
    def scale(self) -> Fraction:
        """What the sum of squares is multiplied by."""
        return self.alpha / self.group if self.divide else self.alpha

    def value(self, *x: Value) -> Value:
        return x[0] * power(self._divisor(x[1]), -self.beta)

    def _divisor(self, squares: Value) -> Value:
        """L."""
        return factor(self.kappa, squares) + factor(self.scale, squares) * squares

    def _slopes(self, x: Sequence[Value]) -> tuple[Value, Value]:
        """∂y/∂x = L^(−β) and ∂y/∂q = −αβ x L^(−β)/L, of channels with one group taken once."""
        shape = shape_of(x[1])
        alike = self.squares.sums.alike(shape[1]) if len(shape) > 1 else ()
        few = len(set(alike)) < len(alike)
        divisor = self._divisor(Gather(1, tuple(dict.fromkeys(alike)))(x[1]) if few else x[1])
        root = power(divisor, -self.beta)
        slopes = root, root / divisor
        if few:
            number = {first: k for k, first in enumerate(dict.fromkeys(alike))}
            every = Gather(1, tuple(number[first] for first in alike))
            slopes = every(slopes[0]), every(slopes[1])
        return slopes[0], factor(-self.scale * self.beta, x[0]) * (x[0] * slopes[1])

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        slopes = self._slopes(x)
        return total(
            dot if dot is ZERO else dot * slope for dot, slope in zip(x_dot, slopes, strict=True)
        )

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        slopes = zip(self._slopes(x), wanted, strict=True)
        return [y_bar * slope if want else ZERO for slope, want in slopes]

    def sympy(self, *x: Value) -> Value:
        return self.value(*x)

    def precise(self, mp: Any, *x: Value) -> Value:
        kappa, scale, beta = (
            mp.mpf(c.numerator) / c.denominator for c in (self.kappa, self.scale, self.beta)
        )
        return x[0] * mp.power(kappa + scale * x[1], -beta)

    def edge(self, x: Value, squares: Value) -> str | None:
        return Power(-self.beta).edge(self._divisor(squares))

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        root = Power(-self.beta).cost([()]) if self.beta != -1 else Cost()
        return (2 * MUL + ADD + root) * math.prod(np.broadcast_shapes(*shapes))

    @property
    def analytic(self) -> bool:
        return True

    def options(self) -> dict[str, Any]:
        return settings(self)


def lrn(
    x: Value,
    group: int = 5,
    kappa: Any = 2,
    alpha: Any = 1e-4,
    beta: Any = 0.75,
    divide: bool = False,
) -> Value:
    """Local response normalisation across channels, see `LRN`.

    Examples
    --------
    >>> lrn(np.ones((1, 2, 1, 1)), group=3, kappa=2, alpha=1, beta=1).ravel()
    array([0.25, 0.25])
    """
    op = LRN(group, kappa, alpha, beta, divide)
    op.squares.shape([shape_of(x)])
    return op(x, op.squares(x))
