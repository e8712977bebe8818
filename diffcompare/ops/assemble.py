"""Parts of an array put together, added up where they meet: what adjoints of subscripts add up to."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from diffcompare.ops.arithmetic import total
from diffcompare.ops.batching import everywhere
from diffcompare.ops.cost import ADD, Cost
from diffcompare.ops.moves import Reshape
from diffcompare.ops.op import Op, Shape, family, misfit, shape_of
from diffcompare.ops.operand import ZERO, Value
from diffcompare.ops.parts import Pick, Place, Slice

Starts = tuple[Shape, ...]


@family
@dataclass(frozen=True, repr=False)
class Assemble(Op):
    """Arguments put into zeros of shape `to`, each from its start in its steps, and added up.

    An argument is an array of as many axes, or a number, which is one entry. ẏ is assembled of the
    tangents, x̄ₖ is the slice of ȳ where xₖ lies. Where parts do not meet nothing is added.

    Parameters
    ----------
    to : tuple of int
    starts, steps : tuple of tuple of int
        For each argument.

    Examples
    --------
    >>> Assemble((4,), ((0,), (1,)), ((1,), (2,)))(np.array([1.0, 2.0]), np.array([5.0, 7.0]))
    array([1., 7., 0., 7.])
    """

    to: Shape
    starts: Starts
    steps: Starts
    name: ClassVar[str] = "assemble"  # type: ignore[misc]
    kind: ClassVar[str] = "linear"
    elementwise: ClassVar[bool] = False
    arity: ClassVar[tuple[int, int | None]] = (1, None)  # type: ignore[misc]

    def places(self, shapes: Sequence[Shape]) -> Iterator[Slice]:
        """Where each argument lies."""
        for shape, start, step in zip(shapes, self.starts, self.steps, strict=True):
            yield Place(self.to, start, step).slice_of(shape or (1,) * len(self.to))

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """The target, if each argument fits in."""
        if not len(shapes) == len(self.starts) == len(self.steps):
            raise misfit(self.name, f"{len(self.starts)} arguments", shapes[:4])
        for shape, start, step in zip(shapes, self.starts, self.steps, strict=True):
            Place(self.to, start, step).shape([shape or (1,) * len(self.to)])
        return self.to

    def value(self, *x: Value) -> Value:
        result = np.zeros(self.to, dtype=np.result_type(*{np.asarray(a).dtype for a in x}))
        for part, place in zip(x, self.places([np.shape(a) for a in x]), strict=True):
            result[place.where] += part
        return result

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        ones = (1,) * len(self.to)
        parts = [
            a if len(shape_of(a)) > 1 else Reshape((count, *ones))(a)
            for a in everywhere(x, batched, count)
        ]
        starts, steps = (
            tuple((n, *a) for a in given) for n, given in ((0, self.starts), (1, self.steps))
        )
        return Assemble((count, *self.to), starts, steps)(*parts)

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        moving = [k for k, dot in enumerate(x_dot) if dot is not ZERO]
        if not moving:
            return ZERO
        starts, steps = (tuple(a[k] for k in moving) for a in (self.starts, self.steps))
        return Assemble(self.to, starts, steps)(*(x_dot[k] for k in moving))

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        shapes = [shape_of(a) for a in x]
        lies = zip(shapes, self.starts, self.places(shapes), wanted, strict=True)
        return [
            ZERO if not want else place(y_bar) if shape or not self.to else Pick(start)(y_bar)
            for shape, start, place, want in lies
        ]

    def expand(self, *x: Any) -> Any:
        terms: dict[int, list[Any]] = {}
        indices = np.arange(math.prod(self.to)).reshape(self.to)
        for part, place in zip(x, self.places([a.shape for a in x]), strict=True):
            for index, entry in zip(indices[place.where].ravel().tolist(), part.flat, strict=True):
                terms.setdefault(index, []).append(entry)
        result = np.zeros(math.prod(self.to), dtype=object)
        for index, entries in terms.items():
            result[index] = total(entries)
        return result.reshape(self.to)

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        met = np.zeros(self.to, dtype=bool)
        for place in self.places(shapes):
            met[place.where] = True
        return ADD * (sum(map(math.prod, shapes)) - int(met.sum()))

    @property
    def analytic(self) -> bool:
        return True

    def options(self) -> dict[str, Any]:
        return {"to": self.to, "starts": self.starts, "steps": self.steps}


def assembled(terms: Sequence[Value]) -> Value:
    """The sum of terms, some of which are parts among zeros: those zeros are not added.

    Examples
    --------
    >>> assembled([np.array([1.0, 2.0]), np.array([0.0, 5.0])])
    array([1., 7.])
    """
    to = shape_of(terms[0])
    parts = [getattr(term, "part", None) for term in terms] if to and len(terms) > 1 else ()
    if not any(parts):
        return total(terms)
    whole = (0,) * len(to), (1,) * len(to)
    lies = [part or (*whole, term) for part, term in zip(parts, terms, strict=True)]
    starts, steps, x = zip(*lies, strict=True)
    return Assemble(to, starts, steps)(*x)
