"""Powers: with a constant rational exponent an op of its own, else the general aᵇ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Final

import numpy as np
import sympy

from diffcompare.ops.arithmetic import literal
from diffcompare.ops.choice import equal, where
from diffcompare.ops.cost import CALL, DIV, MUL, Cost
from diffcompare.ops.elementary import Elementary, log
from diffcompare.ops.op import Op, Shape, family
from diffcompare.ops.opaque import Opaque
from diffcompare.ops.operand import OPS, UFUNCS, ZERO, Value
from diffcompare.ops.precision import precision
from diffcompare.ops.special import check_order

_MOST_FACTORS: Final = 3
"""A whole exponent up to here is written as a product: faster than a power, and as accurate."""


@family
@dataclass(frozen=True, repr=False)
class Power(Op):
    """`x**exponent` with a constant rational exponent: y = xᶜ, ∂y/∂x = c xᶜ⁻¹.

    Parameters
    ----------
    exponent : Fraction or int
        Exact. Defined for negative x where it is a whole number, also as a float; nan elsewhere.

    Examples
    --------
    >>> Power(Fraction(3))(2.0)
    np.float64(8.0)
    """

    exponent: Fraction
    name: ClassVar[str] = "power"  # type: ignore[misc]

    def value(self, *x: Value) -> Value:
        c = float(precision(x)(self.exponent))
        y, rest = np.power(x[0], c), float(self.exponent - Fraction(c))
        if not rest:
            return y
        correction = y * (rest * np.log(x[0]))  # for what the exponent loses as a float
        return y + np.where(np.isfinite(correction), correction, 0.0)[()]

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        if x_dot[0] is ZERO or self.exponent == 0:
            return ZERO
        return x_dot[0] * self._slope(x[0])

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        return [self.jvp(y, x, [y_bar])]

    def _slope(self, x: Value) -> Value:
        c = self.exponent
        return 1.0 if c == 1 else exactly(c, x) * power(x, c - 1)

    def source(self, count: int) -> str | None:
        c = float(self.exponent)
        if self.exponent != Fraction(c):
            return None
        if 1 <= c <= _MOST_FACTORS and c == int(c):
            return f"({' * '.join(['{0}'] * int(c))})"
        return {0.5: "sqrt({0})", -1.0: "(1.0 / {0})"}.get(c, f"pow({{0}}, {c!r})")

    def sympy(self, *x: Value) -> Value:
        return x[0] ** sympy.Rational(self.exponent.numerator, self.exponent.denominator)

    def precise(self, mp: Any, *x: Value) -> Value:
        c = self.exponent
        return mp.power(x[0], mp.mpf(c.numerator) / c.denominator)

    def edge(self, x: Value) -> str | None:
        if x == 0 and self.exponent < 0:
            return "singular"
        whole = self.exponent.denominator == 1
        if x == 0 and not whole and self.exponent < 1:
            return "singular"
        return "undefined" if x < 0 and not whole else None

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        each = {Fraction(2): MUL, Fraction(-1): DIV}.get(self.exponent, CALL)
        return each * math.prod(shapes[0])

    @property
    def analytic(self) -> bool:
        return True

    def options(self) -> dict[str, Any]:
        return {"exponent": self.exponent}


def power(x: Value, exponent: Value) -> Value:
    """`x**exponent`: its own op where the exponent is a rational constant, else the general power.

    Examples
    --------
    >>> power(-2.0, 3)
    np.float64(-8.0)
    """
    c = rational(exponent)
    if c is None:
        return OPS["pow"](x, exponent)
    return x if c == 1 else Power(c)(x)


def exactly(c: Fraction, like: Value) -> Value:
    """A rational factor in the number kind of `like`: exact where the kind is."""
    exact = hasattr(like, "apply_op") or isinstance(like, sympy.Basic)
    return c if exact else float(c)


def rational(x: Value) -> Fraction | None:
    """The exact value of a plain number or of a rational graph constant, else None."""
    x = literal(x) if literal(x) is not None else x
    if type(x) is float or isinstance(x, np.floating):  # pi is a float too, but a named one
        return Fraction(float(x)) if np.isfinite(x) else None
    return Fraction(x) if isinstance(x, (int, Fraction)) and not isinstance(x, bool) else None


def _power_edge(x: Value, y: Value) -> str | None:
    if x < 0 or (x == 0 and y == 0):
        return "undefined"
    return "singular" if x == 0 and y < 1 else None


def _log_edge(x: Value, y: Value) -> str | None:
    return "singular" if x == 0 and y == 1 else _power_edge(x, y)  # (x ln x)′ is −∞ at 0


def _slope(y: Value, a: Value, b: Value) -> Value:
    # 0 at 0⁰ alone: at b = 0 elsewhere the next derivative, aᵇ⁻¹, is not.
    return where(equal(a, 0) * equal(b, 0), 0, b * power(a, b - 1))


def _log_slope(y: Value, a: Value, b: Value) -> Value:
    base = rational(a)
    return y * log(a) if base is not None and base > 0 else LogPow(1)(a, b)


pow_ = Elementary(
    "pow", np.power, (_slope, _log_slope), None, "power", _power_edge, (), "pow({0}, {1})"
)
pow_.infix = ("**", 4)
# After the row, which enters itself under np.power: a constant exponent has an op of its own.
UFUNCS[np.power] = UFUNCS[np.float_power] = UFUNCS[np.pow] = power
UFUNCS[np.square] = lambda x: power(x, 2)


@family
@dataclass(frozen=True, repr=False)
class LogPow(Opaque):
    """aᵇ (ln a)ᵏ, the derivatives of aᵇ by b; at a = 0 the limit for b ≠ 0, nan for b = 0.

    ∂y/∂a = b aᵇ⁻¹ (ln a)ᵏ + k aᵇ⁻¹ (ln a)ᵏ⁻¹, ∂y/∂b = aᵇ (ln a)ᵏ⁺¹.

    Parameters
    ----------
    order : int
        k ≥ 1.

    Examples
    --------
    >>> LogPow(1)(1.0, 2.0)
    np.float64(0.0)
    """

    order: int
    name: ClassVar[str] = "logpow"  # type: ignore[misc]
    arity: ClassVar[tuple[int, int | None]] = (2, 2)  # type: ignore[misc]
    edge: ClassVar[Any] = staticmethod(_log_edge)  # type: ignore[misc]

    def __post_init__(self) -> None:
        check_order(self.name, self.order, 1)

    def value(self, *x: Value) -> Value:
        a, b = x
        inner = np.power(a, b) * np.log(a) ** self.order
        limit = np.where(np.equal(b, 0), np.nan, np.where(np.greater(b, 0), 0.0, inner))
        return np.where(np.equal(a, 0), limit, inner)[()]

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        (a, b), (a_dot, b_dot) = x, x_dot
        total = b_dot if b_dot is ZERO else b_dot * LogPow(self.order + 1)(a, b)
        return total if a_dot is ZERO else total + a_dot * self._slope(a, b)

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        a_bar = y_bar * self._slope(*x) if wanted[0] else ZERO
        return [a_bar, y_bar * LogPow(self.order + 1)(*x) if wanted[1] else ZERO]

    def _slope(self, a: Value, b: Value) -> Value:
        k = self.order
        lower = power(a, b - 1) if k == 1 else k * LogPow(k - 1)(a, b - 1)
        return b * LogPow(k)(a, b - 1) + lower

    def precise(self, mp: Any, *x: Value) -> Value:
        a, b = x
        if a == 0:
            return mp.nan if b == 0 else mp.mpf(0) if b > 0 else mp.inf * (-1) ** self.order
        return mp.power(a, b) * mp.log(a) ** self.order

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        return CALL * math.prod(np.broadcast_shapes(*shapes))

    def options(self) -> dict[str, Any]:
        return {"order": self.order}
