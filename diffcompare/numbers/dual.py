"""Dual numbers: a value and its tangent, carried along together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.ops.arraylike import ArrayLike
from diffcompare.ops.moves import aligned
from diffcompare.ops.op import Op, Shape, shape_of
from diffcompare.ops.operand import ZERO, Operand, Value, elementwise, entry_by_entry, with_arrays
from diffcompare.ops.precision import precision


class Dual(ArrayLike, Operand):
    """A number `primal + tangent·ε` with ε² = 0.

    Parameters
    ----------
    primal, tangent : number of any kind
        Floats, arrays, graph Variables, sizes, Duals again.

    Notes
    -----
    A Dual of Duals differentiates twice. Two Duals of one depth in one formula share the same ε.

    Examples
    --------
    >>> import diffcompare as dc
    >>> y = dc.sin(Dual(0.0, 1.0)) * 3
    >>> y.primal, y.tangent
    (np.float64(0.0), np.float64(3.0))
    """

    __slots__ = ("primal", "tangent")

    def __init__(self, primal: Value, tangent: Value = ZERO) -> None:
        self.primal = _float(primal, None)
        self.tangent = _float(tangent, self.primal)

    @property
    def rank(self) -> int:  # type: ignore[override]
        """Above its parts, so that it leads where they meet."""
        return 2 + getattr(self.primal, "rank", 0)

    @property
    def shape(self) -> Shape:
        """Of both parts; () for a number."""
        return shape_of(self.primal)

    @property
    def dtype(self) -> Any:
        """Of the value, if it has one; plain numbers beside it follow."""
        return getattr(self.primal, "dtype", None)

    def apply_op(self, op: Op, args: Sequence[Value]) -> Value:
        """The value, and the tangent by the op's forward rule."""
        op.check_arity(len(args))
        args = with_arrays(args)
        if op.elementwise and entry_by_entry(args):
            return elementwise(op, args)
        args = [_float(a, self) for a in args]
        if op.elementwise:
            args = aligned(op, args)
        rank = self.rank
        duals = [a if isinstance(a, Dual) and a.rank == rank else None for a in args]
        x = [a if d is None else d.primal for a, d in zip(args, duals, strict=True)]
        x_dot = [ZERO if d is None else d.tangent for d in duals]
        with np.errstate(all="ignore"):
            y = op(*x)
            return Dual(y, op.jvp(y, x, x_dot))

    def __bool__(self) -> bool:
        return bool(self.primal)

    def __repr__(self) -> str:
        return f"Dual({self.primal}, {0.0 if self.tangent is ZERO else self.tangent})"


def _float(x: Value, beside: Value) -> Value:
    """Plain numbers as NumPy's, so that IEEE rules hold, in the precision of another; else as is."""
    if isinstance(x, (str, bytes, complex)) or x is None:
        raise DiffcompareError("type", "a Dual", need="real numbers", got=shorten(x))
    plain = isinstance(x, (int, float)) and not isinstance(x, np.float64)
    return precision([beside])(x) if plain else x
