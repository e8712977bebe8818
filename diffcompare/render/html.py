"""Reports as HTML: a fragment that needs nothing else, in light and in dark."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from diffcompare.render.sections import Section, sections

if TYPE_CHECKING:
    from diffcompare.report import Report

# Colours are the page's own, so that they fit its theme; styles stand on the elements, so that
# none leaks into the page.
_RULE = "1px solid rgba(128,128,128,.35)"
_BOX: Final = "font-size:.92em;line-height:1.45;max-width:72em;overflow-x:auto"
_TITLE: Final = "font-weight:600;margin:1em 0 .3em"
_TABLE: Final = "border-collapse:collapse;margin:.3em 0;background:transparent;color:inherit"
_CELL: Final = (
    "padding:.15em .8em;border:0;background:transparent;color:inherit;white-space:pre-wrap;"
)
_HEAD: Final = f"font-weight:600;border-bottom:{_RULE};vertical-align:bottom;"
_SIDES: Final = {"l": "text-align:left", "r": "text-align:right;font-variant-numeric:tabular-nums"}
_CODE: Final = "margin:.2em 0;padding:0;background:transparent;color:inherit;white-space:pre-wrap"
_LINE: Final = "margin:.2em 0;opacity:.85"


def report_html(report: Report) -> str:
    """A report as an HTML fragment without scripts.

    Examples
    --------
    >>> import diffcompare as dc
    >>> print(report_html(dc.compare("x*y", at={"x": 2, "y": 5})))
    <div ...
    """
    inner = "\n".join(_section(section) for section in sections(report))
    return f'<div class="diffcompare" style="{_BOX}">\n{inner}\n</div>'


def _section(section: Section) -> str:
    parts = [f'<div style="{_TITLE}">{escape(section.title)}</div>']
    if section.code:
        code = "\n".join(escape(line) for line in section.code)
        parts.append(f'<pre style="{_CODE}">{code}</pre>')
    if section.rows:
        parts.append(_table(section))
    parts += [f'<div style="{_LINE}">{escape(line)}</div>' for line in section.lines]
    return "\n".join(parts)


def _table(section: Section) -> str:
    head = _row("th", section.head, section.align, _CELL + _HEAD)
    body = "\n".join(_row("td", row, section.align, _CELL) for row in section.rows)
    return (
        f'<table style="{_TABLE}">\n<thead>\n{head}\n</thead>\n<tbody>\n{body}\n</tbody>\n</table>'
    )


def _row(tag: str, cells: tuple[str, ...], align: str, style: str) -> str:
    inner = "".join(
        f'<{tag} style="{style}{_SIDES[side]}">{escape(cell)}</{tag}>'
        for cell, side in zip(cells, align, strict=True)
    )
    return f"<tr>{inner}</tr>"
