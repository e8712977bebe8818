"""Arrays of formulas of which only the sizes, written out as trees, are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import singledispatch
from typing import Any

import numpy as np

from diffcompare.numbers.naturals import Naturals
from diffcompare.numbers.treesize import own
from diffcompare.ops.assemble import Assemble
from diffcompare.ops.indexed import Concat
from diffcompare.ops.linalg import Bilinear, MatMul
from diffcompare.ops.linearity import Linear
from diffcompare.ops.op import Op, Shape
from diffcompare.ops.operand import ZERO, Operand, Value
from diffcompare.ops.parts import Stack
from diffcompare.ops.reduce import MaxOver
from diffcompare.ops.within import AddWithin

Map = Callable[[Any], Any]


class Trees(Operand):
    """An array of formulas in scalar operations, as sizes; `TreeSize` is the same for one.

    Parameters
    ----------
    sizes : Naturals
        Nodes of each formula, every use written out, leaves included.
    dots : Naturals, optional
        Those of its tangent by the ops' forward rules, every 0 and 1 written out.
    literal : Fraction or Named, optional
        The number, where all are the same one.

    Examples
    --------
    >>> x = Trees(Naturals.ones((2, 3)))
    >>> (x * x).sizes
    Naturals(3, 3, 3, 3, 3, 3)
    """

    __slots__ = ("dots", "literal", "sizes")
    rank = 1

    def __init__(self, sizes: Naturals, dots: Naturals | None = None, literal: Any = None) -> None:
        self.sizes, self.dots, self.literal = sizes, dots, literal

    @classmethod
    def leaves(cls, shape: Shape = (), literal: Any = None) -> Trees:
        """Inputs, or a constant; in a tangent a seed, 0 or 1, is a leaf too."""
        return cls(Naturals.ones(shape), Naturals.ones(shape), literal)

    @property
    def shape(self) -> Shape:
        """Of the array."""
        return self.sizes.shape

    def alone(self) -> Trees:
        """The same without tangents."""
        return Trees(self.sizes, None, self.literal)

    def apply_op(self, op: Op, args: Sequence[Value]) -> Value:
        """What the scalar operations of `op` make of the sizes."""
        op.check_arity(len(args))
        x = [a if isinstance(a, Trees) else Trees.leaves((), Fraction(a)) for a in args]
        return written(op, *x)

    def added_up(self, linear: Map) -> Trees:
        """Entries put elsewhere and added up: k terms take k − 1 additions, none are a 0.

        Parameters
        ----------
        linear : callable
            The same on arrays of floats.
        """
        terms = np.asarray(linear(np.broadcast_to(1.0, self.shape)))
        moved = bool((terms == 1).all())
        rest = 0.0 if moved else np.where(terms == 0, 1.0, terms - 1)

        def summed(sizes: Naturals) -> Naturals:
            return sizes.through(linear) if moved else sizes.through(linear) + rest

        dots = None if self.dots is None else summed(self.dots)
        return Trees(summed(self.sizes), dots, self.literal if moved else None)

    def where(self, mask: Any, other: Trees) -> Trees:
        """Its entries where a mask is true, and those of another elsewhere."""

        def chosen(*parts: Naturals) -> Naturals:
            return Naturals.joined(lambda a, b: np.where(mask, a, b), parts)

        dots = None
        if self.dots is not None and other.dots is not None:
            dots = chosen(self.dots, other.dots)
        return Trees(chosen(self.sizes, other.sizes), dots)


@singledispatch
def written(op: Op, *x: Trees) -> Trees:
    """`op(*x)` in scalar operations; of a layer without a rule of its own by its `lower`."""
    if not op.elementwise:
        lowered: Trees = op.lower(*x)  # type: ignore[attr-defined]
        return lowered
    sizes = x[0].sizes + float(own(op, len(x)))
    for arg in x[1:]:
        sizes = sizes + arg.sizes
    return with_tangent(op, sizes, x)


def with_tangent(op: Op, sizes: Naturals, x: Sequence[Trees]) -> Trees:
    """Formulas of those sizes, and the tangents that the op's forward rule gives them."""
    dots = [arg.dots for arg in x if arg.dots is not None]
    if len(dots) < len(x):
        return Trees(sizes)
    y = op.jvp(Trees(sizes), [arg.alone() for arg in x], [Trees(dot) for dot in dots])
    return Trees(sizes, Naturals.ones(sizes.shape) if y is ZERO else y.sizes)


@written.register
def _(op: Linear, *x: Trees) -> Trees:
    return x[0].added_up(op.value)


@written.register(Concat)
@written.register(Stack)
def _(op: Op, *x: Trees) -> Trees:
    dots = [arg.dots for arg in x if arg.dots is not None]
    literals = {arg.literal for arg in x}
    return Trees(
        Naturals.joined(op.value, [arg.sizes for arg in x]),
        Naturals.joined(op.value, dots) if len(dots) == len(x) else None,
        literals.pop() if len(literals) == 1 else None,
    )


@written.register
def _(op: AddWithin, *x: Trees) -> Trees:
    added: Trees = op.sum(*x)
    return added.where(op.there(x[0].shape), x[0])


@written.register
def _(op: Assemble, *x: Trees) -> Trees:
    ones = [np.ones(arg.shape) for arg in x]
    terms = op.value(*ones)
    rest = np.where(terms == 0, 1.0, terms - 1)

    def summed(parts: Sequence[Naturals]) -> Naturals:
        return Naturals.joined(op.value, parts) + rest

    dots = [arg.dots for arg in x if arg.dots is not None]
    sizes = summed([arg.sizes for arg in x])
    return Trees(sizes, summed(dots) if len(dots) == len(x) else None)


@written.register
def _(op: MaxOver, *x: Trees) -> Trees:
    return with_tangent(op, x[0].sizes.through(lambda a: a.sum(op.axes)) + 1, x)


@written.register
def _(op: Bilinear, *x: Trees) -> Trees:
    """Sums of k products: of their sizes, 2k − 1 operations; of tangents a b + a b for each, 4k − 1."""
    a, b = x
    return products(a, b, *sides(op, a.shape, b.shape))


def products(a: Trees, b: Trees, left: Map, right: Map) -> Trees:
    """Sums of products, from what is done to each factor beside ones."""
    terms = np.asarray(left(np.broadcast_to(1.0, a.shape)))

    def summed(a: Naturals, b: Naturals, each: float) -> Naturals:
        rest = np.where(terms == 0, 1.0, each * terms - 1)
        return a.through(left) + b.through(right) + rest

    dots = None
    if a.dots is not None and b.dots is not None:
        dots = summed(a.sizes + a.dots, b.sizes + b.dots, 4.0)
    return Trees(summed(a.sizes, b.sizes, 2.0), dots)


@singledispatch
def sides(op: Op, a: Shape, b: Shape) -> tuple[Map, Map]:
    """What a bilinear op does to each argument beside ones, for arguments of those shapes."""
    raise NotImplementedError(op.name)


@sides.register
def _(op: MatMul, a: Shape, b: Shape) -> tuple[Map, Map]:
    shape = op.shape([a, b])
    return (
        lambda rows: np.broadcast_to(rows.sum(axis=1, keepdims=True), shape),
        lambda columns: np.broadcast_to(columns.sum(axis=0), shape),
    )
