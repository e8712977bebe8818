"""What a command is asked: a source, a point, and what to differentiate by, as text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from diffcompare.errors import DiffcompareError, suggestion
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import shorten_list
from diffcompare.parse.casefile import Case, read_case
from diffcompare.parse.formula import parse_formula
from diffcompare.parse.source import parse, parse_at

_HERE = Path(__file__).resolve().parents[2] / "graphs"


@dataclass(frozen=True)
class Problem:
    """A source with its graph, point and choice of inputs.

    Attributes
    ----------
    source : str or Case
    graph : Graph
    point : dict of str to float or array
    wrt : tuple of str or None
    """

    source: str | Case
    graph: Graph
    point: dict[str, Any]
    wrt: tuple[str, ...] | None


def read_problem(
    text: str, at: Sequence[str] = (), wrt: str | None = None, shapes: Sequence[str] = ()
) -> Problem:
    """The problem that a command line states.

    Parameters
    ----------
    text : str
        A formula, a program, or the path of a case file.
    at : sequence of str
        Entries "name=number", several in one separated by commas, or "name=[1, 2.5]" for an array;
        they replace a case's own.
    wrt : str, optional
        Names separated by commas.
    shapes : sequence of str
        Entries "name=1,3,8,8" for inputs of a formula that are arrays.

    Examples
    --------
    >>> problem = read_problem("x*y", ["x=pi/4,y=2"])
    >>> problem.point["y"], problem.wrt
    (2.0, None)
    """
    point: dict[str, Any] = {}
    for name, number in (_number(entry) for entries in at for entry in _apart(entries)):
        if name in point:
            raise DiffcompareError("input", "--at", need="each name once", got=f"{name} again")
        point[name] = number
    names = tuple(name.strip() for name in wrt.split(",")) if wrt else None
    source: str | Case = text
    if text.strip().endswith(".toml"):
        source = read_case(text.strip())
        point = {**source.point, **point}
        names = names or source.wrt
    if not shapes:
        return Problem(source, parse_at(source, point), point, names)
    graph = parse(source, shapes=dict(_shape(entry) for entry in shapes))
    return Problem(source, graph, point, names)


def _apart(entries: str) -> list[str]:
    """What commas outside of brackets separate."""
    found, depth = [""], 0
    for character in entries:
        depth += (character == "[") - (character == "]")
        if character == "," and depth == 0:
            found.append("")
        else:
            found[-1] += character
    return found


def _shape(entry: str) -> tuple[str, tuple[int, ...]]:
    name, _, sizes = entry.partition("=")
    try:
        return name.strip(), tuple(int(size) for size in sizes.split(","))
    except ValueError:
        raise DiffcompareError("input", "--shape", need="NAME=SIZES, as image=1,3,8,8",
                               got=repr(entry[:60])) from None  # fmt: skip


def _number(entry: str) -> tuple[str, Any]:
    name, equals, text = entry.partition("=")
    if not (equals and name.strip() and text.strip()):
        raise DiffcompareError("input", "--at", need="NAME=NUMBER", got=repr(entry[:60]))
    if text.strip().startswith("["):
        return name.strip(), _array(name.strip(), text)
    try:
        return name.strip(), float(text)
    except ValueError:
        graph = _constant(name.strip(), text)
        return name.strip(), float(graph.evaluate({})[graph.outputs[0]])


def _array(name: str, text: str) -> Any:
    """Numbers in brackets, as JSON has them."""
    try:
        return np.array(json.loads(text), dtype=float)
    except (ValueError, TypeError, RecursionError):
        raise DiffcompareError("input", f"--at {name[:60]}", need="numbers in brackets, as [1, 2.5]",
                               got=repr(text[:60])) from None  # fmt: skip


def _constant(name: str, text: str) -> Graph:
    try:
        return parse_formula(text, inputs=())
    except DiffcompareError as error:
        raise DiffcompareError(
            error.kind, f"--at {name[:60]}", need="a number, or a formula of numbers",
            got=error.got, hint=error.hint, where=error.where,
        ) from None  # fmt: skip


def read_gallery(folder: str | None = None, name: str | None = None) -> list[Case]:
    """The cases of a folder by name, or one of them.

    Parameters
    ----------
    folder : str, optional
        By default `graphs` here, or beside the package.
    name : str, optional
        A file's name without its ending.
    """
    here = Path(folder) if folder else Path("graphs") if Path("graphs").is_dir() else _HERE
    paths: Mapping[str, Any] = {path.stem: path for path in sorted(here.glob("*.toml"))}
    if not paths:
        raise DiffcompareError("input", "the gallery", need="a folder of case files",
                               got=str(here)[:80], hint="name one by --folder")  # fmt: skip
    if name is not None and name not in paths:
        raise DiffcompareError("input", "the gallery", need=f"one of {shorten_list(list(paths))}",
                               got=repr(name[:60]), hint=suggestion(name, list(paths)))  # fmt: skip
    return [read_case(str(path)) for stem, path in paths.items() if name in (None, stem)]
