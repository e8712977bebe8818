"""argparse's refusals in the one form that all refusals have."""

from __future__ import annotations

import argparse
import re
from typing import Any, Final, NoReturn

from diffcompare.errors import DiffcompareError, shorten, suggestion

_FORMS: Final = (
    (r"argument (.+?): needs (.+), got (.+)", "{0}", "{1}", "{2}"),  # of our own types
    (r"argument (.+): expected one argument", "{0}", "a value", "none"),
    (r"argument (.+): ignored explicit argument (.+)", "{0}", "no value", "{1}"),
    (r"argument (.+): not allowed with argument (.+)", "{0}", "to be without {1}", "both"),
    (r"the following arguments are required: (.+)", "{prog}", "a {0}", "none"),
    (r"argument (.+): invalid choice: (.+) \(choose from (.+)\)", "{prog}", "a {0} among {2}", "{1}"),
    (r"(.*)", "{prog}", "arguments that it has", "{0}"),
)  # fmt: skip
"""What argparse says, and what, need and got of it."""


class UsageParser(argparse.ArgumentParser):
    """A parser of arguments that refuses as everything here does.

    Examples
    --------
    >>> parser = UsageParser(prog="show")
    >>> _ = parser.add_argument("--mode")
    >>> parser.parse_args(["--moed"])
    Traceback (most recent call last):
        ...
    diffcompare.errors.DiffcompareError: show needs an option among --help, --mode, got '--moed'; did you mean --mode? see show --help
    """

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse has it, but here, where the command is known, nothing may be left over."""
        found, rest = super().parse_known_args(args, namespace)
        words = [word for word in rest if word != "--"]
        for word in words:
            if word.startswith("-"):
                known = (name for name in self._option_string_actions if name.startswith("--"))
                need = f"an option among {', '.join(known)}"
                self._refuse(self.prog, need, shorten(word.partition("=")[0]))
        if words:
            self._refuse(self.prog, "no more arguments", shorten(words[0]))
        return found, []

    def error(self, message: str) -> NoReturn:
        """Refuse what argparse refuses."""
        words, parts = next(
            (told.groups(), parts)
            for pattern, *parts in _FORMS
            if (told := re.fullmatch(pattern, message, re.DOTALL))
        )
        what, need, got = (part.format(*words, prog=self.prog) for part in parts)
        self._refuse(what, need.replace("'", ""), got)  # choices are quoted or not, by the version

    def _refuse(self, what: str, need: str, got: str) -> NoReturn:
        near = suggestion(got.strip("'"), need.partition(" among ")[2].split(", "))
        hint = f"{near} see {self.prog} --help".lstrip()
        raise DiffcompareError("input", what, need=need, got=got, hint=hint)
