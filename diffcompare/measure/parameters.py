"""How many numbers a network has to learn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from diffcompare.graph.graph import Graph
from diffcompare.graph.point import read_wrt


@dataclass(frozen=True)
class Parameters:
    """Numbers of each array.

    Attributes
    ----------
    numbers : dict of str to int
        By input name.
    """

    numbers: dict[str, int]

    @property
    def total(self) -> int:
        """Of all arrays together."""
        return sum(self.numbers.values())


def parameters(graph: Graph, wrt: str | Sequence[str] | None = None) -> Parameters:
    """How many numbers the inputs of a graph have, from their shapes.

    Parameters
    ----------
    graph : Graph
    wrt : str or sequence of str, optional
        The weights and biases; all inputs by default.

    Examples
    --------
    >>> import diffcompare as dc
    >>> shapes = {"image": (1, 1, 200, 200), "w": (1, 1, 10, 10), "b": (1,)}
    >>> found = parameters(dc.parse("conv2d(image, w, b)", shapes=shapes), ["w", "b"])
    >>> found, found.total
    (Parameters(numbers={'w': 100, 'b': 1}), 101)
    """
    names = read_wrt(graph, wrt)
    return Parameters({name: math.prod(graph.shapes[graph.inputs[name]]) for name in names})
