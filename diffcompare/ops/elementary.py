"""The elementary functions, a row each: value, local partials, SymPy form, truth, edges.

The partials are written for accuracy, independently of SymPy. They are functions of the output `y`
and the arguments, and run in any kind of number; `1/…` is folded into a division by the sweeps.
Every row costs one call.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import mpmath
import numpy as np
import sympy
from sympy.codegen import cfunctions

from diffcompare.ops.arithmetic import power, rational
from diffcompare.ops.choice import equal, where
from diffcompare.ops.constants import LN2, LN10, TWO_RSQRT_PI
from diffcompare.ops.op import CALL, ZERO, Cost, Op, Shape, Value, family, register
from diffcompare.ops.opaque import Opaque
from diffcompare.ops.operand import UFUNCS

Partial = Callable[..., Value]


class Elementary(Opaque):
    """A row of the table: both derivative rules follow from the local partials.

    Parameters
    ----------
    name : str
    value : callable
        On floats and arrays, IEEE.
    partials : callable or tuple of callable
        `partial(y, *x)`, one for each argument.
    symbol : callable, optional
        SymPy's own function; without it the op is opaque to SymPy and differentiated by the row.
    precise : str or callable
        The mpmath function, by name or as `f(mp, *x)`.
    edge : callable, optional
        `edge(*x)` names the edge that a point sits on.
    also : tuple of str
        Other spellings.
    """

    def __init__(
        self,
        name: str,
        value: Callable[..., Value],
        partials: Partial | tuple[Partial, ...],
        symbol: Callable[..., Value] | None,
        precise: str | Callable[..., Any],
        edge: Callable[..., str | None] | None = None,
        also: tuple[str, ...] = (),
    ) -> None:
        self.name, self._value, self._symbol, self._precise = name, value, symbol, precise
        self.partials = partials if isinstance(partials, tuple) else (partials,)
        self.arity = (len(self.partials), len(self.partials))
        self.edge, self.spellings = edge, also
        register(self)
        for spelling in (name, *also):
            ufunc = getattr(np, spelling, None)
            if isinstance(ufunc, np.ufunc):
                UFUNCS[ufunc] = self

    def value(self, *x: Value) -> Value:
        return self._value(*x)

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        total: Value = ZERO
        for partial, dot in zip(self.partials, x_dot, strict=True):
            if dot is not ZERO:
                total = total + dot * partial(y, *x)
        return total

    def vjp(self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]) -> list[Value]:
        return [
            y_bar * partial(y, *x) if want else ZERO
            for partial, want in zip(self.partials, wanted, strict=True)
        ]

    def sympy(self, *x: Value) -> Value:
        return self._symbol(*x) if self._symbol else super().sympy(*x)

    def precise(self, mp: Any, *x: Value) -> Value:
        if isinstance(self._precise, str):
            return getattr(mp, self._precise)(*x)
        return self._precise(mp, *x)

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        return CALL * math.prod(np.broadcast_shapes(*shapes))

    @property
    def analytic(self) -> bool:
        return isinstance(self._value, np.ufunc) and "D" in "".join(self._value.types)


def _each(scalar: Callable[[float], float]) -> Callable[[Value], Value]:
    """A function of one float as a NumPy function of floats or arrays."""
    vector = np.vectorize(scalar, otypes=[float])
    return lambda x: vector(x)[()]


def _gamma(x: float) -> float:
    try:
        return math.gamma(x)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.copysign(math.inf, x) if x == 0 else math.nan


def _lgamma(x: float) -> float:
    try:
        return math.lgamma(x)
    except (ValueError, OverflowError):
        return math.inf


_TRUTH = mpmath.MPContext()  # our own: mpmath's global precision is not ours to touch
_TRUTH.prec = 80


def _polygamma(order: int, x: float) -> float:
    if not math.isfinite(x):
        return {math.inf: math.inf if order == 0 else 0.0}.get(x, math.nan)
    if x <= 0 and x == math.floor(x):
        return math.nan
    return float(_TRUTH.psi(order, x))


def _sigmoid(x: Value) -> Value:
    z = np.exp(-np.abs(x))
    return np.where(np.signbit(x), z, 1.0)[()] / (1.0 + z)


def _softplus(x: Value) -> Value:
    return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))


def _cbrt(mp: Any, x: Any) -> Any:
    return mp.sign(x) * mp.cbrt(abs(x))


def _log_gamma(mp: Any, x: Any) -> Any:
    return mp.re(mp.loggamma(x))


def _beyond(low: float, high: float, at: str) -> Callable[[Value], str | None]:
    """Edge of a function defined on [low, high]: `at` on a bound, undefined outside."""

    def edge(x: Value) -> str | None:
        return at if x in (low, high) else None if low < x < high else "undefined"

    return edge


def _pole(x: Value) -> str | None:
    return "singular" if x <= 0 and x == np.floor(x) else None


def _origin(*x: Value) -> str | None:
    return "undefined" if not any(x) else None


def _cut(y: Value, x: Value) -> str | None:
    return "jump" if y == 0 and x < 0 else _origin(y, x)


def _power_edge(x: Value, y: Value) -> str | None:
    if x < 0 or (x == 0 and y == 0):
        return "undefined"
    return "singular" if x == 0 and y < 1 else None


INF = math.inf
_half_line = _beyond(0.0, INF, "singular")
_unit = _beyond(-1.0, 1.0, "singular")

# fmt: off
#                   name        value           ∂y/∂x                                          SymPy              truth    edges
exp     = Elementary("exp",     np.exp,         lambda y, x: y,                                sympy.exp,         "exp")
expm1   = Elementary("expm1",   np.expm1,       lambda y, x: exp(x),                           cfunctions.expm1,  "expm1")
log     = Elementary("log",     np.log,         lambda y, x: 1 / x,                            sympy.log,         "log",   _half_line, ("ln",))
log1p   = Elementary("log1p",   np.log1p,       lambda y, x: 1 / (1 + x),                      cfunctions.log1p,  lambda mp, x: mp.log1p(x) if x > -1 else mp.log(1 + x), _beyond(-1.0, INF, "singular"))
log2    = Elementary("log2",    np.log2,        lambda y, x: 1 / (x * LN2),                    cfunctions.log2,   lambda mp, x: mp.log(x) / mp.log(2), _half_line)
log10   = Elementary("log10",   np.log10,       lambda y, x: 1 / (x * LN10),                   cfunctions.log10,  lambda mp, x: mp.log(x) / mp.log(10), _half_line)
sqrt    = Elementary("sqrt",    np.sqrt,        lambda y, x: 1 / (2 * y),                      sympy.sqrt,        "sqrt",  _half_line)
cbrt    = Elementary("cbrt",    np.cbrt,        lambda y, x: 1 / (3 * (y * y)),                None,              _cbrt,   lambda x: "singular" if x == 0 else None)
sin     = Elementary("sin",     np.sin,         lambda y, x: cos(x),                           sympy.sin,         "sin")
cos     = Elementary("cos",     np.cos,         lambda y, x: -sin(x),                          sympy.cos,         "cos")
tan     = Elementary("tan",     np.tan,         lambda y, x: 1 + y * y,                        sympy.tan,         "tan")
asin    = Elementary("asin",    np.arcsin,      lambda y, x: 1 / sqrt((1 - x) * (1 + x)),      sympy.asin,        "asin",  _unit, ("arcsin",))
acos    = Elementary("acos",    np.arccos,      lambda y, x: -1 / sqrt((1 - x) * (1 + x)),     sympy.acos,        "acos",  _unit, ("arccos",))
atan    = Elementary("atan",    np.arctan,      lambda y, x: 1 / (1 + x * x),                  sympy.atan,        "atan",  None, ("arctan",))
sinh    = Elementary("sinh",    np.sinh,        lambda y, x: cosh(x),                          sympy.sinh,        "sinh")
cosh    = Elementary("cosh",    np.cosh,        lambda y, x: sinh(x),                          sympy.cosh,        "cosh")
tanh    = Elementary("tanh",    np.tanh,        lambda y, x: 1 / power(cosh(x), 2),            sympy.tanh,        "tanh")
asinh   = Elementary("asinh",   np.arcsinh,     lambda y, x: 1 / hypot(x, 1),                  sympy.asinh,       "asinh", None, ("arcsinh",))
acosh   = Elementary("acosh",   np.arccosh,     lambda y, x: 1 / (sqrt(x - 1) * sqrt(x + 1)),  sympy.acosh,       "acosh", _beyond(1.0, INF, "singular"), ("arccosh",))
atanh   = Elementary("atanh",   np.arctanh,     lambda y, x: 1 / ((1 - x) * (1 + x)),          sympy.atanh,       "atanh", _unit, ("arctanh",))
sigmoid = Elementary("sigmoid", _sigmoid,       lambda y, x: y * sigmoid(-x),                  None,              lambda mp, x: 1 / (1 + mp.exp(-x)), None, ("logistic", "expit"))
softplus= Elementary("softplus",_softplus,      lambda y, x: sigmoid(x),                       None,              lambda mp, x: mp.log1p(mp.exp(x)))
erf     = Elementary("erf",     _each(math.erf),  lambda y, x: TWO_RSQRT_PI * exp(-(x * x)),   sympy.erf,         "erf")
erfc    = Elementary("erfc",    _each(math.erfc), lambda y, x: -(TWO_RSQRT_PI * exp(-(x * x))), sympy.erfc,       "erfc")
gamma   = Elementary("gamma",   _each(_gamma),  lambda y, x: y * Polygamma(0)(x),              sympy.gamma,       "gamma", _pole, ("tgamma",))
lgamma  = Elementary("lgamma",  _each(_lgamma), lambda y, x: Polygamma(0)(x),                  sympy.loggamma,    _log_gamma, _pole, ("loggamma", "gammaln"))
hypot   = Elementary("hypot",   np.hypot,       (lambda h, x, y: x / h, lambda h, x, y: y / h), cfunctions.hypot, "hypot", _origin)
atan2   = Elementary("atan2",   np.arctan2,     (lambda a, y, x: x / (x * x + y * y), lambda a, y, x: -y / (x * x + y * y)), sympy.atan2, "atan2", _cut, ("arctan2",))
# fmt: on


def _slope(y: Value, a: Value, b: Value) -> Value:
    return where(equal(b, 0), 0, b * power(a, b - 1))


def _log_slope(y: Value, a: Value, b: Value) -> Value:
    base = rational(a)
    return y * log(a) if base is not None and base > 0 else LogPow(1)(a, b)


pow_: Final = Elementary("pow", np.power, (_slope, _log_slope), None, "power", _power_edge)
pow_.infix = ("**", 4)


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
    edge: ClassVar[Any] = staticmethod(_pole)  # type: ignore[misc]

    def value(self, *x: Value) -> Value:
        return _each(lambda z: _polygamma(self.order, z))(x[0])

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        return ZERO if x_dot[0] is ZERO else x_dot[0] * Polygamma(self.order + 1)(x[0])

    def vjp(self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]) -> list[Value]:
        return [self.jvp(y, x, [y_bar])]

    def sympy(self, *x: Value) -> Value:
        return sympy.polygamma(self.order, x[0])

    def precise(self, mp: Any, *x: Value) -> Value:
        return mp.psi(self.order, x[0])

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        return CALL * math.prod(shapes[0])

    def options(self) -> dict[str, Any]:
        return {"order": self.order}


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
    >>> LogPow(1)(0.0, 2.0)
    np.float64(0.0)
    """

    order: int
    name: ClassVar[str] = "logpow"  # type: ignore[misc]
    arity: ClassVar[tuple[int, int | None]] = (2, 2)  # type: ignore[misc]
    edge: ClassVar[Any] = staticmethod(_power_edge)  # type: ignore[misc]

    def value(self, *x: Value) -> Value:
        a, b = x
        inner = np.power(a, b) * np.log(a) ** self.order
        limit = np.where(np.equal(b, 0), np.nan, np.where(np.greater(b, 0), 0.0, inner))
        return np.where(np.equal(a, 0), limit, inner)[()]

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        (a, b), (a_dot, b_dot) = x, x_dot
        total = b_dot if b_dot is ZERO else b_dot * LogPow(self.order + 1)(a, b)
        return total if a_dot is ZERO else total + a_dot * self._slope(a, b)

    def vjp(self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]) -> list[Value]:
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
