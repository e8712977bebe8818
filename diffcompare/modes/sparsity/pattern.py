"""Sparsity patterns of Jacobians and Hessians, from the graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError, shorten
from diffcompare.graph.expand import entry_names, expand
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import read_wrt
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.modes.second import need_one_output
from diffcompare.modes.sparsity.reach import choosing, dependencies


@dataclass(frozen=True, eq=False)
class Pattern:
    """Where a matrix may differ from zero.

    It is structural: an entry outside is zero at every point. With branches it is the union over
    them.

    Attributes
    ----------
    rows, columns : ndarray of int, (nonzeros,)
        Row-major, each place once.
    shape : (int, int)
    depends_on_point : tuple of str
        The nodes that choose between branches: at one point the true pattern may be smaller.

    Examples
    --------
    >>> Pattern.of([0, 1, 1], [0, 1, 0], (2, 2))
    Pattern(2 × 2, 3 nonzeros)
    """

    rows: np.ndarray
    columns: np.ndarray
    shape: tuple[int, int]
    depends_on_point: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, rows: Sequence[int] | np.ndarray, columns: Sequence[int] | np.ndarray,
        shape: tuple[int, int], depends_on_point: tuple[str, ...] = (),
    ) -> Pattern:  # fmt: skip
        """A pattern of places in any order, repeated or not."""
        m, n = shape
        i, j = (np.asarray(places, dtype=np.int64) for places in (rows, columns))
        if i.ndim != 1 or i.shape != j.shape:
            raise DiffcompareError("shape", "a pattern", need="as many rows as columns",
                                   got=f"{i.shape} and {j.shape}")  # fmt: skip
        if i.size and (min(i.min(), j.min()) < 0 or i.max() >= m or j.max() >= n):
            raise DiffcompareError("shape", "a pattern", need=f"places in {m}×{n}",
                                   got=f"rows to {i.max()}, columns to {j.max()}")  # fmt: skip
        places = np.unique(i * max(n, 1) + j)
        return cls(places // max(n, 1), places % max(n, 1), (m, n), depends_on_point)

    @property
    def nonzeros(self) -> int:
        """How many places there are."""
        return len(self.rows)

    @cached_property
    def row_counts(self) -> np.ndarray:
        """Nonzeros of each row."""
        return np.bincount(self.rows, minlength=self.shape[0])

    @cached_property
    def column_counts(self) -> np.ndarray:
        """Nonzeros of each column."""
        return np.bincount(self.columns, minlength=self.shape[1])

    @cached_property
    def turned(self) -> np.ndarray:
        """The order of the places by columns, then rows."""
        return np.lexsort((self.rows, self.columns))

    @property
    def symmetric(self) -> bool:
        """Whether it is its own transpose."""
        return (
            self.shape[0] == self.shape[1]
            and np.array_equal(self.rows, self.columns[self.turned])
            and np.array_equal(self.columns, self.rows[self.turned])
        )

    def dense(self) -> np.ndarray:
        """As an array of truth values."""
        matrix = np.zeros(self.shape, dtype=bool)
        matrix[self.rows, self.columns] = True
        return matrix

    def __repr__(self) -> str:
        m, n = self.shape
        return f"Pattern({m} × {n}, {self.nonzeros} nonzero{'s' * (self.nonzeros != 1)})"


def sparsity(
    graph: Graph,
    wrt: str | Sequence[str] | None = None,
    budget: Budget = Budget(),  # noqa: B008  a frozen value
) -> Pattern:
    """The sparsity pattern of the Jacobian of a graph.

    Index sets are carried from the inputs to the outputs; graphs of arrays are expanded to
    numbers. Source: A. Griewank, A. Walther, Evaluating Derivatives, 2nd edition, section 7.1.

    Parameters
    ----------
    graph : Graph
    wrt : str or sequence of str, optional
        The inputs, all of them by default.
    budget : Budget
        Bounds the expansion of arrays.

    Returns
    -------
    Pattern
        A row for each number of the outputs, a column for each of the inputs.

    Raises
    ------
    DiffcompareError
        Of kind "limit" where there are too many nonzeros.

    Examples
    --------
    >>> import diffcompare as dc
    >>> pattern = sparsity(dc.parse("x*y, floor(x) + z"))
    >>> list(zip(pattern.rows.tolist(), pattern.columns.tolist()))
    [(0, 0), (0, 1), (1, 2)]
    """
    names = read_wrt(graph, wrt)
    sources = [graph.inputs[name] for name in names]
    numbers = graph
    if any(graph.shapes):
        numbers = expand(graph, budget=budget)
        sources = [numbers.inputs[label] for label in entry_names(graph, names)]
    found = [sorted(places) for places in dependencies(numbers, sources)]
    columns = np.fromiter(chain.from_iterable(found), dtype=np.int64)
    rows = np.repeat(np.arange(len(found)), [len(places) for places in found])
    return Pattern(rows, columns, (len(found), len(sources)), _chosen(graph, names))


def hessian_sparsity(
    graph: Graph,
    wrt: str | Sequence[str] | None = None,
    budget: Budget = Budget(),  # noqa: B008
) -> Pattern:
    """The sparsity pattern of the Hessian of a graph with one output; symmetric.

    That of the Jacobian of its adjoint graph: inputs that never meet in a nonlinear operation
    have no entry. Source: A. H. Gebremedhin, F. Manne, A. Pothen, What color is your Jacobian?
    Graph coloring for computing derivatives, SIAM Review 47, 2005.

    Examples
    --------
    >>> import diffcompare as dc
    >>> hessian_sparsity(dc.parse("x*y + sin(z)")).dense().astype(int)
    array([[0, 1, 0],
           [1, 0, 0],
           [0, 0, 1]])
    """
    need_one_output(graph, "a sparse Hessian")
    return gradient_and_pattern(graph, read_wrt(graph, wrt), budget)[1]


def gradient_and_pattern(
    graph: Graph, wrt: tuple[str, ...], budget: Budget
) -> tuple[Graph, Pattern]:
    """The gradient of a graph with one output, as a graph, and the pattern of the Hessian."""
    gradient = adjoint_graph(graph, wrt).jacobian_graph
    half = sparsity(gradient, wrt, budget)
    rows = np.concatenate([half.rows, half.columns])
    columns = np.concatenate([half.columns, half.rows])
    told = _chosen(graph, wrt) if half.depends_on_point else ()
    return gradient, Pattern.of(rows, columns, half.shape, told)


def _chosen(graph: Graph, wrt: Sequence[str]) -> tuple[str, ...]:
    return tuple(graph.label(i) for i in choosing(graph, [graph.inputs[name] for name in wrt]))


def need_pattern(pattern: object, what: str) -> None:
    """Refuse what is not a Pattern, and say how to make one."""
    if not isinstance(pattern, Pattern):
        raise DiffcompareError("type", what, need="a Pattern", got=shorten(pattern),
                               hint="sparsity(graph) makes one")  # fmt: skip
