"""What a report says, section by section, before it is laid out as text, Markdown, LaTeX or HTML."""

from __future__ import annotations

import math
import re
from itertools import islice, product
from typing import TYPE_CHECKING, Final

from diffcompare.measure.agreement import Pair
from diffcompare.render.columns import WIDTH, clean, cut, listed, spread
from diffcompare.render.costs import effort, operations, swell_section
from diffcompare.render.formula import step
from diffcompare.render.notation import SHOWN
from diffcompare.render.numerals import number
from diffcompare.render.rules import figure
from diffcompare.render.section import NONE, Cells, Section, entry, first_rows, name, numbered

if TYPE_CHECKING:
    from diffcompare.report import Leg, Report

_LINES, _FORMULAS, _LINE, _SOURCE = 8, 4, 98, 800
_DIGITS: Final = range(15, 5, -1)
_ROUGH: Final = 1e-3
"""Two modes that differ by more and may, because one is a rough difference, prove nothing."""
_ASSIGNMENT: Final = re.compile(r"\s*\w+\s*=(?!=)")


def sections(report: Report) -> list[Section]:
    """The sections of a report, those with nothing to say left out."""
    found = [
        _function(report),
        _derivatives(report),
        _agreement(report),
        operations(report),
        effort(report),
        swell_section(
            report.swell, {m: leg.declined for m, leg in report.legs.items() if leg.declined}
        ),
        _edges(report),
        Section("Advice", lines=(clean(report.advice),) * bool(report.advice)),
    ]
    return [section for section in found if section.rows or section.code or section.lines]


def _function(report: Report) -> Section:
    outputs = [name(output) for output in report.outputs]
    source = [clean(line) for line in report.source[:_SOURCE].splitlines() if line.strip()] or ["?"]
    if not _ASSIGNMENT.match(source[-1]) and len(report.source) <= _SOURCE:
        source[-1] = f"{listed(outputs, 40)} = {source[-1].strip()}"
    if len(report.source) > _SOURCE or len(source) > _LINES:
        source = [*source[: _LINES - 1], f"… ({len(report.source):,} characters)"]
    point = [f"{name(n)} = {figure(x, 12)}" for n, x in report.point.items()]
    value = [f"{n} = {figure(x, 15)}" for n, x in zip(outputs, report.value, strict=True)]
    at = (f"at {listed(point, 90)}",) if point else ()
    return Section("Function", code=tuple(source), lines=(*at, listed(value, 96)))


def _derivatives(report: Report) -> Section:
    legs = list(report.legs.values())
    head = ("", *(leg.mode.replace(" ", "\n") for leg in legs))
    rows: tuple[Cells, ...] = ()
    for digits in _DIGITS:  # as many as fit
        rows = _entries(report, legs, digits)
        if spread([*rows, head]) <= WIDTH:
            break
    lines = [f"{leg.mode}: not run. {clean(leg.declined)}" for leg in legs if leg.declined]
    lines += [f"{leg.mode}: {clean(note)}" for leg in legs for note in leg.notes[:_LINES]]
    align = "l" + "r" * len(legs)
    return Section("Derivatives", head, rows, align, _formulas(report), tuple(lines))


def _entries(report: Report, legs: list[Leg], digits: int) -> tuple[Cells, ...]:
    graph = report.graph
    outputs = [graph.shapes[i] for i in graph.outputs]
    inputs = [graph.shapes[graph.inputs[n]] if n in graph.inputs else () for n in report.wrt]
    rows = (
        (entry(output, wrt), *(_number(leg, i, j, digits) for leg in legs))
        for i, output in enumerate(numbered(report.outputs, outputs))
        for j, wrt in enumerate(numbered(report.wrt, inputs))
    )
    count = sum(map(math.prod, outputs)) * sum(map(math.prod, inputs))
    return first_rows(rows, count, 1 + len(legs))


def _formulas(report: Report) -> tuple[str, ...]:
    """The first entries as formulas, from the first mode that has short ones."""
    written = next((leg.expressions for leg in report.legs.values() if leg.expressions), {})
    entries = islice(product(report.outputs, report.wrt), _FORMULAS)
    return tuple(
        cut(f"{entry(output, wrt)} = {clean(written[key])}", _LINE)
        for output, wrt in entries
        if (key := f"d{output}/d{wrt}") in written
    )


def _number(leg: Leg, row: int, column: int, digits: int) -> str:
    return NONE if leg.jacobian is None else number(leg.jacobian.matrix[row, column], digits)


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
        return "All modes agree."
    exact = all(pair.ok for pair in report.agreement.pairs if pair.exact)
    return "The exact modes agree; differences do not." if exact else "THE MODES DISAGREE."


def _pair(pair: Pair) -> Cells:
    modes = " and ".join(pair.modes)
    if pair.entry is None:
        return (modes, *[NONE] * 5, "not compared")
    if not pair.absolute and pair.ok:
        return (modes, NONE, "0", "0", "0", NONE, "identical")
    figures = (pair.absolute, pair.relative, pair.ulps, pair.tolerance)
    verdict = "agree" if pair.ok else "DISAGREE"
    if pair.ok and pair.relative > _ROUGH:
        verdict = "too rough to tell"
    return (modes, entry(*pair.entry), *(number(figure, 3) for figure in figures), verdict)


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
    head = ("edge", "node", "formula")
    return Section("The point is on an edge", head, first_rows(rows, len(rows), len(head)), "lll")
