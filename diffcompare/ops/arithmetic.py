"""+ - * / neg: value, both rules, and the exact folds that keep derivative graphs lean."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import reduce
from typing import Any, ClassVar, Final

import numpy as np

from diffcompare.ops.cost import ADD, DIV, MUL, Cost
from diffcompare.ops.op import Op, Shape, register
from diffcompare.ops.operand import UFUNCS, ZERO, Value


def literal(x: Value) -> Any:
    """The exact number a graph constant stands for, else None."""
    return getattr(x, "literal", None)


def repeated(x: Value) -> Any:
    """The exact number that a graph constant, or what repeats it, stands for, else None."""
    return literal(getattr(x, "once", x))


def negated(x: Value) -> Value:
    """`z` where `x` is the node -z, else None."""
    return getattr(x, "negated", None)


def total(terms: Iterable[Value]) -> Value:
    """The sum of any number of terms, structural zeros left out.

    Examples
    --------
    >>> total([1.0, ZERO, 2.0, 4.0]), total([])
    (np.float64(7.0), ZERO)
    """
    left = [term for term in terms if term is not ZERO]
    return add(*left) if len(left) > 1 else left[0] if left else ZERO


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
        arity: tuple[int, int | None],
        cost: Cost,
        infix: tuple[str, int],
        value: Callable[..., Value],
        exact: Callable[..., Any],
    ) -> None:
        self.name, self.arity, self._cost = name, arity, cost
        self.infix, self.ufunc, self._exact = infix, value, exact
        UFUNCS[value] = register(self)

    def value(self, *x: Value) -> Value:
        return self.ufunc(*x)

    def source(self, count: int) -> str | None:
        symbol = self.infix[0] if self.infix else ""
        return f"({{0}} {symbol} {{1}})" if count == 2 else f"({symbol}{{0}})"

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
        for v in x:
            if not isinstance(literal(v), (int, Fraction)):
                return self._simpler(*x)
        numbers = [Fraction(literal(v)) for v in x]
        if self.name == "div" and numbers[1] == 0:
            return None
        result = self._exact(*numbers)
        lift = getattr(x[0], "like", None)
        return lift(result) if lift is not None and _exact(result) else self._simpler(*x)

    def _simpler(self, *x: Value) -> Value:
        return None


class _Add(_Arithmetic):
    """y = a + b, or the sum of more: one node, which no other sum shares a part of."""

    kind: ClassVar[str] = "linear"

    def value(self, *x: Value) -> Value:
        return reduce(np.add, x)

    def source(self, count: int) -> str | None:
        """Of a few; Python's compiler goes a step deeper for each, so a long sum is taken by twos."""
        return f"({' + '.join(f'{{{k}}}' for k in range(count))})" if count <= 16 else None

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        return super().cost(shapes) * (len(shapes) - 1)

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        return total(x_dot)

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        return [y_bar] * len(x)

    def _simpler(self, *x: Value) -> Value:
        terms = [term for term in x if term is not ZERO]
        if len(terms) < len(x):
            return total(terms)
        minus = [z for z in map(negated, x) if z is not None]
        if not minus:
            return None
        plus = [term for term in x if negated(term) is None]
        return total(plus) - total(minus) if plus else neg(total(minus))


class _Sub(_Arithmetic):
    kind: ClassVar[str] = "linear"

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        return x_dot[0] - x_dot[1]

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        return [y_bar, neg(y_bar) if wanted[1] else ZERO]

    def _simpler(self, *x: Value) -> Value:
        a, b = x
        if a is ZERO or b is ZERO:
            return neg(b) if a is ZERO else a
        return a + z if (z := negated(b)) is not None else None


class _Mul(_Arithmetic):
    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        return x_dot[0] * x[1] + x[0] * x_dot[1]

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        return [
            y_bar * x[1] if wanted[0] else ZERO,
            y_bar * x[0] if wanted[1] else ZERO,
        ]

    def _simpler(self, *x: Value) -> Value:
        a, b = x
        if a is ZERO or b is ZERO:
            return ZERO
        for one, other in ((a, b), (b, a)):
            number = repeated(one)
            if number is not None and abs(number) == 1:
                return other if number == 1 else neg(other)
        if (z := negated(a)) is not None:
            return neg(z * b)
        if (z := negated(b)) is not None:
            return neg(a * z)
        for one, other in ((a, b), (b, a)):
            if (z := getattr(one, "reciprocal", None)) is not None:
                return other / z
        return None


class _Div(_Arithmetic):
    reveals: ClassVar[bool] = True

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        return (x_dot[0] - y * x_dot[1]) / x[1]

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        x_bar = y_bar / x[1]
        return [x_bar, neg(x_bar * y) if wanted[1] else ZERO]

    def _simpler(self, *x: Value) -> Value:
        a, b = x
        if a is ZERO:
            return ZERO
        if repeated(b) == 1:
            return a
        if (z := negated(a)) is not None:
            return neg(z / b)
        return neg(a / z) if (z := negated(b)) is not None else None


class _Neg(_Arithmetic):
    kind: ClassVar[str] = "linear"
    reveals: ClassVar[bool] = True

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        return neg(x_dot[0])

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        return [neg(y_bar)]

    def _simpler(self, *x: Value) -> Value:
        return ZERO if x[0] is ZERO else negated(x[0])


add: Final = _Add("add", (2, None), ADD, ("+", 1), np.add, lambda *x: reduce(operator.add, x))
sub: Final = _Sub("sub", (2, 2), ADD, ("-", 1), np.subtract, lambda a, b: a - b)
mul: Final = _Mul("mul", (2, 2), MUL, ("*", 2), np.multiply, lambda a, b: a * b)
div: Final = _Div("div", (2, 2), DIV, ("/", 2), np.divide, lambda a, b: a / b)
neg: Final = _Neg("neg", (1, 1), ADD, ("-", 3), np.negative, lambda a: -a)

UFUNCS[np.reciprocal] = lambda x: 1 / x
UFUNCS[np.positive] = lambda x: x
