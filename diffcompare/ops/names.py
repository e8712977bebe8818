"""Every function that a formula may call or a user may use, by all its spellings."""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from functools import reduce, wraps
from inspect import signature
from typing import Any, Final

from diffcompare.arguments import counted
from diffcompare.errors import DiffcompareError
from diffcompare.ops import choice, elementary
from diffcompare.ops.arithmetic import add
from diffcompare.ops.choice import equal, less, sign, where
from diffcompare.ops.constants import PI
from diffcompare.ops.elementary import (
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atanh,
    cos,
    cosh,
    gamma,
    log,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)
from diffcompare.ops.layers import FUNCTIONS as LAYERS
from diffcompare.ops.linalg import dot, outer, product
from diffcompare.ops.moves import reshape, transpose
from diffcompare.ops.op import Op, shape_of
from diffcompare.ops.operand import Value
from diffcompare.ops.powers import pow_, power, rational
from diffcompare.ops.reduce import max_over, min_over, prod_over, sum_over
from diffcompare.ops.special import Polygamma

ALSO_VARIABLES: Final = frozenset({"gamma", "Eq", "Ne", "Lt", "Le", "Gt", "Ge", *LAYERS})
"""Functions whose names are variables where they are not called."""

MOST_ORDER: Final = 100
"""The highest order of a polygamma function in a formula."""


class Composition(Op):
    """A function that is short for several operations, and so never a node itself.

    Examples
    --------
    >>> FUNCTIONS["square"](3.0)
    np.float64(9.0)
    """

    def __init__(
        self,
        name: str,
        arity: tuple[int, int | None],
        build: Callable[..., Value],
        also: tuple[str, ...] = (),
        keywords: tuple[str, ...] = (),
        required: tuple[str, ...] = (),
    ) -> None:
        self.name, self.arity, self.spellings = name, arity, also
        self.build = self._refusing(build)
        self.keywords, self.required = keywords, required

    def __call__(self, *args: Value, **settings: Any) -> Value:
        self.check_arity(len(args))
        for setting in settings:
            if setting not in self.keywords:
                need = (
                    f"settings among {', '.join(self.keywords)}" if self.keywords else "no settings"
                )
                raise DiffcompareError("arity", self.name, need=need, got=f"{setting}=…")
        for setting in self.required:
            if setting not in settings:
                given = ", ".join(settings) or "none"
                raise DiffcompareError(
                    "arity", self.name, need=f"the setting {setting}=…", got=given
                )
        return self.build(*args, **settings)

    def _refusing(self, build: Callable[..., Value]) -> Callable[..., Value]:
        """What builds it, with the refusal of an op in place of Python's."""

        @wraps(build)
        def built(*args: Value, **settings: Any) -> Value:
            try:
                return build(*args, **settings)
            except DiffcompareError:
                raise
            except (TypeError, ValueError, AttributeError) as error:
                raise self.unfit(args) from error

        return built

    def __reduce__(self) -> tuple[Any, ...]:
        return _called, (self.name,)


def _called(name: str) -> Op:
    return FUNCTIONS[name]


def _log(x: Value, base: Value = None) -> Value:
    return log(x) if base is None else log(x) / log(base)


def _either(entries: Callable[..., Value], numbers: Callable[..., Value]) -> Callable[..., Value]:
    """A reduction of the entries of one array, or of numbers."""

    def reduced(*x: Value, axes: Any = None, keepdims: bool = False) -> Value:
        if len(x) == 1 and shape_of(x[0]):
            return entries(x[0], axes, keepdims)
        return numbers(*x)

    return reduced


def _sum(*terms: Value) -> Value:
    return add(*terms) if len(terms) > 1 else terms[0] if terms else Fraction(0)


def _prod(*factors: Value) -> Value:
    return reduce(operator.mul, factors, *(() if factors else (Fraction(1),)))


def _step(x: Value, at_zero: Value = None) -> Value:
    if at_zero is None:
        return (1 + sign(x)) / 2
    return where(less(x, 0), 0, where(equal(x, 0), at_zero, 1))


def _polygamma(order: Value, x: Value) -> Value:
    k = rational(order)
    if k is None or k.denominator > 1 or not 0 <= k <= MOST_ORDER:
        raise DiffcompareError(
            "type", "polygamma", need=f"a whole number from 0 to {MOST_ORDER} as its order",
            got="an expression" if k is None else f"{float(k):g}",
        )  # fmt: skip
    return Polygamma(int(k))(x)


