"""A formula's text as Python's syntax nodes: statements, the last of which is the result."""

from __future__ import annotations

import ast

from diffcompare.errors import DiffcompareError
from diffcompare.parse.place import Place
from diffcompare.parse.scan import shorten_text


def statements(place: Place) -> list[ast.stmt]:
    """The statements of a text that `scan` let pass.

    Raises
    ------
    DiffcompareError
        Of kind "syntax", or "limit" where the parser gives up.

    Examples
    --------
    >>> statements(Place("x +* y"))
    Traceback (most recent call last):
        ...
    diffcompare.errors.DiffcompareError: a formula needs an expression or lines name = …, got *
      x +* y
         ^
    """
    try:
        return ast.parse(place.code).body
    except SyntaxError as error:
        refusal = _syntax(place, error)
    except (RecursionError, MemoryError, OverflowError, ValueError):
        refusal = _too_long(place)
    raise refusal


def _syntax(place: Place, error: SyntaxError) -> DiffcompareError:
    line, start = error.lineno or 1, (error.offset or 1) - 1
    stop = (error.end_offset or 0) - 1 if error.end_lineno == line else start + 1
    where = place.on(line, start, stop)
    if "nested" in error.msg:
        return DiffcompareError("limit", "a formula", need="fewer brackets within brackets",
                                got="too many", where=where)  # fmt: skip
    if isinstance(error, IndentationError):
        return DiffcompareError("syntax", "a program", need="lines that begin in one column",
                                got="one that does not", where=where)  # fmt: skip
    here = where.text.splitlines()[where.line - 1][where.start : where.stop]
    says = error.msg.partition(". Maybe")[0]  # what it proposes is not what a formula may have
    return DiffcompareError(
        "syntax", "a formula", need="an expression or lines name = …",
        got=shorten_text(here) if here.strip() else "the end of a line",
        hint="" if says == "invalid syntax" else f"Python says: {says}", where=where,
    )  # fmt: skip


def _too_long(place: Place) -> DiffcompareError:
    """Python's parser calls itself for each operation of a + b + c + …, some 3000 deep."""
    rows = place.code.splitlines()
    line = max(range(len(rows)), key=lambda i: len(rows[i])) + 1
    return DiffcompareError(
        "limit", "a term", need="at most some thousand operations in a row", got="more",
        hint="write sum(a, b, …) for a long sum, or a line name = … for each part",
        where=place.on(line, 0, len(rows[line - 1])),
    )  # fmt: skip
