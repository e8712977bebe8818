"""The one form of every refusal: what was wrong, what is needed, what came, and where."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

KINDS: Final = (
    "syntax", "forbidden", "name", "arity", "type", "limit",
    "domain", "input", "shape", "attr", "graph", "format",
)  # fmt: skip

_WIDTH = 96
_READABLE_BITS = 200


@dataclass(frozen=True)
class Where:
    """A span of source text: `line` counts from 1, `start` and `stop` are columns from 0."""

    text: str
    line: int
    start: int
    stop: int

    def caret(self) -> str:
        """The line of the text with the span underlined, cut to a readable width."""
        lines = self.text.splitlines() or [""]
        line = lines[min(self.line, len(lines)) - 1]
        left = max(0, self.start - _WIDTH // 2) if len(line) > _WIDTH else 0
        shown = line[left : left + _WIDTH].expandtabs(1)
        start = self.start - left
        width = max(1, min(self.stop - left, len(shown)) - start)
        shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in shown)
        return f"  {shown}\n  {' ' * start}{'^' * width}"


class DiffcompareError(ValueError):
    """Input that was refused.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    what, need, got : str
        The sentence "`what` needs `need`, got `got`".
    hint : str, optional
        What to write instead.
    where : Where, optional
        The place in the source text, shown with a caret.

    Examples
    --------
    >>> raise DiffcompareError("arity", "sin", need="1 argument", got="2")
    Traceback (most recent call last):
        ...
    diffcompare.errors.DiffcompareError: sin needs 1 argument, got 2
    """

    def __init__(
        self,
        kind: str,
        what: str,
        *,
        need: str,
        got: str,
        hint: str = "",
        where: Where | None = None,
    ) -> None:
        assert kind in KINDS
        self.kind, self.what, self.need, self.got = kind, what, need, got
        self.hint, self.where = hint, where
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The whole text, caret included."""
        text = f"{self.what} needs {self.need}, got {self.got}"
        if self.hint:
            text += f"; {self.hint}"
        return f"{text}\n{self.where.caret()}" if self.where else text

    def at(self, where: Where) -> DiffcompareError:
        """The same error with the place filled in, unless it has one."""
        if self.where:
            return self
        return DiffcompareError(
            self.kind, self.what, need=self.need, got=self.got, hint=self.hint, where=where
        )

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.kind, self.what, self.need, self.got, self.hint, self.where)


class UnknownNameError(DiffcompareError, KeyError):
    """A name that a result does not have; a KeyError too, so that mappings work as mappings do."""

    def __str__(self) -> str:
        return self.message


def _rebuild(
    kind: str, what: str, need: str, got: str, hint: str, where: Where | None
) -> DiffcompareError:
    return DiffcompareError(kind, what, need=need, got=got, hint=hint, where=where)


def suggestion(name: str, known: Sequence[str]) -> str:
    """Which of the known names may have been meant, as a hint.

    Examples
    --------
    >>> suggestion("sine", ["cos", "sin"])
    'did you mean sin?'
    >>> suggestion("tahn", ["tan", "tanh"])
    'did you mean tanh?'
    """
    known = known[:1000]
    same = [other for other in known if other.lower() == name.lower()]
    swapped = [other for other in known if sorted(other) == sorted(name)]
    near = same or swapped or get_close_matches(name, known, 1, 0.7)
    return f"did you mean {near[0]}?" if near else ""


def grouped(number: int) -> str:
    """An integer with its thousands apart; of one too long to read, the number of its digits.

    Examples
    --------
    >>> grouped(1234567), grouped(7**1000)
    ('1,234,567', 'a number of 846 digits')
    """
    if number.bit_length() < _READABLE_BITS:
        return f"{number:,}"
    return f"a number of {math.floor(math.log10(2) * number.bit_length()) + 1} digits"


def shorten(value: object, width: int = 40) -> str:
    """`repr` of a value from outside, short enough for an error text."""
    huge = isinstance(value, int) and abs(value) >= 1 << 4096
    text = "a huge integer" if huge else " ".join(repr(value).split())
    return text if len(text) <= width else text[: width - 1] + "…"
