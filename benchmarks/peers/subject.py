"""What a benchmark hands to every system, and what each makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from diffcompare.graph.graph import Graph


class MissingError(Exception):
    """A system has no such thing."""


@dataclass(frozen=True, eq=False)
class Subject:
    """A graph, where to differentiate it, and by what.

    Attributes
    ----------
    graph : Graph
    point : tuple
        For each input a float, an array, or, of many points, a column.
    wrt : tuple of str
    adjoint : ndarray, optional
        Of an output that is an array.
    """

    graph: Graph
    point: tuple[Any, ...]
    wrt: tuple[str, ...]
    adjoint: Any = None

    @property
    def slots(self) -> tuple[int, ...]:
        """The places of `wrt` among the inputs."""
        names = list(self.graph.inputs)
        return tuple(names.index(name) for name in self.wrt)

    @property
    def arrays(self) -> bool:
        """Whether an edge of the graph carries an array."""
        return any(self.graph.shapes)


@dataclass(frozen=True)
class Built:
    """One evaluation at the subject's point, ready to be timed.

    Attributes
    ----------
    call : callable
        Without arguments; the point is bound in the types that are fastest for the system.
    read : callable
        Of what `call` returns, the results as arrays: values, then derivatives.
    """

    call: Callable[[], Any]
    read: Callable[[Any], list[Any]]

    def results(self) -> list[np.ndarray]:
        """Of one evaluation, each flat."""
        return [np.array(part, dtype=float).reshape(-1) for part in self.read(self.call())]


def nonzeros(rows: Any, columns: Any, values: Any) -> list[np.ndarray]:
    """A sparse matrix in the one order in which all systems are compared."""
    rows, columns, values = (np.asarray(part).reshape(-1) for part in (rows, columns, values))
    kept = values != 0
    order = np.lexsort((columns[kept], rows[kept]))
    return [part[kept][order] for part in (rows, columns, values)]
