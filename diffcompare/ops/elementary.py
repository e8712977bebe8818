"""The elementary functions, a row each: value, local partials, SymPy form, truth, edges.

The partials are written for accuracy, independently of SymPy. They are functions of the output `y`
and the arguments, and run in any kind of number; `1/…` is folded into a division by the sweeps.
Every row costs one call.
"""

# mypy: disable-error-code=has-type
# The rows refer to one another.

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import sympy
from sympy.codegen import cfunctions

from diffcompare.ops.constants import LN2, LN10, TWO_RSQRT_PI
from diffcompare.ops.cost import CALL, Cost
from diffcompare.ops.op import Shape, register
from diffcompare.ops.opaque import Opaque
from diffcompare.ops.operand import UFUNCS, ZERO, Value
from diffcompare.ops.special import Polygamma, each, gamma_value, lgamma_value, pole

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
    source : str, optional
        As a Python expression; the function of that name in `math` where its value is NumPy's.
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
        source: str | None = None,
    ) -> None:
        self._source = source
        self.name, self._value, self.symbol, self._precise = name, value, symbol, precise
        self.ufunc = value if isinstance(value, np.ufunc) else None
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

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        return [
            y_bar * partial(y, *x) if want else ZERO
            for partial, want in zip(self.partials, wanted, strict=True)
        ]

    def sympy(self, *x: Value) -> Value:
        return self.symbol(*x) if self.symbol else super().sympy(*x)

    def precise(self, mp: Any, *x: Value) -> Value:
        if isinstance(self._precise, str):
            return getattr(mp, self._precise)(*x)
        return self._precise(mp, *x)

    def source(self, count: int) -> str | None:
        if self._source is None and self.ufunc and hasattr(math, self.name):
            return f"{self.name}({', '.join(f'{{{k}}}' for k in range(count))})"
        return self._source

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        return CALL * math.prod(np.broadcast_shapes(*shapes))

    @property
    def analytic(self) -> bool:
        return self.ufunc is not None and "D" in "".join(self.ufunc.types)


def _squared(x: Value) -> Value:
    return x * x


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


def _origin(*x: Value) -> str | None:
    return "undefined" if not any(x) else None


def _cut(y: Value, x: Value) -> str | None:
    return "jump" if y == 0 and x < 0 else _origin(y, x)


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
tanh    = Elementary("tanh",    np.tanh,        lambda y, x: 1 / _squared(cosh(x)),            sympy.tanh,        "tanh")
asinh   = Elementary("asinh",   np.arcsinh,     lambda y, x: 1 / hypot(x, 1),                  sympy.asinh,       "asinh", None, ("arcsinh",))
acosh   = Elementary("acosh",   np.arccosh,     lambda y, x: 1 / (sqrt(x - 1) * sqrt(x + 1)),  sympy.acosh,       "acosh", _beyond(1.0, INF, "singular"), ("arccosh",))
atanh   = Elementary("atanh",   np.arctanh,     lambda y, x: 1 / ((1 - x) * (1 + x)),          sympy.atanh,       "atanh", _unit, ("arctanh",))
sigmoid = Elementary("sigmoid", _sigmoid,       lambda y, x: y * sigmoid(-x),                  None,              lambda mp, x: 1 / (1 + mp.exp(-x)), None, ("logistic", "expit"), "(1.0 / (1.0 + exp(-{0})) if {0} > 0.0 else exp({0}) / (1.0 + exp({0})))")
softplus:Elementary = Elementary("softplus",_softplus,      lambda y, x: sigmoid(x),                       None,              lambda mp, x: mp.log1p(mp.exp(x)), None, (), "(log1p(exp(-{0})) + {0} if {0} > 0.0 else log1p(exp({0})))")
erf     = Elementary("erf",     each(math.erf),  lambda y, x: TWO_RSQRT_PI * exp(-(x * x)),   sympy.erf,         "erf", None, (), "erf({0})")
erfc    = Elementary("erfc",    each(math.erfc), lambda y, x: -(TWO_RSQRT_PI * exp(-(x * x))), sympy.erfc,       "erfc", None, (), "erfc({0})")
gamma   = Elementary("gamma",   each(gamma_value),  lambda y, x: y * Polygamma(0)(x),              sympy.gamma,       "gamma", pole, ("tgamma",))
lgamma  = Elementary("lgamma",  each(lgamma_value), lambda y, x: Polygamma(0)(x),                  sympy.loggamma,    _log_gamma, pole, ("loggamma", "gammaln"))
hypot   = Elementary("hypot",   np.hypot,       (lambda h, x, y: x / h, lambda h, x, y: y / h), cfunctions.hypot, "hypot", _origin)
atan2   = Elementary("atan2",   np.arctan2,     (lambda a, y, x: x / hypot(x, y) / hypot(x, y), lambda a, y, x: -y / hypot(x, y) / hypot(x, y)), sympy.atan2, "atan2", _cut, ("arctan2",))
# fmt: on
