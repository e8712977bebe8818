"""Conditions that choose the largest of several entries, as max-pooling does."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from diffcompare.graph.graph import Graph
from diffcompare.measure.terms import HOLDS, Atom
from diffcompare.ops.index import IndexIs, argmax, choose
from diffcompare.ops.leaf import Constant
from diffcompare.ops.op import Op


def chosen_by_largest(graph: Graph, found: Sequence[tuple[Atom, int]]) -> bool:
    """Whether conditions choose the largest of their entries, each for one of them.

    Parameters
    ----------
    graph : Graph
        Of numbers.
    found : sequence of (Atom, int)
        Conditions, and the nodes of the entries that they choose.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.parse(lambda a, b: IndexIs(1)(argmax(a, b)))
    >>> chosen_by_largest(graph, [(Atom(3, HOLDS), 1)]) # a is never chosen
    False
    """
    if any(atom.role != HOLDS or type(graph.ops[atom.node]) is not IndexIs for atom, _ in found):
        return False
    if len({graph.args[atom.node] for atom, _ in found}) != 1:
        return False
    candidates = _candidates(graph, graph.args[found[0][0].node][0])
    chosen = {_position(graph.ops[atom.node]): entry for atom, entry in found}
    return chosen == candidates and len(chosen) == len(found)


def _position(op: Op) -> int:
    position: int = op.options()["position"]
    return position


def _candidates(graph: Graph, index: int) -> dict[int, int]:
    """What an index may be, and the node that is the largest where it is."""
    op, args = graph.ops[index], graph.args[index]
    if op is argmax:
        return dict(enumerate(args))
    if op is not choose or graph.ops[args[0]] is not argmax:
        return {}
    positions = [graph.ops[a] for a in args[1:]]
    entries = graph.args[args[0]]
    if len(positions) != len(entries):
        return {}
    return {
        int(position.number): entry
        for position, entry in zip(positions, entries, strict=True)
        if isinstance(position, Constant) and isinstance(position.number, Fraction)
    }
