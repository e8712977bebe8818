"""Reports as HTML: a fragment or a page that needs nothing else, in light and in dark."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from diffcompare.render.columns import clean, cut
from diffcompare.render.section import Section
from diffcompare.render.sections import sections

if TYPE_CHECKING:
    from diffcompare.report import Report

# Every rule begins with the class, so that none leaks into the page; colours are the page's own.
_STYLE: Final = """\
<style>
.diffcompare { font-size: .92em; line-height: 1.45; overflow-x: auto }
.diffcompare .title { font-weight: 600; margin: 1em 0 .3em }
.diffcompare .note { margin: .2em 0; opacity: .85 }
.diffcompare pre { margin: .2em 0; padding: 0; white-space: pre-wrap }
.diffcompare table { border-collapse: collapse; margin: .3em 0 }
.diffcompare th, .diffcompare td { border: 0; padding: .15em .8em; text-align: left }
.diffcompare th { border-bottom: 1px solid rgba(128, 128, 128, .4); vertical-align: bottom }
.diffcompare .r { text-align: right; font-variant-numeric: tabular-nums }
.diffcompare pre, .diffcompare table, .diffcompare tr, .diffcompare th, .diffcompare td
  { background: transparent; color: inherit }
</style>"""
_TITLE: Final = 80
_PAGE: Final = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
</head>
<body>
{body}
</body>
</html>
"""
_CLASS: Final = {"l": "", "r": ' class="r"'}


def report_html(report: Report) -> str:
    """A report as an HTML fragment without scripts.

    Examples
    --------
    >>> import diffcompare as dc
    >>> print(report_html(dc.compare("x*y", at={"x": 2, "y": 5})))
    <div class="diffcompare">
    ...
    """
    inner = "\n".join(_section(section) for section in sections(report))
    return f'<div class="diffcompare">\n{_STYLE}\n{inner}\n</div>'


def report_page(report: Report) -> str:
    """A report as a whole HTML page in UTF-8.

    Examples
    --------
    >>> import diffcompare as dc
    >>> print(report_page(dc.compare("x*y", at={"x": 2, "y": 5})))
    <!DOCTYPE html>
    ...
    """
    return _PAGE.format(title=escape(cut(clean(report.source), _TITLE)), body=report_html(report))


def _section(section: Section) -> str:
    parts = [f'<div class="title">{escape(section.title)}</div>']
    if section.code:
        code = "\n".join(escape(line) for line in section.code)
        parts.append(f"<pre>{code}</pre>")
    if section.rows:
        head = _row("th", section.head, section.align)
        body = "\n".join(_row("td", row, section.align) for row in section.rows)
        parts.append(f"<table>\n<thead>\n{head}\n</thead>\n<tbody>\n{body}\n</tbody>\n</table>")
    parts += [f'<div class="note">{escape(line)}</div>' for line in section.lines]
    return "\n".join(parts)


def _row(tag: str, cells: tuple[str, ...], align: str) -> str:
    inner = "".join(
        f"<{tag}{_CLASS[side]}>{escape(cell).replace(chr(10), '<br>')}</{tag}>"
        for cell, side in zip(cells, align, strict=True)
    )
    return f"<tr>{inner}</tr>"
