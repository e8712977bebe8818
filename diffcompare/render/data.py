"""Reports as plain data and as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from diffcompare.measure.agreement import Agreement, Pair
from diffcompare.measure.granularity import Grain
from diffcompare.measure.ledger import Ledger
from diffcompare.measure.swell import Sizes, Swell
from diffcompare.render.arrays import norm, parts
from diffcompare.render.numerals import digits_of

if TYPE_CHECKING:
    from diffcompare.report import Leg, Report

_MOST_NUMBERS, _FIRST = 100_000, 10
_MOST_DIGITS: Final = 4000
"""Python's own reader refuses integers of over 4300 digits: longer ones are written as text."""


def report_dict(report: Report) -> dict[str, Any]:
    """A report as plain numbers, texts, lists and dicts.

    Returns
    -------
    dict
        ``source``; ``point`` and ``wrt``; ``dtype``, what all was computed in, and ``notes``, what
        arrays of the point were converted; ``outputs``, their names; ``value``, of one output, of
        several a list; ``memory``, of f alone, in bytes; ``modes``, by mode ``passes``,
        ``directions`` (how many were run where all passes would be over the budget), ``jacobian``
        by input, ``operations``, ``seconds``, ``memory``, ``scratch``, ``error``, ``expressions``,
        ``declined``, ``notes``; ``agreement``; ``swell``; ``flags``; ``granularity``, of networks by level;
        ``advice``. What there is not is None.

        Arrays are nested lists; in ``jacobian`` of the output's shape, then the input's, for several
        outputs a list of these. An array of over 100 000 numbers is a dict of its ``shape``, its
        Euclidean ``norm`` and its ``first`` 10 numbers.

    Examples
    --------
    >>> import diffcompare as dc
    >>> record = report_dict(dc.compare("x*y", at={"x": 2, "y": 5}))
    >>> record["value"], record["modes"]["reverse"]["jacobian"]
    (10.0, {'x': 5.0, 'y': 2.0})
    """
    graph = report.graph
    value = [listed(v) for v in parts(report.value, [graph.shapes[i] for i in graph.outputs])]
    return {
        "source": report.source,
        "point": {name: listed(number) for name, number in report.point.items()},
        "wrt": list(report.wrt),
        "dtype": report.dtype,
        "notes": list(report.notes),
        "outputs": list(report.outputs),
        "value": value[0] if len(value) == 1 else value,
        "memory": report.memory,
        "modes": {mode: _leg(leg) for mode, leg in report.legs.items()},
        "agreement": _agreement(report.agreement),
        "swell": swell_dict(report.swell),
        "flags": [flag._asdict() for flag in report.flags],
        "granularity": [grain_dict(grain) for grain in report.grains],
        "advice": report.advice,
    }


def grain_dict(grain: Grain) -> dict[str, Any]:
    """What a report says of a granularity."""
    return {
        "level": grain.level,
        "nodes": grain.nodes,
        "f": grain.f.to_dict(),
        "modes": {
            mode: {
                "passes": passes,
                "shared": grain.shared[mode].to_dict(),
                "per_pass": grain.per_pass[mode].to_dict(),
                "memory": grain.memory.get(mode),
            }
            for mode, passes in grain.passes.items()
        },
        "declined": grain.declined,
    }


def _leg(leg: Leg) -> dict[str, Any]:
    jacobian = leg.jacobian
    return {
        "passes": leg.passes,
        "directions": None if leg.sample is None else len(leg.sample.directions),
        "jacobian": None if jacobian is None else {n: listed(jacobian[n]) for n in jacobian.wrt},
        "operations": None if leg.ledger is None else _operations(leg.ledger),
        "seconds": {"once": leg.seconds_once, "point": leg.seconds_point},
        "memory": leg.memory,
        "scratch": leg.scratch,
        "error": None if leg.error is None else float(leg.error),
        "expressions": dict(leg.expressions),
        "declined": leg.declined,
        "notes": list(leg.notes),
    }


def listed(value: Any) -> Any:
    """A number, the nested lists of an array or of several, or what is told of a large one."""
    if isinstance(value, tuple):
        return [listed(part) for part in value]
    array = np.asarray(value, dtype=float)
    if array.size > _MOST_NUMBERS:
        first = array.ravel()[:_FIRST].tolist()
        return {"shape": list(array.shape), "norm": norm(array), "first": first}
    return array.tolist()


def _operations(ledger: Ledger) -> dict[str, Any]:
    parts = ("value", "shared", "per_pass", "total", "specialised", "joint")
    costs = {part: getattr(ledger, part) for part in parts}
    return {part: None if cost is None else cost.to_dict() for part, cost in costs.items()}


def _agreement(agreement: Agreement) -> dict[str, Any]:
    worst = agreement.worst
    return {
        "ok": bool(agreement.ok),
        "worst": None if worst is None else _pair(worst),
        "pairs": [_pair(pair) for pair in agreement.pairs],
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "modes": list(pair.modes),
        "entry": None if pair.entry is None else list(pair.entry),
        "absolute": float(pair.absolute),
        "relative": float(pair.relative),
        "ulps": float(pair.ulps),
        "tolerance": float(pair.tolerance),
        "ok": bool(pair.ok),
        "exact": bool(pair.exact),
        "skipped": [list(entry) for entry in pair.skipped],
    }


def swell_dict(swell: Swell) -> dict[str, Any]:
    """Swell as plain data: ``f``, the modes, and the other attributes by name, but ``cases``."""
    return {
        "f": _sizes(swell.f),
        **{mode: _sizes(found) for mode, found in swell.derivatives.items()},
        "predicted": swell.predicted,
        "unfolded": swell.unfolded,
        "sympy_ops": dict(swell.sympy_ops),
        "basis": swell.basis,
    }


def _sizes(sizes: Sizes) -> dict[str, int]:
    return {"tree": sizes.tree, "dag": sizes.dag}


def report_json(report: Report) -> str:
    """A report as JSON that every reader takes.

    Numbers that are not finite are the texts "nan", "inf" and "-inf"; integers of over 4000 digits
    are texts of their digits.
    """
    return as_json(report_dict(report))


def swell_json(swell: Swell, declined: Mapping[str, str] | None = None) -> str:
    """Swell as JSON, with the modes that were declined and why."""
    return as_json({**swell_dict(swell), "declined": dict(declined or {})})


def as_json(record: Any) -> str:
    """Plain data as JSON that every reader takes."""
    return json.dumps(strict(record), indent=2, allow_nan=False)


def strict(value: Any) -> Any:
    """Plain data in which every number is one that JSON has.

    Examples
    --------
    >>> strict({"a": [1.5, float("nan"), float("-inf")]})
    {'a': [1.5, 'nan', '-inf']}
    """
    if isinstance(value, dict):
        return {key: strict(item) for key, item in value.items()}
    if isinstance(value, list):
        return [strict(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and abs(value) >= 10**_MOST_DIGITS:
        return digits_of(value)
    return value
