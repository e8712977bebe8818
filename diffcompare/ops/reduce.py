"""Arrays made smaller along axes: sum, product, mean, the largest and the smallest entry."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, ClassVar

import numpy as np

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.ops.arithmetic import mul, neg
from diffcompare.ops.choice import equal, max_, where
from diffcompare.ops.cost import COMPARE, Cost
from diffcompare.ops.indexed import axis_of, check_whole
from diffcompare.ops.linalg import add_up
from diffcompare.ops.moves import Broadcast, Reshape, Transpose
from diffcompare.ops.op import Guarded, Op, Shape, family, misfit, shape_of
from diffcompare.ops.operand import ZERO, Value
from diffcompare.ops.subscript import subscript


def axes_of(what: str, axes: Any, shape: Shape) -> Shape:
    """Axes of an array in order, each from 0: all of them for None; refuses empty ones and repeats.

    Examples
    --------
    >>> axes_of("mean", -1, (2, 3)), axes_of("mean", None, (2, 3))
    ((1,), (0, 1))
    """
    given = (
        range(len(shape)) if axes is None else axes if isinstance(axes, (tuple, list)) else [axes]
    )
    found = tuple(sorted([axis_of(what, axis, len(shape)) for axis in given]))
    if len(set(found)) < len(found):
        raise DiffcompareError("attr", what, need="each axis once", got=f"axes {shorten(axes)}")
    if any(shape[axis] == 0 for axis in found):
        raise misfit(what, "one entry or more along each axis", [shape])
    return found


def without(shape: Shape, axes: Sequence[int]) -> Shape:
    """A shape with some axes gone."""
    return tuple(n for axis, n in enumerate(shape) if axis not in axes)


def spread(y: Value, shape: Shape, axes: Sequence[int]) -> Value:
    """What is the same along some axes, repeated along them to the full shape.

    Examples
    --------
    >>> spread(np.array([1.0, 2.0]), (2, 3), [1])
    array([[1., 1., 1.],
           [2., 2., 2.]])
    """
    kept = tuple(1 if axis in axes else n for axis, n in enumerate(shape))
    return Broadcast(shape)(Reshape(kept)(y))


def _reduced(y: Value, shape: Shape, over: Shape, keepdims: bool) -> Value:
    """What a reduction gives, with the axes that are gone as axes of one entry if they are kept."""
    kept = tuple(1 if axis in over else n for axis, n in enumerate(shape))
    return Reshape(kept)(y) if keepdims and over else y


def sum_over(x: Value, axes: Any = None, keepdims: bool = False) -> Value:
    """The sum over some axes, all of them by default.

    Examples
    --------
    >>> sum_over(np.array([[1.0, 2.0], [3.0, 6.0]]), 0)
    array([4., 8.])
    """
    shape = shape_of(x)
    over = axes_of("sum", axes, shape)
    return _reduced(add_up(x, over) if over else x, shape, over, keepdims)


def mean(x: Value, axes: Any = None, keepdims: bool = False) -> Value:
    """The mean over some axes, all of them by default.

    Examples
    --------
    >>> mean(np.array([[1.0, 2.0], [3.0, 6.0]]), 0)
    array([2., 4.])
    """
    shape = shape_of(x)
    over = axes_of("mean", axes, shape)
    count = math.prod(shape[axis] for axis in over)
    return _reduced(add_up(x, over) / count if over else x, shape, over, keepdims)


def prod_over(x: Value, axes: Any = None, keepdims: bool = False) -> Value:
    """The product over some axes, all of them by default, one factor after the other.

    Examples
    --------
    >>> prod_over(np.array([[1.0, 2.0], [3.0, 6.0]]), 0)
    array([ 3., 12.])
    """
    shape = shape_of(x)
    over = axes_of("prod", axes, shape)
    rest = tuple(axis for axis in range(len(shape)) if axis not in over)
    size = math.prod(shape[axis] for axis in over)
    rows = Reshape((size, *without(shape, over)))(Transpose((*over, *rest))(x))
    factors = [subscript(rows, k) for k in range(size)]
    return _reduced(reduce(mul, factors), shape, over, keepdims)


@family
@dataclass(frozen=True, repr=False)
class MaxOver(Op):
    """The largest entry along some axes; k tied ones take 1/k of the derivative each.

    ẏ = Σ ẋ over the tied / k; x̄ = ȳ / k at the tied, 0 elsewhere.

    Parameters
    ----------
    axes : tuple of int

    Examples
    --------
    >>> MaxOver((1,))(np.array([[1.0, 5.0], [3.0, 2.0]]))
    array([5., 3.])
    """

    axes: Shape
    name: ClassVar[str] = "max_over"  # type: ignore[misc]
    kind: ClassVar[str] = "select"
    elementwise: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_whole(self.name, "axes", *self.axes)
        if not self.axes or list(self.axes) != sorted(set(self.axes)):
            raise DiffcompareError(
                "attr", self.name, need="axes, each once, in order", got=str(self.axes)
            )

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """The other axes."""
        axes_of(self.name, self.axes, shapes[0])
        return without(shapes[0], self.axes)

    def value(self, *x: Value) -> Value:
        return np.max(x[0], axis=self.axes)

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        return MaxOver(tuple(1 + axis for axis in self.axes))(x[0])

    def edge(self, *x: Value) -> str | None:
        hits = np.equal(x[0], np.max(x[0], axis=self.axes, keepdims=True))
        return "kink" if np.any(np.sum(hits, axis=self.axes) > 1) else None

    def _hits(self, y: Value, x: Value) -> tuple[Value, Value]:
        """Where the largest entries are, and how many along the axes."""
        hits = equal(x, spread(y, shape_of(x), self.axes))
        return hits, add_up(hits, self.axes)

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        if x_dot[0] is ZERO:
            return ZERO
        hits, ties = self._hits(y, x[0])
        return add_up(where(hits, x_dot[0], ZERO), self.axes) / ties

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        hits, ties = self._hits(y, x[0])
        return [Guarded(hits, True, spread(y_bar / ties, shape_of(x[0]), self.axes))]

    def expand(self, *x: Any) -> Any:
        kept = without(x[0].shape, self.axes)
        rows = np.moveaxis(x[0], self.axes, range(-len(self.axes), 0)).reshape((*kept, -1))
        result = np.empty(kept, dtype=object)
        for place in np.ndindex(kept):
            result[place] = max_(*rows[place])
        return result

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        return COMPARE * (math.prod(shapes[0]) - math.prod(without(shapes[0], self.axes)))

    def options(self) -> dict[str, Any]:
        return {"axes": self.axes}


def max_over(x: Value, axes: Any = None, keepdims: bool = False) -> Value:
    """The largest entry along some axes, all of them by default, see `MaxOver`.

    Examples
    --------
    >>> float(max_over(np.array([[1.0, 5.0], [3.0, 2.0]])))
    5.0
    """
    shape = shape_of(x)
    over = axes_of("max_over", axes, shape)
    return _reduced(MaxOver(over)(x) if over else x, shape, over, keepdims)


def min_over(x: Value, axes: Any = None, keepdims: bool = False) -> Value:
    """The smallest entry along some axes, all of them by default: −max(−x).

    Examples
    --------
    >>> float(min_over(np.array([[1.0, 5.0], [3.0, 2.0]])))
    1.0
    """
    return neg(max_over(neg(x), axes, keepdims))
