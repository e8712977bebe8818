"""Parts of arrays as NumPy names them: subscripts, slices, padding, entries by their indices."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.ops.indexed import Concat, Gather, ScatterAdd, axis_of
from diffcompare.ops.leaf import Input
from diffcompare.ops.moves import Reshape
from diffcompare.ops.op import Shape, misfit, shape_of
from diffcompare.ops.operand import Operand, Value
from diffcompare.ops.parts import Pick, Place, Slice

Range = tuple[int, int, int]


def subscript(x: Value, key: Any) -> Value:
    """x[key]: whole numbers, slices, ``...``, None for a new axis, and one list of indices.

    Raises
    ------
    DiffcompareError
        Of kind "shape" where x has no such entry, of kind "type" for another key.

    Examples
    --------
    >>> subscript(np.arange(6.0).reshape(2, 3), (slice(None), -1))
    array([2., 5.])
    """
    shape = shape_of(x)
    keys = _spelled_out(key if isinstance(key, tuple) else (key,), shape, unshaped(x))
    along = [k for k in keys if k is not None]
    if along and all(_whole(k) for k in along) and None not in keys:
        return Pick(tuple(_index(k, n) for k, n in zip(along, shape, strict=True)))(x)
    ranges, listed = [], []
    for axis, (k, size) in enumerate(zip(along, shape, strict=True)):
        ranges.append(_range(k, size))
        if not _whole(k) and not (isinstance(k, slice) and ranges[-1][2] > 0):
            listed.append((axis, _listed(k, size)))
            ranges[-1] = (0, size, 1)
    y = _sliced(x, ranges)
    lists = sum(not isinstance(along[axis], slice) for axis, _ in listed)
    if lists > 1 or (lists and any(map(_whole, along))):
        raise DiffcompareError("type", "a subscript", need="one list of indices at most, beside slices",
                               got=_told(key))  # fmt: skip
    for axis, index in listed:
        y = Gather(axis, index)(y)
    sizes = iter(shape_of(y))
    to = [1 if k is None else next(sizes) for k in keys]
    kept = tuple(n for n, k in zip(to, keys, strict=True) if not _whole(k))
    return y if kept == shape_of(y) else Reshape(kept)(y)


def unshaped(x: Value) -> str:
    """What to do about an input that is a number and used as an array; empty for other values."""
    op = getattr(x, "op", None)
    if not isinstance(op, Input) or op.size:
        return ""
    return f"give shapes={{{op.label!r}: …}}, or an array in the point"


def _spelled_out(key: tuple[Any, ...], shape: Shape, hint: str) -> list[Any]:
    """A key for each axis, and None for each new one."""
    dots = [place for place, k in enumerate(key) if k is Ellipsis]
    given = sum(k is not None and k is not Ellipsis for k in key)
    if given > len(shape) or len(dots) > 1:
        got = f"one with {given} of an array of {len(shape)} axes" if len(dots) < 2 else "two ..."
        raise DiffcompareError("shape", "a subscript", need="an index for each axis at most",
                               got=got, hint=hint)  # fmt: skip
    place = dots[0] if dots else len(key)
    rest = [slice(None)] * (len(shape) - given)
    return [*key[:place], *rest, *key[place + 1 :]]


def _whole(key: Any) -> bool:
    return isinstance(key, (int, np.integer)) and not isinstance(key, (bool, np.bool_))


def _told(key: Any) -> str:
    """A subscript as an error names it: of a traced one no more than that."""
    parts = [key.start, key.stop, key.step] if isinstance(key, slice) else [key]
    if isinstance(key, (list, tuple)):
        parts = [*key]
    return "a traced value" if any(isinstance(k, Operand) for k in parts) else shorten(key)


def _index(key: Any, size: int) -> int:
    if not -size <= key < size:
        need = f"an index from {-size} to {size - 1}" if size else "an axis with an entry"
        raise DiffcompareError("shape", "a subscript", need=need, got=str(key))
    return int(key) % size


def _range(key: Any, size: int) -> Range:
    """Start, stop and step of what a key takes; all for a list of indices."""
    if _whole(key):
        place = _index(key, size)
        return place, place + 1, 1
    if not isinstance(key, slice):
        return 0, size, 1
    try:
        return key.indices(size)
    except (TypeError, ValueError):
        raise DiffcompareError("type", "a subscript", need="slices of whole numbers, steps not 0",
                               got=_told(key)) from None  # fmt: skip


def _listed(key: Any, size: int) -> Shape:
    """The indices that a list, an array or a slice that goes back names."""
    if isinstance(key, slice):
        found: Sequence[Any] = range(size)[key]
    else:
        given = np.asarray(key) if isinstance(key, (list, range, np.ndarray)) else np.array("")
        if given.dtype == bool and given.shape == (size,):
            given = np.flatnonzero(given)
        if given.ndim != 1 or given.dtype.kind not in "iu":
            need = "whole numbers, slices, ..., None, or a list of indices"
            raise DiffcompareError("type", "a subscript", need=need, got=_told(key))
        found = [_index(k, size) for k in given.tolist()]
    if not found:
        raise DiffcompareError("shape", "a subscript", need="one entry or more", got="none")
    return tuple(found)


def _sliced(x: Value, ranges: Sequence[Range]) -> Value:
    shape = shape_of(x)
    whole = [(0, size, 1) for size in shape]
    start, stop, step = zip(*ranges, strict=True) if ranges else ((), (), ())
    return x if list(ranges) == whole else Slice(start, tuple(map(max, start, stop)), step)(x)


def slice_(x: Value, start: Any, stop: Any, step: Any = 1, axis: Any = None) -> Value:
    """Every `step`-th entry from `start` before `stop` along an axis; with tuples along all axes.

    Examples
    --------
    >>> slice_(np.arange(6.0).reshape(2, 3), (0, 1), (2, 3))
    array([[1., 2.],
           [4., 5.]])
    """
    shape = shape_of(x)
    if axis is not None or not isinstance(start, (tuple, list)):
        at = axis_of("slice", 0 if axis is None else axis, len(shape))
        return subscript(x, (*[slice(None)] * at, slice(start, stop, step)))
    steps = step if isinstance(step, (tuple, list)) else [step] * len(start)
    if not len(start) == len(stop) == len(steps) == len(shape):
        raise misfit("slice", f"an array of {len(start)} axes, as start and stop say", [shape])
    return subscript(x, tuple(map(slice, start, stop, steps)))


def pad(x: Value, width: Any) -> Value:
    """Zeros around an array: as many everywhere, before and after, or a pair for each axis.

    Examples
    --------
    >>> pad(np.ones((1, 2)), ((0, 1), (1, 0)))
    array([[0., 1., 1.],
           [0., 0., 0.]])
    """
    shape = shape_of(x)
    try:
        given = np.broadcast_to(np.asarray(width, dtype=object), (len(shape), 2))
        sides = [(operator.index(a), operator.index(b)) for a, b in given]
        if any(n < 0 for pair in sides for n in pair):
            raise ValueError
    except (TypeError, ValueError):
        need = "a width of 0 or more, (before, after), or a pair for each axis"
        raise DiffcompareError("attr", "pad", need=need, got=shorten(width)) from None
    to = tuple(a + n + b for n, (a, b) in zip(shape, sides, strict=True))
    return Place(to, tuple(a for a, _ in sides), (1,) * len(shape))(x) if to != shape else x


def gather(x: Value, index: Any, axis: int = 0) -> Value:
    """The entries of constant indices along an axis, in their order.

    Examples
    --------
    >>> gather(np.array([5.0, 6.0, 7.0]), [2, 0, 0])
    array([7., 5., 5.])
    """
    at = axis_of("gather", axis, len(shape_of(x)))
    return Gather(at, _listed(_as_list(index), shape_of(x)[at]))(x)


def scatter_add(x: Value, index: Any, size: int, axis: int = 0) -> Value:
    """Entries along an axis put at constant indices among zeros, those that meet added up.

    Examples
    --------
    >>> scatter_add(np.array([5.0, 6.0, 7.0]), [2, 0, 0], size=3)
    array([13.,  0.,  5.])
    """
    if not _whole(size) or size < 1:
        raise DiffcompareError("attr", "scatter_add", need="a size of 1 or more", got=shorten(size))
    at = axis_of("scatter_add", axis, len(shape_of(x)))
    op = ScatterAdd(at, _listed(_as_list(index), int(size)), int(size))
    op.shape([shape_of(x)])
    return op(x)


def _as_list(index: Any) -> Any:
    return list(index) if isinstance(index, tuple) else [index] if _whole(index) else index


def stack(*arrays: Value, axis: int = 0) -> Value:
    """Arrays of one shape along a new axis.

    Examples
    --------
    >>> stack(np.array([1.0, 2.0]), np.array([3.0, 4.0]), axis=1)
    array([[1., 3.],
           [2., 4.]])
    """
    shapes = [shape_of(array) for array in arrays]
    if not arrays or len(set(shapes)) > 1:
        raise misfit("stack", "one array or more, all of one shape", shapes)
    at = axis_of("stack", axis, len(shapes[0]) + 1)
    to = (*shapes[0][:at], 1, *shapes[0][at:])
    return Concat(at)(*(Reshape(to)(array) for array in arrays))


def concat(*arrays: Value, axis: int = 1) -> Value:
    """Arrays one after the other along an axis; images by their channels, unless told otherwise.

    Examples
    --------
    >>> concat(np.zeros((1, 2, 3, 3)), np.zeros((1, 5, 3, 3))).shape
    (1, 7, 3, 3)
    """
    if not arrays:
        raise DiffcompareError("arity", "concat", need="at least 1 array", got="none")
    shapes = [shape_of(array) for array in arrays]
    op = Concat(axis_of("concat", axis, len(shapes[0])))
    op.shape(shapes)
    return op(*arrays)
