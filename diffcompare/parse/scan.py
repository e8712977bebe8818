"""What a formula's text is held against before Python's parser sees it.

Size, characters, brackets and nesting, and the symbols and words that no formula has. So the
parser meets nothing that could exhaust it, and the caret of an error stands on the very symbol.
"""

from __future__ import annotations

import keyword
import re
from typing import Final

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError, Where, shorten
from diffcompare.ops.names import FUNCTIONS
from diffcompare.parse.characters import check_characters, check_name
from diffcompare.parse.place import Place

_NESTING: Final = 200
"""Brackets that Python's tokenizer opens within one another."""
_DIGITS: Final = 640
"""Characters of a number: as many digits as Python turns into an integer under any setting."""

_TOKEN: Final = re.compile(
    r"""(?P<blank> [ \t]+ | \\ (?:\r\n|[\r\n]) )
      | (?P<comment> \# [^\r\n]* )
      | (?P<line> \r\n | [\r\n] )
      | (?P<number> (?: [0-9][0-9_]* (?:\.[0-9_]*)? | \.[0-9][0-9_]* ) (?: [eE][+-]?[0-9][0-9_]* )? )
      | (?P<name> (?: [A-Za-z_] | [^\x00-\x7f] ) (?: [A-Za-z0-9_] | [^\x00-\x7f] )* )
      | (?P<symbol> \*\*=? | //=? | <<=? | >>=? | := | -> | \.\.\. | [-<>=!+*/%@&|^]= | . )""",
    re.VERBOSE,
)

_SYMBOLS: Final = (
    "+", "-", "*", "/", "**", "%", "(", ")", "[", "]", ",", ";", ":", ".", "=",
    "<", "<=", ">", ">=", "==", "!=",
)  # fmt: skip
"""Of these a formula is made; brackets [ ] only hold what sum, prod, max and min are given."""

_NOT_SYMBOLS: Final = {
    "^": "write ** for a power",
    "//": "write floor(a/b)",
    "~": "write where(c, 0, 1)",
    "&": "write where(a, b, 0)",
    "|": "write where(a, 1, b)",
    "<<": "write x*2**n",
    ">>": "write x/2**n",
    "@": "write the sum of products",
    "!": "write gamma(x + 1) for a factorial",
    "{": "write ( )",
    "}": "write ( )",
}
_NOT_PYTHON: Final = frozenset("!$?`\\")
_NOT_WORDS: Final = {
    "and": "write where(a, b, 0)",
    "or": "write where(a, 1, b)",
    "not": "write where(c, 0, 1)",
    "if": "write where(condition, a, b)",
    "else": "write where(condition, a, b)",
    "is": "write ==",
    "lambda": "as a name write lam",
}


def scan(text: object, budget: Budget) -> Place:
    """Refuse what is not the text of a formula by its size, characters, symbols or nesting.

    Raises
    ------
    DiffcompareError
        Of kind "type", "limit", "syntax", "name" or "forbidden".

    Examples
    --------
    >>> scan("x^2", Budget())
    Traceback (most recent call last):
        ...
    diffcompare.errors.DiffcompareError: a formula needs operators + - * / ** % and comparisons, \
got ^; write ** for a power
      x^2
       ^
    """
    if not isinstance(text, str):
        raise DiffcompareError("type", "a formula", need="text", got=shorten(text))
    if len(text) > budget.text:
        most = int(budget.text)
        beyond = Place(text[: most + 1]).at(most, most + 1)
        raise DiffcompareError("limit", "a formula", need=f"at most {most} characters",
                               got=str(len(text)), hint="Budget(text=…) sets the bound",
                               where=beyond)  # fmt: skip
    place = Place(text)
    check_characters(place)
    scanner = _Scanner(place, budget)
    for match in _TOKEN.finditer(text):
        getattr(scanner, match.lastgroup or "")(match)
    scanner.finish()
    return place


