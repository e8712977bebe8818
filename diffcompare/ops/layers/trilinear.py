"""What a convolution and its two adjoints share.

With images x N×C×H×W, weights w K×(C/g)×kh×kw in g groups, and outputs y N×K×OH×OW, everything
comes from one sum of triple products over all meetings of a tap (p, q) with a pixel,

    Σ x[n, c, i·s + p·d − top, j·s + q·d − left] · w[k, c, p, q] · y[n, k, i, j],

which is linear in each of the three. Its derivative by one of them is bilinear in the other two,
and so the three derivatives differentiate into each other. Padding takes part in no product.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.ops.gather import Concat
from diffcompare.ops.layers.settings import Pair, Sides, settings
from diffcompare.ops.layers.windows import Windows
from diffcompare.ops.linalg import Bilinear
from diffcompare.ops.op import Cost, Shape, misfit, shape_of
from diffcompare.ops.parts import Slice
from diffcompare.ops.operand import Value


class Trilinear(Bilinear):
    """One of the three: settings, geometry, and the products of the triple sum."""

    stride: Pair
    pad: Sides
    dilation: Pair
    groups: int
    split: ClassVar[tuple[int, int, int]]
    """The axes along which arguments and result fall into groups."""

    def __post_init__(self) -> None:
        self.windows((1, 1)).check(self.name)
        if type(self.groups) is not int or self.groups < 1:
            need = "groups as a whole number, 1 or more"
            raise DiffcompareError("attr", self.name, need=need, got=shorten(self.groups))

    def options(self) -> dict[str, Any]:
        return settings(self)

    @property
    def shared(self) -> tuple[Pair, Sides, Pair, int]:
        """The settings that all three have."""
        return self.stride, self.pad, self.dilation, self.groups

    def windows(self, kernel: Sequence[int]) -> Windows:
        """The geometry for a kernel of that height and width."""
        return Windows((kernel[0], kernel[1]), self.stride, self.pad, self.dilation)

    def arrays(self, need: str, shapes: Sequence[Shape]) -> None:
        """Refuse what has not four axes, or is empty."""
        if any(len(shape) != 4 or 0 in shape for shape in shapes):
            raise misfit(self.name, f"{need}, none empty", shapes)

    def output(self, image: Shape, weights: Shape) -> Shape:
        """The shape of y, if x and w have shapes that fit."""
        (n, channels, *size), (filters, depth, *kernel) = image, weights
        for count, what in ((channels, "channels"), (filters, "filters")):
            if count % self.groups:
                need = f"{what} that its {self.groups} groups divide"
                raise DiffcompareError("shape", self.name, need=need, got=f"{count} {what}")
        if channels // self.groups != depth:
            need = f"weights K×{channels // self.groups}×kh×kw for {channels} channels"
            groups = f" in {self.groups} groups" if self.groups > 1 else ""
            raise misfit(self.name, need + groups, [weights])
        return n, filters, *self.windows(kernel).output(self.name, size)

    def products(self, image: Shape, weights: Shape) -> Iterator[tuple[Shape, Shape, Shape]]:
        """Places in x, w and y of all products, in the order of a textbook's loops."""
        meetings = list(self.windows(weights[2:]).meetings(image[2:]))
        filters = weights[0] // self.groups
        for n, k, depth in np.ndindex(image[0], *weights[:2]):
            c = k // filters * weights[1] + depth
            for position, tap, pixel in meetings:
                yield (n, c, *pixel), (k, depth, *tap), (n, k, *position)

    def summed(self, image: Shape, weights: Shape, each: int, places: str) -> Cost:
        """All products, added up to `each` sums for every place that has any.

        Places are "positions", "pixels" or "taps". A sum of m products takes m − 1 additions.
        """
        counts = self.windows(weights[2:]).counts(image[2:])
        products = image[0] * weights[0] * weights[1] * counts.meetings
        return Cost(mul=products, add=products - each * getattr(counts, places))

    def lower(self, *x: Value) -> Value:
        """The same as moves and one matrix product for each group."""
        if self.groups == 1:
            return self.by_matrices(*x)
        one = replace(self, groups=1)  # type: ignore[type-var]
        parts = [
            one.by_matrices(*(_part(a, axis, g, self.groups)
                              for a, axis in zip(x, self.split, strict=False)))
            for g in range(self.groups)
        ]  # fmt: skip
        return Concat(self.split[2])(*parts)

    def by_matrices(self, *x: Value) -> Value:
        """The windows as rows, and their product; for one group."""
        raise NotImplementedError


def _part(x: Value, axis: int, number: int, groups: int) -> Value:
    """One of equal parts along an axis."""
    shape = shape_of(x)
    size = shape[axis] // groups
    start = [number * size if k == axis else 0 for k in range(len(shape))]
    stop = [start[k] + size if k == axis else n for k, n in enumerate(shape)]
    return Slice(tuple(start), tuple(stop), (1,) * len(shape))(x)
