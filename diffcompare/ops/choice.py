"""Ops that choose or jump, and the one convention at ties and kinks.

relu′(0) = 0, |x|′(0) = 0, max and min split a tie evenly, steps have derivative 0, and a branch
that is not taken never enters the result. Each meets SymPy as an opaque function of our own, whose
derivative is the `jvp` below: SymPy's Max, Abs, floor, … follow other conventions.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, ClassVar, Final

import numpy as np

from diffcompare.ops.cost import ADD, COMPARE, FREE, MUL, Cost
from diffcompare.ops.op import Guarded, Op, Shape, register
from diffcompare.ops.opaque import Opaque
from diffcompare.ops.operand import UFUNCS, ZERO, Value
from diffcompare.ops.precision import precision

Edge = Callable[..., str | None]
Values = Sequence[Value]


class _Choice(Opaque):
    kind: ClassVar[str] = "select"

    def __init__(
        self,
        name: str,
        arity: tuple[int, int | None],
        cost: Cost,
        value: Callable[..., Value],
        precise: Callable[..., Any],
        edge: Edge | None = None,
        also: tuple[str, ...] = (),
        infix: tuple[str, int] | None = None,
        source: str | None = None,
    ) -> None:
        self._source = source
        self.name, self.arity, self._cost, self.spellings = name, arity, cost, also
        self._value, self._precise, self.edge, self.infix = value, precise, edge, infix
        register(self)
        if isinstance(value, np.ufunc):
            UFUNCS[value] = self

    def value(self, *x: Value) -> Value:
        return self._value(*x)

    def source(self, count: int) -> str | None:
        return self._source

    def precise(self, mp: Any, *x: Value) -> Value:
        return self._precise(mp, *x)

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        return self._cost * math.prod(np.broadcast_shapes(*shapes))


class _Step(_Choice):
    """Piecewise constant: no tangent passes."""

    flat: ClassVar[bool] = True

    def jvp(self, y: Value, x: Values, x_dot: Values) -> Value:
        return ZERO

    def vjp(self, y: Value, x: Values, y_bar: Value, wanted: Sequence[bool]) -> list[Value]:
        return [ZERO] * len(x)

    def selects(self, y: Value, x: Values) -> Sequence[bool]:
        return [bool(np.isnan(arg)) for arg in x]  # what is below a step has no slope to kink


class _Where(_Choice):
    """y = a where the condition is not 0, else b."""

    def jvp(self, y: Value, x: Values, x_dot: Values) -> Value:
        return where(x[0], x_dot[1], x_dot[2])

    def vjp(self, y: Value, x: Values, y_bar: Value, wanted: Sequence[bool]) -> list[Value]:
        return [ZERO, Guarded(x[0], True, y_bar), Guarded(x[0], False, y_bar)]

    def selects(self, y: Value, x: Values) -> Sequence[bool]:
        return [True, bool(x[0]), not x[0]]

    def fold(self, *x: Value) -> Value:
        condition, a, b = x
        if (a is ZERO and _zero(b)) or (_zero(a) and b is ZERO):
            return ZERO
        if a is ZERO or b is ZERO:
            return self(condition, 0 if a is ZERO else a, 0 if b is ZERO else b)
        return None


def _zero(x: Value) -> bool:
    return x is ZERO or getattr(x, "literal", None) == 0


class _Relu(_Choice):
    """y = x where x > 0, else 0."""

    def jvp(self, y: Value, x: Values, x_dot: Values) -> Value:
        return where(greater(x[0], 0), x_dot[0], ZERO)

    def vjp(self, y: Value, x: Values, y_bar: Value, wanted: Sequence[bool]) -> list[Value]:
        return [Guarded(greater(x[0], 0), True, y_bar)]

    def selects(self, y: Value, x: Values) -> Sequence[bool]:
        return [not x[0] <= 0]


class _Abs(_Choice):
    """y = |x|, ∂y/∂x = sign x."""

    kind: ClassVar[str] = "smooth"

    def jvp(self, y: Value, x: Values, x_dot: Values) -> Value:
        return ZERO if x_dot[0] is ZERO else x_dot[0] * sign(x[0])

    def vjp(self, y: Value, x: Values, y_bar: Value, wanted: Sequence[bool]) -> list[Value]:
        return [y_bar * sign(x[0])]


class _Mod(_Choice):
    """y = a − b ⌊a/b⌋, as Python's %."""

    kind: ClassVar[str] = "smooth"

    def jvp(self, y: Value, x: Values, x_dot: Values) -> Value:
        if x_dot[1] is ZERO:
            return x_dot[0]
        return x_dot[0] - x_dot[1] * floor(x[0] / x[1])

    def vjp(self, y: Value, x: Values, y_bar: Value, wanted: Sequence[bool]) -> list[Value]:
        return [y_bar, -(y_bar * floor(x[0] / x[1])) if wanted[1] else ZERO]


class _Extremum(_Choice):
    """y = the largest (smallest) argument; k tied arguments take 1/k of the derivative each."""

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        return super().cost(shapes) * (len(shapes) - 1)

    def source(self, count: int) -> str | None:
        """Of two, so that a nan is never left behind."""
        return self._source if count == 2 else None

    def canonical(self, x: tuple[Value, ...]) -> tuple[Value, ...]:
        flat: list[Value] = []
        for arg in x:
            flat.extend(arg.operands_if(self) or [arg])
        return tuple({arg.key: arg for arg in flat}.values())

    def fold(self, *x: Value) -> Value:
        return x[0] if len(x) == 1 else None

    def selects(self, y: Value, x: Values) -> Sequence[bool]:
        return [bool(arg == y) or bool(np.isnan(arg)) for arg in x]

    def jvp(self, y: Value, x: Values, x_dot: Values) -> Value:
        total = ZERO
        for arg, dot in zip(x, x_dot, strict=True):
            if dot is not ZERO:
                total = total + where(equal(arg, y), dot, ZERO)
        return ZERO if total is ZERO else total / self._ties(y, x)

    def vjp(self, y: Value, x: Values, y_bar: Value, wanted: Sequence[bool]) -> list[Value]:
        share = y_bar / self._ties(y, x)
        return [
            Guarded(equal(arg, y), True, share) if want else ZERO
            for arg, want in zip(x, wanted, strict=True)
        ]

    @staticmethod
    def _ties(y: Value, x: Values) -> Value:
        return reduce(operator.add, [equal(arg, y) for arg in x])


