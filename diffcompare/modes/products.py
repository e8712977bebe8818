"""Several passes of one sweep at once: a matrix of seeds in, the matrix of their results out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from diffcompare.graph.point import Point
from diffcompare.numbers.batched import Batched
from diffcompare.ops.op import Shape
from diffcompare.ops.operand import ZERO, Value
from diffcompare.ops.precision import precision

if TYPE_CHECKING:
    from diffcompare.modes.derivative import Sweep

_MEMORY: Final = 64 << 20
"""Bytes that the nodes of passes run at once may hold together."""


class Products:
    """The products of a Jacobian, or its transpose, with seeds.

    A graph of numbers runs on vectors, a pass in each entry; a graph of arrays on `Batched`.

    Parameters
    ----------
    sweep : Sweep
    point : dict
        From `read_point`.
    values : sequence
        Of all nodes of the primal there.
    read : callable, optional
        What is wanted of a result, as floats: its value, if no more is said.

    Examples
    --------
    >>> import diffcompare as dc
    >>> sweep = dc.differentiate(dc.parse("x*y, y*z"), "forward")
    >>> point = {"x": 2.0, "y": 5.0, "z": 3.0}
    >>> Products(sweep, point, sweep.primal.evaluate(point)).of(np.array([[1.0], [0.0], [1.0]]))
    array([[5.],
           [5.]])
    """

    def __init__(
        self,
        sweep: Sweep,
        point: Point,
        values: Sequence[Value],
        read: Callable[[Value], np.ndarray] = np.asarray,
    ) -> None:
        self.sweep, self.prepared, self.read = sweep, sweep.prepare(point, values), read
        self.kind = precision(point.values())
        graph = sweep.graph
        self.seeds = [graph.shapes[graph.inputs[seed]] for seed in sweep.seeds]
        self.results = [graph.shapes[i] for i in sweep.swept]
        self.scalar = not any(graph.shapes)

    @property
    def at_once(self) -> int:
        """How many passes to run together at most."""
        shapes = self.sweep.graph.shapes[self.sweep.sweep_start :]
        numbers = len(shapes) if self.scalar else sum(map(math.prod, shapes))
        return max(1, _MEMORY // (np.dtype(self.kind).itemsize * max(1, numbers)))

    def all(self) -> Iterator[tuple[slice, np.ndarray]]:
        """The products with the unit seeds in order: which, and their results."""
        passes = self.sweep.passes
        for start in range(0, passes, self.at_once):
            stop = min(start + self.at_once, passes)
            seeds = np.zeros((passes, stop - start), self.kind)
            np.fill_diagonal(seeds[start:stop], 1.0)
            yield slice(start, stop), self.of(seeds)

    def of(self, seeds: np.ndarray) -> np.ndarray:
        """The results, (numbers, passes), for seeds, (numbers, passes).

        A partial that is not finite spoils passes run beside others: zero times infinity is nan.
        Those are run again alone, where a seed of zero is structural and skipped.
        """
        found = self._run(seeds)
        if seeds.shape[1] > 1:
            for turn in np.flatnonzero(~np.isfinite(found).all(axis=0)):
                found[:, turn : turn + 1] = self._run(seeds[:, turn : turn + 1])
        return found

    def _run(self, seeds: np.ndarray) -> np.ndarray:
        """One run of the sweep; seeds that are all zeros are not given."""
        given = dict(self._given(seeds))
        passes = seeds.shape[1]
        found = np.zeros((sum(map(math.prod, self.results)), passes), self.kind)
        start = 0
        for result, shape in zip(self.sweep.run(given, self.prepared), self.results, strict=True):
            stop = start + math.prod(shape)
            if isinstance(result, Batched):
                found[start:stop] = self.read(result.array).reshape(passes, -1).T
            elif result is not ZERO:
                numbers = self.read(result)
                found[start:stop] = numbers.reshape(-1, 1) if shape else numbers
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

    def _seed(self, part: np.ndarray, shape: Shape) -> Value:
        passes = part.shape[1]
        if passes == 1:
            return part.reshape(shape)[()]
        return part[0] if self.scalar else Batched(part.T.reshape(passes, *shape))
