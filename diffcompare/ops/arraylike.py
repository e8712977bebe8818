"""NumPy's array methods, for number kinds whose numbers may be arrays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from diffcompare.errors import DiffcompareError
from diffcompare.ops.linalg import product
from diffcompare.ops.moves import reshape, transpose
from diffcompare.ops.operand import Value
from diffcompare.ops.reduce import max_over, mean, min_over, prod_over, sum_over
from diffcompare.ops.subscript import subscript


class ArrayLike:
    """Mixin of a kind that has a `shape`: what NumPy's arrays can do, in operations of the kind."""

    __slots__ = ()

    shape: Any

    @property
    def ndim(self) -> int:
        """How many axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """How many entries."""
        count = 1
        for n in self.shape:
            count *= n
        return count

    @property
    def T(self) -> Value:
        """With its axes reversed."""
        return transpose(self) if self.ndim > 1 else self

    def __getitem__(self, key: Any) -> Value:
        return subscript(self, key)

    def __len__(self) -> int:
        if not self.shape:
            raise DiffcompareError("type", "len", need="an array", got="a number")
        return int(self.shape[0])

    def __iter__(self) -> Iterator[Value]:
        if not self.shape:
            raise DiffcompareError(
                "type", "a traced value", need="to be used as one number", got="a loop over it"
            )
        return (subscript(self, k) for k in range(len(self)))

    def reshape(self, *to: Any) -> Value:
        """The entries in row-major order under another shape."""
        return reshape(self, to[0] if len(to) == 1 else to)

    def ravel(self) -> Value:
        """The entries in row-major order along one axis."""
        return reshape(self, (-1,)) if self.ndim != 1 else self

    flatten = ravel

    def transpose(self, *axes: Any) -> Value:
        """With its axes permuted, reversed by default."""
        return transpose(self, (axes[0] if len(axes) == 1 else axes) or None)

    def sum(self, axis: Any = None, keepdims: bool = False) -> Value:
        """Entries added up along some axes, all by default."""
        return sum_over(self, axis, keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Value:
        """Their mean."""
        return mean(self, axis, keepdims)

    def prod(self, axis: Any = None, keepdims: bool = False) -> Value:
        """Their product."""
        return prod_over(self, axis, keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> Value:
        """The largest of them."""
        return max_over(self, axis, keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> Value:
        """The smallest of them."""
        return min_over(self, axis, keepdims)

    def dot(self, other: Value) -> Value:
        """As `np.dot` of vectors and matrices."""
        return product(self, other)
