"""NumPy's functions on number kinds, where no table row is the function."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.ops.choice import floor, max_, min_, not_equal, where
from diffcompare.ops.constants import PI
from diffcompare.ops.elementary import sin, softplus, sqrt
from diffcompare.ops.indexed import axis_of
from diffcompare.ops.linalg import dot, outer, product
from diffcompare.ops.moves import Broadcast, Reshape, reshape, transpose
from diffcompare.ops.names import FUNCTIONS
from diffcompare.ops.numpy_call import name_of, told
from diffcompare.ops.op import misfit, shape_of
from diffcompare.ops.operand import UFUNCS, Operand, Value, with_arrays
from diffcompare.ops.powers import power
from diffcompare.ops.reduce import axes_of, max_over, mean, min_over, prod_over, sum_over
from diffcompare.ops.subscript import concat, gather, pad, stack, subscript


def _clip(
    a: Value,
    a_min: Value = None,
    a_max: Value = None,
    *,
    min: Value = None,
    max: Value = None,
) -> Value:
    low = min if a_min is None else a_min
    high = max if a_max is None else a_max
    above = a if low is None else max_(a, low)
    return above if high is None else min_(above, high)


def _array(x: Value) -> Value:
    return with_arrays([x])[0]


def _joined(arrays: Any, axis: Any = 0) -> Value:
    parts = [_array(x) for x in arrays]
    flat = [reshape(x, (-1,)) for x in parts] if axis is None else parts
    return concat(*flat, axis=axis or 0)


def _stacked(arrays: Any, axis: Any = 0) -> Value:
    return stack(*map(_array, arrays), axis=axis)


def _at_least(x: Value, rank: int) -> Value:
    """With axes of one entry in front, if it has fewer axes."""
    shape = shape_of(x)
    return reshape(x, (*[1] * (rank - len(shape)), *shape)) if len(shape) < rank else x


def _hstack(tup: Any) -> Value:
    parts = [_at_least(_array(x), 1) for x in tup]
    return concat(*parts, axis=int(bool(parts) and len(shape_of(parts[0])) > 1))


def _dot(a: Value, b: Value) -> Value:
    a, b = _array(a), _array(b)
    return product(a, b) if shape_of(a) and shape_of(b) else a * b


def _inner(a: Value, b: Value) -> Value:
    b = _array(b)
    return _dot(a, transpose(b) if len(shape_of(b)) > 1 else b)


def _flat(a: Value) -> Value:
    a = _array(a)
    return a if len(shape_of(a)) == 1 else reshape(a, (-1,))


def _take(a: Value, indices: Any, axis: Any = None) -> Value:
    x = reshape(a, (-1,)) if axis is None else a
    shape = shape_of(x)
    at = axis_of("np.take", axis or 0, len(shape))
    index = np.asarray("" if isinstance(indices, Operand) else indices)
    if index.dtype.kind not in "iu":
        got = "a traced value" if isinstance(indices, Operand) else shorten(indices)
        raise DiffcompareError("type", "np.take", need="whole numbers as indices", got=got)
    taken = gather(x, index.ravel(), at)
    return (
        taken if index.ndim == 1 else Reshape((*shape[:at], *index.shape, *shape[at + 1 :]))(taken)
    )


def _norm(x: Value, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Value:
    over = axes_of("np.linalg.norm", axis, shape_of(x))
    allowed = {1: ("2", "2.0"), 2: ("'fro'", "'f'")}.get(len(over), ())
    if ord is not None and shorten(ord) not in allowed:
        need = "ord None, 2 of vectors or 'fro' of matrices"
        raise DiffcompareError("type", "np.linalg.norm", need=need, got=told({"ord": ord}))
    if axis is not None and len(over) not in (1, 2):
        raise DiffcompareError(
            "attr", "np.linalg.norm", need="one axis or two", got=told({"axis": axis})
        )
    return sqrt(sum_over(power(x, 2), axis, keepdims))


def _var(a: Value, axis: Any = None, ddof: Any = 0, keepdims: bool = False) -> Value:
    over = axes_of("np.var", axis, shape_of(a))
    count = math.prod(shape_of(a)[k] for k in over) - ddof
    if not count > 0:
        raise DiffcompareError(
            "attr", "np.var", need="ddof below the count of entries", got=f"{ddof}"
        )
    return sum_over(power(a - mean(a, axis, True), 2), axis, keepdims) / count


def _diff(a: Value, axis: int = -1) -> Value:
    before = (slice(None),) * axis_of("np.diff", axis, len(shape_of(a)))
    return subscript(a, (*before, slice(1, None))) - subscript(a, (*before, slice(None, -1)))


def _trace(a: Value) -> Value:
    shape = shape_of(a)
    if len(shape) < 2:
        raise misfit("np.trace", "two axes or more", [shape])
    return sum_over(stack(*(subscript(a, (k, k)) for k in range(min(shape[:2])))), 0)


def _flip(m: Value, axis: Any = None) -> Value:
    shape = shape_of(m)
    over = axes_of("np.flip", axis, shape)
    back = slice(None, None, -1)
    return subscript(m, tuple(back if k in over else slice(None) for k in range(len(shape))))


def _swapaxes(a: Value, axis1: int, axis2: int) -> Value:
    order = list(range(len(shape_of(a))))
    i, j = (axis_of("np.swapaxes", axis, len(order)) for axis in (axis1, axis2))
    order[i], order[j] = order[j], order[i]
    return transpose(a, order)


def _with_ones(function: Callable[..., Any], a: Value, axis: Any) -> Value:
    """Axes of one entry come or go as NumPy's function has it on an array of that shape."""
    try:
        to = function(np.broadcast_to(0.0, shape_of(a)), axis).shape
    except (TypeError, ValueError):
        need = "axes of the array; to be squeezed, of one entry"
        raise DiffcompareError(
            "attr", name_of(function), need=need, got=told({"axis": axis})
        ) from None
    return Reshape(to)(a)


