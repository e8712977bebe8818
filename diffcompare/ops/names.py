"""Every function that a formula may call or a user may use, by all its spellings."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Final

from diffcompare.ops import choice, elementary
from diffcompare.ops.arithmetic import power
from diffcompare.ops.constants import PI
from diffcompare.ops.elementary import cos, cosh, log, sin, sinh, sqrt, tan, tanh
from diffcompare.ops.op import OPS
from diffcompare.ops.operand import Value

__all__ = ["FUNCTIONS", "choice", "elementary"]


def _log(x: Value, base: Value = None) -> Value:
    return log(x) if base is None else log(x) / log(base)


def _sum(*terms: Value) -> Value:
    total = terms[0] if terms else Fraction(0)
    for term in terms[1:]:
        total = total + term
    return total


def _prod(*factors: Value) -> Value:
    total = factors[0] if factors else Fraction(1)
    for factor in factors[1:]:
        total = total * factor
    return total


_NOT_CALLED = {"add", "sub", "mul", "div", "neg", "less", "less_equal"} | {
    "greater", "greater_equal", "equal", "not_equal",
}  # fmt: skip
"""Ops that formulas write with a symbol."""

FUNCTIONS: Final[dict[str, Callable[..., Value]]] = {
    spelling: op
    for op in OPS.values()
    if op.name not in _NOT_CALLED
    for spelling in (op.name, *op.spellings)
}
# Spellings that are short for a composition.
FUNCTIONS.update({
    "log": _log, "ln": _log, "pow": power, "power": power, "Pow": power, "clip": choice.clip,
    "sum": _sum, "fsum": _sum, "Add": _sum, "prod": _prod, "Mul": _prod,
    "square": lambda x: power(x, 2), "exp2": lambda x: power(2, x),
    "sec": lambda x: 1 / cos(x), "csc": lambda x: 1 / sin(x), "cot": lambda x: 1 / tan(x),
    "sech": lambda x: 1 / cosh(x), "csch": lambda x: 1 / sinh(x), "coth": lambda x: 1 / tanh(x),
    "rsqrt": lambda x: 1 / sqrt(x), "sinc": lambda x: sin(PI * x) / (PI * x),
    "radians": lambda x: x * PI / 180, "degrees": lambda x: x * 180 / PI,
})  # fmt: skip
