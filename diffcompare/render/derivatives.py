"""What a report says of the derivatives: first entries by mode, of arrays the norms of all."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice, product
from typing import TYPE_CHECKING, Final

from diffcompare.modes.jacobian import Blocks
from diffcompare.render.arrays import norm, shape_text
from diffcompare.render.columns import WIDTH, clean, cut, spread
from diffcompare.render.numerals import number
from diffcompare.render.section import NONE, Cells, Section, entry, numbered

if TYPE_CHECKING:
    from diffcompare.report import Leg, Report

_NOTES, _FORMULAS, _LINE = 8, 4, 98
_ENTRIES, _BESIDE_NORMS = 12, 6
"""Rows of entries: of numbers, and where norms follow."""
DIGITS: Final = {"float64": 15, "float32": 7}
"""That a number has, by what it was computed in."""
_FEWEST: Final = 6
_Line = tuple[str, tuple[float | None, ...]]
"""A label and a number for each mode; none for a row without numbers."""


def derivatives(report: Report) -> Section:
    """The section on derivatives."""
    legs = list(report.legs.values())
    head = ("", *(leg.mode.replace(" ", "\n") for leg in legs))
    lines = _lines(report, legs)
    rows: tuple[Cells, ...] = ()
    for digits in range(DIGITS[report.dtype], _FEWEST - 1, -1):  # as many as fit
        rows = tuple(_cells(line, len(legs), digits) for line in lines)
        if spread([*rows, head]) <= WIDTH:
            break
    told = [f"{leg.mode}: not run. {clean(leg.declined)}" for leg in legs if leg.declined]
    told += [f"{leg.mode}: {clean(note)}" for leg in legs for note in leg.notes[:_NOTES]]
    align = "l" + "r" * len(legs)
    return Section("Derivatives", head, rows, align, _formulas(report), tuple(told))


def _cells(line: _Line, modes: int, digits: int) -> Cells:
    label, numbers = line
    cells = (NONE if x is None else number(x, digits) for x in numbers)
    return (label, *cells, *[""] * (modes - len(numbers)))


def _lines(report: Report, legs: list[Leg]) -> list[_Line]:
    """The first entries, and where there are arrays the norm of each block."""
    graph = report.graph
    outputs = [graph.shapes[i] for i in graph.outputs]
    inputs = [graph.shapes[graph.inputs[n]] if n in graph.inputs else () for n in report.wrt]
    entries: Iterator[_Line] = (
        (entry(output, wrt), tuple(_at(leg, i, j) for leg in legs))
        for i, output in enumerate(numbered(report.outputs, outputs))
        for j, wrt in enumerate(numbered(report.wrt, inputs))
    )
    count = sum(map(math.prod, outputs)) * sum(map(math.prod, inputs))
    if not any([*outputs, *inputs]):
        return _first(entries, count, _ENTRIES)
    blocks = len(outputs) * len(inputs)
    return [
        *_first(entries, count, _BESIDE_NORMS),
        *_first(_norms(report, legs), blocks, _ENTRIES),
    ]


def _first(lines: Iterator[_Line], count: int, most: int) -> list[_Line]:
    if count <= most:
        return list(lines)
    return [*islice(lines, most - 1), (f"… {count - most + 1:,} more", ())]


def _at(leg: Leg, row: int, column: int) -> float | None:
    return None if leg.jacobian is None else float(leg.jacobian.matrix[row, column])


def _norms(report: Report, legs: list[Leg]) -> Iterator[_Line]:
    """The Euclidean norm of what each output and input have in common, by mode."""
    blocks = Blocks(report.graph, report.wrt)
    tall = zip(report.outputs, blocks.outputs, blocks.rows, strict=True)
    wide = zip(report.wrt, blocks.inputs, blocks.columns, strict=True)
    for (output, above, rows), (wrt, beside, columns) in product(tall, wide):
        shape = [shape_text(shape) for shape in (above, beside) if shape]
        label = f"‖{entry(output, wrt)}‖ {' by '.join(shape)}".rstrip()
        found = (None if leg.jacobian is None else leg.jacobian.matrix for leg in legs)
        yield label, tuple(None if m is None else norm(m[rows, columns]) for m in found)


def _formulas(report: Report) -> tuple[str, ...]:
    """The first entries as formulas, from the first mode that has short ones."""
    written = next((leg.expressions for leg in report.legs.values() if leg.expressions), {})
    entries = islice(product(report.outputs, report.wrt), _FORMULAS)
    return tuple(
        cut(f"{entry(output, wrt)} = {clean(written[key])}", _LINE)
        for output, wrt in entries
        if (key := f"d{output}/d{wrt}") in written
    )
