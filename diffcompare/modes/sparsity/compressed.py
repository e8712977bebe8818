"""Compressed derivatives: as many passes as colors, and each nonzero read from one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError, grouped, shorten
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import Point, read_point, read_wrt
from diffcompare.modes.derivative import Derivative, Sweep, flat
from diffcompare.modes.forward import tangent_graph
from diffcompare.modes.products import Products
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.modes.second import need_one_output
from diffcompare.modes.sparsity.coloring import Coloring, coloring
from diffcompare.modes.sparsity.coordinates import Coordinates
from diffcompare.modes.sparsity.pattern import Pattern, gradient_and_pattern, sparsity
from diffcompare.modes.sparsity.recovery import Recovery, recovery
from diffcompare.ops.operand import Value


@dataclass(frozen=True, eq=False)
class Compressed(Derivative):
    """A derivative by forward and reverse passes with the seeds of a color added up.

    Attributes
    ----------
    coloring : Coloring
        Its `bound` is the fewest passes possible; its pattern says what depends on the point.
    recovery : Recovery
        Where each nonzero is read.
    sweeps : tuple of (Sweep, int)
        The sweeps used, and how many passes of each.
    """

    coloring: Coloring = field(kw_only=True)
    recovery: Recovery = field(kw_only=True, repr=False)
    sweeps: tuple[tuple[Sweep, int], ...] = field(kw_only=True, repr=False)

    @property
    def pattern(self) -> Pattern:
        """Where the matrix may differ from zero."""
        return self.coloring.pattern

    @property
    def specialises(self) -> bool:
        """Its seeds are sums: there is no one graph of entries."""
        return False

    def entries(self, point: Point, values: Sequence[Value]) -> np.ndarray:
        """As a full matrix."""
        return self._coordinates(self._read(point, values)).dense()

    def sparse(self, point: Mapping[str, Any], allow_nonfinite: bool = False) -> Coordinates:
        """The nonzeros at a point; those of an undefined output (nan) are nan."""
        checked = read_point(self.primal, point, allow_nonfinite)
        values = self.primal.evaluate(checked)
        found = self._read(checked, values)
        undefined = np.isnan(flat([values[i] for i in self.primal.outputs]))
        found[undefined[self.pattern.rows]] = np.nan
        return self._coordinates(found)

    def _coordinates(self, found: np.ndarray) -> Coordinates:
        pattern = self.pattern
        return Coordinates(pattern.rows, pattern.columns, found, pattern.shape)

    def _read(self, point: Point, values: Sequence[Value]) -> np.ndarray:
        """The values of the nonzeros, from passes run as many at once as memory allows."""
        found = np.zeros(self.pattern.nonzeros)
        for sweep, passes in self.sweeps:
            forward = sweep.mode == "forward"
            colors = self.coloring.columns if forward else self.coloring.rows
            mine = np.flatnonzero(self.recovery.forward == forward)
            products = Products(sweep, point, values)
            color, line = self.recovery.color[mine], self.recovery.line[mine]
            for start in range(0, passes, products.at_once):
                stop = min(start + products.at_once, passes)
                block = products.of((colors[:, np.newaxis] == np.arange(start, stop)).astype(float))
                here = (start <= color) & (color < stop)
                found[mine[here]] = block[line[here], color[here] - start]
        return found


def compress(
    graph: Graph,
    wrt: str | Sequence[str] | None = None,
    colors: str | Coloring = "both",
    budget: Budget = Budget(),  # noqa: B008  a frozen value
) -> Compressed:
    """The Jacobian of a graph by passes that columns or rows of one color share.

    Parameters
    ----------
    graph : Graph
    wrt : str or sequence of str, optional
    colors : {"both", "columns", "rows"} or Coloring
        A direction for `coloring`, or a coloring of your own; it is proven before it is used.
    budget : Budget
        `passes` bounds the colors.

    Returns
    -------
    Compressed
        A Derivative in mode "compressed"; `.sparse(point)` gives coordinates.

    Raises
    ------
    DiffcompareError
        Of kind "graph" where the coloring does not give every nonzero, of kind "limit" where it
        has more colors than the budget has passes.

    Examples
    --------
    >>> import diffcompare as dc
    >>> compress(dc.parse("x1*x2, x2*x3, x3*x4, x4*x1")).coloring
    Coloring(both: 2 forward + 0 reverse, at least 2)
    """
    names = read_wrt(graph, wrt)
    if isinstance(colors, Coloring):
        return _built(graph, names, _fitting(colors, sparsity(graph, names, budget)), budget)
    if colors not in ("both", "columns", "rows"):
        raise DiffcompareError("name", "compress", need="both, columns, rows or a Coloring",
                               got=shorten(colors))  # fmt: skip
    return _built(graph, names, coloring(sparsity(graph, names, budget), colors), budget)


def _fitting(colors: Coloring, pattern: Pattern) -> Coloring:
    """A coloring from outside, if it is one of this pattern."""
    theirs = colors.pattern
    same = theirs.shape == pattern.shape and theirs.nonzeros == pattern.nonzeros
    if not (
        same
        and np.array_equal(theirs.rows, pattern.rows)
        and np.array_equal(theirs.columns, pattern.columns)
    ):
        raise DiffcompareError("graph", "compress", need=f"a coloring of {pattern!r}",
                               got=f"one of another, {theirs!r}")  # fmt: skip
    return colors


def compress_hessian(
    graph: Graph,
    wrt: str | Sequence[str] | None = None,
    budget: Budget = Budget(),  # noqa: B008
) -> Compressed:
    """The Hessian of a graph with one output, by Hessian-vector products that colors share.

    Forward passes over the gradient graph, one for each color of a star coloring; of two mirrored
    entries one is read, so the result is symmetric to the last bit.

    Examples
    --------
    >>> import diffcompare as dc
    >>> found = compress_hessian(dc.parse("u*v + v*w + w*x + x*y"))
    >>> found.passes, found.pattern
    (3, Pattern(5 × 5, 8 nonzeros))
    """
    need_one_output(graph, "compress_hessian")
    names = read_wrt(graph, wrt)
    gradient, pattern = gradient_and_pattern(graph, names, budget)
    return _built(gradient, names, coloring(pattern, "symmetric"), budget)


def _built(graph: Graph, wrt: tuple[str, ...], colors: Coloring, budget: Budget) -> Compressed:
    if colors.passes > budget.passes:
        raise DiffcompareError("limit", "compress", need=f"at most {budget.passes:,} passes",
                               got=grouped(colors.passes))  # fmt: skip
    reading = recovery(colors)
    sweeps = tuple(_sweeps(graph, wrt, colors))
    work = sweeps[0][0].graph if sweeps else graph
    return Compressed("compressed", graph, wrt, work, colors.passes,
                      coloring=colors, recovery=reading, sweeps=sweeps)  # fmt: skip


def _sweeps(graph: Graph, wrt: tuple[str, ...], colors: Coloring) -> Iterator[tuple[Sweep, int]]:
    made: tuple[tuple[Callable[[Graph, tuple[str, ...]], Sweep], int], ...] = (
        (tangent_graph, colors.forward),
        (adjoint_graph, colors.reverse),
    )
    for make, passes in made:
        if passes:
            yield make(graph, wrt), passes


def sparse_jacobian(
    graph: Graph,
    at: Mapping[str, Any],
    wrt: str | Sequence[str] | None = None,
    colors: str | Coloring = "both",
    budget: Budget = Budget(),  # noqa: B008
) -> Coordinates:
    """The nonzeros of the Jacobian at a point, see `compress`; for many points keep that.

    Examples
    --------
    >>> import diffcompare as dc
    >>> sparse_jacobian(dc.parse("x*y, z*z"), {"x": 2, "y": 5, "z": 3}).values
    array([5., 2., 6.])
    """
    return compress(graph, wrt, colors, budget).sparse(at)


def sparse_hessian(
    graph: Graph,
    at: Mapping[str, Any],
    wrt: str | Sequence[str] | None = None,
    budget: Budget = Budget(),  # noqa: B008
) -> Coordinates:
    """The nonzeros of the Hessian at a point, see `compress_hessian`.

    Examples
    --------
    >>> import diffcompare as dc
    >>> sparse_hessian(dc.parse("x*y + z**3"), {"x": 2, "y": 5, "z": 3}).dense()
    array([[ 0.,  1.,  0.],
           [ 1.,  0.,  0.],
           [ 0.,  0., 18.]])
    """
    return compress_hessian(graph, wrt, budget).sparse(at)
