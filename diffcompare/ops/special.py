"""Γ and its kin: values by way of float64, and the polygamma functions that are their derivatives."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import mpmath
import numpy as np
import sympy

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.ops.cost import CALL, Cost
from diffcompare.ops.op import Op, Shape, family
from diffcompare.ops.operand import ZERO, Value
from diffcompare.ops.precision import precision


def each(scalar: Callable[[float], float]) -> Callable[[Value], Value]:
    """A function of one float as a NumPy function of floats or arrays."""
    vector = np.vectorize(scalar, otypes=[float])
    return lambda x: vector(x).astype(precision([x]), copy=False)[()]


_MOST_ORDER = 1000

_TRUTH = mpmath.MPContext()  # our own: mpmath's global precision is not ours to touch
_TRUTH.prec = 160  # math.lgamma has few digits left near its zeros, where these are enough


def gamma_value(x: float) -> float:
    if not math.isfinite(x) or pole(x):
        return math.copysign(math.inf, x) if x in (0, math.inf) else math.nan
    y = _TRUTH.gamma(x)
    return math.copysign(math.inf, _TRUTH.sign(y)) if _TRUTH.mag(y) > 1024 else float(y)


def lgamma_value(x: float) -> float:
    if not math.isfinite(x) or pole(x):
        return math.nan if math.isnan(x) else math.inf
    return float(_TRUTH.loggamma(x) if x > 0 else _TRUTH.log(abs(_TRUTH.gamma(x))))


def _polygamma(order: int, x: float) -> float:
    if not math.isfinite(x):
        return {math.inf: math.inf if order == 0 else 0.0}.get(x, math.nan)
    if x <= 0 and x == math.floor(x):
        return math.nan
    return float(_psi(_TRUTH, order, x))


def _psi(mp: Any, order: int, x: Any) -> Any:
    """ψ⁽ᵏ⁾; below zero by reflection, where mpmath steps up one by one and cancels on the way.

    ψ⁽ᵏ⁾(x) = (−1)ᵏ ψ⁽ᵏ⁾(1 − x) − π dᵏ/dxᵏ cot πx, the last a polynomial in cot πx, for
    d cot z/dz = −(1 + cot² z).
    """
    if order == 0 or not x < 0:
        return mp.psi(order, x)
    poly = [0, 1]  # of c, lowest power first
    for _ in range(order):
        slope = [k * a for k, a in enumerate(poly)][1:]
        poly = [-(a + b) for a, b in zip([*slope, 0, 0], [0, 0, *slope], strict=True)]
    cot = mp.cospi(x) / mp.sinpi(x)
    bend = mp.polyval(poly[::-1], cot) * mp.pi ** (order + 1)
    return (-1) ** order * mp.psi(order, 1 - x) - bend


def pole(x: Value) -> str | None:
    return "singular" if x <= 0 and x == np.floor(x) else None


def check_order(name: str, order: int, least: int) -> None:
    """Refuse an order of differentiation that takes for ever."""
    if not least <= order <= _MOST_ORDER:
        raise DiffcompareError(
            "domain", name, need=f"an order from {least} to {_MOST_ORDER}", got=shorten(order)
        )


@family
@dataclass(frozen=True, repr=False)
class Polygamma(Op):
    """ψ⁽ᵏ⁾, the derivatives of ln Γ: y = ψ⁽ᵏ⁾(x), ∂y/∂x = ψ⁽ᵏ⁺¹⁾(x).

    Parameters
    ----------
    order : int
        k ≥ 0; 0 is the digamma function.

    Examples
    --------
    >>> round(float(Polygamma(0)(1.0)), 12)  # minus Euler's constant
    -0.577215664902
    """

    order: int
    name: ClassVar[str] = "polygamma"  # type: ignore[misc]
    edge: ClassVar[Any] = staticmethod(pole)  # type: ignore[misc]

    def __post_init__(self) -> None:
        check_order(self.name, self.order, 0)

    def value(self, *x: Value) -> Value:
        return each(lambda z: _polygamma(self.order, z))(x[0])

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        return ZERO if x_dot[0] is ZERO else x_dot[0] * Polygamma(self.order + 1)(x[0])

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        return [self.jvp(y, x, [y_bar])]

    def sympy(self, *x: Value) -> Value:
        return sympy.polygamma(self.order, x[0])

    def precise(self, mp: Any, *x: Value) -> Value:
        return _psi(mp, self.order, x[0])

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        return CALL * math.prod(shapes[0])

    def options(self) -> dict[str, Any]:
        return {"order": self.order}
