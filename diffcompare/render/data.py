"""Reports as plain data and as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from diffcompare.measure.agreement import Agreement, Pair
from diffcompare.measure.ledger import Ledger
from diffcompare.measure.swell import Sizes, Swell
from diffcompare.render.numerals import digits_of

if TYPE_CHECKING:
    from diffcompare.report import Leg, Report

_MOST_DIGITS: Final = 4000
"""Python's own reader refuses integers of over 4300 digits: longer ones are written as text."""


def report_dict(report: Report) -> dict[str, Any]:
    """A report as plain numbers, texts, lists and dicts.

    Returns
    -------
    dict
        ``source``; ``point`` and ``wrt``; ``outputs``, their names; ``value``, a number for one
        output and a list for several; ``modes``, by mode ``passes``, ``jacobian`` (by input a
        number or a list), ``operations``, ``seconds``, ``error``, ``expressions``, ``declined``,
        ``notes``; ``agreement``; ``swell``; ``flags``; ``advice``. What there is not is None.

    Examples
    --------
    >>> import diffcompare as dc
    >>> record = report_dict(dc.compare("x*y", at={"x": 2, "y": 5}))
    >>> record["value"], record["modes"]["reverse"]["jacobian"]
    (10.0, {'x': 5.0, 'y': 2.0})
    """
    value = [_listed(v) for v in report.value]
    return {
        "source": report.source,
        "point": {name: _listed(number) for name, number in report.point.items()},
        "wrt": list(report.wrt),
        "outputs": list(report.outputs),
        "value": value[0] if len(value) == 1 else value,
        "modes": {mode: _leg(leg) for mode, leg in report.legs.items()},
        "agreement": _agreement(report.agreement),
        "swell": swell_dict(report.swell),
        "flags": [flag._asdict() for flag in report.flags],
        "advice": report.advice,
    }


def _leg(leg: Leg) -> dict[str, Any]:
    jacobian = leg.jacobian
    return {
        "passes": leg.passes,
        "jacobian": None if jacobian is None else {n: _listed(jacobian[n]) for n in jacobian.wrt},
        "operations": None if leg.ledger is None else _operations(leg.ledger),
        "seconds": {"once": leg.seconds_once, "point": leg.seconds_point},
        "error": None if leg.error is None else float(leg.error),
        "expressions": dict(leg.expressions),
        "declined": leg.declined,
        "notes": list(leg.notes),
    }


def _listed(value: Any) -> Any:
    """A number, or the nested lists of an array or of several."""
    if isinstance(value, tuple):
        return [_listed(part) for part in value]
    return np.asarray(value, dtype=float).tolist()


def _operations(ledger: Ledger) -> dict[str, Any]:
    parts = ("value", "shared", "per_pass", "total", "specialised")
    return {part: getattr(ledger, part).to_dict() for part in parts}


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
    """Swell as plain data: ``f``, the modes, ``predicted``, ``unfolded``, ``sympy_ops``."""
    return {
        "f": _sizes(swell.f),
        **{mode: _sizes(found) for mode, found in swell.derivatives.items()},
        "predicted": swell.predicted,
        "unfolded": swell.unfolded,
        "sympy_ops": dict(swell.sympy_ops),
    }


def _sizes(sizes: Sizes) -> dict[str, int]:
    return {"tree": sizes.tree, "dag": sizes.dag}


def report_json(report: Report) -> str:
    """A report as JSON that every reader takes.

    Numbers that are not finite are the texts "nan", "inf" and "-inf"; integers of over 4000 digits
    are texts of their digits.
    """
    return _json(report_dict(report))


def swell_json(swell: Swell, declined: Mapping[str, str] | None = None) -> str:
    """Swell as JSON, with the modes that were declined and why."""
    return _json({**swell_dict(swell), "declined": dict(declined or {})})


def _json(record: Any) -> str:
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
