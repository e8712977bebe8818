"""Expression swell: sizes of derivatives over the size of f, as trees and as shared graphs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError
from diffcompare.graph.expand import entry_names, expand
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import read_wrt
from diffcompare.measure.nodes import scalar_nodes
from diffcompare.modes.derivative import Derivative, Sweep
from diffcompare.modes.differentiate import differentiate
from diffcompare.modes.symbolic import Symbolic
from diffcompare.numbers.treearrays import array_tree_sizes, jacobian_tree_total
from diffcompare.numbers.treesize import tree_sizes
from diffcompare.numbers.treetotal import derivative_tree_total

_FINE: Final = Budget(nodes=20_000)
"""Arrays are expanded to count their swell up to this size."""


@dataclass(frozen=True)
class Sizes:
    """Nodes of a formula, leaves included.

    Attributes
    ----------
    tree : int
        Written out, every use of a shared subexpression counted.
    dag : int
        Shared: every distinct subexpression once.
    """

    tree: int
    dag: int


@dataclass(frozen=True)
class Swell:
    """How far each mode's Jacobian swells beyond f.

    Attributes
    ----------
    f : Sizes
    derivatives : dict of str to Sizes
        The Jacobian as one graph, by mode; without the symbolic mode where it was declined.
    predicted : int or None
        Tree size of the Jacobian by the textbook's rules, counted without building it; 0s and 1s
        are folded away. None where that takes too long to count.
    unfolded : int or None
        The same with every 0 and 1 written out; None only where `basis` is "arrays".
    sympy_ops : dict of str to int
        SymPy's own `count_ops` of "f", of the "raw" derivative and after "cse", where built.
    cases : int
        Combinations of cases when the piecewise choices of f are written out.
    basis : {"scalars", "counted", "arrays"}
        What the sizes are of: a graph of scalars; the scalar expansion of a network, counted layer by
        layer and not written out, where trees are exact, shared sizes at most as given, and the
        reverse derivative is the adjoint graph with its seed as an input; or of a network larger
        still, as it stands, an array being one node.
    """

    f: Sizes
    derivatives: dict[str, Sizes] = field(default_factory=dict)
    predicted: int | None = None
    unfolded: int | None = None
    sympy_ops: dict[str, int] = field(default_factory=dict)
    cases: int = 1
    basis: str = "scalars"


def cases(graph: Graph) -> int:
    """How many combinations of cases the outputs have when piecewise choices are written out.

    The product, over all choices the outputs depend on, of the pieces of each: two for a `where`,
    one more for each `where` that only continues it, one for each argument of a maximum.

    Examples
    --------
    >>> import diffcompare as dc
    >>> cases(dc.parse("Piecewise((x, x < 0), (x**2, x < 1), (1, True)) + abs(x)"))
    6
    """
    alive = graph.live(graph.outputs)
    uses = Counter(arg for index, args in enumerate(graph.args) if alive[index] for arg in args)
    total, pieces = 1, [0] * len(graph.ops)
    for index, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True)):
        if not alive[index]:
            continue
        if op.name == "where":
            pieces[index] = 2
            rest = args[2]
            if pieces[rest] and uses[rest] == 1 and graph.ops[rest].name == "where":
                pieces[index], pieces[rest] = pieces[rest] + 1, 1
        else:
            pieces[index] = {"max": len(args), "min": len(args), "relu": 2, "abs": 2}.get(
                op.name, 0
            )
    for count in pieces:
        total *= max(count, 1)
    return total


def sizes(graph: Graph) -> Sizes:
    """Tree and shared size of the outputs of a graph, exact.

    Examples
    --------
    >>> import diffcompare as dc
    >>> sizes(dc.parse("(x + 1)*(x + 1)"))
    Sizes(tree=7, dag=4)
    """
    return Sizes(sum(tree_sizes(graph, graph.outputs)), sum(graph.live(graph.outputs)))


def swell(
    graph: Graph, wrt: str | Sequence[str] | None, derivatives: Mapping[str, Derivative]
) -> Swell:
    """The swell of a graph's derivatives.

    Parameters
    ----------
    graph : Graph
    wrt : str or sequence of str, optional
        All inputs by default.
    derivatives : mapping
        By mode, those that were built.
    """
    names = read_wrt(graph, wrt)
    if any(graph.shapes):
        return _of_arrays(graph, names)
    built = {mode: sizes(d.jacobian_graph) for mode, d in derivatives.items()}
    counts = next((d.sympy_ops for d in derivatives.values() if isinstance(d, Symbolic)), {})
    try:
        predicted = derivative_tree_total(graph, names)
    except DiffcompareError:  # too many steps
        predicted = None
    unfolded = derivative_tree_total(graph, names, folding=False)
    return Swell(sizes(graph), built, predicted, unfolded, counts, cases(graph))


def _of_arrays(graph: Graph, names: tuple[str, ...]) -> Swell:
    """The swell of the scalar expansion; where that is large, counted without it."""
    try:
        fine = expand(graph, budget=_FINE)
    except DiffcompareError:
        return _counted(graph, names)
    labels = entry_names(graph, names)
    reverse = differentiate(fine, "reverse", labels)
    return swell(fine, labels, {"reverse": reverse})


def _counted(graph: Graph, names: tuple[str, ...]) -> Swell:
    """Sizes counted layer by layer; where even that is too much, those of arrays as one node each."""
    try:
        f = _counted_sizes(graph, graph.outputs)
        unfolded = jacobian_tree_total(graph, names)
    except DiffcompareError:
        return Swell(sizes(graph), cases=cases(graph), basis="arrays")
    derivatives = {}
    reverse = differentiate(graph, "reverse", names)
    if isinstance(reverse, Sweep) and reverse.passes == 1:
        with suppress(DiffcompareError):
            derivatives["reverse"] = _counted_sizes(reverse.graph, reverse.swept)
    return Swell(f, derivatives, None, unfolded, cases=cases(graph), basis="counted")


def _counted_sizes(graph: Graph, outputs: Sequence[int]) -> Sizes:
    tree = sum(found.total() for found in array_tree_sizes(graph, outputs))
    return Sizes(tree, scalar_nodes(graph, outputs))
