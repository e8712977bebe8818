"""What each SymPy function is as operations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import sympy
from sympy.codegen import cfunctions
from sympy.concrete.expr_with_limits import ExprWithLimits

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.ops import choice
from diffcompare.ops.choice import equal, greater, not_equal, where
from diffcompare.ops.elementary import Elementary, sin
from diffcompare.ops.names import FUNCTIONS as CALLED
from diffcompare.ops.op import Op
from diffcompare.ops.operand import OPS, Value

_UNEVALUATED: Final = (sympy.Derivative, sympy.Subs, sympy.Limit, ExprWithLimits)


def _heaviside(x: Value, at_zero: Value) -> Value:
    return where(equal(x, 0), at_zero, greater(x, 0))


def _all(*tests: Value) -> Value:
    result = tests[-1]
    for test in reversed(tests[:-1]):
        result = where(test, result, 0)
    return result


def _any(*tests: Value) -> Value:
    result = tests[-1]
    for test in reversed(tests[:-1]):
        result = where(test, 1, result)
    return result


FUNCTIONS: Final[dict[Any, Callable[..., Value]]] = {
    row.symbol: row
    for row in OPS.values()
    if isinstance(row, Elementary) and isinstance(row.symbol, type)
}
"""By SymPy class: a function of the arguments' values."""

FUNCTIONS.update({
    sympy.Max: choice.max_, sympy.Min: choice.min_, sympy.Abs: choice.abs_,
    sympy.sign: choice.sign, sympy.floor: choice.floor, sympy.ceiling: choice.ceil,
    sympy.Mod: choice.mod, sympy.Heaviside: _heaviside,
    sympy.StrictLessThan: choice.less, sympy.LessThan: choice.less_equal,
    sympy.StrictGreaterThan: greater, sympy.GreaterThan: choice.greater_equal,
    sympy.Equality: equal, sympy.Unequality: not_equal,
    sympy.And: _all, sympy.Or: _any, sympy.Not: lambda test: where(test, 0, 1), sympy.ITE: where,
    sympy.sinc: lambda x: where(not_equal(x, 0), sin(x) / x, 1),  # not NumPy's: no factor pi
    sympy.UnevaluatedExpr: lambda x: x,
    cfunctions.Sqrt: CALLED["sqrt"], cfunctions.Cbrt: CALLED["cbrt"],
    cfunctions.exp2: CALLED["exp2"], cfunctions.fma: lambda x, y, z: x * y + z,
})  # fmt: skip

for _name in (
    "sec", "csc", "cot", "sech", "csch", "coth",
    "asec", "acsc", "acot", "asech", "acsch", "acoth", "factorial",
):  # fmt: skip
    FUNCTIONS[getattr(sympy, _name)] = CALLED[_name]


def function_of(expression: Any) -> Callable[..., Value]:
    """What computes an application of a SymPy function, from its arguments' values.

    Raises
    ------
    DiffcompareError
        Of kind "forbidden" for an unevaluated derivative, integral, sum, …, of kind "name" for a
        function that no op is.

    Examples
    --------
    >>> function_of(sympy.sin(sympy.Symbol("x")))
    <op sin>
    """
    head = expression.func
    op = getattr(head, "op", None)  # our own functions, opaque to SymPy
    if isinstance(op, Op):
        return op
    if head in FUNCTIONS:
        return FUNCTIONS[head]
    if isinstance(expression, _UNEVALUATED):
        raise DiffcompareError(
            "forbidden", "a SymPy expression", need="to be written out",
            got=f"an unevaluated {head.__name__}", hint="call its doit() first",
        )  # fmt: skip
    raise DiffcompareError(
        "name", "a SymPy expression", need="elementary functions of real numbers",
        got=shorten(getattr(head, "__name__", "an unknown class")),
    )  # fmt: skip
