"""Text in columns: display width, shortening, wrapping, aligned tables."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

WIDTH: Final = 100
"""Columns that everything printed fits."""
_GAP: Final = "  "
_LEAST: Final = 8


def clean(text: str) -> str:
    """One line, in which what cannot be printed is replaced.

    Examples
    --------
    >>> clean("a\\tb\\x00c")
    'a b�c'
    """
    spaced = "".join(" " if c in "\t\n\r\v\f\x85\u2028\u2029" else c for c in text)
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in spaced)


def width(text: str) -> int:
    """Columns a text takes in a terminal: combining marks none, wide characters two.

    Examples
    --------
    >>> width("v̄1"), width("中")
    (2, 2)
    """
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def cut(text: str, most: int) -> str:
    """A text cut to a width, its end marked.

    Examples
    --------
    >>> cut("log(x1) + x1*x2", 9)
    'log(x1) …'
    """
    if width(text) <= most:
        return text
    return _head(text, most - 1) + "…"


def _head(text: str, most: int) -> str:
    """As much of a text as fits."""
    used = 0
    for place, character in enumerate(text):
        used += _columns(character)
        if used > most:
            return text[:place]
    return text


def pad(text: str, to: int, right: bool = False) -> str:
    """A text filled up to a width."""
    fill = " " * (to - width(text))
    return fill + text if right else text + fill


def listed(items: Sequence[str], most: int) -> str:
    """Items separated by commas, as many as fit, then how many more there are.

    Examples
    --------
    >>> listed(["x1 = 1", "x2 = 2", "x3 = 3", "x4 = 4"], 24)
    'x1 = 1, x2 = 2, … 2 more'
    """
    whole = ", ".join(items)
    if len(items) < 2 or width(whole) <= most:
        return cut(whole, most)
    kept, used = [], 0
    for item in items:
        used += width(item) + 2
        if used + len(f"… {len(items):,} more") > most:
            break
        kept.append(item)
    kept = kept or [cut(items[0], max(_LEAST, most - 2 - len(f"… {len(items):,} more")))]
    return f"{', '.join(kept)}, … {len(items) - len(kept):,} more"


def wrapped(text: str, most: int, indent: str = "", hanging: str | None = None) -> list[str]:
    """Lines of a text, broken at spaces, and inside words that are longer than a line."""
    after = indent if hanging is None else hanging
    lines, line = [], indent
    fresh = True
    for word in text.split(" "):
        room = most - width(line) - (not fresh)
        if width(word) > room and not fresh:
            lines.append(line)
            line, fresh, room = after, True, most - width(after)
        while width(word) > room:
            head = _head(word, room) or word[:1]
            lines.append(line + head)
            word = word[len(head) :]  # noqa: PLW2901
            line, room = after, most - width(after)
        line += word if fresh else f" {word}"
        fresh = False
    return [*lines, line]


def aligned(
    rows: Sequence[Sequence[str]], align: str, most: int = WIDTH, indent: str = "  "
) -> list[str]:
    """Rows as lines of equal columns.

    Where they do not fit, the widest left-aligned columns are cut, so that numbers stay whole.

    Parameters
    ----------
    rows : sequence of sequence of str
    align : str
        "l" or "r" for each column.
    most : int
        Width of a line.

    Examples
    --------
    >>> aligned([("mode", "passes"), ("forward", "2")], "lr")
    ['  mode     passes', '  forward       2']
    """
    sizes = _fitted(rows, align, most - len(indent))
    return [
        indent
        + _GAP.join(
            pad(cut(cell, size), size, side == "r")
            for cell, size, side in zip(row, sizes, align, strict=True)
        ).rstrip()
        for row in rows
    ]


def folded(
    rows: Sequence[Sequence[str]], align: str, most: int = WIDTH, indent: str = "  "
) -> list[str]:
    """As `aligned`, but what does not fit its column goes on in the next line.

    Cells may have several lines of their own.

    Examples
    --------
    >>> folded([("v1", "a long rule", "2")], "llr", 16)
    ['  v1  a long   2', '         rule']
    """
    lines = [[cell.split("\n") for cell in row] for row in rows]
    widest = [[max(parts, key=width) for parts in row] for row in lines]
    sizes = _fitted(widest, align, most - len(indent))
    result: list[list[str]] = []
    for row in lines:
        cells = [
            [piece for part in parts for piece in wrapped(part, size, hanging="   ")]
            for parts, size in zip(row, sizes, strict=True)
        ]
        result += [list(line) for line in zip_longest(*cells, fillvalue="")]
    return aligned(result, align, most, indent)


def spread(rows: Sequence[Sequence[str]], indent: str = "  ") -> int:
    """The width that rows take as a table, if none of their cells is cut."""
    columns = zip(*rows, strict=True)
    sizes = [max(width(line) for cell in column for line in cell.split("\n")) for column in columns]
    return len(indent) + sum(sizes) + len(_GAP) * (len(sizes) - 1)


def _fitted(rows: Sequence[Sequence[str]], align: str, most: int) -> list[int]:
    """Widths of the columns, the widest left-aligned ones narrowed until all fit."""
    sizes = [max(width(row[k]) for row in rows) for k in range(len(align))]
    excess = sum(sizes) + len(_GAP) * (len(align) - 1) - most
    while excess > 0:
        loose = [k for k, side in enumerate(align) if side == "l" and sizes[k] > _LEAST]
        loose = loose or [k for k in range(len(sizes)) if sizes[k] > 1]
        if not loose:
            break
        widest = max(loose, key=lambda k: sizes[k])
        next_widest = max((sizes[k] for k in loose if k != widest), default=_LEAST)
        step = max(1, min(excess, sizes[widest] - next_widest))
        sizes[widest] -= step
        excess -= step
    return sizes
