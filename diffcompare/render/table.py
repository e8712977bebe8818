"""Reports as text within 100 columns, and as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from diffcompare.decide.granularity import GranularityChoice
from diffcompare.decide.option import Decision
from diffcompare.measure.checkpoints import Checkpoints
from diffcompare.measure.granularity import Grain
from diffcompare.measure.swell import Swell
from diffcompare.modes.differentiate import EXACT
from diffcompare.render.columns import WIDTH, clean, cut, folded, wrapped
from diffcompare.render.costs import checkpoints_section, granularity_section, swell_section
from diffcompare.render.decision import choice_section, decision_section
from diffcompare.render.numerals import number
from diffcompare.render.section import NONE, Section
from diffcompare.render.sections import sections

if TYPE_CHECKING:
    from diffcompare.parse.casefile import Case
    from diffcompare.report import Report

_MARKUP: Final = "\\`*_{}[]<>#|~$&"


def report_text(report: Report) -> str:
    """A report as tables within 100 columns.

    Examples
    --------
    >>> import diffcompare as dc
    >>> print(report_text(dc.compare("a*b", at={"a": 2, "b": 5})))
    Function
      y = a*b
      at a = 2, b = 5
      y = 10
    ...
    """
    return "\n\n".join("\n".join(section_lines(section)) for section in sections(report))


def section_lines(section: Section) -> list[str]:
    lines = [section.title]
    for code in section.code:
        lines += wrapped(code, WIDTH, "  ", "      ")
    if section.rows:
        lines += [""] * bool(section.code)
        lines += folded([_stacked(section.head), *section.rows], section.align)
    for text in section.lines:
        lines += wrapped(text, WIDTH, "  ", "    ")
    return lines


def _stacked(head: tuple[str, ...]) -> tuple[str, ...]:
    """Headings with their last lines just above the columns."""
    height = max(title.count("\n") for title in head)
    return tuple("\n" * (height - title.count("\n")) + title for title in head)


def swell_text(swell: Swell, declined: Mapping[str, str] | None = None) -> str:
    """The swell of a graph's derivatives as a table, and why a mode was declined.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.parse("x*x")
    >>> print(swell_text(dc.swell(graph, None, {"reverse": dc.differentiate(graph, "reverse")})))
    Expression swell ...
    """
    reasons = dict(declined or {})
    lines = section_lines(swell_section(swell, reasons))
    for mode, reason in reasons.items():
        lines += wrapped(f"{mode}: not built. {clean(reason)}", WIDTH, "  ", "    ")
    return "\n".join(lines)


def grains_text(grains: Sequence[Grain]) -> str:
    """The granularities of a graph as a table.

    Examples
    --------
    >>> import diffcompare as dc
    >>> print(grains_text(dc.granularities(dc.parse("x*x"))))
    Granularity
    ...
    """
    return "\n".join(section_lines(granularity_section(grains)))


def checkpoints_text(rows: Sequence[Checkpoints], plain: int) -> str:
    """Stored states against operations as a table.

    Parameters
    ----------
    rows : sequence of Checkpoints
    plain : int
        Peak bytes of reverse mode that stores all it needs.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.iterate(dc.parse("sin(x)"), 10)
    >>> print(checkpoints_text(dc.checkpoints(graph), dc.memory(dc.differentiate(graph, "reverse"))))
    Checkpointing
    ...
    """
    return "\n".join(section_lines(checkpoints_section(rows, plain)))


def decision_text(decision: Decision) -> str:
    """A decision as a table: every way, the choice first.

    Examples
    --------
    >>> import diffcompare as dc
    >>> print(decision_text(dc.decide("x*y", {"x": 1, "y": 2}, measure=False, calibrated=False)))
    Which way to the gradient
    ...
    """
    title = f"Which way to the {decision.goal}"
    return "\n".join(section_lines(decision_section(decision, title)))


def choice_text(found: GranularityChoice) -> str:
    """Which layers to expand, as a table.

    Examples
    --------
    >>> import diffcompare as dc
    >>> loss = dc.parse("sum(softmax(x)*x)", shapes={"x": (3,)})
    >>> prices = dc.Calibration(*[1e-8] * 6, kernel=1e-6, layer=3e-5, flop=1e-9, node=0, sympy=0)
    >>> print(choice_text(dc.choose_granularity(loss, {"x": [1.0, 2.0, 3.0]}, prices)))
    Which layers to expand
    ...
    """
    return "\n".join(section_lines(choice_section(found)))


def gallery_line(case: Case, report: Report) -> str:
    """A worked example in a line: name, verdict, the largest error of the exact modes, title."""
    verdict = "agree" if report.agreement.ok else "DISAGREE"
    exact = (leg for mode, leg in report.legs.items() if mode in EXACT)
    errors = [leg.error for leg in exact if leg.error is not None]
    error = f"error {number(max(errors), 2)}" if errors else NONE
    cells = [f"{cut(clean(case.name), 24):24}", f"{verdict:8}", f"{error:14}", clean(case.title)]
    return cut("  ".join(cells), WIDTH).rstrip()


def report_markdown(report: Report) -> str:
    """A report as Markdown tables.

    Examples
    --------
    >>> import diffcompare as dc
    >>> print(report_markdown(dc.compare("a*b", at={"a": 2, "b": 5})))
    ### Function
    ...
    """
    return "\n\n".join(_markdown(section) for section in sections(report))


def _markdown(section: Section) -> str:
    blocks = [f"### {section.title}"]
    if section.code:
        blocks.append("\n".join(f"    {line}" for line in section.code))
    if section.rows:
        rule = ("---:" if side == "r" else "---" for side in section.align)
        rows = [section.head, *section.rows]
        lines = [f"| {' | '.join(map(_plain, row))} |" for row in rows]
        lines.insert(1, f"| {' | '.join(rule)} |")
        blocks.append("\n".join(lines))
    blocks += [_plain(line) for line in section.lines]
    return "\n\n".join(blocks)


def _plain(text: str) -> str:
    """A text in which nothing is Markdown, nor HTML."""
    return "".join(f"\\{c}" if c in _MARKUP else c for c in text.replace("\n", " "))
