"""Max-pooling: the largest entry of each window.

It is two ops: `MaxPoolIndex` finds which tap of each window is largest, once and in the
forward sweep, and `PoolSelect` takes what it points at. The index says the same as the lecture's
selection matrix S(X): y = S(X) φ(X). Every derivative goes by the same index: tangents are
selected, adjoints are routed back by `PoolRoute`, and nothing is compared again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from diffcompare.ops.batching import in_samples
from diffcompare.ops.cost import COMPARE, Cost
from diffcompare.ops.index import argmax, choose
from diffcompare.ops.layers.kernels.pooling import largest, scratch
from diffcompare.ops.layers.pooling import Pooling, met, overlap, read
from diffcompare.ops.layers.routing import PoolSelect
from diffcompare.ops.layers.settings import Pair, Sides
from diffcompare.ops.op import Shape, family, shape_of
from diffcompare.ops.operand import ZERO, Value


@family
@dataclass(frozen=True, repr=False)
class MaxPoolIndex(Pooling):
    """Which tap of each window is the largest, counted from 0 in row-major order.

    x is N×C×H×W, the result N×C×OH×OW of whole numbers. Of tied taps the first counts, and the
    first nan before any number; padding never does. Piecewise constant: no derivative.

    Examples
    --------
    >>> MaxPoolIndex((2, 2), (1, 1))(np.array([[[[1.0, 3.0, 3.0], [3.0, 2.0, 4.0]]]]))
    array([[[[1, 3]]]], dtype=uint8)
    """

    window: Pair
    stride: Pair
    pad: Sides = (0, 0, 0, 0)
    name: ClassVar[str] = "max_pool_index"  # type: ignore[misc]
    layer: ClassVar[str] = "max_pool2d"
    kind: ClassVar[str] = "select"
    flat: ClassVar[bool] = True

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """N×C×OH×OW."""
        return self.pooled(shapes[0])

    def value(self, *x: Value) -> Value:
        return largest(self.windows, x[0])

    def scratch(self, shapes: Sequence[Shape], itemsize: int = 8) -> int:
        return scratch(self.windows, shapes[0], itemsize)

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        return in_samples(self, x, batched, count)

    def tied(self, x: Any) -> Any:
        """For each window whether its largest number is met more than once."""
        best = PoolSelect.of(self).value(x, self.value(x))
        hits = np.zeros(best.shape, dtype=np.intp)
        for _, (above, beside), (high, wide) in self.windows.taps(x.shape[2:]):
            hits[:, :, above, beside] += x[:, :, high, wide] == best[:, :, above, beside]
        return hits > 1

    def edge(self, *x: Value) -> str | None:
        return "kink" if np.any(self.tied(x[0])) else None

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        return ZERO

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        return [ZERO]

    def expand(self, *x: Any) -> Any:
        index = np.empty(self.pooled(x[0].shape), dtype=object)
        for place, taps in met(self.windows, x[0]):
            order, numbers = zip(*taps, strict=True)
            found = argmax(*numbers)
            whole = len(order) == math.prod(self.window)
            index[place] = found if whole else choose(found, *order)
        return index

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        return COMPARE * overlap(self, shapes[0])


def max_pool2d(x: Value, window: Any, stride: Any = None, pad: Any = 0) -> Value:
    """The largest entry of each window; of tied ones the first, in row-major order.

    Parameters
    ----------
    x : Value, N×C×H×W
    window, stride : int or (int, int)
        Both ways, or along height and width; the stride is the window by default.
    pad : int, (int, int) or (int, int, int, int)
        Padding with −∞: all around, along height and width, or top, bottom, left, right.

    Examples
    --------
    >>> max_pool2d(np.array([[[[1.0, 3.0, 2.0, 7.0], [0.0, 2.0, 9.0, 4.0]]]]), 2)
    array([[[[3., 9.]]]])
    """
    find = MaxPoolIndex(*read("max_pool2d", window, stride, pad))
    find.shape([shape_of(x)])
    return PoolSelect.of(find)(x, find(x))
