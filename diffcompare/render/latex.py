"""Formulas and reports in LaTeX: mathematics and tables that compile with amsmath alone."""

from __future__ import annotations

from itertools import islice, product
from typing import TYPE_CHECKING, Final

from diffcompare.graph.graph import Graph
from diffcompare.render.columns import clean
from diffcompare.render.formula import formulas, short_formulas
from diffcompare.render.mathematics import TEX
from diffcompare.render.section import Section
from diffcompare.render.sections import sections
from diffcompare.render.tex import symbol, text

if TYPE_CHECKING:
    from diffcompare.report import Report

_LIMIT: Final = 600
_ENTRY, _ENTRIES = 300, 4


def graph_latex(graph: Graph, index: int | None = None, limit: int = _LIMIT) -> str:
    r"""A node as mathematics, to stand between ``\[`` and ``\]``.

    Parameters
    ----------
    graph : Graph
    index : int, optional
        The first output by default.
    limit : int
        Characters; a longer formula is written in several lines, shared parts by name.

    Examples
    --------
    >>> import diffcompare as dc
    >>> print(graph_latex(dc.parse("sin(x1)**2/(a + 1)")))
    \frac{\sin\left(x_{1}\right)^{2}}{a + 1}
    """
    lines = formulas(graph, [graph.outputs[0] if index is None else index], limit, TEX)
    return lines[0] if len(lines) == 1 else _aligned(lines)


def _aligned(lines: list[str]) -> str:
    rows = " \\\\\n".join(_at_equals(line) for line in lines)
    return f"\\begin{{aligned}}\n{rows}\n\\end{{aligned}}"


def _at_equals(line: str) -> str:
    left, equals, right = line.partition(" = ")
    return f"{left} &= {right}" if equals and "{cases}" not in left else f"& {line}"


def report_latex(report: Report) -> str:
    r"""A report as LaTeX paragraphs; the document needs amsmath.

    Examples
    --------
    >>> import diffcompare as dc
    >>> print(report_latex(dc.compare("a*b", at={"a": 2, "b": 5})))
    \paragraph{Function}\mbox{}
    \[
    y = a \cdot b
    \]
    ...
    """
    parts = []
    for section in sections(report):
        parts.append(rf"\paragraph{{{text(section.title)}}}\mbox{{}}")
        if section.title == "Function":
            parts += _functions(report)
        if section.title == "Derivatives":
            parts += _derivatives(report)
        parts += _section(section)
    return "\n".join(parts)


def _functions(report: Report) -> list[str]:
    graph = report.graph
    lines = formulas(graph, limit=_LIMIT, style=TEX)
    shared = lines[: len(lines) - len(graph.outputs)]
    named = [
        f"{symbol(clean(output))} = {line}"
        for output, line in zip(report.outputs, lines[len(shared) :], strict=True)
    ]
    return _displayed([*shared, *named])


def _derivatives(report: Report) -> list[str]:
    """The first entries of the first mode that has short formulas."""
    leg = next((leg for leg in report.legs.values() if leg.expressions and leg.derivative), None)
    if leg is None or leg.derivative is None:
        return []
    graph = leg.derivative.jacobian_graph
    names = list(islice(product(report.outputs, report.wrt), _ENTRIES))
    texts = short_formulas(graph, graph.outputs[:_ENTRIES], _ENTRY, TEX)
    return _displayed([
        rf"\frac{{\partial {symbol(clean(output))}}}{{\partial {symbol(clean(wrt))}}} = {line}"
        for (output, wrt), line in zip(names, texts, strict=True)
        if line is not None
    ])  # fmt: skip


def _displayed(lines: list[str]) -> list[str]:
    if not lines:
        return []
    return ["\\[", lines[0] if len(lines) == 1 else _aligned(lines), "\\]"]


def _section(section: Section) -> list[str]:
    lines = []
    if section.rows:
        lines.append(rf"\begin{{center}}\begin{{tabular}}{{{section.align}}}")
        lines += [f"{' & '.join(map(text, section.head))} \\\\ \\hline"]
        lines += [f"{' & '.join(map(text, row))} \\\\" for row in section.rows]
        lines.append(r"\end{tabular}\end{center}")
    return lines + [f"{text(line)}\n" for line in section.lines]
