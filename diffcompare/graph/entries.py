"""Arrays taken apart into their entries and put together again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from diffcompare.graph.variable import Variable
from diffcompare.ops.op import Shape
from diffcompare.ops.parts import Pick, Stack


@dataclass
class Held:
    """A value as an array, as its entries, or both; each is made from the other when asked for.

    Examples
    --------
    >>> from diffcompare.graph.graph import Graph
    >>> graph = Graph.empty()
    >>> x = Variable.input(graph, "x", (2,))
    >>> [entry.op for entry in Held((2,), x).apart()]
    [<op pick(place=(0,))>, <op pick(place=(1,))>]
    """

    shape: Shape
    array: Variable | None = None
    entries: Any = None

    def joined(self) -> Variable:
        """As one array."""
        if self.array is None:
            self.array = Stack(self.shape)(*self.entries.flat) if self.shape else self.entries[()]
        return self.array

    def apart(self) -> Any:
        """As an array of entries."""
        if self.entries is None:
            whole = self.joined()
            picked = [Pick(k)(whole) for k in np.ndindex(self.shape)] if self.shape else [whole]
            self.entries = array_of(picked, self.shape)
        return self.entries


def array_of(entries: Sequence[Variable], shape: Shape) -> Any:
    """Variables as an object array of that shape."""
    result = np.empty(len(entries), dtype=object)
    for place, entry in enumerate(entries):
        result[place] = entry
    return result.reshape(shape)
