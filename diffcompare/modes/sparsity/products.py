"""Several passes of one sweep at once: a matrix of seeds in, the matrix of their results out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from diffcompare.graph.point import Point
from diffcompare.modes.derivative import Sweep
from diffcompare.ops.operand import ZERO, Value

_NUMBERS: Final = 20_000_000
"""Numbers that the nodes of passes run at once may hold together."""


class Products:
    """The products of a Jacobian, or its transpose, with seeds.

    A graph of numbers runs on vectors, a pass in each entry; a graph of arrays pass by pass.

    Parameters
    ----------
    sweep : Sweep
    point : dict
        From `read_point`.
    values : sequence
        Of all nodes of the primal there.

    Examples
    --------
    >>> import diffcompare as dc
    >>> sweep = dc.differentiate(dc.parse("x*y, y*z"), "forward")
    >>> point = {"x": 2.0, "y": 5.0, "z": 3.0}
    >>> Products(sweep, point, sweep.primal.evaluate(point)).of(np.array([[1.0], [0.0], [1.0]]))
    array([[5.],
           [5.]])
    """

    def __init__(self, sweep: Sweep, point: Point, values: Sequence[Value]) -> None:
        self.sweep, self.prepared = sweep, sweep.prepare(point, values)
        graph = sweep.graph
        self.seeds = [graph.shapes[graph.inputs[seed]] for seed in sweep.seeds]
        self.results = [graph.shapes[i] for i in sweep.swept]
        self.scalar = not any(graph.shapes)

    @property
    def at_once(self) -> int:
        """How many passes to run together at most."""
        return max(1, _NUMBERS // len(self.sweep.graph.ops)) if self.scalar else 1

    def of(self, seeds: np.ndarray) -> np.ndarray:
        """The results, (numbers, passes), for seeds, (numbers, passes).

        A partial that is not finite spoils the passes beside it: zero times infinity is nan. Then
        they are run one by one, in which a seed of zero is structural and skipped.
        """
        if self.scalar and seeds.shape[1] > 1:
            together = self._run(seeds)
            if np.isfinite(together).all():
                return together
        alone = [self._run(column[:, np.newaxis]) for column in seeds.T]
        return np.concatenate(alone, axis=1) if alone else np.zeros((self._rows, 0))

    @property
    def _rows(self) -> int:
        return sum(map(math.prod, self.results))

    def _run(self, seeds: np.ndarray) -> np.ndarray:
        """One run of the sweep; seeds that are all zeros are not given."""
        given = dict(self._given(seeds))
        found = np.zeros((self._rows, seeds.shape[1]))
        start = 0
        for result, shape in zip(self.sweep.run(given, self.prepared), self.results, strict=True):
            stop = start + math.prod(shape)
            if result is not ZERO:
                found[start:stop] = np.reshape(result, (-1, 1)) if shape else result
            start = stop
        return found

    def _given(self, seeds: np.ndarray) -> Iterator[tuple[str, Value]]:
        wanted: np.ndarray = np.any(seeds != 0, axis=1)
        start = 0
        for name, shape in zip(self.sweep.seeds, self.seeds, strict=True):
            stop = start + math.prod(shape)
            if np.any(wanted[start:stop]):
                yield name, self._seed(seeds[start:stop], shape)
            start = stop

    @staticmethod
    def _seed(part: np.ndarray, shape: tuple[int, ...]) -> Value:
        if shape:
            return part.reshape(shape)
        return part[0] if part.shape[1] > 1 else part[0, 0]
