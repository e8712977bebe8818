"""+ - * / neg and powers: value, both rules, and the exact folds that keep derivative graphs lean."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Final

import numpy as np
import sympy

from diffcompare.ops.op import ADD, CALL, DIV, MUL, OPS, ZERO, Cost, Op, Shape, Value, family, register
from diffcompare.ops.operand import UFUNCS


def literal(x: Value) -> Any:
    """The exact number a graph constant stands for, else None."""
    return getattr(x, "literal", None)


def negated(x: Value) -> Value:
    """`z` where `x` is the node -z, else None."""
    return getattr(x, "negated", None)


def _exact(x: Fraction | int) -> bool:
    """Whether float64 holds the rational without rounding, so that folding it changes no bit."""
    try:
        return Fraction(float(x)) == x
    except OverflowError:
        return False


class _Arithmetic(Op):
    def __init__(
        self,
        name: str,
        arity: int,
        cost: Cost,
        infix: tuple[str, int],
        value: Callable[..., Value],
        exact: Callable[..., Any],
    ) -> None:
        self.name, self.arity, self._cost = name, (arity, arity), cost
        self.infix, self.ufunc, self._exact = infix, value, exact
        UFUNCS[value] = register(self)

    def value(self, *x: Value) -> Value:
        return self.ufunc(*x)

    def sympy(self, *x: Value) -> Value:
        return self._exact(*x)

    def precise(self, mp: Any, *x: Value) -> Value:
        return self._exact(*x)

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        return self._cost * math.prod(np.broadcast_shapes(*shapes))

    @property
    def analytic(self) -> bool:
        return True

    def fold(self, *x: Value) -> Value:
        numbers = [literal(v) for v in x]
        if all(isinstance(n, (int, Fraction)) for n in numbers):
            if self.name == "div" and numbers[1] == 0:
                return None
            result = self._exact(*(Fraction(n) for n in numbers))
            lift = getattr(x[0], "like", None)
            return lift(result) if lift is not None and _exact(result) else None
        return self._simpler(*x)

    def _simpler(self, *x: Value) -> Value:
        return None


class _Add(_Arithmetic):
    kind: ClassVar[str] = "linear"

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        return x_dot[0] + x_dot[1]

    def vjp(self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]) -> list[Value]:
        return [y_bar, y_bar]

    def _simpler(self, *x: Value) -> Value:
        a, b = x
        if a is ZERO or b is ZERO:
            return b if a is ZERO else a
        if negated(b) is not None:
            return a - negated(b)
        return b - negated(a) if negated(a) is not None else None


class _Sub(_Arithmetic):
    kind: ClassVar[str] = "linear"

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        return x_dot[0] - x_dot[1]

    def vjp(self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]) -> list[Value]:
        return [y_bar, neg(y_bar) if wanted[1] else ZERO]

    def _simpler(self, *x: Value) -> Value:
        a, b = x
        if a is ZERO or b is ZERO:
            return neg(b) if a is ZERO else a
        return a + negated(b) if negated(b) is not None else None


class _Mul(_Arithmetic):
    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        return x_dot[0] * x[1] + x[0] * x_dot[1]

    def vjp(self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]) -> list[Value]:
        return [
            y_bar * x[1] if wanted[0] else ZERO,
            y_bar * x[0] if wanted[1] else ZERO,
        ]

    def _simpler(self, *x: Value) -> Value:
        a, b = x
        if a is ZERO or b is ZERO:
            return ZERO
        for one, other in ((a, b), (b, a)):
            if literal(one) == 1:
                return other
            if literal(one) == -1:
                return neg(other)
        for one, other in ((a, b), (b, a)):
            if negated(one) is not None:
                return neg(negated(one) * other)
            reciprocal = getattr(one, "reciprocal", None)
            if reciprocal is not None:
                return other / reciprocal
        return None


class _Div(_Arithmetic):
    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        return (x_dot[0] - y * x_dot[1]) / x[1]

    def vjp(self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]) -> list[Value]:
        x_bar = y_bar / x[1]
        return [x_bar, neg(x_bar * y) if wanted[1] else ZERO]

    def _simpler(self, *x: Value) -> Value:
        a, b = x
        if a is ZERO:
            return ZERO
        if literal(b) == 1:
            return a
        for one, build in ((a, lambda z: z / b), (b, lambda z: a / z)):
            if negated(one) is not None:
                return neg(build(negated(one)))
        return None


class _Neg(_Arithmetic):
    kind: ClassVar[str] = "linear"

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        return neg(x_dot[0])

    def vjp(self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]) -> list[Value]:
        return [neg(y_bar)]

    def _simpler(self, *x: Value) -> Value:
        return ZERO if x[0] is ZERO else negated(x[0])


add: Final = _Add("add", 2, ADD, ("+", 1), np.add, lambda a, b: a + b)
sub: Final = _Sub("sub", 2, ADD, ("-", 1), np.subtract, lambda a, b: a - b)
mul: Final = _Mul("mul", 2, MUL, ("*", 2), np.multiply, lambda a, b: a * b)
div: Final = _Div("div", 2, DIV, ("/", 2), np.divide, lambda a, b: a / b)
neg: Final = _Neg("neg", 1, ADD, ("-", 3), np.negative, lambda a: -a)


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
        return np.power(x[0], float(self.exponent))

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        if x_dot[0] is ZERO or self.exponent == 0:
            return ZERO
        return x_dot[0] * self._slope(x[0])

    def vjp(self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]) -> list[Value]:
        return [self.jvp(y, x, [y_bar])]

    def _slope(self, x: Value) -> Value:
        c = self.exponent
        return 1.0 if c == 1 else exactly(c, x) * power(x, c - 1)

    def sympy(self, *x: Value) -> Value:
        return x[0] ** sympy.Rational(self.exponent.numerator, self.exponent.denominator)

    def precise(self, mp: Any, *x: Value) -> Value:
        c = self.exponent
        return mp.power(x[0], mp.mpf(c.numerator) / c.denominator)

    def edge(self, x: Value) -> str | None:  # type: ignore[override]
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


UFUNCS[np.power] = UFUNCS[np.float_power] = UFUNCS[np.pow] = power
UFUNCS[np.square] = lambda x: power(x, 2)
UFUNCS[np.reciprocal] = lambda x: 1 / x
UFUNCS[np.positive] = lambda x: x
