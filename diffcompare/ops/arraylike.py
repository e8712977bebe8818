"""NumPy's array methods, for number kinds whose numbers may be arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.ops.moves import transpose
from diffcompare.ops.operand import Value
from diffcompare.ops.subscript import subscript, unshaped


def _method(function: Any) -> Callable[..., Value]:
    """A method that is NumPy's function of the array and the same arguments."""

    def method(self: ArrayLike, *args: Any, **settings: Any) -> Value:
        return function(self, *args, **settings)

    method.__name__, method.__doc__ = function.__name__, f"As `np.{function.__name__}`."
    return method


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
        if unshaped(self):
            raise DiffcompareError("shape", ".T", need="an array", got="a number",
                                   hint=unshaped(self))  # fmt: skip
        return transpose(self) if self.ndim > 1 else self

    def __getitem__(self, key: Any) -> Value:
        return subscript(self, key)

    def __len__(self) -> int:
        if not self.shape:
            raise DiffcompareError("type", "len", need="an array", got="a number",
                                   hint=unshaped(self))  # fmt: skip
        return int(self.shape[0])

    def __iter__(self) -> Iterator[Value]:
        if not self.shape:
            raise DiffcompareError(
                "type", "a traced value", need="to be used as one number", got="a loop over it",
                hint=unshaped(self),
            )  # fmt: skip
        return (subscript(self, k) for k in range(len(self)))

    def reshape(self, *to: Any, **settings: Any) -> Value:
        """The entries in row-major order under another shape."""
        return np.reshape(self, to[0] if len(to) == 1 else to, **settings)  # type: ignore[call-overload]

    def transpose(self, *axes: Any) -> Value:
        """With its axes permuted, reversed by default."""
        return transpose(self, (axes[0] if len(axes) == 1 else axes) or None)

    def copy(self, order: Any = "C") -> Value:
        """Itself: no operation changes a value, and it has no order in memory."""
        return self

    def astype(self, dtype: Any) -> Value:
        """Itself, if the type is that of floats."""
        if dtype not in (float, np.float64, np.dtype(float), "float", "float64"):
            raise DiffcompareError("type", "astype", need="float", got=shorten(dtype))
        return self

    sum = _method(np.sum)
    mean = _method(np.mean)
    var = _method(np.var)
    std = _method(np.std)
    prod = _method(np.prod)
    max = _method(np.max)
    min = _method(np.min)
    clip = _method(np.clip)
    dot = _method(np.dot)
    take = _method(np.take)
    trace = _method(np.trace)
    ravel = flatten = _method(np.ravel)
    squeeze = _method(np.squeeze)
    swapaxes = _method(np.swapaxes)
