"""Ops that enter SymPy as a function of our own."""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy

from diffcompare.ops.op import Op
from diffcompare.ops.operand import ZERO, Value


class Opaque(Op):
    """An op whose SymPy form is an undefined function with the op's own tangent as derivative.

    SymPy neither simplifies nor reinterprets it, so what it computes stays as written.
    """

    @property
    def function(self) -> Any:
        """The SymPy function class; `function.op` leads back here."""
        return _function(self)

    def sympy(self, *x: Value) -> Value:
        return self.function(*x)


@cache
def _function(op: Op) -> Any:
    """One class for equal ops: SymPy tells functions apart by their classes."""
    least, most = op.arity
    body = {"op": op, "_eval_derivative": _derivative, "is_extended_real": True}
    body["_eval_evalf"] = lambda self, prec: None  # mpmath's cbrt, say, is another function
    if most is not None:
        body["nargs"] = tuple(range(least, most + 1))
    name = "_".join([op.name, *map(str, op.options().values())])
    return type(name, (sympy.Function,), body)


def _derivative(self: Any, symbol: Any) -> Any:
    x_dot = [arg.diff(symbol) for arg in self.args]
    tangent = self.op.jvp(self, self.args, [ZERO if dot == 0 else dot for dot in x_dot])
    return sympy.S.Zero if tangent is ZERO else tangent
