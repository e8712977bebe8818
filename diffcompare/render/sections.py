"""What a report says, section by section, before it is laid out as text, Markdown, LaTeX or HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from diffcompare.measure.agreement import Pair
from diffcompare.modes.differentiate import EXACT
from diffcompare.render.arrays import described, parts
from diffcompare.render.columns import clean, cut, listed
from diffcompare.render.costs import effort, granularity_section, operations, swell_section
from diffcompare.render.decision import decision_section
from diffcompare.render.derivatives import DIGITS, derivatives
from diffcompare.render.formula import step
from diffcompare.render.notation import SHOWN
from diffcompare.render.numerals import number
from diffcompare.render.section import NONE, Cells, Section, entry, first_rows, name

if TYPE_CHECKING:
    from diffcompare.report import Report

_LINES, _SOURCE, _ARRAY = 8, 800, 40
_ROUGH: Final = 1e-3
"""Two modes that differ by more and may, because of rounding or a rough step, prove nothing."""
_ASSIGNMENT: Final = re.compile(r"\s*\w+\s*=(?!=)")


def sections(report: Report) -> list[Section]:
    """The sections of a report, those with nothing to say left out."""
    found = [
        _function(report),
        derivatives(report),
        _agreement(report),
        operations(report),
        effort(report),
        granularity_section(report.grains),
        swell_section(
            report.swell,
            {m: leg.declined for m, leg in report.legs.items() if leg.declined and m in EXACT},
            arrays=any(report.graph.shapes),
        ),
        _edges(report),
        _advice(report),
    ]
    return [section for section in found if section.rows or section.code or section.lines]


def _advice(report: Report) -> Section:
    if report.decision is None or report.decision.reason != report.advice:
        return Section("Advice", lines=(clean(report.advice),) * bool(report.advice))
    return decision_section(report.decision, "Advice")


def _function(report: Report) -> Section:
    outputs = [name(output) for output in report.outputs]
    source = [clean(line) for line in report.source[:_SOURCE].splitlines() if line.strip()] or ["?"]
    if len(source) == len(outputs) > 1 and not any(map(_ASSIGNMENT.match, source)):
        source = [
            f"{output} = {line.strip()}" for output, line in zip(outputs, source, strict=True)
        ]
    elif not _ASSIGNMENT.match(source[-1]) and len(report.source) <= _SOURCE:
        source[-1] = f"{listed(outputs, 40)} = {source[-1].strip()}"
    if len(report.source) > _SOURCE or len(source) > _LINES:
        source = [*source[: _LINES - 1], f"… ({len(report.source):,} characters)"]
    point = [(cut(clean(n), _ARRAY) if np.ndim(x) else name(n), x) for n, x in report.point.items()]
    shapes = [report.graph.shapes[i] for i in report.graph.outputs]
    values = zip(outputs, parts(report.value, shapes), strict=True)
    digits = DIGITS[report.dtype]
    at = [line if line[0] == "…" else f"at {line}" for line in _values(point, min(digits, 12))]
    told = [f"computed in {report.dtype}"] * (report.dtype != "float64")
    told += [clean(note) for note in report.notes]
    return Section(
        "Function", code=tuple(source), lines=(*at, *told, *_values(list(values), digits))
    )


def _values(named: Sequence[tuple[str, Any]], digits: int) -> list[str]:
    """Numbers in a line, and a line for each array."""
    numbers = [f"{n} = {number(x, digits)}" for n, x in named if not np.ndim(x)]
    arrays = [described(n, x) for n, x in named if np.ndim(x)]
    if len(arrays) > _LINES:
        arrays = [*arrays[: _LINES - 1], f"… {len(arrays) - _LINES + 1:,} more arrays"]
    return [listed(numbers, 90)] * bool(numbers) + arrays


def _agreement(report: Report) -> Section:
    pairs = [pair for pair in report.agreement.pairs if pair.entry or pair.skipped]
    if not pairs:
        return Section("Agreement", lines=("Nothing to compare.",))
    head = ("modes", "worst entry", "absolute", "relative", "ulps", "allowed", "")
    rows = tuple(_pair(pair) for pair in pairs)
    skipped = tuple(_skipped(pair) for pair in pairs if pair.skipped)
    return Section("Agreement", head, rows, "llrrrrl", (), (_verdict(report), *skipped))


def _verdict(report: Report) -> str:
    if report.agreement.ok:
        if any(pair.exact and _is_rough(pair) for pair in report.agreement.pairs):
            return "No mode is refuted, but rounding leaves entries without a digit."
        return _agreed(report.agreement.pairs)
    exact = all(pair.ok for pair in report.agreement.pairs if pair.exact)
    return "The exact modes agree; differences do not." if exact else "THE MODES DISAGREE."


def _agreed(pairs: Sequence[Pair]) -> str:
    """What was compared, where all that was agrees."""
    compared = sum(pair.entry is not None for pair in pairs)
    if compared == len(pairs):
        return "All modes agree."
    found = "it agrees" if compared == 1 else "they agree"
    told = f"{compared} of {len(pairs)} pairs compared: {found}."
    return told if compared else "Nothing could be compared."


def _pair(pair: Pair) -> Cells:
    modes = " and ".join(pair.modes)
    if pair.entry is None:
        return (modes, *[NONE] * 5, "not compared")
    if not pair.absolute and pair.ok:
        return (modes, NONE, "0", "0", "0", NONE, "identical")
    figures = (pair.absolute, pair.relative, pair.ulps, pair.tolerance)
    verdict = "agree" if pair.ok else "DISAGREE"
    if _is_rough(pair):
        verdict = "too rough to tell"
    return (modes, entry(*pair.entry), *(number(figure, 3) for figure in figures), verdict)


def _is_rough(pair: Pair) -> bool:
    return pair.ok and pair.entry is not None and pair.relative > _ROUGH


def _skipped(pair: Pair) -> str:
    """What was not compared, by reason."""
    modes = " and ".join(pair.modes)
    output, wrt, reason = pair.skipped[0]
    if not output:
        return f"{modes}: not compared, {clean(reason)}."
    more = f" and {len(pair.skipped) - 1:,} more" if len(pair.skipped) > 1 else ""
    return f"{modes}: {entry(output, wrt)}{more} not compared, {clean(reason)}."


def _edges(report: Report) -> Section:
    graph = report.graph
    rows = [
        (flag.kind, flag.label, cut(clean(step(graph, flag.node, style=SHOWN)), 50))
        for flag in report.flags
    ]
    head = ("kind", "node", "formula")
    return Section("Where f is not smooth", head, first_rows(rows, len(rows), len(head)), "lll")