class _Scanner:
    """One walk over the tokens."""

    def __init__(self, place: Place, budget: Budget) -> None:
        self.place, self.depth = place, min(int(budget.depth), _NESTING)
        self.open: list[int] = []  # offsets of the brackets
        self.signs = 0  # unary signs in a row
        self.before: re.Match[str] | None = None  # the token before, if it ends a value
        self.empty = True

    def error(
        self,
        span: tuple[int, int],
        kind: str,
        need: str,
        got: str,
        hint: str = "",
        what: str = "a formula",
    ) -> DiffcompareError:
        where = self.place.at(*span)
        return DiffcompareError(kind, what, need=need, got=got, hint=hint, where=where)

    def blank(self, match: re.Match[str]) -> None:
        """Nothing to hold against it."""

    comment = blank

    def line(self, match: re.Match[str]) -> None:
        if not self.open:
            self.before = None

    def name(self, match: re.Match[str]) -> None:
        name = match.group()
        if self.place.text[match.end() : match.end() + 1] in ("'", '"'):
            raise self.error(match.span(), "forbidden", "numbers and names", "a string")
        if keyword.iskeyword(name) and name not in ("True", "False", "None"):
            raise self.error(
                match.span(), "forbidden", "names that are not words of Python", name,
                _NOT_WORDS.get(name, ""),
            )  # fmt: skip
        check_name(self.place, match)
        self._value(match)

    def number(self, match: re.Match[str]) -> None:
        number = match.group()
        if len(number) > _DIGITS:
            raise self.error(match.span(), "limit", f"at most {_DIGITS} characters", str(len(number)),
                             what="a number")  # fmt: skip
        start, stop = match.span()
        letter = self.place.text[stop : stop + 1]
        if number == "0" and letter in tuple("xXoObB"):
            raise self.error((start, stop + 1), "forbidden", "decimal digits", f"0{letter}…",
                             what="a number")  # fmt: skip
        if letter in ("j", "J"):
            raise self.error((start, stop + 1), "type", "to be real", f"{number}{letter}",
                             what="a number")  # fmt: skip
        self._value(match)

    def _value(self, match: re.Match[str]) -> None:
        if self.before is not None:
            before, here = self.before.group(), match.group()
            gap = self.place.text[self.before.end() : match.start()]
            if "\n" in gap or "\r" in gap:
                raise self._unclosed()
            hint = "write * for a product"
            if before in FUNCTIONS:
                hint = f"write {before}({here})"
            elif before[0] in "0123456789.":
                hint = f"write {before}*{here}"
            raise self.error((self.before.start(), match.end()), "syntax",
                             "an operator between two values",
                             f"{shorten_text(before)}{gap and ' '}{shorten_text(here)}", hint)  # fmt: skip
        self.before, self.empty, self.signs = match, False, 0

    def symbol(self, match: re.Match[str]) -> None:
        symbol = match.group()
        if symbol in "'\"":
            raise self.error(match.span(), "forbidden", "numbers and names", "a string")
        if symbol not in _SYMBOLS:
            kind = "syntax" if symbol in _NOT_PYTHON else "forbidden"
            hint = _NOT_SYMBOLS.get(symbol, "")
            if symbol.endswith("="):
                hint = "write name = value on a line of its own"
            raise self.error(
                match.span(), kind, "operators + - * / ** % and comparisons", symbol, hint
            )
        if symbol in "([":
            self._opened(match)
        elif symbol in ")]":
            self._closed(match)
        else:
            self._operator(match)

    def _operator(self, match: re.Match[str]) -> None:
        symbol = match.group()
        self.signs = self.signs + 1 if symbol in "+-" and self.before is None else 0
        self.before = None
        self._check_depth(match)

    def _opened(self, match: re.Match[str]) -> None:
        self.open.append(match.start())
        self.before, self.signs = None, 0
        self._check_depth(match)

    def _check_depth(self, match: re.Match[str]) -> None:
        if len(self.open) + self.signs > self.depth:
            raise self.error(
                match.span(), "limit", f"nesting of at most {self.depth}", "more",
                "write a line name = … for an inner part",
            )  # fmt: skip

    def _closed(self, match: re.Match[str]) -> None:
        symbol = match.group()
        opening = self.place.text[self.open[-1]] if self.open else "none"
        if opening != {")": "(", "]": "["}[symbol]:
            raise self.error(
                match.span(), "syntax", "a bracket that opened before", opening, what=symbol
            )
        self.open.pop()
        self.before, self.signs = match, 0

    def _unclosed(self) -> DiffcompareError:
        start = self.open[-1] if self.open else 0
        return self.error((start, start + 1), "syntax", "a bracket that closes it", "none",
                          what=self.place.text[start])  # fmt: skip

    def finish(self) -> None:
        """At the end of the text all brackets are closed, and something was said."""
        if self.open:
            raise self._unclosed()
        text = self.place.text
        if self.empty:
            raise DiffcompareError("syntax", "a formula", need="an expression",
                                   got=shorten(text) if text.strip() else "empty text",
                                   where=Where(text, 1, 0, 1))  # fmt: skip


def shorten_text(text: str, width: int = 24) -> str:
    """Text cut to a width."""
    return text if len(text) <= width else f"{text[: width - 1]}…"
