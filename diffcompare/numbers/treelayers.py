"""How many tree nodes layers make of those of their arguments: their rules for `Trees`.

A sum of products separates into a part of each argument, and entries that meet the same weights are
added up first: so a rule takes time linear in the entries, however many products there are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Final

import numpy as np

from diffcompare.numbers.naturals import Naturals
from diffcompare.numbers.trees import Map, Trees, products, sides, written
from diffcompare.ops.choice import where
from diffcompare.ops.index import IndexIs, choose
from diffcompare.ops.labels import PutLabel, TakeLabel
from diffcompare.ops.layers.average import AvgPool2d, AvgPoolSpread
from diffcompare.ops.layers.gram import Gram, GramBack, GramMixed
from diffcompare.ops.layers.pool import MaxPoolIndex
from diffcompare.ops.layers.pooling import Pooling
from diffcompare.ops.layers.routing import PoolRoute, PoolSelect
from diffcompare.ops.layers.settings import Pair
from diffcompare.ops.layers.softmax import LogSumExp, Softmax
from diffcompare.ops.layers.trilinear import Trilinear
from diffcompare.ops.layers.windows import Slices
from diffcompare.ops.logaddexp import logaddexp, softmax_of
from diffcompare.ops.op import Shape


@written.register
def _(op: Softmax, *x: Trees) -> Trees:
    return _stacked(softmax_of(_along(x[0], op.axis)), op.axis)


@written.register
def _(op: LogSumExp, *x: Trees) -> Trees:
    logarithm: Trees = logaddexp(*_along(x[0], op.axis))
    return logarithm


def _along(x: Trees, axis: int) -> list[Trees]:
    """The arrays that lie next to one another along an axis."""
    places = range(x.shape[axis])
    return [x.added_up(partial(np.take, indices=k, axis=axis)) for k in places]


def _stacked(parts: Sequence[Trees], axis: int) -> Trees:
    """Arrays next to one another along a new axis."""

    def joined(sizes: Iterable[Naturals]) -> Naturals:
        return Naturals.joined(lambda *arrays: np.stack(arrays, axis), list(sizes))

    dots = [part.dots for part in parts if part.dots is not None]
    return Trees(joined(part.sizes for part in parts), joined(dots) if dots else None)


@written.register
def _(op: Gram, *x: Trees) -> Trees:
    divided: Trees = op.divided(_products(x[0], _turned(x[0])))
    return divided


@written.register
def _(op: GramMixed, *x: Trees) -> Trees:
    a, b = x
    divided: Trees = op.divided(_products(a, _turned(b)) + _products(b, _turned(a)))
    return divided


@written.register
def _(op: GramBack, *x: Trees) -> Trees:
    y, rows = x
    both = op.divided((y + _turned(y)).where(~np.eye(y.shape[1], dtype=bool), y))
    diagonal = both.added_up(lambda a: np.diagonal(a, axis1=1, axis2=2)[:, :, None])
    found: Trees = _products(both, rows) + diagonal * rows
    return found


def _turned(x: Trees) -> Trees:
    return x.added_up(lambda a: np.swapaxes(a, 1, 2))


def _products(a: Trees, b: Trees) -> Trees:
    """Matrices N×M×K and N×K×L multiplied."""
    to = (*a.shape[:2], b.shape[2])

    def repeated(axis: int) -> Map:
        return lambda entries: np.broadcast_to(entries.sum(axis=axis, keepdims=True), to)

    return products(a, b, repeated(2), repeated(1))


@written.register
def _(op: TakeLabel, *x: Trees) -> Trees:
    scores, labels = x
    chosen: Trees = choose(labels, *_along(scores, op.axis))
    return chosen


@written.register
def _(op: PutLabel, *x: Trees) -> Trees:
    numbers, labels = x
    shape = op.shape([numbers.shape, labels.shape])
    put: Trees = where(IndexIs(0)(labels), numbers, 0)
    return put.added_up(lambda a: np.broadcast_to(np.expand_dims(a, op.axis), shape))


@written.register
def _(op: AvgPool2d, *x: Trees) -> Trees:
    size = x[0].shape[2:]
    return _divided(x[0].added_up(_to_windows(op)), op.divisors(size))


@written.register
def _(op: AvgPoolSpread, *x: Trees) -> Trees:
    return _divided(x[0], op.divisors(op.to[2:])).added_up(_to_pixels(op, op.to))


def _divided(sums: Trees, divisors: Any) -> Trees:
    """Divided by what is more than 1."""
    divided: Trees = sums / 2
    return divided.where(divisors > 1, sums)


@written.register
def _(op: MaxPoolIndex, *x: Trees) -> Trees:
    """The position of the largest; of a window cut off at the border, then chosen among its taps."""
    met = _to_windows(op)(np.broadcast_to(1.0, x[0].shape))
    cut = met < math.prod(op.window)
    sizes = x[0].sizes.through(_to_windows(op)) + np.where(cut, met + 2, 1.0)
    if x[0].dots is None:
        return Trees(sizes)
    ones = Naturals.ones(sizes.shape)
    return Trees(sizes, Naturals.joined(lambda a, b: np.where(cut, a, b), [sizes, ones]))


@written.register
def _(op: PoolSelect, *x: Trees) -> Trees:
    images, index = x
    taps = op.windows.taps(images.shape[2:])
    chosen: Trees = choose(index, *(images.added_up(m) for m in _each_tap(taps, index.shape)))
    return chosen


def _each_tap(taps: Iterable[tuple[Pair, Slices, Slices]], shape: Shape) -> Iterator[Map]:
    """For each tap what it meets in each window, 0 in the padding."""
    for _, at, pixels in taps:
        yield partial(_met, shape, at, pixels)


def _met(shape: Shape, at: Slices, pixels: Slices, images: Any) -> Any:
    result = np.zeros(shape)
    result[(..., *at)] = images[(..., *pixels)]
    return result


@written.register
def _(op: PoolRoute, *x: Trees) -> Trees:
    held, index = x
    routed: Trees = where(IndexIs(0)(index), held, 0)
    return routed.added_up(_to_pixels(op, op.to))


def _to_windows(op: Pooling) -> Map:
    """Images N×C×H×W to the sums of what each window meets."""

    def summed(images: Any) -> Any:
        result = np.zeros(op.pooled(images.shape))
        for _, at, pixels in op.windows.taps(images.shape[2:]):
            result[(..., *at)] += images[(..., *pixels)]
        return result

    return summed


def _to_pixels(op: Pooling, shape: Shape) -> Map:
    """What windows hold to the sums on each pixel that they meet."""

    def summed(held: Any) -> Any:
        result = np.zeros(shape)
        for _, at, pixels in op.windows.taps(shape[2:]):
            result[(..., *pixels)] += held[(..., *at)]
        return result

    return summed


_LETTERS: Final = ("ngc", "gkc", "ngk")
"""First axes of images, weights and outputs, groups apart: samples, channels, filters."""


@sides.register
def _(op: Trilinear, a: Shape, b: Shape) -> tuple[Map, Map]:
    return _side(op, 0, (a, b)), _side(op, 1, (a, b))


def _side(op: Trilinear, slot: int, shapes: Sequence[Shape]) -> Map:
    """One argument beside ones: what meets the same is added up before, and repeated after."""
    role, other, groups = op.takes[slot], op.takes[1 - slot], getattr(op, "groups", 1)
    (gone,) = set(_LETTERS[role]) - set(_LETTERS[op.gives])
    apart, result = (
        _apart(r, s, groups) for r, s in ((role, shapes[slot]), (op.gives, op.shape(shapes)))
    )
    axis = _LETTERS[role].index(gone)
    alike = tuple(groups if letter == "g" else 1 for letter in _LETTERS[other])
    ones = np.ones(_joined(other, (*alike, *shapes[1 - slot][2:])))

    def side(entries: Any) -> Any:
        summed = entries.reshape(apart).sum(axis=axis, keepdims=True)
        summed = summed.reshape(_joined(role, summed.shape))
        found = op.value(*((summed, ones) if slot == 0 else (ones, summed)))
        found = found.reshape(_apart(op.gives, found.shape, groups))
        return np.broadcast_to(found, result).reshape(_joined(op.gives, result))

    return side


def _apart(role: int, shape: Shape, groups: int) -> Shape:
    """A shape with the groups as an axis of their own."""
    axis = _LETTERS[role].index("g")
    return (*shape[:axis], groups, shape[axis] // groups, *shape[axis + 1 :])


def _joined(role: int, apart: Shape) -> Shape:
    """The reverse."""
    axis = _LETTERS[role].index("g")
    return (*apart[:axis], apart[axis] * apart[axis + 1], *apart[axis + 2 :])
