"""What a number kind needs to be computed with: operators, NumPy's functions, structural zero."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from diffcompare.errors import DiffcompareError
from diffcompare.ops.numpy_call import name_of, read_call, told

if TYPE_CHECKING:
    from diffcompare.ops.op import Op

Value = Any
"""A number of any kind: float, array, Dual, Variable, SymPy expression, …"""

OPS: Final[dict[str, Op]] = {}
"""Every table row by name."""

UFUNCS: Final[dict[Any, Callable[..., Value]]] = {}
"""What a NumPy function does to an Operand; filled by the tables."""


class Operand:
    """Mixin of a number kind: it defines `apply_op` and `rank`, and computes like a number.

    Where kinds meet in one call, the highest `rank` decides, and lifts the others.
    """

    rank: int = 0
    literal: Value = None
    negated: Value = None
    reciprocal: Value = None
    """What `Op.fold` asks: the number this stands for; `z` where this is -z; `z` where it is 1/z."""

    def apply_op(self, op: Op, args: Sequence[Value]) -> Value:
        """Compute `op(*args)`, at least one of which is of this kind."""
        raise NotImplementedError

    def __add__(self, other: Value) -> Value:
        return OPS["add"](self, other)

    def __radd__(self, other: Value) -> Value:
        return OPS["add"](other, self)

    def __sub__(self, other: Value) -> Value:
        return OPS["sub"](self, other)

    def __rsub__(self, other: Value) -> Value:
        return OPS["sub"](other, self)

    def __mul__(self, other: Value) -> Value:
        return OPS["mul"](self, other)

    def __rmul__(self, other: Value) -> Value:
        return OPS["mul"](other, self)

    def __truediv__(self, other: Value) -> Value:
        return OPS["div"](self, other)

    def __rtruediv__(self, other: Value) -> Value:
        return OPS["div"](other, self)

    def __pow__(self, other: Value) -> Value:
        return UFUNCS[np.power](self, other)

    def __rpow__(self, other: Value) -> Value:
        return UFUNCS[np.power](other, self)

    def __matmul__(self, other: Value) -> Value:
        return UFUNCS[np.matmul](self, other)

    def __rmatmul__(self, other: Value) -> Value:
        return UFUNCS[np.matmul](other, self)

    def __mod__(self, other: Value) -> Value:
        return OPS["mod"](self, other)

    def __rmod__(self, other: Value) -> Value:
        return OPS["mod"](other, self)

    def __neg__(self) -> Value:
        return OPS["neg"](self)

    def __pos__(self) -> Value:
        return self

    def __abs__(self) -> Value:
        return OPS["abs"](self)

    def __floor__(self) -> Value:
        return OPS["floor"](self)

    def __ceil__(self) -> Value:
        return OPS["ceil"](self)

    def __lt__(self, other: Value) -> Value:
        return OPS["less"](self, other)

    def __le__(self, other: Value) -> Value:
        return OPS["less_equal"](self, other)

    def __gt__(self, other: Value) -> Value:
        return OPS["greater"](self, other)

    def __ge__(self, other: Value) -> Value:
        return OPS["greater_equal"](self, other)

    def __eq__(self, other: object) -> Any:
        return OPS["equal"](self, other)

    def __ne__(self, other: object) -> Any:
        return OPS["not_equal"](self, other)

    __hash__ = object.__hash__

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Value, **kwargs: Any) -> Value:
        if method != "__call__" or kwargs or ufunc not in UFUNCS:
            raise _unknown(ufunc, method, kwargs)
        args = with_arrays(inputs)
        if entry_by_entry(args):
            return elementwise(UFUNCS[ufunc], args)
        return UFUNCS[ufunc](*args)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Value:
        if func not in UFUNCS:
            raise _unknown(func)
        return UFUNCS[func](**read_call(func, UFUNCS[func], args, kwargs))

    def __getattr__(self, name: str) -> Any:
        # NumPy calls np.sin on an array of objects as element.sin().
        ufunc = None if name.startswith("_") else getattr(np, name, None)
        if isinstance(ufunc, np.ufunc) and ufunc in UFUNCS:
            return lambda *rest: UFUNCS[ufunc](self, *rest)
        raise AttributeError(f"a traced value has no attribute {name!r}")


def with_arrays(args: Sequence[Value]) -> Sequence[Value]:
    """Arguments with arrays in place of plain lists.

    Examples
    --------
    >>> with_arrays([[1.0, 2.0], 3.0])
    [array([1., 2.]), 3.0]
    """
    return [np.asarray(x) if isinstance(x, (list, tuple)) else x for x in args]


def entry_by_entry(args: Sequence[Value]) -> bool:
    """Whether arrays meet single numbers of a kind: then the result is an array of that kind.

    Where a number of the kind is itself an array, as a Variable of a shape, others are taken whole.
    """
    return np.ndarray in map(type, args) and not any(
        isinstance(arg, Operand) and getattr(arg, "shape", ()) for arg in args
    )


def elementwise(function: Callable[..., Value], args: Sequence[Value]) -> Value:
    """Apply a function of numbers to arrays of them, broadcast, as NumPy does to floats."""
    arrays = np.broadcast(*(np.asarray(x, dtype=object) for x in args))
    result = np.empty(arrays.shape, dtype=object)
    result.reshape(-1)[:] = [function(*row) for row in arrays]
    return result if result.ndim else result[()]


def _unknown(function: Any, method: str = "__call__", kwargs: Any = None) -> DiffcompareError:
    """The refusal of a NumPy function that is no operation, or of how it is called."""
    name = name_of(function)
    if function in UFUNCS:
        got = told(kwargs) if kwargs else f"its {method}"
        return DiffcompareError("type", name, need="numbers as its only arguments", got=got)
    return DiffcompareError(
        "name", "a NumPy function", need="an operation of the same meaning", got=name
    )


class NoFoldError(NotImplementedError):
    """An op that cannot skip a structural zero: it has to be written out."""


class StructuralZero(Operand):
    """The tangent of what does not depend on the seed. It absorbs: it is skipped, never multiplied.

    So a nan partial of an argument that has no tangent spoils nothing.
    """

    rank = 100
    __eq__, __ne__, __hash__ = object.__eq__, object.__ne__, object.__hash__

    def apply_op(self, op: Op, args: Sequence[Value]) -> Value:
        """Fold the zero into `op`; every op that sweeps write with tangents says how."""
        result = op.fold(*args)
        if result is None:
            raise NoFoldError(f"{op.name} of a structural zero")
        return result

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Value, **kwargs: Any) -> Value:
        if method == "__call__" and not kwargs and ufunc in UFUNCS:
            return UFUNCS[ufunc](*inputs)  # zero of any shape: not entry by entry
        return super().__array_ufunc__(ufunc, method, *inputs, **kwargs)

    def __repr__(self) -> str:
        return "ZERO"

    def __reduce__(self) -> str:
        return "ZERO"


ZERO: Final = StructuralZero()
"""The structural zero; compare with `is`."""