# fmt: off
_COMPOSED: Final = (
    Composition("log",       (1, 2),    _log,                    ("ln",)),
    Composition("pow",       (2, 2),    power,                   ("power", "Pow", "float_power")),
    Composition("square",    (1, 1),    lambda x: power(x, 2)),
    Composition("reciprocal",(1, 1),    lambda x: 1 / x),
    Composition("rsqrt",     (1, 1),    lambda x: 1 / sqrt(x)),
    Composition("exp2",      (1, 1),    lambda x: pow_(2, x)),
    Composition("sum",       (0, None), _either(sum_over, _sum), ("fsum", "Add"),  ("axes", "keepdims")),
    Composition("prod",      (0, None), _either(prod_over, _prod), ("Mul",),         ("axes", "keepdims")),
    Composition("max",       (1, None), _either(max_over, choice.max_), ("Max", "maximum", "amax"), ("axes", "keepdims")),
    Composition("min",       (1, None), _either(min_over, choice.min_), ("Min", "minimum", "amin"), ("axes", "keepdims")),
    Composition("clip",      (3, 3),    choice.clip),
    Composition("matmul",    (2, 2),    product),
    Composition("dot",       (2, 2),    dot),
    Composition("outer",     (2, 2),    outer),
    Composition("reshape",   (1, 1),    reshape,                 keywords=("to",), required=("to",)),
    Composition("transpose", (1, 1),    transpose,               keywords=("axes",)),
    Composition("heaviside", (1, 2),    _step,                   ("Heaviside",)),
    Composition("sec",       (1, 1),    lambda x: 1 / cos(x)),
    Composition("csc",       (1, 1),    lambda x: 1 / sin(x)),
    Composition("cot",       (1, 1),    lambda x: 1 / tan(x)),
    Composition("sech",      (1, 1),    lambda x: 1 / cosh(x)),
    Composition("csch",      (1, 1),    lambda x: 1 / sinh(x)),
    Composition("coth",      (1, 1),    lambda x: 1 / tanh(x)),
    Composition("asec",      (1, 1),    lambda x: acos(1 / x)),
    Composition("acsc",      (1, 1),    lambda x: asin(1 / x)),
    Composition("acot",      (1, 1),    lambda x: atan(1 / x)),
    Composition("asech",     (1, 1),    lambda x: acosh(1 / x)),
    Composition("acsch",     (1, 1),    lambda x: asinh(1 / x)),
    Composition("acoth",     (1, 1),    lambda x: atanh(1 / x)),
    Composition("factorial", (1, 1),    lambda x: gamma(x + 1)),
    Composition("polygamma", (2, 2),    _polygamma),
    Composition("digamma",   (1, 1),    Polygamma(0)),
    Composition("radians",   (1, 1),    lambda x: x * PI / 180,  ("deg2rad",)),
    Composition("degrees",   (1, 1),    lambda x: x * 180 / PI,  ("rad2deg",)),
)
_RELATIONS: Final = {
    "Eq": choice.equal, "Ne": choice.not_equal, "Lt": choice.less,
    "Le": choice.less_equal, "Gt": choice.greater, "Ge": choice.greater_equal,
    "ITE": choice.where,
}
# fmt: on


def _layer(name: str, function: Callable[..., Value]) -> Composition:
    """A layer's function: what is annotated as a Value comes by place, settings by name."""
    parameters = signature(function).parameters.values()
    values = [p for p in parameters if p.annotation == "Value"]
    least = sum(p.default is p.empty for p in values)
    most = None if any(p.kind is p.VAR_POSITIONAL for p in values) else len(values)
    if most is None:
        least -= 1
    keywords = tuple(p.name for p in parameters if p.annotation != "Value")
    required = tuple(p.name for p in parameters if p.name in keywords and p.default is p.empty)
    return Composition(name, (max(least, 1), most), function, (), keywords, required)


_ROWS: Final = [op for row in (choice, elementary) for op in vars(row).values()]

FUNCTIONS: Final[dict[str, Op]] = {
    spelling: op
    for op in (*_ROWS, *_COMPOSED)  # of one name, the composition is what is called: log(x, 2)
    if isinstance(op, Op)
    for spelling in (op.name, *op.spellings)
} | _RELATIONS
FUNCTIONS.update({name: _layer(name, function) for name, function in LAYERS.items()})

_CALLED: Final[dict[str, Callable[..., Value]]] = {
    name: counted(op.build, name) if isinstance(op, Composition) and op.keywords else op
    for name, op in FUNCTIONS.items()
}


def called(name: str) -> Callable[..., Value]:
    """The function of a name as Python calls it: a layer's settings by place or by name.

    Examples
    --------
    >>> import numpy as np
    >>> called("max_pool2d")(np.arange(4.0).reshape(1, 1, 2, 2), 2)
    array([[[[3.]]]])
    """
    return _CALLED[name]
