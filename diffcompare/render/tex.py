"""Text and names in LaTeX: what comes out is ASCII, and nothing in it is a command from outside."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# fmt: off
_TEXT: Final = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"$<$", ">": r"$>$", "|": r"$|$", '"': "''", "[": "{[}", "]": "{]}", "*": "{*}",
    "–": "--", "…": r"\ldots{}", "×": r"$\times$", "·": r"$\cdot$", "−": "$-$", "∂": r"$\partial$",
    "\n": " ", "‖": r"$\|$", "≤": r"$\le$", "≥": r"$\ge$", "≠": r"$\ne$", "±": r"$\pm$", "′": "$'$",
}
_GREEK: Final = frozenset((
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda",
    "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "Gamma",
    "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega",
))
_ACCENTS: Final = {
    "\u0300": "grave", "\u0301": "acute", "\u0302": "hat", "\u0303": "tilde", "\u0304": "bar",
    "\u0306": "breve", "\u0307": "dot", "\u0308": "ddot", "\u030c": "check",
}
# fmt: on
_NUMBERED: Final = re.compile(r"(?P<base>[^\W\d_]+)_?(?P<index>\d+)")


def text(plain: str) -> str:
    """Text in which nothing is a command.

    Examples
    --------
    >>> print(text("50% of \\\\input{x_1}, ∂y"))
    50\\% of \\textbackslash{}input\\{x\\_1\\}, $\\partial$y
    """
    return "".join(_character(c) for c in plain)


def _character(c: str) -> str:
    if c in _TEXT:
        return _TEXT[c]
    return c if c.isascii() and c.isprintable() else f"${_symbol(c)}$"


def _symbol(c: str) -> str:
    """A character in mathematics; one that LaTeX does not have, by its number."""
    if c.isascii() and c.isalnum():
        return c
    plain = unicodedata.normalize("NFKD", c)
    if len(plain) == 1 and plain.isascii() and plain.isalnum():
        return plain
    greek = _greek(plain)
    if greek:
        return f"\\{greek}"
    if len(plain) == 2 and plain[0].isascii() and plain[1] in _ACCENTS:
        return f"\\{_ACCENTS[plain[1]]}{{{plain[0]}}}"
    return r"\_" if c == "_" else rf"\langle\mathrm{{{ord(c):04X}}}\rangle "


def _greek(c: str) -> str:
    """The macro of a Greek letter, or nothing."""
    found = re.fullmatch(
        r"GREEK (SMALL|CAPITAL) LETTER (\w+)", unicodedata.name(c, "") if len(c) == 1 else ""
    )
    if not found:
        return ""
    letter = {"LAMDA": "lambda"}.get(found[2], found[2].lower())
    letter = letter if found[1] == "SMALL" else letter.capitalize()
    return letter if letter in _GREEK else ""


def symbol(label: str) -> str:
    """A name in mathematics: letters with their numbers and words as subscripts.

    Examples
    --------
    >>> print(symbol("x1"), symbol("alpha"), symbol("speed_0"), symbol("x_dot"))
    x_{1} \\alpha \\mathrm{speed}_{0} x_{\\mathrm{dot}}
    """
    found = _NUMBERED.fullmatch(label)
    if found:
        return f"{word(found['base'])}_{{{found['index']}}}"
    base, _, index = label.partition("_")
    if not base or not index:
        return word(label)
    return f"{word(base)}_{{{index if index.isascii() and index.isdigit() else word(index)}}}"


def word(word: str) -> str:
    if word in _GREEK:
        return f"\\{word}"
    letters = "".join(map(_symbol, word))
    return letters if len(word) == 1 else rf"\mathrm{{{letters}}}"
