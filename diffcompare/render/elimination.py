"""Elimination orders: as a picture, as a table of costs, and as data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from diffcompare.modes.elimination.eliminate import Elimination
from diffcompare.modes.elimination.linearise import LinearisedFunction
from diffcompare.render.boxes import box
from diffcompare.render.columns import aligned
from diffcompare.render.data import as_json
from diffcompare.render.graphviz import CONSTANT_EDGE, INPUT, OUTPUT, Attributes, Picture

HEAD: Final = ("order", "mul", "of them ±1", "add", "no order below", "")
_SHADES: Final = ("#fef6ea", "#fbe3c2", "#f7cb92", "#f1ae5f", "#e88f34")
"""From the vertices that go first to those that go last."""


def elimination_dot(elimination: Elimination, *, title: str = "", rankdir: str = "LR") -> str:
    """The linearised graph as Graphviz text, each vertex with its rank in the order.

    The darker a vertex, the later it goes; edges that are 1 or −1 at every point are light.

    Examples
    --------
    >>> import diffcompare as dc
    >>> from diffcompare.modes.elimination.eliminate import eliminate
    >>> text = elimination_dot(eliminate(dc.parse("sin(x*y)*y"), order="forward"))
    >>> [line for line in text.splitlines() if "rank 1" in line][0]
    '  v2 [label="v2 = v0·v1\\\\nrank 1 of 2", fillcolor="#fef6ea"];'
    """
    picture = Picture(title, rankdir)
    graph = elimination.linearised
    ranks = {label: rank for rank, label in enumerate(elimination.order, 1)}
    count = len(ranks)
    for vertex, label in enumerate(graph.labels):
        lines, style = _box(elimination, vertex), _style(graph.role(vertex))
        if label in ranks:
            lines.append(f"rank {ranks[label]} of {count}")
            shade = (ranks[label] - 1) * len(_SHADES) // count
            style = {**style, "fillcolor": _SHADES[shade]}
        picture.node(_name(label), lines, style)
    for tail, head in graph.edges:
        style = CONSTANT_EDGE if (tail, head) in graph.units else {}
        picture.edge(_name(graph.labels[tail]), _name(graph.labels[head]), "", style)
    return picture.text()


def _box(elimination: Elimination, vertex: int) -> list[str]:
    graph = elimination.linearised
    label = str(graph.labels[vertex])
    if isinstance(graph, LinearisedFunction):
        return box(graph.primal, graph.nodes[vertex], label, {})
    return [label]


def _style(role: str) -> Attributes:
    return INPUT if role == "input" else OUTPUT if "output" in role else {}


def _name(label: int | str) -> str:
    return label if isinstance(label, str) else f"v{label}"


def elimination_text(eliminations: Iterable[Elimination]) -> str:
    """Orders of one graph side by side: their costs, and the bound that no order goes below.

    Examples
    --------
    >>> import diffcompare as dc
    >>> from diffcompare.modes.elimination.eliminate import eliminate
    >>> graph = dc.parse("x1*x2*x3*x4*x5*x6")
    >>> print(elimination_text(eliminate(graph, order) for order in ("forward", "exact")))
      order    mul  of them ±1  add  no order below
      forward   14           0    0               8
      exact      8           0    0               8  optimal
    """
    return "\n".join(aligned([HEAD, *map(_row, eliminations)], "lrrrrl"))


def _row(elimination: Elimination) -> Sequence[str]:
    counts = (elimination.cost, elimination.trivial, elimination.additions, elimination.lower_bound)
    verdict = "optimal" if elimination.proved else "interrupted" if elimination.interrupted else ""
    return (elimination.name, *(f"{n:,}" for n in counts), verdict)


def elimination_json(eliminations: Iterable[Elimination]) -> str:
    """Elimination orders as JSON, a list."""
    return as_json([elimination.to_dict() for elimination in eliminations])
