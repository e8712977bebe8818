"""A graph as a readable straight-line program, one line a node, and back."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from typing import Any, Final, NoReturn

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError, Where, shorten
from diffcompare.graph.graph import Graph
from diffcompare.ops.leaf import Input
from diffcompare.ops.op import FAMILIES
from diffcompare.ops.options import make_plain, plain_options, unfit

_NAME: Final = r"[A-Za-z_][A-Za-z_0-9]*"
_PLAIN: Final = re.compile(rf"({_NAME}) = ({_NAME})\(({_NAME}(?:, {_NAME})*)\)", re.ASCII)
_HEAD: Final = re.compile(rf"\s*({_NAME})\s*=\s*({_NAME})\s*\(\s*", re.ASCII)
_RETURN: Final = re.compile(rf"\s*return(?:\s+({_NAME}(?:\s*,\s*{_NAME})*))?\s*", re.ASCII)
_ITEM: Final = re.compile(rf"({_NAME})\s*(=?)\s*", re.ASCII)
_NEXT: Final = re.compile(r"\s*([,)])\s*")
_TAIL: Final = re.compile(r"(?:#(.*))?")


def to_listing(graph: Graph) -> str:
    """Write a graph as a program: a line for each node, then the outputs.

    Options are JSON, rationals "p/q"; a node's name, if it has one, is the comment behind it.

    Examples
    --------
    >>> import diffcompare as dc
    >>> print(to_listing(dc.parse("x**1.5 + y/3")), end="")
    v0 = input("x")
    v1 = input("y")
    c0 = constant("3")
    v2 = power(v0, exponent="3/2")
    v3 = div(v1, c0)
    v4 = add(v2, v3)
    return v4
    """
    labels: list[str] = []
    lines: list[str] = []
    for index, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True)):
        labels.append(graph.label(index))
        items = [labels[a] for a in args]
        for key, value in plain_options(op).items():
            items.append(f"{key}={_json(value)}" if items else _json(value))
        name = graph.names.get(index, "")
        comment = f"  # {name}" if name and name.isprintable() else ""
        lines.append(f"{labels[index]} = {op.name}({', '.join(items)}){comment}")
    outputs = ", ".join([labels[i] for i in graph.outputs])
    return "\n".join([*lines, f"return {outputs}".rstrip(), ""])


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(value)


def from_listing(text: str, budget: Budget = Budget()) -> Graph:  # noqa: B008  a frozen value
    """Read a program as `to_listing` writes it: the same ops, arguments, outputs and indices.

    Nodes may have any names. Blank lines and lines that begin with # are skipped.

    Raises
    ------
    DiffcompareError
        With the place in the text; of kind "format", for an unknown op "name", for its options
        and arguments "attr" and "arity", over `budget.nodes` "limit".

    Examples
    --------
    >>> from_listing('x = input("x")\\ny = sin(x)\\nreturn y')
    Graph(x; 1 operation, 1 output)
    """
    if not isinstance(text, str):
        raise DiffcompareError("type", "a listing", need="text", got=type(text).__name__)
    return _Lines(text, int(budget.nodes)).read()


class _Lines:
    """The lines on their way to a graph."""

    def __init__(self, text: str, most: int) -> None:
        self.text, self.most = text, most
        self.graph = Graph.empty()
        self.places: dict[str, int] = {}
        self.number, self.line = 1, ""

    def read(self) -> Graph:
        done = False
        for number, line in enumerate(self.text.splitlines(), 1):
            self.number, self.line = number, line
            if not line or line.isspace() or line.lstrip().startswith("#"):
                continue
            if done:
                self.refuse(0, "to end with its return line", "another line")
            plain = _PLAIN.fullmatch(line)
            if plain:
                self.add(plain, plain[3].split(", "), {}, "")
            else:
                done = self.returned()
                if not done:
                    self.detailed()
        if not done:
            self.refuse(0, "a last line return …", "none")
        return self.graph

    def returned(self) -> bool:
        """Whether the line is the last one, which names the outputs."""
        match = _RETURN.fullmatch(self.line)
        if match and match[1]:
            self.graph.outputs = self.found([name.strip() for name in match[1].split(",")])
        return match is not None

    def detailed(self) -> None:
        """A line with options, a comment or unusual blanks."""
        head = _HEAD.match(self.line)
        if not head:
            self.refuse(0, "lines name = op(arguments) and a last line return …", "another line")
        args: list[str] = []
        options: dict[str, Any] = {}
        at, closed = head.end(), False
        if self.line.startswith(")", at):
            at, closed = at + 1, True
        while not closed:
            at = self.item(head[2], at, args, options)
            mark = _NEXT.match(self.line, at)
            if not mark:
                self.refuse(at, "a comma or a closing bracket", self.line[at : at + 8] or "its end")
            at, closed = mark.end(), mark[1] == ")"
        tail = _TAIL.fullmatch(self.line, at)
        if not tail:
            self.refuse(at, "a comment or the end of the line", self.line[at : at + 8])
        self.add(head, args, options, (tail[1] or "").strip())

    def item(self, op: str, at: int, args: list[str], options: dict[str, Any]) -> int:
        """Read an argument or an option; where it ends."""
        match = _ITEM.match(self.line, at)
        if match and not match[2]:
            args.append(match[1])
            return match.end(1)
        key = match[1] if match else _only_option(op)
        if key is None:
            self.refuse(at, "arguments and options key=value", self.line[at : at + 8] or "its end")
        if key in options:
            self.refuse(at, "each option once", f"{key} twice")
        start = match.end() if match else at
        try:
            options[key], stop = _JSON.raw_decode(self.line, start)
        except (ValueError, RecursionError):
            self.refuse(start, "a JSON value", shorten(self.line[start:], 24))
        return stop

    def add(self, head: re.Match[str], args: list[str], options: dict[str, Any], name: str) -> None:
        """Add the node of a line."""
        graph = self.graph
        if head[1] in self.places:
            self.refuse(head.start(1), "a new name for each node", f"{head[1]} again")
        try:
            op = make_plain(head[2], options)
            op.check_arity(len(args))
        except DiffcompareError as error:
            raise error.at(self.where(*head.span(2))) from None
        if isinstance(op, Input) and op.label in graph.inputs:
            self.refuse(head.start(2), "each input once", f"{shorten(op.label)} again")
        places = self.found(args)
        try:
            index = graph.node(op, places)
        except (ValueError, TypeError, IndexError) as error:
            told = error if isinstance(error, DiffcompareError) else unfit(op)
            raise told.at(self.where(*head.span(2))) from None
        if index >= self.most:
            raise DiffcompareError(
                "limit", "a listing", need=f"at most {self.most} nodes", got="more",
                hint="Budget(nodes=…) sets the bound", where=self.where(0, len(self.line)),
            )  # fmt: skip
        self.places[head[1]] = index
        if name:
            graph.names[index] = name

    def found(self, names: list[str]) -> tuple[int, ...]:
        """The indices of nodes by name."""
        try:
            return tuple([self.places[name] for name in names])
        except KeyError as error:
            name = error.args[0]
            at = max(m.start() for m in re.finditer(rf"\b{name}\b", self.line))
            self.refuse(at, "nodes of lines above", name, len(name))

    def where(self, start: int, stop: int) -> Where:
        return Where(self.text, self.number, start, stop)

    def refuse(self, at: int, need: str, got: str, width: int = 0) -> NoReturn:
        stop = at + width if width else len(self.line)
        raise DiffcompareError(
            "format", "a listing", need=need, got=got, where=self.where(at, stop)
        )


def _only_option(op: str) -> str | None:
    """The option that an op without arguments is written with."""
    family = FAMILIES.get(op)
    return fields(family)[0].name if family and family.arity == (0, 0) else None  # type: ignore[arg-type]


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


_JSON: Final = json.JSONDecoder(parse_constant=_no_constant)
