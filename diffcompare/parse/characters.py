"""The characters that a formula may hold: those that a reader sees as what they are."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from diffcompare.errors import DiffcompareError
from diffcompare.parse.place import Place

_NAME_LENGTH: Final = 255

_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f"
    "\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\uffff\U000e0000-\U000e0fff]"
)
"""Controls, blanks other than the plain one, surrogates, and what Unicode calls ignorable:
zero-width characters, marks of direction, selectors of variants."""

_WRITE: Final = {
    "×": "*", "·": "*", "⋅": "*", "∙": "*", "÷": "/", "∕": "/", "−": "-", "–": "-", "—": "-",
    "²": "**2", "³": "**3", "√": "sqrt(x)", "≤": "<=", "≥": ">=", "≠": "!=", "∞": "a finite number",
}  # fmt: skip


def check_characters(place: Place) -> None:
    """Refuse characters that are not seen, anywhere in the text."""
    found = _UNSEEN.search(place.text)
    if found is not None:
        raise DiffcompareError(
            "syntax", "a formula", need="characters that can be seen, and plain blanks",
            got=code_point(found.group()), where=place.at(*found.span()),
        )  # fmt: skip


def check_name(place: Place, match: re.Match[str]) -> None:
    """Refuse a name that Python does not take, or would take for another."""
    name, start = match.group(), match.start()
    if len(name) > _NAME_LENGTH:
        raise DiffcompareError("limit", "a name", need=f"at most {_NAME_LENGTH} characters",
                               got=str(len(name)), where=place.at(*match.span()))  # fmt: skip
    if name.isascii():
        return
    for i, c in enumerate(name):
        digit = c.isdecimal() and not c.isascii()
        if digit or not (f"x{c}" if i else c).isidentifier():
            plain = str(int(c)) if digit else unicodedata.normalize("NFKC", c)
            write = _WRITE.get(c, plain if plain.isascii() and plain != c else "")
            raise DiffcompareError(
                "syntax", "a formula", need="digits 0 to 9" if digit else "names and operators",
                got=f"{c} ({code_point(c)})", hint=write and f"write {write}",
                where=place.at(start + i, start + i + 1),
            )  # fmt: skip
    plain = unicodedata.normalize("NFKC", name)
    if plain != name:
        odd = next((c for c in name if unicodedata.normalize("NFKC", c) != c), name[0])
        raise DiffcompareError(
            "name", "a name", need="letters in their plain form", got=f"{name} with {code_point(odd)}",
            hint=f"write {plain}", where=place.at(*match.span()),
        )  # fmt: skip


def code_point(c: str) -> str:
    """A character by number and name, for what cannot be shown.

    Examples
    --------
    >>> code_point("\\u200b")
    'U+200B ZERO WIDTH SPACE'
    """
    return f"U+{ord(c):04X} {unicodedata.name(c, '')}".rstrip()
