"""Swell against depth, as a table with the law of each series, and all series on one axis."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any, Final

from diffcompare.measure.depths import SwellCurve
from diffcompare.measure.equivalence import Equivalence
from diffcompare.render.columns import clean
from diffcompare.render.data import as_json
from diffcompare.render.numerals import rounded
from diffcompare.render.section import NONE, Cells, Section
from diffcompare.render.table import section_lines

_COLUMNS, _HEIGHT, _WIDTH = 5, 16, 72
_LETTERS: Final = "abcdefghijklmnop"


def swell_curve_text(curve: SwellCurve) -> str:
    """A swell curve as a table, and below it every series on one logarithmic axis.

    Examples
    --------
    >>> import diffcompare as dc
    >>> step = dc.parse("sin(x)*x")
    >>> quick = dc.Budget(seconds=1)
    >>> print(swell_curve_text(dc.swell_curve(lambda n: dc.iterate(step, n), range(1, 6), None, quick)))
    Swell against depth
    ...
    """
    chosen = _spread(len(curve.depths), _COLUMNS)
    head = ("", "size of", *(str(curve.depths[k]) for k in chosen), "growth")
    rows: list[Cells] = []
    for letter, (name, sizes) in zip(_LETTERS, curve.series.items(), strict=False):
        law = curve.laws.get(name)
        cells = (NONE if (size := sizes[k]) is None else rounded(size) for k in chosen)
        rows.append((letter, name, *cells, NONE if law is None else law.formula))
    lines = [f"{mode}: {clean(why)}." for mode, why in curve.declined.items()]
    lines.append("Nodes, leaves included; SymPy's count_ops counts operations.")
    align = "ll" + "r" * len(chosen) + "l"
    table = Section("Swell against depth", head, tuple(rows), align, (), tuple(lines))
    return "\n".join([*section_lines(table), "", *_chart(curve)])


def _spread(count: int, most: int) -> list[int]:
    """Some of so many places, the first and the last among them."""
    if count <= most:
        return list(range(count))
    return sorted({round(k * (count - 1) / (most - 1)) for k in range(most)})


def _chart(curve: SwellCurve) -> list[str]:
    logs = {
        letter: [None if not size else math.log10(size) for size in sizes]
        for letter, sizes in zip(_LETTERS, curve.series.values(), strict=False)
    }
    top = max((y for row in logs.values() for y in row if y is not None), default=0.0)
    largest = max((size for sizes in curve.series.values() for size in sizes if size), default=1)
    grid = [[" "] * _WIDTH for _ in range(_HEIGHT)]
    first, last = curve.depths[0], curve.depths[-1]
    for letter, row in logs.items():
        for depth, y in zip(curve.depths, row, strict=True):
            if y is not None:
                across = round((depth - first) / max(last - first, 1) * (_WIDTH - 1))
                up = round(y / max(top, 1e-9) * (_HEIGHT - 1))
                grid[_HEIGHT - 1 - up][across] = letter
    labels = {0: f"{Decimal(largest):.1e}".replace("+", ""), _HEIGHT - 1: "1"}
    lines = [f"  {labels.get(k, ''):>8} │{''.join(row).rstrip()}" for k, row in enumerate(grid)]
    axis = f"{first}{str(last).rjust(_WIDTH - len(str(first)))}"
    return [*lines, f"  {'':8} └{'─' * _WIDTH}", f"  {'':8}  {axis}"]


def _log10(size: int) -> float:
    return math.log10(size)


def swell_curve_dict(curve: SwellCurve) -> dict[str, Any]:
    """A swell curve as plain data: ``depths``, ``series``, ``laws``, ``declined``."""
    return {
        "depths": list(curve.depths),
        "series": {name: list(sizes) for name, sizes in curve.series.items()},
        "laws": {
            name: {"law": law.law, "formula": law.formula, "base": law.base}
            for name, law in curve.laws.items()
        },
        "declined": dict(curve.declined),
    }


def swell_curve_json(curve: SwellCurve) -> str:
    """A swell curve as JSON."""
    return as_json(swell_curve_dict(curve))


def equivalence_text(found: Equivalence) -> str:
    """Whether two derivatives do the same operations, and where they differ.

    Examples
    --------
    >>> print(equivalence_text(Equivalence(("symbolic", "reverse"), {"mul": (3, 2), "sin": (1, 1)})))
    Operations, shared ones once: symbolic 4, reverse 3
      mul: symbolic 3, reverse 2
    """
    (a, b), (x, y) = found.modes, found.totals
    lines = [f"Operations, shared ones once: {a} {x:,}, {b} {y:,}"]
    if found.same:
        return f"{lines[0]}, the same ones"
    lines += [f"  {name}: {a} {m:,}, {b} {n:,}" for name, (m, n) in found.differences.items()]
    return "\n".join(lines)
