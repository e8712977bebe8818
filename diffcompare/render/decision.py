"""What a decision says: every way side by side, the choice first."""

from __future__ import annotations

import math
from typing import Any

from diffcompare.decide.granularity import GranularityChoice
from diffcompare.decide.option import Decision, Option
from diffcompare.render.columns import clean
from diffcompare.render.data import as_json
from diffcompare.render.numerals import bytes_text, number, ratio, rounded, seconds, whole
from diffcompare.render.section import NONE, Cells, Section


def decision_section(decision: Decision, title: str) -> Section:
    """The ways that were counted as a table, the reason, the regret, and what was declined."""
    counted = [option for option in decision.options if option.operations is not None]
    least = min((o.operations.total for o in counted if o.operations), default=0)
    priced = decision.unit == "seconds"
    timed = any(option.measured for option in counted)
    head = ("way", "operations", "× least", "passes", "memory", "to make",
            *("predicted", "break-even") * priced, *("measured",) * timed)  # fmt: skip
    rows = tuple(_row(option, least, priced, timed) for option in counted)
    lines = [clean(decision.reason), *_regrets(decision)]
    if counted:
        vector = any(option.name.startswith("vector ") for option in counted)
        told = ["Vector: one program with the seeds put in."] * vector
        lines.append(" ".join([*told, "To make: nodes, SymPy's tree included."]))
    for why in dict.fromkeys(o.declined for o in decision.options if o.declined):
        names = [o.name for o in decision.options if o.declined == why]
        lines.append(f"{', '.join(names)}: {clean(why)}.")
    align = "l" + "r" * (len(head) - 1)
    return Section(title, head if rows else (), rows, align, (), tuple(lines))


def choice_section(found: GranularityChoice) -> Section:
    """Each layer kept and expanded, and what is best."""
    head = ("layer", "op", "operations", "kept", "expanded", "")
    rows = tuple(
        (
            layer.node, layer.op, rounded(layer.operations.total), seconds(layer.kept),
            seconds(layer.expanded), "expand" if layer.expanded < layer.kept else "keep",
        )
        for layer in found.layers
    )  # fmt: skip
    levels = ", ".join(f"{level} {seconds(time)}" for level, time in found.seconds.items())
    lines = (
        f"Value and gradient, predicted: {levels}. Best: {found.choice}.",
        f"Its gradient differs from that of the layers by {number(found.difference, 2)}, relative.",
    )
    return Section("Which layers to expand", head if rows else (), rows, "llrrrl", (), lines)


def _row(option: Option, least: int, priced: bool, timed: bool) -> Cells:
    assert option.operations is not None
    cells = [
        option.name,
        rounded(option.operations.total),
        ratio(option.operations.total, least),
        NONE if option.passes is None else whole(option.passes),
        NONE if option.memory is None else bytes_text(option.memory),
        NONE if option.once is None else rounded(option.once + option.derived),
    ]
    if priced:
        cells.append(NONE if option.seconds is None else seconds(option.seconds))
        cells.append(NONE if option.break_even is None else rounded(option.break_even))
    if timed:
        cells.append(NONE if option.measured is None else seconds(option.measured.seconds))
    return tuple(cells)


def _regrets(decision: Decision) -> list[str]:
    found = {"in operations": decision.operation_regret, "in time": decision.regret}
    told = [f"{number(100 * x, 3)} % {name}" for name, x in found.items() if x is not None]
    return [f"Regret of the choice, measured: {', '.join(told)}."] if told else []


def decision_dict(decision: Decision) -> dict[str, Any]:
    """A decision as plain data.

    Returns
    -------
    dict
        ``goal``, ``evaluations``, ``choice``, ``reason``, ``unit``, ``regret``,
        ``operation_regret``; ``options``, the best first, each with ``operations``, ``passes``,
        ``memory`` in bytes, ``nodes`` to make, ``predicted`` and ``measured`` seconds, once and per
        evaluation, ``break_even``, ``declined``. What there is not is None.
    """
    return {
        "goal": decision.goal,
        "evaluations": decision.evaluations,
        "choice": decision.choice.name,
        "reason": decision.reason,
        "unit": decision.unit,
        "regret": decision.regret,
        "operation_regret": decision.operation_regret,
        "options": [_option(option) for option in decision.options],
    }


def _option(option: Option) -> dict[str, Any]:
    measured = option.measured
    return {
        "name": option.name,
        "operations": None if option.operations is None else option.operations.to_dict(),
        "passes": option.passes,
        "memory": option.memory,
        "nodes": option.once,
        "predicted": {"once": option.seconds_once, "point": option.seconds},
        "measured": None if measured is None else {
            "once": measured.once, "point": measured.seconds,
            "operations": measured.operations.to_dict(),
        },
        "break_even": option.break_even,
        "total": option.total if math.isfinite(option.total) else None,
        "declined": option.declined,
    }  # fmt: skip


def decision_json(decision: Decision) -> str:
    """A decision as JSON."""
    return as_json(decision_dict(decision))
