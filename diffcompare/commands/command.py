"""What commands have in common: a source, output as text or JSON."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import diffcompare as dc  # light: what a command uses is loaded when it is used
from diffcompare.commands.progress import aside
from diffcompare.errors import shorten

Parser = argparse.ArgumentParser
Options = argparse.Namespace


class Command(NamedTuple):
    """A command: `add` declares its arguments, `run` does the work and gives the exit status."""

    name: str
    run: Callable[[Options], int]
    summary: str
    add: Callable[[Parser], None]


def add_source(command: Parser) -> None:
    """A source, its point, and what to differentiate by."""
    command.add_argument("source", help="formula, case file or -")
    command.add_argument(
        "--at", action="append", default=[], metavar="NAME=NUMBER",
        help="the point, once for each input; the number may be a formula, as pi/4",
    )  # fmt: skip
    command.add_argument(
        "--shape", action="append", default=[], metavar="NAME=SIZES", dest="shapes",
        help="an input that is an array: image=1,3,8,8",
    )  # fmt: skip
    command.add_argument("--wrt", metavar="NAMES", help="inputs to differentiate by: x,y")


def add_json(command: Parser) -> None:
    """A choice of JSON, for what `show` prints."""
    command.add_argument("--json", action="store_true", help="print JSON")


def add_shown(command: Parser) -> None:
    """A source, and a choice of JSON."""
    add_source(command)
    add_json(command)


def whole(text: str) -> int:
    """A whole number as an argument, 1e6 too."""
    try:
        written = float(text)
        return int(written) if "e" in text and written.is_integer() else int(text)
    except (ValueError, OverflowError):
        raise _no("a whole number", text) from None


def number(text: str) -> float:
    """A number as an argument."""
    try:
        return float(text)
    except ValueError:
        raise _no("a number", text) from None


def _no(need: str, text: str) -> argparse.ArgumentTypeError:
    return argparse.ArgumentTypeError(f"needs {need}, got {shorten(text)}")


def read(options: Options) -> Any:
    """The problem that the arguments state."""
    text = sys.stdin.read() if options.source == "-" else options.source
    return dc.read_problem(text, options.at, options.wrt, options.shapes)


def show(options: Options, text: Callable[..., str], data: Callable[..., str], *found: Any) -> None:
    """Print what was found: with --json as `data` has it, else as `text` has it."""
    write((data if options.json else text)(*found))


def write(text: str, path: str | None = None) -> None:
    """Print a text, or write it to a file."""
    if path:
        dc.write_atomic(path, text)
        return
    with aside():
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        sys.stdout.flush()
