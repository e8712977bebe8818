"""What a layer of images and weights shares with its two adjoints.

With images x, weights w and outputs y, everything comes from one sum of triple products
Σ x · w · y over all meetings of a tap with a pixel, which is linear in each of the three. Its
derivative by one of them is bilinear in the two others, and so the three derivatives differentiate
into each other. Padding takes part in no product.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Final

from diffcompare.ops.arithmetic import add
from diffcompare.ops.batching import merged, parted
from diffcompare.ops.cost import Cost
from diffcompare.ops.indexed import Concat
from diffcompare.ops.layers.settings import Pair, Sides, settings
from diffcompare.ops.layers.windows import Counts, Windows, added_up, times
from diffcompare.ops.linalg import Bilinear
from diffcompare.ops.moves import Reshape
from diffcompare.ops.op import Op, Shape, misfit, shape_of
from diffcompare.ops.operand import ZERO, Value
from diffcompare.ops.within import within

IMAGE, WEIGHTS, OUTPUT = range(3)
NAMES: Final = ("images", "weights", "outputs")
_SHARED: Final = {
    frozenset((IMAGE, OUTPUT)): {IMAGE: 0, OUTPUT: 0},  # samples
    frozenset((WEIGHTS, OUTPUT)): {WEIGHTS: 0, OUTPUT: 1},  # filters
    frozenset((IMAGE, WEIGHTS)): {IMAGE: 1, WEIGHTS: 1},  # channels
}
"""Along which axis of each two of the three have their common index."""


def _part(axes: dict[int, int], role: int, groups: int) -> tuple[int, int]:
    """The axis of an array, and into how many groups it falls: channels of images, filters."""
    axis = axes[role]
    return axis, groups if (role == WEIGHTS) == (axis == 0) else 1


def _two(a: Value, b: Value) -> Value:
    """Two arrays of one shape along a new first axis."""
    return Concat(0)(*(Reshape((1, *shape_of(x)))(x) for x in (a, b)))


class Trilinear(Bilinear):
    """One of the three: it takes two of images, weights and outputs, and gives the third."""

    stride: Pair
    pad: Sides
    dilation: Pair
    takes: ClassVar[Pair]
    gives: ClassVar[int]
    forms: ClassVar[tuple[str, str, str]]
    """Shapes of images, weights and outputs, as people write them."""

    def __post_init__(self) -> None:
        self.windows((1, 1)).check(self.name)

    def windows(self, kernel: Sequence[int]) -> Windows:
        """The geometry for a kernel of that height and width."""
        return Windows((kernel[0], kernel[1]), self.stride, self.pad, self.dilation)

    def options(self) -> dict[str, Any]:
        return settings(self)

    def image_and_weights(self, first: Shape, second: Shape) -> tuple[Shape, Shape]:
        """The shapes of x and w that arguments of such shapes go with."""
        raise NotImplementedError

    def output(self, image: Shape, weights: Shape) -> Shape:
        """The shape of y, if x and w have shapes that fit."""
        raise NotImplementedError

    def giving(self, role: int, image: Shape, weights: Shape) -> Op:
        """The one of the three that gives images, weights or outputs."""
        raise NotImplementedError

    def products(self, image: Shape, weights: Shape) -> Iterator[tuple[Shape, Shape, Shape]]:
        """Places in x, w and y of all products, in the order of a textbook's loops."""
        raise NotImplementedError

    def sums(self, image: Shape, weights: Shape, counts: Counts) -> tuple[int, int, int]:
        """How many entries of x, of w and of y take part in any product."""
        raise NotImplementedError

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """The shape of what it gives."""
        if any(
            len(shape) != self.forms[role].count("×") + 1 or 0 in shape
            for shape, role in zip(shapes, self.takes, strict=True)
        ):
            need = " and ".join(f"{NAMES[role]} {self.forms[role]}" for role in self.takes)
            raise misfit(self.name, f"{need}, none empty", shapes)
        image, weights = self.image_and_weights(*shapes)
        every = image, weights, self.output(image, weights)
        for shape, role in zip(shapes, self.takes, strict=True):
            if shape != every[role]:
                raise misfit(self.name, f"{NAMES[role]} {times(*every[role])}", [shape])
        return every[self.gives]

    def reached(self, shapes: Sequence[Shape]) -> int:
        """How many entries of the result any product reaches; the others are 0."""
        image, weights = self.image_and_weights(*shapes)
        counts = self.windows(weights[2:4]).counts(image[2:])
        return self.sums(image, weights, counts)[self.gives]

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        """A sum of two; where it would add zeros, one of both with twice as many terms."""
        size = math.prod(shape_of(y))
        if (
            any(dot is ZERO for dot in x_dot)
            or self.reached([shape_of(x[0]), shape_of(x[1])]) == size
        ):
            return super().jvp(y, x, x_dot)
        axes, groups = _SHARED[frozenset(self.takes)], getattr(self, "groups", 1)
        pairs = zip(self.takes, ((x_dot[0], x[0]), (x[1], x_dot[1])), strict=True)
        return self(*(merged(_two(*pair), *_part(axes, role, groups)) for role, pair in pairs))

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        """As more samples, filters or channels, whichever the argument and the result both have."""
        if all(batched):
            return None
        slot, groups = (0 if batched[0] else 1), getattr(self, "groups", 1)
        axes = _SHARED[frozenset((self.takes[slot], self.gives))]
        args = list(x)
        args[slot] = merged(args[slot], *_part(axes, self.takes[slot], groups))
        return parted(self(*args), count, *_part(axes, self.gives, groups))

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        shapes = self.image_and_weights(shape_of(x[0]), shape_of(x[1]))
        shares: list[Value] = [ZERO, ZERO]
        for slot in range(2):
            if wanted[slot]:
                op = self.giving(self.takes[slot], *shapes)
                known = {self.gives: y_bar, self.takes[1 - slot]: x[1 - slot]}
                shares[slot] = op(*(known[role] for role in op.takes))  # type: ignore[attr-defined]
        return shares

    def expand(self, *x: Any) -> Any:
        shapes = x[0].shape, x[1].shape
        (a, b), out = self.takes, self.gives
        terms = (
            (places[out], x[0][places[a]] * x[1][places[b]])
            for places in self.products(*self.image_and_weights(*shapes))
        )
        return added_up(self.shape(shapes), terms)

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        image, weights = self.image_and_weights(*shapes)
        counts = self.windows(weights[2:4]).counts(image[2:])
        products = image[0] * math.prod(weights[:2]) * counts.meetings
        return Cost(mul=products, add=products - self.reached(shapes))


def biased(op: Trilinear, x: Value, w: Value, b: Value, to: Shape) -> Value:
    """What a layer gives, plus a bias under a shape that broadcasts; b where no window reaches."""
    y, bias = op(x, w), Reshape(to)(b)
    there = op.windows(shape_of(w)[2:4]).reached(shape_of(x)[2:])
    return y + bias if there.all() else within(add, bias, y, there)
