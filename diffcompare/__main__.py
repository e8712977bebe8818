"""The command line."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import Final

import diffcompare as dc  # light: what a command uses is loaded when it is used
from diffcompare.commands import costs, pictures, reports
from diffcompare.commands.command import Command
from diffcompare.commands.progress import working
from diffcompare.commands.usage import UsageParser

COMMANDS: tuple[Command, ...] = (*reports.COMMANDS, *pictures.COMMANDS, *costs.COMMANDS)
_OPTION: Final = re.compile(r"--[A-Za-z][\w-]*(=.*)?", re.DOTALL)
_EPILOG = """\
A source is a formula in Python's syntax, a program of assignments, a case file (.toml), or -
for standard input. Exit status: 0 the modes agree, 1 they disagree, 2 bad input.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        options = _parser().parse_args(_formula_last(sys.argv[1:] if argv is None else list(argv)))
        run: Callable[[argparse.Namespace], int] = options.run
        with working(options.command):
            status = run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except dc.DiffcompareError as error:
        print(f"error ({error.kind}): {error}", file=sys.stderr)
        return 2
    except Exception as error:  # no traceback reaches a user
        print(f"internal error, please report it: {type(error).__name__}: {error}", file=sys.stderr)
        return 3
    return status


def _parser() -> argparse.ArgumentParser:
    parser = UsageParser(
        prog="diffcompare", epilog=_EPILOG, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Differentiate a formula or network symbolically, forward and in reverse; "
        "see the derivatives, their agreement, swell, passes and costs side by side.",
    )  # fmt: skip
    commands = parser.add_subparsers(required=True, metavar="command")
    for command in COMMANDS:
        made = commands.add_parser(
            command.name, help=command.summary, description=command.summary, epilog=_EPILOG,
            allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        command.add(made)
        made.set_defaults(run=command.run, command=command.name)
    return parser


def _formula_last(argv: list[str]) -> list[str]:
    """Move a formula that begins with a minus behind --, where argparse takes it as it is.

    A word such as --mode is no formula, but an option, known or not.
    """
    command = next((c for c in COMMANDS if argv and c.name == argv[0]), None)
    if command is None:
        return argv
    flags, valued = _words(command)
    for place, word in enumerate(argv[1:], 1):
        is_option = word in flags or word.partition("=")[0] in valued or _OPTION.fullmatch(word)
        if word.startswith("-") and word != "-" and not is_option and argv[place - 1] not in valued:
            return [*argv[:place], *argv[place + 1 :], "--", word]
    return argv


def _words(command: Command) -> tuple[set[str], set[str]]:
    """A command's options: those that stand alone, and those that a value follows."""
    parser = argparse.ArgumentParser()
    command.add(parser)
    flags: set[str] = {"--"}
    valued: set[str] = set()
    for action in parser._actions:
        (flags if action.nargs == 0 else valued).update(action.option_strings)
    return flags | valued, valued


if __name__ == "__main__":
    sys.exit(main())
