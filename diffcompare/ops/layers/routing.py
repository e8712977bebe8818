"""What goes by the index of a max-pooling: entries selected, and what windows hold routed back.

A linear dual pair, steered by an index that both take as an argument.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from diffcompare.ops.batching import in_samples
from diffcompare.ops.choice import where
from diffcompare.ops.cost import ADD, Cost
from diffcompare.ops.index import IndexIs, choose
from diffcompare.ops.layers.kernels.pooling import routed, scratch, selected
from diffcompare.ops.layers.pooling import Pooling, met
from diffcompare.ops.layers.settings import Pair, Sides
from diffcompare.ops.layers.windows import added_up, times
from diffcompare.ops.linearity import Steered
from diffcompare.ops.op import Op, Shape, family, misfit
from diffcompare.ops.operand import Value


class Routed(Steered, Pooling):
    """Steered by an index of `MaxPoolIndex`."""

    layer: ClassVar[str] = "max_pool2d"

    def image(self, held: Shape, index: Shape) -> Shape:
        """Of the images that it reads or writes."""
        raise NotImplementedError

    def scratch(self, shapes: Sequence[Shape], itemsize: int = 8) -> int:
        return scratch(self.windows, self.image(*shapes), itemsize)


@family
@dataclass(frozen=True, repr=False)
class PoolSelect(Routed):
    """What each window holds at the tap that an index names; adjoint to `PoolRoute`.

    x is N×C×H×W, the index and y are N×C×OH×OW. With the index of `MaxPoolIndex` of x it is
    max-pooling.

    Examples
    --------
    >>> PoolSelect((1, 2), (1, 2))(np.array([[[[1.0, 3.0, 5.0, 4.0]]]]), np.array([[[[1, 0]]]]))
    array([[[[3., 5.]]]])
    """

    window: Pair
    stride: Pair
    pad: Sides = (0, 0, 0, 0)
    name: ClassVar[str] = "pool_select"  # type: ignore[misc]

    @classmethod
    def of(cls, op: Pooling) -> PoolSelect:
        """With the windows of another op."""
        return cls(op.window, op.stride, op.pad)

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """N×C×OH×OW."""
        pooled = self.pooled(shapes[0])
        if shapes[1] != pooled:
            raise misfit(self.name, f"an index {times(*pooled)}", shapes[1:])
        return pooled

    def image(self, held: Shape, index: Shape) -> Shape:
        return held

    def value(self, *x: Value) -> Value:
        return selected(self.windows, x[0], x[1])

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        return in_samples(self, x, batched, count)

    def adjoint(self, shape: Shape) -> Op:
        return PoolRoute(shape, self.window, self.stride, self.pad)

    def expand(self, *x: Any) -> Any:
        images, index = x
        y = np.empty(index.shape, dtype=object)
        for place, taps in met(self.windows, images):
            numbers: list[Any] = [0] * math.prod(self.window)
            for tap, pixel in taps:
                numbers[tap] = pixel
            y[place] = choose(index[place], *numbers)
        return y


@family
@dataclass(frozen=True, repr=False)
class PoolRoute(Routed):
    """What windows hold goes to the pixel that an index names, and adds up there.

    Adjoint to `PoolSelect`. x and the index are N×C×OH×OW, y is N×C×H×W, given as `to`.

    Examples
    --------
    >>> op = PoolRoute((1, 1, 1, 3), (1, 2), (1, 1))
    >>> op(np.array([[[[5.0, 6.0]]]]), np.array([[[[1, 0]]]]))
    array([[[[ 0., 11.,  0.]]]])
    """

    to: Shape
    window: Pair
    stride: Pair
    pad: Sides = (0, 0, 0, 0)
    name: ClassVar[str] = "pool_route"  # type: ignore[misc]

    def __post_init__(self) -> None:
        super().__post_init__()
        self.pooled(self.to)

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """N×C×H×W."""
        pooled = self.pooled(self.to)
        if shapes[0] != pooled or shapes[1] != pooled:
            raise misfit(self.name, f"an array and an index {times(*pooled)}", shapes)
        return self.to

    def image(self, held: Shape, index: Shape) -> Shape:
        return self.to

    def value(self, *x: Value) -> Value:
        return routed(self.windows, x[0], x[1], self.to)

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        more = replace(self, to=(count * self.to[0], *self.to[1:]))
        return in_samples(more, x, batched, count)

    def adjoint(self, shape: Shape) -> Op:
        return PoolSelect(self.window, self.stride, self.pad)

    def expand(self, *x: Any) -> Any:
        held, index = x
        meetings = list(self.windows.meetings(self.to[2:]))

        def terms() -> Any:
            for n, c in np.ndindex(self.to[:2]):
                for position, (p, q), pixel in meetings:
                    place = (n, c, *position)
                    here = IndexIs(p * self.window[1] + q)(index[place])
                    yield (n, c, *pixel), where(here, held[place], 0)

        return added_up(self.to, terms())

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        counts = self.windows.counts(self.to[2:])
        return ADD * (math.prod(self.to[:2]) * (counts.meetings - counts.pixels))
