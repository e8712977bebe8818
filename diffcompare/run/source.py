"""A graph of numbers as the source of a straight-line Python function over `math`.

Every name in it is one of our own: x0, x1, … for the inputs, v7 for node 7, op7 where node 7 has no
expression over `math` and is called.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from diffcompare.graph.graph import Graph
from diffcompare.ops.leaf import Constant, Input
from diffcompare.ops.op import Op
from diffcompare.run.parts import PART, in_parts

RAISED: Final = "(ValueError, OverflowError, ZeroDivisionError)"
"""What `math` raises where IEEE has a nan or an infinity."""
_LONGEST: Final = 160
"""An expression that is used once is written where it is used, up to this many characters."""

_TEST, _ELSE = "(1.0 if ", " else 0.0)"
"""Around a comparison that is a number."""

Called = dict[str, Callable[..., float]]
Template = tuple[bool, str, list[bool]]
"""Whether an expression has brackets around it, what is in them, which slots it reads twice."""


def function_source(graph: Graph, name: str = "program") -> tuple[str, Called]:
    """The outputs of a graph as a Python function of its inputs, and what that calls by name.

    The function ends in `slow` where `math` raises. A long one calls others, part0, part1, …, that
    stand before it, with empty lines between them.

    Parameters
    ----------
    graph : Graph
        Of numbers.
    name : str

    Examples
    --------
    >>> import diffcompare as dc
    >>> print(function_source(dc.parse("sin(x)*y + sin(x)"))[0])
    def program(x0, x1):
        try:
            v2 = sin(x0)
            return ((v2 * x1) + v2,)
        except (ValueError, OverflowError, ZeroDivisionError):
            return slow(x0, x1)
    """
    text = _Text(graph)
    lines = text.lines()
    return _function(graph, name, lines, text.results()), text.called


def tree_source(graph: Graph, name: str = "program") -> tuple[str, Called]:
    """The outputs of a graph written out as trees: every use of a value computes it again.

    Examples
    --------
    >>> import diffcompare as dc
    >>> print(tree_source(dc.parse("sin(x)*sin(x)"))[0])
    def program(x0):
        try:
            t0 = sin(x0)
            t1 = sin(x0)
            t2 = t0 * t1
            return (t2,)
        except (ValueError, OverflowError, ZeroDivisionError):
            return slow(x0)
    """
    places = {index: f"x{place}" for place, index in enumerate(graph.inputs.values())}
    lines: list[str] = []
    called = Called()
    done: list[str] = []
    todo = [(index, False) for index in reversed(graph.outputs)]
    while todo:
        index, ready = todo.pop()
        op, args = graph.ops[index], graph.args[index]
        if index in places:
            done.append(places[index])
        elif isinstance(op, Constant):
            done.append(literal(float(op.number)))
        elif not ready:
            todo.append((index, True))
            todo.extend((arg, False) for arg in reversed(args))
        else:
            x = done[len(done) - len(args) :]
            del done[len(done) - len(args) :]
            template = op.source(len(args))
            if template is None:
                called[f"op{index}"] = as_function(op)
                text = f"op{index}({', '.join(x)})"
            else:
                text = outer(template.format(*x))
            done.append(f"t{len(lines)}")
            lines.append(f"t{len(lines)} = {text}")
    return _function(graph, name, lines, done), called


def _function(graph: Graph, name: str, lines: list[str], results: list[str]) -> str:
    inputs = ", ".join(f"x{place}" for place in range(len(graph.inputs)))
    functions, lines = in_parts(lines, results, inputs) if len(lines) > PART else ([], lines)
    body = [*lines, f"return ({''.join(f'{result}, ' for result in results).removesuffix(' ')})"]
    text = [
        f"def {name}({inputs}):",
        "    try:",
        *(f"        {line}" for line in body),
        f"    except {RAISED}:",
        f"        return slow({inputs})",
    ]
    return "\n\n".join([*functions, "\n".join(text)])


class _Text:
    """The expressions of the nodes, as far as they are written."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self.called = graph, Called()
        self.alive = graph.live(graph.outputs)
        self.uses = self._uses()
        self.names: list[str] = [""] * len(graph.ops)
        self.templates: dict[tuple[Op, int], Template | None] = {}
        for place, index in enumerate(graph.inputs.values()):
            self.names[index] = f"x{place}"

    def _uses(self) -> list[int]:
        """How often each node is read: a node that a template reads twice is read twice."""
        uses = [0] * len(self.graph.ops)
        for index, args in enumerate(self.graph.args):
            if self.alive[index]:
                for arg in args:
                    uses[arg] += 1
        for index in self.graph.outputs:
            uses[index] += 1
        return uses

    def lines(self) -> list[str]:
        """An assignment for each node that is not written where it is used."""
        lines: list[str] = []
        names, uses = self.names, self.uses
        for index, (op, args) in enumerate(zip(self.graph.ops, self.graph.args, strict=True)):
            if not self.alive[index] or isinstance(op, Input):
                continue
            if isinstance(op, Constant):
                names[index] = literal(float(op.number))
                continue
            wrapped, text = self._expression(index, op, args, lines)
            if uses[index] > 1 or len(text) > _LONGEST:
                lines.append(f"v{index} = {text}")
                names[index] = f"v{index}"
            else:
                names[index] = f"({text})" if wrapped else text
        return lines

    def results(self) -> list[str]:
        """What the function returns."""
        return [outer(self.names[index]) for index in self.graph.outputs]

    def _expression(
        self, index: int, op: Op, args: Sequence[int], lines: list[str]
    ) -> tuple[bool, str]:
        """What computes a node, and whether it is read as one only in brackets."""
        template = self._template(op, len(args))
        if template is None:
            return False, self._without_template(index, op, args, lines)
        wrapped, text, often = template
        for slot, arg in enumerate(args):
            if often[slot] or args.count(arg) > 1:
                self._name(arg, lines)
        x = [self.names[arg] for arg in args]
        if op.name == "where" and x[0].startswith(_TEST) and x[0].endswith(_ELSE):
            x[0] = x[0][len(_TEST) : -len(_ELSE)]
        return wrapped, text.format(*x)

    def _template(self, op: Op, count: int) -> Template | None:
        key = (op, count)
        if key not in self.templates:
            template = op.source(count)
            self.templates[key] = (
                None
                if template is None
                else (
                    outer(template) != template,
                    outer(template),
                    [template.count(f"{{{slot}}}") > 1 for slot in range(count)],
                )
            )
        return self.templates[key]

    def _without_template(self, index: int, op: Op, args: Sequence[int], lines: list[str]) -> str:
        pairs = op.source(2) if op.arity[1] is None else None
        if pairs is None:
            self.called[f"op{index}"] = as_function(op)
            return f"op{index}({', '.join(outer(self.names[arg]) for arg in args)})"
        result = self._name(args[0], lines)
        for arg in args[1:-1]:  # of several by twos
            lines.append(f"v{index} = {outer(pairs.format(result, self._name(arg, lines)))}")
            result = f"v{index}"
        return pairs.format(result, self._name(args[-1], lines))

    def _name(self, index: int, lines: list[str]) -> str:
        """A node's value under a name, because it is read more than once."""
        if not self.names[index].isidentifier() and self.graph.args[index]:
            lines.append(f"v{index} = {outer(self.names[index])}")
            self.names[index] = f"v{index}"
        return self.names[index]


def literal(number: float) -> str:
    """A float that reads back as it is.

    Examples
    --------
    >>> literal(0.1), literal(-2.0), literal(float("-inf"))
    ('0.1', '(-2.0)', '(-inf)')
    """
    return f"({number!r})" if math.copysign(1.0, number) < 0 else repr(number)


def outer(text: str) -> str:
    """An expression without the brackets around it.

    Examples
    --------
    >>> outer("(a + b)"), outer("(a + b)*(a - b)"), outer("v2")
    ('a + b', '(a + b)*(a - b)', 'v2')
    """
    if not text.startswith("("):
        return text
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return text[1:-1] if place == len(text) - 1 else text
    return text


def as_function(op: Op) -> Callable[..., float]:
    """An op's value as a function of floats."""

    def function(*x: Any) -> float:
        with np.errstate(all="ignore"):
            return float(op.value(*map(np.float64, x)))

    return function
