"""A part of a report before it is laid out: what text, Markdown, LaTeX and HTML have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import Final

from diffcompare.ops.op import Shape
from diffcompare.render.columns import clean, cut, width

NONE: Final = "–"
"""Stands where there is no number."""
_NAME, _ENTRY, _ROWS = 20, 22, 12

Cells = tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A heading, a table, and lines of text.

    Attributes
    ----------
    title : str
    head : tuple of str
        Column headings, where lines may be broken; none where there is no table.
    rows : tuple of tuple of str
    align : str
        "l" or "r" for each column.
    code : tuple of str
        Formulas, before the table.
    lines : tuple of str
        Text after the table.
    """

    title: str
    head: Cells = ()
    rows: tuple[Cells, ...] = ()
    align: str = ""
    code: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


def name(text: str) -> str:
    """A name from outside, short enough for a table; of an array's entry the index stays."""
    return _cut(clean(text), _NAME)


def _cut(text: str, most: int) -> str:
    base, bracket, index = text.rpartition("[")
    room = most - width(bracket + index)
    return cut(base, room) + bracket + index if base and room > 1 else cut(text, most)


def numbered(names: Iterable[str], shapes: Iterable[Shape]) -> Iterator[str]:
    """A name for each number: those of an array with their indices.

    Examples
    --------
    >>> list(numbered(["x", "w"], [(), (2, 1)]))
    ['x', 'w[0,0]', 'w[1,0]']
    """
    for label, shape in zip(names, shapes, strict=True):
        for index in product(*map(range, shape)):
            yield f"{label}[{','.join(map(str, index))}]" if index else label


def entry(output: str, wrt: str) -> str:
    """The name of a derivative."""
    above, below = name(output), name(wrt)
    if width(above) + width(below) > _ENTRY:
        above = _cut(above, max(_ENTRY // 2, _ENTRY - width(below)))
        below = _cut(below, max(_ENTRY // 2, _ENTRY - width(above)))
    return f"∂{above}/∂{below}"


def first_rows(rows: Iterable[Cells], count: int, columns: int) -> tuple[Cells, ...]:
    """The first of `count` rows, and how many more there are."""
    kept = list(islice(rows, _ROWS))
    if count <= _ROWS:
        return tuple(kept)
    return (*kept[:-1], (f"… {count - _ROWS + 1:,} more", *[""] * (columns - 1)))
