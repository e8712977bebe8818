"""First derivatives at a point: a matrix of numbers, and its blocks by input name."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from diffcompare.errors import UnknownNameError, shorten
from diffcompare.graph.graph import Graph
from diffcompare.ops.op import Shape


class Blocks:
    """How the numbers of outputs and inputs lie in the rows and columns of a Jacobian.

    Attributes
    ----------
    outputs, inputs : tuple of tuple of int
        Shapes.
    rows, columns : list of slice
        The numbers of each output and each input, entries in row-major order.
    """

    def __init__(self, graph: Graph, wrt: Sequence[str]) -> None:
        self.wrt = tuple(wrt)
        self.outputs = tuple(graph.shapes[i] for i in graph.outputs)
        self.inputs = tuple(graph.shapes[graph.inputs[name]] for name in wrt)
        self.rows, self.columns = _slices(self.outputs), _slices(self.inputs)

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers in all outputs, and in all inputs."""
        return sum(map(math.prod, self.outputs)), sum(map(math.prod, self.inputs))

    @property
    def scalar(self) -> bool:
        """Whether every output and input is one number."""
        return not any(self.outputs) and not any(self.inputs)


def _slices(shapes: Sequence[Shape]) -> list[slice]:
    ends = accumulate(map(math.prod, shapes), initial=0)
    return [slice(a, b) for a, b in pairwise(ends)]


class Jacobian(Mapping[str, Any]):
    """First derivatives at a point, by input name.

    For one output a number, or an array of the output's shape followed by the input's. For several
    outputs an array with an entry for each, or a tuple of arrays where outputs are arrays.

    Attributes
    ----------
    matrix : ndarray, (outputs, inputs)
        All entries, inputs in the order of `wrt`, arrays flattened in row-major order.
    value : ndarray, (outputs,)
        The value of f.
    removable : frozenset of (int, int)
        Entries where SymPy's cancelled form is finite but the graph as written is not; nan here.

    Examples
    --------
    >>> import diffcompare as dc
    >>> dc.differentiate(dc.parse("x*y"), "reverse").at({"x": 2, "y": 5})
    Jacobian({'x': 5.0, 'y': 2.0})
    """

    def __init__(
        self,
        blocks: Blocks,
        matrix: np.ndarray,
        value: np.ndarray,
        removable: frozenset[tuple[int, int]] = frozenset(),
    ) -> None:
        self.blocks, self.wrt = blocks, blocks.wrt
        self.matrix, self.value, self.removable = matrix, value, removable

    def __getitem__(self, name: str) -> Any:
        if name not in self.wrt:
            raise UnknownNameError("input", "the Jacobian", need=f"one of {', '.join(self.wrt)}",
                                   got=shorten(name))  # fmt: skip
        place = self.wrt.index(name)
        shape, columns = self.blocks.inputs[place], self.matrix[:, self.blocks.columns[place]]
        if self.blocks.scalar and len(columns) > 1:
            return columns[:, 0]
        blocks = tuple(
            columns[rows].reshape(output + shape)
            for rows, output in zip(self.blocks.rows, self.blocks.outputs, strict=True)
        )
        if len(blocks) > 1:
            return blocks
        return blocks[0] if blocks[0].ndim else float(blocks[0])

    def __iter__(self) -> Iterator[str]:
        return iter(self.wrt)

    def __len__(self) -> int:
        return len(self.wrt)

    def __repr__(self) -> str:
        return f"Jacobian({dict(self)})"
