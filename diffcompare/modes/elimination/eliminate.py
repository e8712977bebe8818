"""One entry to elimination: a graph and an order, named or given, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.graph.graph import Graph
from diffcompare.modes.elimination import edge_list, orders
from diffcompare.modes.elimination.accumulate import Accumulated, accumulate
from diffcompare.modes.elimination.cuts import lower_bound
from diffcompare.modes.elimination.exact import exact
from diffcompare.modes.elimination.linearise import LinearisedFunction, linearise
from diffcompare.modes.elimination.linearised import Label, Linearised
from diffcompare.modes.elimination.search import Found, Limits, Progress, search

SIMPLE: Final = {
    "forward": orders.forward,
    "reverse": orders.reverse,
    "markowitz": orders.markowitz,
}
SEARCHES: Final[dict[str, Callable[[Linearised, Limits, int, Progress | None], Found]]] = {
    "search": search,
    "exact": exact,
}


@dataclass(frozen=True)
class Elimination:
    """An elimination order and what it comes to.

    Attributes
    ----------
    name : str
        "forward", "reverse", "markowitz", "search", "exact" or "given".
    order : tuple of int or str
        The labels of the vertices, first the one to go first.
    cost : int
        Multiplications: predecessors times successors of each vertex at its turn.
    additions : int
        New edges that fell on one that was there.
    trivial : int
        Of the multiplications those by a partial that is 1 or −1 at every point; executed, they
        are left out.
    lower_bound : int
        No order costs less.
    moves : int
        Moves that a search made, states that the exact solver explored.
    interrupted : bool
        Whether Ctrl-C ended the search; the order is the best so far.
    linearised : Linearised

    Examples
    --------
    >>> import diffcompare as dc
    >>> eliminate(dc.parse("x1*x2*x3*x4"), order="reverse")
    Elimination(reverse, cost=4, additions=0, trivial=0, proved=True)
    """

    name: str
    order: tuple[Label, ...]
    cost: int
    additions: int
    trivial: int
    lower_bound: int
    linearised: Linearised = field(repr=False, compare=False)
    moves: int = 0
    interrupted: bool = False

    @property
    def proved(self) -> bool:
        """Whether no order is cheaper."""
        return self.cost == self.lower_bound

    @cached_property
    def derivative(self) -> Accumulated:
        """The Jacobian accumulated in this order; of a function only."""
        if not isinstance(self.linearised, LinearisedFunction):
            raise DiffcompareError("type", "a derivative by elimination", need="a Graph, its partials on the edges",
                                   got="a bare edge list")  # fmt: skip
        return accumulate(self.linearised, self.linearised.check_order(self.order))

    def to_dict(self) -> dict[str, Any]:
        """The record as plain numbers, texts and lists, for JSON."""
        names = (
            "name",
            "cost",
            "additions",
            "trivial",
            "lower_bound",
            "proved",
            "moves",
            "interrupted",
        )
        edges = sum(before.bit_count() for before in self.linearised.predecessors)
        return {
            **{name: getattr(self, name) for name in names},
            "vertices": len(self.linearised.labels),
            "edges": edges,
            "order": list(self.order),
        }

    def __repr__(self) -> str:
        return (
            f"Elimination({self.name}, cost={self.cost:,}, additions={self.additions:,}, "
            f"trivial={self.trivial:,}, proved={self.proved})"
        )


def eliminate(
    source: Graph | Linearised,
    order: str | Sequence[Label] = "search",
    wrt: str | Sequence[str] | None = None,
    *,
    seconds: float = 60.0,
    moves: int = 100_000,
    seed: int = 0,
    progress: Progress | None = None,
) -> Elimination:
    """Accumulate a Jacobian by eliminating the vertices of the linearised graph in an order.

    Parameters
    ----------
    source : Graph or Linearised
        A scalar graph, or from `eliminate.read` a bare edge list.
    order : str or sequence
        "forward", "reverse", "markowitz", "search" (annealing), "exact" (with a proof), or the labels
        of the vertices to eliminate.
    wrt : str or sequence of str, optional
        The inputs to differentiate a Graph by, all of them by default.
    seconds, moves : float, int
        Where "search" and "exact" stop, whichever comes first; they stop early at an order that is
        proved. Where the moves (of "exact", states) stop it the result is the same each time.
    seed : int
    progress : callable, optional
        Called now and then with the moves made, the best cost, and the seconds since the start.

    Raises
    ------
    DiffcompareError
        Of kind "shape" where a Graph has arrays, "name" where an order is not known, "graph" where
        one is no permutation of the vertices to eliminate, "limit" where a budget is not positive.

    Examples
    --------
    >>> import diffcompare as dc
    >>> f = dc.parse("p = x1*x2; q = sin(p); q*p, q/x2")
    >>> best = eliminate(f, order="exact")
    >>> best.order, best.cost, best.proved
    (('v3', 'v2'), 6, True)
    >>> best.derivative.at({"x1": 1, "x2": 2}).matrix.shape
    (2, 2)
    """
    linearised = source if isinstance(source, Linearised) else linearise(source, wrt)
    if isinstance(order, str):
        found = _named(linearised, order, Limits(moves, seconds), seed, progress)
        return _record(linearised, order, found)
    given = linearised.check_order(order)
    return _record(linearised, "given", _plain(linearised, given))


eliminate.read = edge_list.read_edge_list  # type: ignore[attr-defined]


def _named(
    linearised: Linearised, name: str, limits: Limits, seed: int, progress: Progress | None
) -> Found:
    if name in SIMPLE:
        return _plain(linearised, SIMPLE[name](linearised))
    if name in SEARCHES:
        return SEARCHES[name](linearised, limits, seed, progress)
    known = ", ".join([*SIMPLE, *SEARCHES])
    raise DiffcompareError("name", "an elimination order", need=f"one of {known}, or the vertices",
                           got=shorten(name))  # fmt: skip


def _plain(linearised: Linearised, order: tuple[int, ...]) -> Found:
    return Found(order, orders.cost(linearised, order), lower_bound(linearised), 0)


def _record(linearised: Linearised, name: str, found: Found) -> Elimination:
    tally = orders.tally(linearised, found.order)
    return Elimination(
        name, tuple(linearised.labels[v] for v in found.order), tally.multiplications,
        tally.additions, tally.trivial, found.lower_bound, linearised, found.moves, found.interrupted,
    )  # fmt: skip
