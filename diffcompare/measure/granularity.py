"""The same derivatives at every granularity: layers, array operations, numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError
from diffcompare.graph.expand import LEVELS, entry_names, expand
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import read_wrt
from diffcompare.measure.ledger import count, ledger
from diffcompare.measure.memory import DOUBLE, memory
from diffcompare.modes.differentiate import differentiate
from diffcompare.ops.cost import Cost

FINE: Final = Budget(nodes=20_000)
"""What a report writes out in numbers."""


@dataclass(frozen=True)
class Grain:
    """One granularity of a graph and what its derivatives cost there.

    Attributes
    ----------
    level : {"layer", "tensor", "scalar"}
    nodes : int or None
        Operations as nodes.
    f : Cost
    passes, shared, per_pass, memory : dict of str to …
        By mode, forward and reverse: passes, operations that they share and those of one, and
        the predicted peak bytes.
    declined : str or None
        Why the level was not built. Its operations then are those that the layers count for
        their expansions; its nodes and memory are not known.
    """

    level: str
    nodes: int | None
    f: Cost
    passes: dict[str, int]
    shared: dict[str, Cost]
    per_pass: dict[str, Cost]
    memory: dict[str, int] = field(default_factory=dict)
    declined: str | None = None


def granularities(
    graph: Graph,
    wrt: str | Sequence[str] | None = None,
    budget: Budget = Budget(nodes=100_000),  # noqa: B008
    each: int = DOUBLE,
) -> list[Grain]:
    """A graph as it stands, in array operations, and in numbers, side by side.

    Parameters
    ----------
    graph : Graph
    wrt : str or sequence of str, optional
    budget : Budget
        `nodes` bounds the expansion to numbers.
    each : int
        Bytes of a number.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.parse("sum(conv2d(x, w))", shapes={"x": (1, 1, 3, 3), "w": (1, 1, 2, 2)})
    >>> [(grain.level, grain.nodes, grain.f.mul) for grain in granularities(graph)]
    [('layer', 3, 16), ('tensor', 8, 16), ('scalar', 31, 16)]
    """
    names = read_wrt(graph, wrt)
    grains = [_grain("layer", graph, names, each)]
    for level in LEVELS:
        try:
            finer = expand(graph, to=level, budget=budget)
        except DiffcompareError as error:
            grains.append(
                replace(grains[0], level=level, nodes=None, memory={}, declined=error.message)
            )
            continue
        wanted = entry_names(graph, names) if level == "scalar" else names
        grains.append(_grain(level, finer, wanted, each))
    return grains


def _grain(level: str, graph: Graph, wrt: Sequence[str], each: int) -> Grain:
    sweeps = {mode: differentiate(graph, mode, wrt) for mode in ("forward", "reverse")}
    books = {mode: ledger(sweep, specialise=False) for mode, sweep in sweeps.items()}
    return Grain(
        level,
        sum(1 for args in graph.args if args),
        count(graph),
        {mode: sweep.passes for mode, sweep in sweeps.items()},
        {mode: book.shared for mode, book in books.items()},
        {mode: book.per_pass for mode, book in books.items()},
        {mode: memory(sweep, each) for mode, sweep in sweeps.items()},
    )
