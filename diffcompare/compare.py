"""The main job: one source in, every mode side by side, a report out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from diffcompare.budget import Budget
from diffcompare.decide.candidates import candidates
from diffcompare.decide.decision import decide_among, default_goal
from diffcompare.decide.option import Decision
from diffcompare.errors import DiffcompareError, shorten
from diffcompare.graph.edges import flags
from diffcompare.graph.expand import entry_labels
from diffcompare.graph.graph import Graph
from diffcompare.graph.naming import output_names
from diffcompare.graph.point import Point, conversions, read_point, read_wrt
from diffcompare.measure.accuracy import largest_error, true_jacobian
from diffcompare.measure.agreement import Agreement, Pair, Run, agreement
from diffcompare.measure.granularity import FINE, granularities
from diffcompare.measure.ledger import ledger
from diffcompare.measure.memory import memory, peak
from diffcompare.measure.sample import dot_products, sample, told
from diffcompare.measure.swell import swell
from diffcompare.measure.timing import once, per_point
from diffcompare.modes.derivative import Derivative, Sweep, flat
from diffcompare.modes.differentiate import EXACT, MODES, differentiate
from diffcompare.ops.op import Shape
from diffcompare.ops.precision import precision
from diffcompare.parse.source import parse_at
from diffcompare.render.formula import formulas, short_formulas
from diffcompare.report import Leg, Report
from diffcompare.run.reuse import scratch

_LINE, _MOST_SHOWN = 200, 24
DEFAULT_MODES: Final = (*EXACT, "central differences")


def compare(
    source: Any,
    at: Mapping[str, Any],
    wrt: str | Sequence[str] | None = None,
    modes: str | Sequence[str] = DEFAULT_MODES,
    budget: Budget = Budget(),  # noqa: B008
    allow_nonfinite: bool = False,
) -> Report:
    """Differentiate a source in every mode at a point, and report what each gave and cost.

    Parameters
    ----------
    source : str, SymPy expression, Python callable, networkx.MultiDiGraph or Graph
        What `parse` takes.
    at : mapping
        A number, or an array, for each input. Names given here are inputs even where a formula would take them
        for a constant, as e.
    wrt : str or sequence of str, optional
        The inputs to differentiate by, all of them by default.
    modes : str or sequence of str, optional
        Names that `differentiate` takes.
    budget : Budget, optional
        A mode over it is reported as declined, beside the rest; of forward or reverse passes over
        it a random sample is run.
    allow_nonfinite : bool
        Let nan and inf in the point travel.

    Returns
    -------
    Report

    Raises
    ------
    DiffcompareError
        Where the source or the point is refused.

    Examples
    --------
    >>> import diffcompare as dc
    >>> report = dc.compare("log(x1) + x1*x2 - sin(x2)", at={"x1": 2, "x2": 5})
    >>> report["reverse"].jacobian["x1"], report.agreement.ok
    (5.5, True)
    """
    graph = parse_at(source, at, budget)
    point = read_point(graph, at, allow_nonfinite)
    names = read_wrt(graph, wrt)
    values = graph.evaluate(point)
    found = tuple(flags(graph, values))
    true = true_jacobian(graph, point, names) if not found else None
    legs = {mode: _leg(graph, mode, names, point, budget, true) for mode in _known(modes)}
    runs = [
        Run(leg.derivative, leg.jacobian)
        for leg in legs.values()
        if leg.derivative is not None and leg.jacobian is not None
    ]
    rows, columns = _entry_names(graph, names)
    samples = [leg.sample for leg in legs.values() if leg.sample is not None]
    products = dot_products(samples, runs, rows, columns)
    built = {run.mode: run.derivative for run in runs if not run.approximate}
    decision = _decision(graph, names, legs, budget)
    return Report(
        source=source if isinstance(source, str) else "\n".join(formulas(graph)),
        graph=graph,
        point={name: x if np.ndim(x) else float(x) for name, x in point.items()},
        wrt=names,
        outputs=output_names(graph),
        value=tuple(flat([values[i] for i in graph.outputs]).tolist()),
        legs={mode: _noted(leg, products) for mode, leg in legs.items()},
        agreement=Agreement(agreement(runs, point, rows, columns, found).pairs + products),
        swell=swell(graph, names, built),
        flags=found,
        advice=decision.reason,
        decision=decision,
        memory=peak(graph, each=_bytes(point)),
        grains=tuple(granularities(graph, names, FINE, _bytes(point))) if any(graph.shapes) else (),
        dtype=precision(point.values()).__name__,
        notes=conversions(at, point),
    )


def _decision(
    graph: Graph, names: tuple[str, ...], legs: Mapping[str, Leg], budget: Budget
) -> Decision:
    """The advice, in operations: by the derivatives that there are, and some more."""
    built = {mode: leg.derivative for mode, leg in legs.items() if leg.derivative is not None}
    leg = legs.get("symbolic", Leg("symbolic", declined="not asked for"))
    goal = default_goal(graph)
    ways = candidates(graph, names, goal, budget, built, symbolic=leg.declined)
    return decide_among(ways, goal, evaluations=1)


def _bytes(point: Point) -> int:
    """Of a number."""
    return np.dtype(precision(point.values())).itemsize


def _entry_names(graph: Graph, wrt: Sequence[str]) -> tuple[list[str], list[str]]:
    """A name for each row and each column of the Jacobian."""
    return (
        _entries_of(output_names(graph), [graph.shapes[i] for i in graph.outputs]),
        _entries_of(wrt, [graph.shapes[graph.inputs[name]] for name in wrt]),
    )


def _entries_of(names: Sequence[str], shapes: Sequence[Shape]) -> list[str]:
    """A name for each number of some inputs or outputs."""
    return [
        label
        for name, shape in zip(names, shapes, strict=True)
        for label in entry_labels(name, shape)
    ]


def _known(modes: str | Sequence[str]) -> list[str]:
    if not isinstance(modes, (str, Sequence)) or not modes:
        raise DiffcompareError("type", "modes", need="one or more names", got=shorten(modes))
    wanted = [modes] if isinstance(modes, str) else list(modes)
    wanted = ["central differences" if mode == "differences" else mode for mode in wanted]
    for mode in wanted:
        if mode not in MODES:
            need = f"names among {', '.join(MODES)}"
            raise DiffcompareError("name", "modes", need=need, got=shorten(mode))
    return list(dict.fromkeys(wanted))


def _leg(
    graph: Graph,
    mode: str,
    wrt: tuple[str, ...],
    point: Point,
    budget: Budget,
    true: np.ndarray | None,
) -> Leg:
    """One mode, a sample of its passes, or why it was declined."""
    try:
        derivative, seconds = once(lambda: differentiate(graph, mode, wrt, budget))
        over = _over(derivative, budget, _bytes(point))
        if over is not None and not isinstance(derivative, Sweep):
            raise over
    except DiffcompareError as error:
        return Leg(mode, declined=error.message)
    leg = Leg(
        mode,
        passes=derivative.passes,
        derivative=derivative,
        seconds_once=seconds,
        memory=memory(derivative, _bytes(point)),
        scratch=scratch(derivative.graph, _bytes(point)),
    )
    if over is not None and isinstance(derivative, Sweep):
        return replace(
            leg, ledger=ledger(derivative, specialise=False), sample=sample(derivative, point)
        )
    jacobian = derivative.at(point, allow_nonfinite=True)
    rows, columns = _entry_names(graph, wrt)
    return replace(
        leg,
        jacobian=jacobian,
        ledger=ledger(derivative),
        error=None if true is None else largest_error(jacobian, true),
        seconds_point=per_point(derivative, point),
        expressions=_expressions(derivative) if mode in EXACT else {},
        notes=tuple(
            f"∂{rows[i]}/∂{columns[j]}: the graph as written is undefined here, "
            "this formula is not: removable, or outside the domain"
            for i, j in sorted(jacobian.removable)
        ),
    )


def _over(derivative: Derivative, budget: Budget, each: int) -> DiffcompareError | None:
    """What a Jacobian needs more of than the budget has: passes, visits of nodes, or memory."""
    passes = derivative.passes
    visits = passes * (len(derivative.graph.ops) - derivative.sweep_start)
    entries = each * math.prod(derivative.blocks.shape)
    for most, got, what in (
        (budget.passes, passes, "passes"), (budget.visits, visits, "node visits in all passes"),
        (budget.memory, entries, "bytes for the Jacobian"),
    ):  # fmt: skip
        if got > most:
            return DiffcompareError("limit", f"{derivative.mode} mode",
                                    need=f"at most {most:,} {what}", got=f"{got:,}")  # fmt: skip
    return None


def _noted(leg: Leg, products: Sequence[Pair]) -> Leg:
    """The leg with a note on what its sample showed."""
    if leg.sample is None:
        return leg
    return replace(leg, notes=(*leg.notes, told(leg.sample, products)))


def _expressions(derivative: Derivative) -> dict[str, str]:
    """The Jacobian's entries as formulas, those that fit a line."""
    if any(derivative.primal.shapes):
        return {}
    graph = derivative.jacobian_graph
    rows = [(output, name) for output in output_names(derivative.primal) for name in derivative.wrt]
    texts = short_formulas(graph, graph.outputs[:_MOST_SHOWN], _LINE)
    entries = zip(rows, texts, strict=False)
    return {f"d{output}/d{name}": text for (output, name), text in entries if text is not None}
