"""Swell against depth: the sizes of f and of its derivatives as the formula grows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any, Final

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError, shorten
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import read_wrt
from diffcompare.measure.growth import Growth, growth
from diffcompare.measure.swell import sizes
from diffcompare.modes import worker
from diffcompare.modes.differentiate import differentiate
from diffcompare.modes.symbolic import symbolic
from diffcompare.numbers.treetotal import derivative_tree_total
from diffcompare.parse.source import parse

Progress = Callable[[str, int], None]
COUNTS: Final = {"f": "f, count_ops", "raw": "raw, count_ops", "cse": "cse, count_ops"}
_SYMPY_SECONDS: Final = 30.0


@dataclass(frozen=True)
class SwellCurve:
    """Sizes at several depths.

    Attributes
    ----------
    depths : tuple of int
    series : dict of str to tuple of (int or None)
        Nodes, leaves included, of "f, tree", "f, shared", "derivative, tree", which are exact at
        any depth; of "tangent graph" and "adjoint graph", shared, with the seeds put in; of SymPy's
        derivative read back, "symbolic, tree" and "symbolic, shared". Operations as SymPy counts
        them of f, of its raw derivative, after cse and after simplify. None where a size was not built.
    laws : dict of str to Growth
        The law of each series that has enough sizes.
    declined : dict of str to str
        Why the symbolic mode ended where it did.
    """

    depths: tuple[int, ...]
    series: dict[str, tuple[int | None, ...]]
    laws: dict[str, Growth]
    declined: dict[str, str] = field(default_factory=dict)


def swell_curve(
    family: Callable[[int], Any],
    depths: Sequence[int],
    wrt: str | Sequence[str] | None = None,
    budget: Budget = Budget(seconds=_SYMPY_SECONDS),  # noqa: B008
    progress: Progress | None = None,
) -> SwellCurve:
    """How far derivatives swell as a formula gets deeper or larger.

    Parameters
    ----------
    family : callable
        `family(n)` is the source of depth or size n: what `parse` takes, of numbers.
    depths : sequence of int
        Rising.
    wrt : str or sequence of str, optional
        All inputs by default.
    budget : Budget
        `seconds` is what SymPy may take for all depths together, `symbolic_tree` what it is let in
        on. Everything else is counted at any depth.
    progress : callable, optional
        Called with what SymPy does, and the depth, before it does it.

    Returns
    -------
    SwellCurve

    Examples
    --------
    >>> import diffcompare as dc
    >>> step = dc.parse("4*x*(1 - x)")
    >>> quick = dc.Budget(seconds=2)
    >>> curve = swell_curve(lambda n: dc.iterate(step, n), range(1, 6), budget=quick)
    >>> curve.series["f, tree"], curve.laws["f, tree"].formula
    ((7, 19, 43, 91, 187), 'exponential, base 2')
    """
    if not callable(family):
        raise DiffcompareError("type", "swell_curve", need="a function of n that gives a source",
                               got=shorten(family), hint="lambda n: iterate(graph, n)")  # fmt: skip
    numbers = _checked(depths)
    graphs = [parse(family(n)) for n in numbers]
    names = [read_wrt(graph, wrt) for graph in graphs]
    rows = [_counted(*pair) for pair in zip(graphs, names, strict=True)]
    declined: dict[str, str] = {}
    for mode, count in (("symbolic", _derived), ("simplified", _simplified)):
        end = monotonic() + budget.seconds / 2
        for place, n in enumerate(numbers):
            if mode == "simplified" and "symbolic, tree" not in rows[place]:
                break  # there is nothing to simplify
            left = end - monotonic()
            if progress is not None:
                progress(mode, n)
            try:
                if left <= 0:
                    raise worker.over(f"at most {budget.seconds / 2:g} s for all sizes", "more")
                rows[place] |= count(graphs[place], names[place], replace(budget, seconds=left))
            except DiffcompareError as error:
                declined[mode] = f"from {n} on: {error.message}"
                break
    series = {
        key: tuple(row.get(key) for row in rows)
        for key in dict.fromkeys(key for row in rows for key in row)
    }
    laws = {key: growth(_known(numbers, found)) for key, found in series.items()}
    known = {key: law for key, law in laws.items() if law.law != "unclear"}
    return SwellCurve(tuple(numbers), series, known, declined)


def _known(numbers: Sequence[int], found: Sequence[int | None]) -> list[tuple[int, int]]:
    return [(n, size) for n, size in zip(numbers, found, strict=True) if size is not None]


def _checked(depths: Sequence[int]) -> list[int]:
    numbers = list(depths)
    if not numbers or numbers != sorted(set(numbers)):
        raise DiffcompareError("domain", "swell_curve", need="whole numbers that rise",
                               got=shorten(numbers))  # fmt: skip
    return numbers


def _counted(graph: Graph, names: tuple[str, ...]) -> dict[str, int]:
    """What is exact at any depth."""
    f = sizes(graph)
    found = {
        "f, tree": f.tree,
        "f, shared": f.dag,
        "derivative, tree": derivative_tree_total(graph, names),
    }
    for name, mode in (("tangent graph", "forward"), ("adjoint graph", "reverse")):
        found[name] = sizes(differentiate(graph, mode, names).jacobian_graph).dag
    return found


def _derived(graph: Graph, names: tuple[str, ...], budget: Budget) -> dict[str, int]:
    """SymPy's derivative, read back, and its own counts."""
    result = symbolic(graph, names, budget)
    written = sizes(result.graph)
    return {
        "symbolic, tree": written.tree,
        "symbolic, shared": written.dag,
        **{name: result.sympy_ops[key] for key, name in COUNTS.items() if key in result.sympy_ops},
    }


def _simplified(graph: Graph, names: tuple[str, ...], budget: Budget) -> dict[str, int]:
    counts = worker.run(graph, names, budget, simplify=True).sympy_ops
    if "simplified" not in counts:
        raise worker.over(f"at most {budget.seconds:.3g} s to simplify", "more")
    return {"simplified, count_ops": counts["simplified"]}
