"""A way to a derivative: the programs it runs, and what they cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from diffcompare.graph.graph import Graph
from diffcompare.measure.ledger import count
from diffcompare.measure.treecost import tree_count
from diffcompare.ops.cost import Cost


class Work(NamedTuple):
    """A program, and how often one evaluation runs it."""

    graph: Graph
    times: int = 1
    written_out: bool = False

    @property
    def operations(self) -> Cost:
        """Of one run: as a tree where it is written out."""
        return tree_count(self.graph) if self.written_out else count(self.graph)


@dataclass(frozen=True, eq=False)
class Candidate:
    """One way to value and derivative at a point.

    Attributes
    ----------
    name : str
    works : tuple of Work
        What is run per evaluation; none where it is only counted.
    operations : Cost or None
        Per evaluation, exact.
    memory : int or None
        Peak bytes, predicted.
    once : int or None
        Nodes that have to be made before the first evaluation.
    derived : int
        Nodes of the tree that SymPy has to make besides.
    passes : int or None
        Sweeps per evaluation; of one program none.
    declined : str or None
        Why it was not built.
    """

    name: str
    works: tuple[Work, ...] = ()
    operations: Cost | None = None
    memory: int | None = None
    once: int | None = None
    derived: int = 0
    passes: int | None = None
    declined: str | None = None
