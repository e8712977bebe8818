"""Numbers of many directions: what a sweep is evaluated in to run all its passes at once."""

from __future__ import annotations

from collections.abc import Sequence

from diffcompare.ops.indexed import Concat
from diffcompare.ops.moves import Reshape
from diffcompare.ops.op import Op, Shape, misfit, shape_of
from diffcompare.ops.operand import Operand, Value
from diffcompare.ops.parts import Slice


class Batched(Operand):
    """A number, or array, for each of several directions, beside plain ones that all share.

    Parameters
    ----------
    array : array or Variable, (directions, …)

    Examples
    --------
    >>> import diffcompare as dc, numpy as np
    >>> dc.sin(Batched(np.array([0.0, 0.5]))) * 2
    Batched([0.         0.95885108])
    """

    __slots__ = ("array",)

    def __init__(self, array: Value) -> None:
        self.array = array

    @property
    def rank(self) -> int:  # type: ignore[override]
        """Above what it is made of, so that it leads where they meet."""
        return 2 + getattr(self.array, "rank", 0)

    @property
    def count(self) -> int:
        """How many directions."""
        return shape_of(self.array)[0]

    @property
    def shape(self) -> Shape:
        """Of the number in one direction."""
        return shape_of(self.array)[1:]

    def apply_op(self, op: Op, args: Sequence[Value]) -> Value:
        """By the op's own rule for many directions, else in one after the other.

        A branch that no direction enters differently is one number for all.
        """
        op.check_arity(len(args))
        batched = [isinstance(arg, Batched) for arg in args]
        x = [arg.array if has else arg for arg, has in zip(args, batched, strict=True)]
        count = self.count
        counts = [shape_of(a)[0] for a, has in zip(x, batched, strict=True) if has]
        if counts.count(count) < len(counts):
            raise misfit(op.name, "as many directions in each argument", [(n,) for n in counts])
        if not op.elementwise:
            y = op.batched(x, batched, count)
            return Batched(_one_by_one(op, x, batched, count) if y is None else y)
        most = max([len(shape_of(arg)) for arg in args])
        y = op.batched(_level(x, batched, most), batched, count)
        return Batched(y) if len(shape_of(y)) > most else y

    def __repr__(self) -> str:
        return f"Batched({self.array})"


def _level(x: list[Value], batched: list[bool], most: int) -> list[Value]:
    """Arguments of fewer axes with axes of one entry after the first, so that all broadcast."""
    for place, (a, has) in enumerate(zip(x, batched, strict=True)):
        shape = shape_of(a)
        if has and len(shape) <= most:
            x[place] = Reshape((shape[0], *(1,) * (most + 1 - len(shape)), *shape[1:]))(a)
    return x


def _one_by_one(op: Op, x: list[Value], batched: list[bool], count: int) -> Value:
    results = []
    for turn in range(count):
        args = (_taken(a, turn) if has else a for a, has in zip(x, batched, strict=True))
        y = op(*args)
        results.append(Reshape((1, *shape_of(y)))(y))
    return Concat(0)(*results)


def _taken(x: Value, turn: int) -> Value:
    """The number of one direction."""
    shape = shape_of(x)
    start, stop = (turn, *(0,) * (len(shape) - 1)), (turn + 1, *shape[1:])
    return Reshape(shape[1:])(Slice(start, stop, (1,) * len(shape))(x))
