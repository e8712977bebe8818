"""Symbolic mode: SymPy's own `diff`, within a budget that is held against an exact prediction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import RLock
from typing import Final

import numpy as np

from diffcompare.budget import Budget
from diffcompare.errors import grouped
from diffcompare.graph.edges import flags
from diffcompare.graph.expand import entry_names, expand, scalar_point
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import Point
from diffcompare.modes import worker
from diffcompare.modes.bridge import derive
from diffcompare.modes.derivative import Derivative
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.numbers.treearrays import array_tree_sizes, jacobian_tree_total
from diffcompare.numbers.treesize import tree_sizes
from diffcompare.numbers.treetotal import derivative_tree_total
from diffcompare.ops.operand import Value
from diffcompare.ops.precision import precision

LOCK: Final = RLock()
"""SymPy's cache and assumptions are global: one thread at a time."""

_PER_VISIT: Final = 20
"""What a node of f costs SymPy for each input, in units of `Budget.symbolic_work`."""
_AT_ONCE_TREE, _AT_ONCE_DEPTH = 2_000, 40
"""Up to this predicted size SymPy is quick, and runs in this process."""
_RATIONAL_BITS = 128


@dataclass(frozen=True, eq=False, repr=False)
class Symbolic(Derivative):
    """The Jacobian as SymPy derives it; of arrays, by way of their scalar expansion.

    Attributes
    ----------
    predicted : int
        Size of the Jacobian as a tree by the textbook's rules, counted beforehand.
    sympy_ops : dict of str to int
        SymPy's `count_ops` of "f", of the "raw" derivative, and after "cse".
    """

    predicted: int = 0
    sympy_ops: dict[str, int] = field(default_factory=dict)

    @cached_property
    def jacobian_graph(self) -> Graph:
        """The graph itself: it has no seeds."""
        return self.graph

    def entries(self, point: Point, values: Sequence[Value]) -> np.ndarray:
        """By evaluating what SymPy derived."""
        fine = scalar_point(point) if any(self.primal.shapes) else point
        everything = self.graph.evaluate(fine)
        entries = [everything[i] for i in self.graph.outputs]
        return np.array(entries, precision(point.values())).reshape(self.blocks.shape)

    def _review(
        self, point: Point, values: Sequence[Value], matrix: np.ndarray
    ) -> frozenset[tuple[int, int]]:
        # SymPy cancels, as x/x to 1: where a nan or infinity is born, not where it came in, the
        # graph as written has the last word.
        born = (flag for flag in flags(self.primal, values) if self.primal.args[flag.node])
        if not any(flag.kind in ("singular", "undefined") for flag in born):
            return frozenset()
        written = adjoint_graph(self.primal, self.wrt).at(point, allow_nonfinite=True).matrix
        removed = np.isfinite(matrix) & ~np.isfinite(written)
        matrix[removed] = np.nan
        return frozenset((int(i), int(j)) for i, j in np.argwhere(removed))


def symbolic(graph: Graph, wrt: tuple[str, ...], budget: Budget) -> Symbolic:
    """The derivative of a graph by SymPy.

    Raises
    ------
    DiffcompareError
        Of kind "limit", where the predicted tree, the time, the memory or the shared result is
        over the budget.

    Examples
    --------
    >>> import diffcompare as dc
    >>> symbolic(dc.parse("sin(x)*y"), ("x", "y"), dc.Budget())
    Derivative(symbolic, by x, y, passes=0)
    """
    fine, names = graph, wrt
    if any(graph.shapes):
        _hold(graph, wrt, budget)
        fine = expand(graph, budget=budget)
        names = entry_names(graph, wrt)
    predicted = _predicted(fine, names, budget)
    if predicted <= _AT_ONCE_TREE and depth(fine) <= _AT_ONCE_DEPTH:
        with LOCK:
            *_, result = derive(fine, names)
    else:
        result = worker.run(fine, names, budget)
    if len(result.graph.ops) > budget.symbolic_nodes:
        raise worker.over(
            f"at most {budget.symbolic_nodes:,} shared nodes", f"{len(result.graph.ops):,}"
        )
    return Symbolic(
        "symbolic", graph, wrt, result.graph, 0, predicted=predicted, sympy_ops=result.sympy_ops
    )


def _hold(graph: Graph, wrt: tuple[str, ...], budget: Budget) -> None:
    """Refuse a network that is over the budget as a tree, before it is written out."""
    tree = sum(sizes.total() for sizes in array_tree_sizes(graph))
    if tree > budget.symbolic_tree:
        raise worker.over(
            f"a tree of at most {budget.symbolic_tree:,} nodes",
            f"{grouped(tree)} in f alone, {grouped(jacobian_tree_total(graph, wrt))} in its "
            "Jacobian with every 0 and 1",
        )


def _predicted(graph: Graph, wrt: tuple[str, ...], budget: Budget) -> int:
    """The size of the derivative as a tree, held against the budget."""
    tree = sum(tree_sizes(graph))
    visits = len(wrt) * tree
    if tree <= budget.symbolic_tree and visits > budget.symbolic_work // _PER_VISIT:
        raise worker.over(
            f"at most {budget.symbolic_work // _PER_VISIT:,} nodes to visit, all of f by each input",
            grouped(visits),
        )
    predicted = derivative_tree_total(graph, wrt)
    if predicted > budget.symbolic_tree:
        raise worker.over(f"a tree of at most {budget.symbolic_tree:,} nodes", grouped(predicted))
    work = predicted * depth(graph)
    if work > budget.symbolic_work:
        raise worker.over(
            f"a tree size times depth of at most {budget.symbolic_work:,}",
            f"{grouped(predicted)} times {depth(graph):,}",
        )
    return predicted


def depth(graph: Graph) -> int:
    """The longest path of operations."""
    level = [0] * len(graph.ops)
    for index, args in enumerate(graph.args):
        if args:
            level[index] = 1 + max([level[a] for a in args])
    return max(level, default=0)