def _numeric(test: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """A comparison as the number 1 or 0, so that it can be counted with and computed with."""

    def number(a: Value, b: Value) -> Value:
        result, kind = test(a, b), precision((a, b))
        return result.astype(kind) if np.ndim(result) else kind(result)

    return number


def _comparison(name: str, symbol: str, test: Callable[[Any, Any], Any], ufunc: Any) -> Op:
    op = _Step(
        name, (2, 2), COMPARE, _numeric(test), lambda mp, a, b: mp.mpf(bool(test(a, b))),
        edge=lambda a, b: "jump" if a == b else None, infix=(symbol, 0),
        source=f"(1.0 if {{0}} {symbol} {{1}} else 0.0)",
    )  # fmt: skip
    UFUNCS[ufunc] = op
    return op


less: Final = _comparison("less", "<", lambda a, b: a < b, np.less)
less_equal: Final = _comparison("less_equal", "<=", lambda a, b: a <= b, np.less_equal)
greater: Final = _comparison("greater", ">", lambda a, b: a > b, np.greater)
greater_equal: Final = _comparison("greater_equal", ">=", lambda a, b: a >= b, np.greater_equal)
equal: Final = _comparison("equal", "==", lambda a, b: a == b, np.equal)
not_equal: Final = _comparison("not_equal", "!=", lambda a, b: a != b, np.not_equal)


def _where(c: Value, a: Value, b: Value) -> Value:
    return np.where(c, a, b) if np.ndim(c) else (a if c else b)


def _at_integer(x: Value) -> str | None:
    return "jump" if np.isfinite(x) and x == np.floor(x) else None


def _tied(best: Callable[..., Any]) -> Edge:
    return lambda *x: "kink" if sum(a == best(x) for a in x) > 1 else None


def _mod_edge(a: Value, b: Value) -> str | None:
    return "undefined" if b == 0 else _at_integer(a / b)


def _first_nan(best: Callable[..., Any]) -> Callable[..., Any]:
    return lambda mp, *x: next((a for a in x if mp.isnan(a)), best(x))


def _sign(mp: Any, x: Any) -> Any:
    return mp.mpf(0) if x == 0 else mp.sign(x)


# fmt: off
where: Final = _Where("where", (3, 3), FREE, _where, lambda mp, c, a, b: a if c else b, also=("Where", "ifelse"), source="({1} if {0} else {2})")
relu: Final = _Relu("relu", (1, 1), COMPARE, lambda x: np.maximum(x, 0.0), lambda mp, x: max(x, mp.mpf(0)), edge=lambda x: "kink" if x == 0 else None, also=("ReLU",), source="(0.0 if {0} <= 0.0 else {0})")
abs_: Final = _Abs("abs", (1, 1), COMPARE, np.absolute, lambda mp, x: abs(x), edge=lambda x: "kink" if x == 0 else None, also=("Abs", "fabs", "absolute"), source="fabs({0})")
sign: Final = _Step("sign", (1, 1), COMPARE, np.sign, _sign, edge=lambda x: "jump" if x == 0 else None, also=("sgn",), source="(1.0 if {0} > 0.0 else (-1.0 if {0} < 0.0 else {0} + 0.0))")
floor: Final = _Step("floor", (1, 1), COMPARE, np.floor, lambda mp, x: mp.floor(x), edge=_at_integer, source="float(floor({0}))")
ceil: Final = _Step("ceil", (1, 1), COMPARE, np.ceil, lambda mp, x: mp.ceil(x), edge=_at_integer, also=("ceiling",), source="float(ceil({0}))")
mod: Final = _Mod("mod", (2, 2), ADD + MUL + COMPARE, np.mod, lambda mp, a, b: a - b * mp.floor(a / b), edge=_mod_edge, also=("Mod", "remainder"), infix=("%", 2), source="({0} % {1})")
max_: Final = _Extremum("max", (1, None), COMPARE, lambda *x: reduce(np.maximum, x), _first_nan(max), edge=_tied(max), also=("Max", "maximum", "amax"), source="({0} if {0} >= {1} or {0} != {0} else {1})")
min_: Final = _Extremum("min", (1, None), COMPARE, lambda *x: reduce(np.minimum, x), _first_nan(min), edge=_tied(min), also=("Min", "minimum", "amin"), source="({0} if {0} <= {1} or {0} != {0} else {1})")
# fmt: on


def clip(x: Value, low: Value, high: Value) -> Value:
    """`x` held within the bounds: min(max(x, low), high), so an edge takes half the derivative.

    Examples
    --------
    >>> clip(7.0, 0.0, 1.0)
    np.float64(1.0)
    """
    return min_(max_(x, low), high)


UFUNCS.update({np.maximum: max_, np.fmax: max_, np.minimum: min_, np.fmin: min_})
UFUNCS.update({np.fabs: abs_, np.remainder: mod, np.where: where, np.clip: clip})
