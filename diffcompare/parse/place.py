"""Where the pieces of a formula stand in its text, for the caret of an error."""

from __future__ import annotations

import ast

from diffcompare.errors import Where


class Place:
    """The text of a formula and the way back to it from offsets and syntax nodes.

    Attributes
    ----------
    text : str
    code : str
        The text without the blanks that all its lines begin with, as Python wants it.

    Examples
    --------
    >>> Place("x +\\n  sin").at(6, 9)
    Where(text='x +\\n  sin', line=2, start=2, stop=5)
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines = text.splitlines()
        self._cut = _common_indent(self._lines)
        self.code = "\n".join(map(self._shortened, self._lines)) + "\n"
        self._columns: dict[int, list[int]] = {}

    def _shortened(self, line: str) -> str:
        return line[min(self._cut, _indent(line)) :]

    def at(self, start: int, stop: int) -> Where:
        """A span given by offsets into the text."""
        head = f"{self.text[:start]}x".splitlines()
        column = len(head[-1]) - 1
        return Where(self.text, len(head), column, column + stop - start)

    def on(self, line: int, start: int, stop: int) -> Where:
        """A span of `code`: line from 1, columns from 0."""
        line = max(1, min(line, len(self._lines)))
        row = self._lines[line - 1]
        shift = min(self._cut, _indent(row))
        start = min(max(start, 0) + shift, len(row))
        return Where(self.text, line, start, max(stop + shift, start + 1))

    def of(self, node: ast.expr | ast.stmt) -> Where:
        """The span of a syntax node; of one on several lines, its part on the first."""
        line, stop = node.lineno, node.end_col_offset or 0
        if node.end_lineno != line:
            stop = len(self._lines[line - 1].encode())
        return self.on(line, self._column(line, node.col_offset), self._column(line, stop))

    def piece(self, node: ast.expr) -> str:
        """The text of a syntax node, as far as it is on one line."""
        where = self.of(node)
        return self._lines[where.line - 1][where.start : where.stop]

    def _column(self, line: int, byte: int) -> int:
        """Python counts the columns of a syntax node in bytes of UTF-8."""
        row = self._lines[line - 1]
        if row.isascii():
            return byte
        if line not in self._columns:
            widths = [len(c.encode()) for c in self._shortened(row)]
            self._columns[line] = [i for i, width in enumerate(widths) for _ in range(width)]
            self._columns[line].append(len(widths))
        columns = self._columns[line]
        return columns[min(byte, len(columns) - 1)]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _common_indent(lines: list[str]) -> int:
    """Of all lines that are not blank or a comment."""
    rows = (line.lstrip(" \t")[:1] for line in lines)
    return min(
        (_indent(line) for line, first in zip(lines, rows, strict=True) if first not in ("", "#")),
        default=0,
    )
