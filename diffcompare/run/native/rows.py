"""Sparse Jacobians by machine code: rows that are one function, as many at once as a vector holds.

Of each function the value and all partials are one kernel over columns. Entries of x that lie side by
side are read where they are, others are gathered first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diffcompare.graph.graph import Graph
from diffcompare.modes.differentiate import differentiate
from diffcompare.modes.sparsity.pattern import Pattern
from diffcompare.run.alike import Alike
from diffcompare.run.columns import LINE, aligned
from diffcompare.run.instructions import instructions
from diffcompare.run.native.batch import NativeBatch
from diffcompare.run.native.engine import machine

_LINE = LINE // 8


@dataclass(frozen=True, eq=False)
class _Kernel:
    """One function's: where in the room, in bytes, columns and results are, and of how many rows."""

    batch: NativeBatch
    columns: np.ndarray
    results: np.ndarray
    rows: int


class NativeRows:
    """The outputs and the nonzeros of the Jacobian as a function of one vector of all inputs.

    Threads may call it at once: every call has a room of its own, x, then what is gathered of it,
    then results.

    Parameters
    ----------
    graph : Graph
        Of numbers.
    kinds : sequence of Alike
        Its outputs.
    wrt : tuple of str
    pattern : Pattern
        Which entries, in which order.

    Examples
    --------
    >>> import diffcompare as dc, numpy as np, pytest
    >>> from diffcompare.modes.sparsity.pattern import sparsity
    >>> from diffcompare.run.alike import alike
    >>> _ = pytest.importorskip("llvmlite", reason="the extra native is not installed")
    >>> graph = dc.parse("x*y, y*z")
    >>> run = NativeRows(graph, alike(graph), ("x", "y", "z"), sparsity(graph))
    >>> run(np.array([2.0, 3.0, 5.0]))
    (array([ 6., 15.]), array([3., 2., 5., 3.]))
    """

    def __init__(
        self, graph: Graph, kinds: Sequence[Alike], wrt: tuple[str, ...], pattern: Pattern
    ) -> None:
        self.inputs = len(graph.inputs)
        widths = [max(len(kind.outputs), machine().lanes) for kind in kinds]
        columns = self._columns(kinds, widths)
        place = self.inputs + len(self._gathered)
        names = {name: place for place, name in enumerate(graph.inputs)}
        column = np.full(self.inputs, -1)
        column[[names[name] for name in wrt]] = np.arange(len(wrt))
        self._values = np.zeros(len(graph.outputs), dtype=np.int64)
        self._kernels: list[_Kernel] = []
        keys, places = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        for kind, width, read in zip(kinds, widths, columns, strict=True):
            place = -(-place // _LINE) * _LINE
            starts = place + -(-width // _LINE) * _LINE * np.arange(1 + len(read))
            batch = NativeBatch(instructions(_joint(kind.graph)))
            self._kernels.append(_Kernel(batch, 8 * read, 8 * starts, width))
            results = starts[:, np.newaxis] + np.arange(len(kind.outputs))
            self._values[kind.outputs] = results[0]
            chosen = column[kind.inputs]
            rows = np.broadcast_to(kind.outputs, chosen.shape)
            keys.append((rows * len(wrt) + chosen)[chosen >= 0])
            places.append(results[1:][chosen >= 0])
            place = int(starts[-1]) + width
        self._size = place
        known, found = np.concatenate(keys), np.concatenate(places)
        order = np.argsort(known)
        wanted = pattern.rows * len(wrt) + pattern.columns
        self._nonzeros = found[order[np.searchsorted(known[order], wanted)]]

    def _columns(self, kinds: Sequence[Alike], widths: Sequence[int]) -> list[np.ndarray]:
        """Where each function reads the columns of its inputs; and `_gathered`, what to lay there."""
        gathered = [np.zeros(0, dtype=np.int64)]
        place, found = self.inputs, []
        for kind, width in zip(kinds, widths, strict=True):
            starts = []
            for entries in kind.inputs:
                if len(entries) == width and (np.diff(entries) == 1).all():
                    starts.append(int(entries[0]))
                    continue
                starts.append(place)
                gathered.append(np.resize(entries, width))
                place += width
            found.append(np.array(starts, dtype=np.int64))
        self._gathered = np.concatenate(gathered)
        return found

    def __call__(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        room = aligned(1, self._size)[0]
        given, end = room[: self.inputs], self.inputs + len(self._gathered)
        given[:] = x
        given.take(self._gathered, out=room[self.inputs : end], mode="clip")  # needs no copy
        start = room.ctypes.data
        for kernel in self._kernels:
            kernel.batch.at(kernel.columns + start, kernel.results + start, kernel.rows)
        return room.take(self._values), room.take(self._nonzeros)


def _joint(graph: Graph) -> Graph:
    """A function with all its partials."""
    return differentiate(graph, "reverse").joint_graph if graph.inputs else graph
