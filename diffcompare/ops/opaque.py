"""Ops that enter SymPy as a function of our own."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import sympy

from diffcompare.ops.op import Op
from diffcompare.ops.operand import ZERO, Value


class Opaque(Op):
    """An op whose SymPy form is an undefined function with the op's own tangent as derivative.

    SymPy neither simplifies nor reinterprets it, so what it computes stays as written.
    """

    @cached_property
    def function(self) -> Any:
        """The SymPy function class; `function.op` leads back here."""
        least, most = self.arity
        counts = range(least, most + 1) if most is not None else None
        body = {"op": self, "_eval_derivative": _derivative, "is_extended_real": True}
        if counts is not None:
            body["nargs"] = tuple(counts)
        return type(self.name, (sympy.Function,), body)

    def sympy(self, *x: Value) -> Value:
        return self.function(*x)


def _derivative(self: Any, symbol: Any) -> Any:
    x_dot = [arg.diff(symbol) for arg in self.args]
    tangent = self.op.jvp(self, self.args, [ZERO if dot == 0 else dot for dot in x_dot])
    return sympy.S.Zero if tangent is ZERO else tangent