def _broadcast_to(array: Value, shape: Any) -> Value:
    return Broadcast(tuple(np.broadcast_to(0.0, shape).shape))(array)


def _truth(x: Value) -> Value:
    return not_equal(x, 0)


_COMPOSED: Final[dict[Any, Callable[..., Value]]] = {
    np.clip: _clip,
    np.where: lambda condition, x, y: where(condition, x, y),  # noqa: PLW0108  NumPy's names
    np.sinc: lambda x: where(not_equal(x, 0), sin(PI * x) / (PI * x), 1),
    np.logaddexp: lambda x, y: y + softplus(x - y),
    np.floor_divide: lambda x, y: floor(x / y),
    np.logical_and: lambda a, b: where(a, _truth(b), 0),
    np.logical_or: lambda a, b: where(a, 1, _truth(b)),
    np.logical_not: lambda a: where(a, 0, 1),
}
UFUNCS.update(_COMPOSED)

_ON_ARRAYS: Final[dict[Any, Callable[..., Value]]] = {
    np.sum: lambda a, axis=None, keepdims=False: sum_over(a, axis, keepdims),
    np.mean: lambda a, axis=None, keepdims=False: mean(a, axis, keepdims),
    np.prod: lambda a, axis=None, keepdims=False: prod_over(a, axis, keepdims),
    np.max: lambda a, axis=None, keepdims=False: max_over(a, axis, keepdims),
    np.min: lambda a, axis=None, keepdims=False: min_over(a, axis, keepdims),
    np.var: _var,
    np.std: lambda a, axis=None, ddof=0, keepdims=False: sqrt(_var(a, axis, ddof, keepdims)),
    np.matmul: lambda x1, x2: product(_array(x1), _array(x2)),
    np.dot: _dot,
    np.vdot: lambda a, b: dot(_flat(a), _flat(b)),
    np.inner: _inner,
    np.outer: lambda a, b: outer(_flat(a), _flat(b)),
    np.reshape: lambda a, shape: reshape(a, shape),  # noqa: PLW0108  NumPy's names
    np.ravel: _flat,
    np.transpose: lambda a, axes=None: transpose(a, axes),
    np.swapaxes: _swapaxes,
    np.expand_dims: lambda a, axis: _with_ones(np.expand_dims, a, axis),
    np.squeeze: lambda a, axis=None: _with_ones(np.squeeze, a, axis),
    np.broadcast_to: _broadcast_to,
    np.concatenate: _joined,
    np.stack: _stacked,
    np.hstack: _hstack,
    np.vstack: lambda tup: _joined([_at_least(_array(x), 2) for x in tup]),
    np.take: _take,
    np.pad: lambda array, pad_width: pad(array, pad_width),  # noqa: PLW0108  NumPy's names
    np.linalg.norm: _norm,
    np.diff: _diff,
    np.trace: _trace,
    np.flip: _flip,
}
UFUNCS.update(_ON_ARRAYS)

for _spelling, _function in FUNCTIONS.items():
    _ufunc = getattr(np, _spelling, None)
    if isinstance(_ufunc, np.ufunc):
        UFUNCS.setdefault(_ufunc, _function)
