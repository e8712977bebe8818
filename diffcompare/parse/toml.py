"""TOML from outside: bounded, read whole, and refused with the line at fault."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from dataclasses import dataclass
from math import isinf
from typing import Any, Final, NoReturn

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError, Where, shorten

Key = tuple[str, ...]

_PART = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')"""
# tomllib walks over the parts before each part of a dotted key: ten thousand of them take minutes.
_LONG_KEY: Final = re.compile(rf"(?<![\w-])(?:{_PART}[ \t]*\.[ \t]*){{16}}")


@dataclass(frozen=True)
class TomlFile:
    """The name and text of a file, or text alone.

    Examples
    --------
    >>> TomlFile("", "a = 1").tables()
    {'a': 1}
    """

    name: str
    text: str

    def refuse(self, key: Key, need: str, got: str, hint: str = "") -> NoReturn:
        """Raise an error of kind "format", with the line that holds the key."""
        line = self._lines().get(key)
        where = None
        if line:
            row = self.text.splitlines()[line - 1].rstrip()
            where = Where(self.text, line, len(row) - len(row.lstrip()), len(row))
        raise self._error(_shown(".".join(key)), need, got, hint, where)

    def tables(self) -> dict[str, Any]:
        """The tables of the text; tomllib's refusals told in our form."""
        if _LONG_KEY.search(self.text):
            self.refuse((), "keys of a few parts", "one of 16 or more")
        try:
            return tomllib.loads(self.text, parse_float=self._decimal)
        except DiffcompareError:
            raise
        except tomllib.TOMLDecodeError as error:
            raise self._translated(str(error)) from None
        except RecursionError:
            self.refuse((), "arrays and tables nested a few deep", "a deeper nesting")
        except ValueError as error:  # an integer of too many digits
            self.refuse((), "numbers that can be read", shorten(str(error), 80))

    def _error(
        self, what: str, need: str, got: str, hint: str = "", where: Where | None = None
    ) -> DiffcompareError:
        line = f"line {where.line}" if where else ""
        place = ", ".join([part for part in (_shown(self.name), line) if part])
        what = f"{what} ({place})" if what and place else what or place or "a case"
        return DiffcompareError("format", what, need=need, got=got, hint=hint, where=where)

    def _translated(self, message: str) -> DiffcompareError:
        what, _, place = message.rpartition(" (at ")
        at = re.match(r"line (\d+), column (\d+)", place)
        if at:
            column = int(at[2]) - 1
            where = Where(self.text, int(at[1]), column, column + 1)
        else:  # at the end of the text
            rows = self.text.splitlines()
            where = Where(self.text, len(rows), 0, len(rows[-1]))
        twice = what.startswith(("Cannot", "Duplicate"))
        need = "each key once" if twice else "valid TOML"
        return self._error("", need, shorten(what, 80), where=where)

    def _decimal(self, text: str) -> float:
        number = float(text)
        lost = number == 0 and re.search("[1-9]", text.lower().partition("e")[0])
        if lost or (isinf(number) and "inf" not in text):
            start = self.text.find(text)
            line = self.text.count("\n", 0, start) + 1
            column = start - (self.text.rfind("\n", 0, start) + 1)
            where = Where(self.text, line, column, column + len(text))
            raise self._error("a number", "the range of float64", shorten(text), where=where)
        return number

    def _lines(self) -> dict[Key, int]:
        """The line of each key, counted from 1, for keys written in the plain way."""
        table: Key = ()
        found: dict[Key, int] = {}
        for number, line in enumerate(self.text.splitlines(), 1):
            if header := re.match(r"\s*\[([\w.-]+)\]", line):
                table = tuple(header[1].split("."))
                found.setdefault(table, number)
            elif entry := re.match(r"""\s*["']?([\w-]+)["']?\s*=""", line):
                found.setdefault((*table, entry[1]), number)
        return found


def _shown(name: str) -> str:
    """A name from outside as it is, unless it is long or not printable."""
    return name if name.isprintable() and len(name) <= 60 else shorten(name, 60)


def load(path: str | os.PathLike[str], budget: Budget, what: str = "a case") -> TomlFile:
    """A regular file in UTF-8, no larger than the budget allows; refusals say what it was to be.

    Raises
    ------
    DiffcompareError
        Of kind "input" where it cannot be read, "format" where it is not text, "limit" where it is
        too large.

    Examples
    --------
    >>> load("nowhere.toml", Budget())
    Traceback (most recent call last):
        ...
    diffcompare.errors.DiffcompareError: a case needs a file that can be read, got 'nowhere.toml': \
No such file or directory
    """
    shown, most = shorten(os.fspath(path)), 4 * int(budget.text)  # UTF-8: up to 4 bytes each
    try:
        regular = stat.S_ISREG(os.stat(path).st_mode)
        with open(path if regular else os.devnull, "rb") as stream:  # a pipe could block for ever
            raw = stream.read(most + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DiffcompareError(
            "input", what, need="a file that can be read", got=f"{shown}: {reason}"
        ) from None
    if not regular:
        raise DiffcompareError("input", what, need="a regular file", got=shown)
    name = os.path.basename(os.fspath(path))
    try:  # what is cut off may end in the middle of a character, and is refused for its length
        text = raw.decode("utf-8", "strict" if len(raw) <= most else "replace")
    except UnicodeDecodeError as error:
        got = f"the byte 0x{raw[error.start]:02x} at {error.start}"
        raise DiffcompareError("format", _shown(name), need="text in UTF-8", got=got) from None
    return within(TomlFile(name, text), budget)


def within(file: TomlFile, budget: Budget) -> TomlFile:
    """The file, if it is no longer than the budget allows."""
    if len(file.text) > budget.text:
        raise DiffcompareError(
            "limit", _shown(file.name) or "a case", need=f"at most {budget.text} characters", got="more",
            hint="Budget(text=…) sets the bound",
        )  # fmt: skip
    return file
