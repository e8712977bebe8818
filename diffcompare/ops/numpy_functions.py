"""NumPy's functions on number kinds, where no table row is the function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from diffcompare.ops.choice import floor, max_, min_, not_equal, where
from diffcompare.ops.constants import PI
from diffcompare.ops.elementary import sin, softplus, sqrt
from diffcompare.ops.linalg import dot, outer, product
from diffcompare.ops.moves import Broadcast, reshape, transpose
from diffcompare.ops.names import FUNCTIONS
from diffcompare.ops.op import shape_of
from diffcompare.ops.operand import UFUNCS, Value
from diffcompare.ops.powers import power
from diffcompare.ops.reduce import max_over, mean, min_over, prod_over, sum_over
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


def _take(a: Value, indices: Any, axis: Any = None) -> Value:
    return gather(reshape(a, (-1,)) if axis is None else a, indices, axis or 0)


def _norm(x: Value, axis: Any = None, keepdims: bool = False) -> Value:
    return sqrt(sum_over(power(x, 2), axis, keepdims))


def _swapaxes(a: Value, axis1: int, axis2: int) -> Value:
    order = list(range(len(shape_of(a))))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return transpose(a, order)


def _truth(x: Value) -> Value:
    return not_equal(x, 0)


_COMPOSED: Final[dict[Any, Callable[..., Value]]] = {
    np.clip: _clip,
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
    np.matmul: product,
    np.dot: product,
    np.vdot: dot,
    np.outer: outer,
    np.reshape: reshape,
    np.ravel: lambda a: reshape(a, (-1,)),
    np.transpose: lambda a, axes=None: transpose(a, axes),
    np.swapaxes: _swapaxes,
    np.expand_dims: lambda a, axis: reshape(a, np.expand_dims(np.empty(shape_of(a)), axis).shape),
    np.squeeze: lambda a, axis=None: reshape(a, np.empty(shape_of(a)).squeeze(axis).shape),
    np.broadcast_to: lambda array, shape: Broadcast(tuple(shape))(array),
    np.concatenate: lambda arrays, axis=0: concat(*arrays, axis=axis),
    np.stack: lambda arrays, axis=0: stack(*arrays, axis=axis),
    np.take: _take,
    np.pad: pad,
    np.linalg.norm: _norm,
    np.diff: lambda a: subscript(a, slice(1, None)) - subscript(a, slice(None, -1)),
    np.trace: lambda a: sum_over(stack(*(subscript(a, (k, k)) for k in range(min(shape_of(a)))))),
    np.flip: lambda m: subscript(m, slice(None, None, -1)),
}
UFUNCS.update(_ON_ARRAYS)

for _spelling, _function in FUNCTIONS.items():
    _ufunc = getattr(np, _spelling, None)
    if isinstance(_ufunc, np.ufunc):
        UFUNCS.setdefault(_ufunc, _function)
