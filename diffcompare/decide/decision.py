"""The decision: every candidate predicted, ranked, and said why."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from diffcompare.budget import Budget
from diffcompare.decide.calibration import Calibration, calibration
from diffcompare.decide.candidate import Candidate
from diffcompare.decide.candidates import GOALS, candidates
from diffcompare.decide.measured import measure_works
from diffcompare.decide.option import Decision, Option
from diffcompare.errors import DiffcompareError, shorten
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import read_point, read_wrt
from diffcompare.parse.source import parse_at

DECISION: Final = Budget(seconds=10, symbolic_work=20_000_000)
"""What a candidate may take to be made."""


def decide(
    source: Any,
    at: Mapping[str, Any],
    goal: str | None = None,
    evaluations: int = 1_000,
    memory: float = math.inf,
    wrt: str | Sequence[str] | None = None,
    measure: bool = True,
    budget: Budget = DECISION,
    calibrated: Calibration | bool = True,
) -> Decision:
    """Which way to a derivative takes least: predicted, then measured, with its regret.

    Parameters
    ----------
    source : what `parse` takes
    at : mapping
        A number or an array for each input: where it is measured.
    goal : {"gradient", "jacobian", "hessian", "hvp"}, optional
        By default the gradient of one output, the Jacobian of several.
    evaluations : int
        How often the derivative is to be evaluated, 1 or more.
    memory : float
        Bytes that it may take.
    wrt : str or sequence of str, optional
    measure : bool
        Whether to run the candidates.
    budget : Budget
        What each may take to be made.
    calibrated : Calibration or bool
        Seconds per operation; True takes what `calibrate` has measured on this machine, if it was
        called. Without, the decision is in operations.

    Returns
    -------
    Decision

    Raises
    ------
    DiffcompareError
        Of kind "name" for an unknown goal, "shape" for a gradient of several outputs, "limit" for a
        budget that is not above 0.

    Examples
    --------
    >>> import diffcompare as dc
    >>> found = dc.decide("x*y*z*u", {"x": 1, "y": 2, "z": 3, "u": 4}, calibrated=False)
    >>> found.choice.operations.mul, found.operation_regret
    (7, 0.0)
    """
    graph = source if isinstance(source, Graph) else parse_at(source, at)
    point, names = read_point(graph, at), read_wrt(graph, wrt)
    goal = goal or default_goal(graph)
    _check(graph, goal, evaluations, memory)
    prices = calibration() if calibrated is True else calibrated or None
    ways = candidates(graph, names, goal, budget)
    found = decide_among(ways, goal, evaluations, memory, prices)
    if not measure:
        return found
    options = tuple(
        o if o.declined or not o.works else replace(o, measured=measure_works(o.works, point))
        for o in found.options
    )
    return replace(found, options=options)


def default_goal(graph: Graph) -> str:
    """The gradient of one number, else the Jacobian."""
    return "gradient" if _one(graph) else "jacobian"


def decide_among(
    ways: Sequence[Candidate],
    goal: str,
    evaluations: int,
    memory: float = math.inf,
    prices: Calibration | None = None,
) -> Decision:
    """The prediction alone; of equals the one that takes less to make, then the first."""
    options = [_predicted(way, evaluations, memory, prices) for way in ways]
    ranked = sorted(options, key=lambda option: (option.total, option.derived, option.once or 0))
    if prices is not None:
        ranked = [replace(option, break_even=_break_even(option, ranked)) for option in ranked]
    unit = "operations" if prices is None else "seconds"
    return Decision(goal, evaluations, tuple(ranked), unit, _reason(ranked, unit, evaluations))


def _predicted(
    way: Candidate, evaluations: int, memory: float, prices: Calibration | None
) -> Option:
    option = Option(way.name, way.operations, way.passes, way.memory, way.once, way.derived,
                    declined=way.declined, works=way.works)  # fmt: skip
    if way.declined or way.operations is None:
        return option
    if way.memory is None and memory < math.inf:
        return replace(option, declined="its memory is not known")
    if way.memory is not None and way.memory > memory:
        return replace(option, declined=f"needs {way.memory:,} bytes, at most {memory:,.0f} given")
    if prices is None or not way.works:
        total = math.inf if prices else float(way.operations.total)
        return replace(option, total=total)
    once = prices.node * (way.once or 0) + prices.sympy * way.derived
    each = sum(prices.seconds(w.graph, w.operations) * w.times for w in way.works)
    return replace(option, seconds_once=once, seconds=each, total=once + evaluations * each)


def _break_even(option: Option, options: Sequence[Option]) -> int | None:
    """From how many evaluations on it beats every option that takes less to make."""
    if option.seconds is None or option.seconds_once is None:
        return None
    most = 0.0
    for other in options:
        if other.seconds is None or other.seconds_once is None:
            continue
        later = option.seconds_once - other.seconds_once
        if later <= 0:
            continue
        if other.seconds <= option.seconds:
            return None
        most = max(most, later / (other.seconds - option.seconds))
    return math.ceil(most)


def _reason(ranked: Sequence[Option], unit: str, evaluations: int) -> str:
    fit = [option for option in ranked if math.isfinite(option.total)]
    if not fit:
        return "Nothing fits the budget."
    best = fit[0]
    told = _in_operations if unit == "operations" else _in_seconds
    parts = [f"Use {best.name}: {told(best, evaluations)}"]
    ties = [option.name for option in fit[1:] if option.total == best.total]
    if ties:
        parts.append(f"{', '.join(ties)} the same")
    second = next((option for option in fit if option.total > best.total), None)
    if second is not None:
        parts.append(f"the next, {second.name}, {told(second, evaluations)}")
    return "; ".join(parts) + "."


def _in_operations(option: Option, evaluations: int) -> str:
    assert option.operations is not None
    return f"{option.operations.total:,} operations per evaluation"


def _in_seconds(option: Option, evaluations: int) -> str:
    return f"{option.total:.3g} s predicted for {evaluations:,} evaluations"


def _one(graph: Graph) -> bool:
    return len(graph.outputs) == 1 and not graph.shapes[graph.outputs[0]]


def _check(graph: Graph, goal: str, evaluations: int, memory: float) -> None:
    if goal not in GOALS:
        raise DiffcompareError("name", "decide", need=f"a goal among {', '.join(GOALS)}",
                               got=shorten(goal))  # fmt: skip
    if goal != "jacobian" and not _one(graph):
        raise DiffcompareError("shape", "decide", need=f"one output, a number, for the {goal}",
                               got=f"{len(graph.outputs)} outputs or an array",
                               hint="goal=\"jacobian\" takes any")  # fmt: skip
    for name, value in (("evaluations", evaluations), ("memory", memory)):
        if not (isinstance(value, (int, float)) and value > 0):
            raise DiffcompareError("limit", "decide", need=f"{name} above 0", got=shorten(value))
