"""What commands have in common: a source, output as text or JSON."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import diffcompare as dc  # light: what a command uses is loaded when it is used
from diffcompare.commands.progress import aside

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
    """A source, and a choice of JSON."""
    add_source(command)
    command.add_argument("--json", action="store_true", help="print one JSON object")


def count(text: str) -> int:
    """A whole number as an argument, 1e6 too."""
    try:
        number = float(text)
        return int(number) if "e" in text and number.is_integer() else int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"needs a whole number, got {text[:60]!r}") from None


def read(options: Options) -> Any:
    """The problem that the arguments state."""
    text = sys.stdin.read() if options.source == "-" else options.source
    return dc.read_problem(text, options.at, options.wrt, options.shapes)


def write(text: str, path: str | None = None) -> None:
    """Print a text, or write it to a file."""
    if path:
        dc.write_atomic(path, text)
        return
    with aside():
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        sys.stdout.flush()
