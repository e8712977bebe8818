"""Finite bounds for everything that could otherwise run on."""

from __future__ import annotations

from dataclasses import dataclass, fields

from diffcompare.errors import DiffcompareError, shorten


@dataclass(frozen=True)
class Budget:
    """Bounds; what goes over one is refused on entry, or reported as declined beside the rest.

    Parameters
    ----------
    text : int
        Characters of formula text.
    depth : int
        Nesting of formula text.
    nodes : int
        Nodes of a graph, in the formula or in any derivative.
    symbolic_nodes : int
        Nodes of the shared symbolic derivative.
    symbolic_tree : int
        Size of the symbolic derivative written out as a tree; predicted before it is built.
    symbolic_work : int
        That size times the depth of the formula: what SymPy's time grows with, a unit at most a
        microsecond.
    passes : int
        Derivative sweeps a mode may take in one evaluation.
    visits : int
        Nodes that all passes of a mode may visit together.
    seconds : float
        Time for one symbolic derivative.
    memory : int
        Bytes for one symbolic derivative.

    Examples
    --------
    >>> Budget(seconds=5).seconds
    5
    """

    text: int = 100_000
    depth: int = 200
    nodes: int = 1_000_000
    symbolic_nodes: int = 200_000
    symbolic_tree: int = 5_000_000
    symbolic_work: int = 250_000_000
    passes: int = 10_000
    visits: int = 400_000
    seconds: float = 30.0
    memory: int = 2 << 30

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
                raise DiffcompareError(
                    "limit", f"budget {field.name}", need="a positive number", got=shorten(value)
                )
