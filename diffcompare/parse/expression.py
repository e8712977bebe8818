"""Expressions as nodes: each piece of syntax built from the values of its parts."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from diffcompare.errors import DiffcompareError, suggestion
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.ops.choice import where as choose
from diffcompare.ops.names import FUNCTIONS
from diffcompare.ops.op import Shape
from diffcompare.ops.operand import OPS
from diffcompare.ops.powers import power
from diffcompare.parse.literals import Constants, read_number
from diffcompare.parse.place import Place
from diffcompare.parse.scan import shorten_text
from diffcompare.parse.settings import read_setting
from diffcompare.parse.whitelist import (
    BINARY,
    COMPARISONS,
    CONSTANTS,
    PIECEWISE,
    callee,
    is_function,
    module_member,
    not_a_value,
    parts,
    refused,
)

_NOT_FINITE: Final = ("inf", "nan", "oo")


class Expressions:
    """The expressions of one text, on their way into a graph.

    Parameters
    ----------
    place : Place
    graph : Graph
    closed : bool
        Whether the inputs that the graph has are all; otherwise a new name is a new input.
    widest : int
        How many arguments flattened maxima and minima may have together.
    shapes : mapping of str to tuple of int
        Of the inputs that are arrays.

    Attributes
    ----------
    assigned : dict of str to Variable
        What names stand for, other than inputs.
    fixed : set of str
        pi and e, where they were read as constants.

    Examples
    --------
    >>> place = Place("2*x")
    >>> Expressions(place, Graph.empty(), False, 10).value(ast.parse("2*x").body[0].value)
    <v1 = <op mul>>
    """

    def __init__(
        self,
        place: Place,
        graph: Graph,
        closed: bool,
        widest: int,
        shapes: Mapping[str, Shape] = MappingProxyType({}),
    ) -> None:
        self.place, self.graph, self.closed, self.shapes = place, graph, closed, shapes
        self.constants = Constants(graph)
        self.assigned: dict[str, Variable] = {}
        self.fixed: set[str] = set()
        self.width, self.widest = 0, widest

    def value(self, root: ast.expr) -> Variable:
        """The value of an expression: its parts first, without recursion."""
        todo: list[tuple[ast.expr, int]] = [(root, -1)]
        done: list[Variable] = []
        while todo:
            node, count = todo.pop()
            try:
                if count < 0:
                    inner = parts(self.place, node)
                    todo.append((node, len(inner)))
                    todo.extend([(part, -1) for part in reversed(inner)])
                else:
                    first = len(done) - count
                    done[first:] = [self.built(node, done[first:])]
            except DiffcompareError as error:
                raise error.at(self.place.of(node)) from None
        return done[0]

    def built(self, node: ast.expr, x: Sequence[Variable]) -> Variable:
        """The node of an expression, from the values of its parts."""
        result = _BUILD[type(node)](self, node, x)
        if not isinstance(result, Variable):
            result = Variable.constant(self.graph, result)
        self.constants.settle()
        return result

    def number(self, node: ast.Constant, x: Sequence[Variable]) -> Any:
        return read_number(self.place.piece(node))

    def member(self, node: ast.Attribute, x: Sequence[Variable]) -> Any:
        return CONSTANTS[module_member(self.place, node)]

    def name(self, node: ast.Name, x: Sequence[Variable]) -> Any:
        name, known = node.id, self.graph.inputs
        if name in self.assigned:
            return self.assigned[name]
        if name in known:
            return Variable(self.graph, known[name])
        if name in CONSTANTS:
            self.fixed.add(name)
            return CONSTANTS[name]
        if is_function(name):
            raise not_a_value(name, self.place.of(node))
        if self.closed:
            names = [*known, *self.assigned]
            listed = ", ".join(map(shorten_text, names[:12])) + ", …" * (len(names) > 12)
            raise refused(self.place, node, "name", f"names among {listed}" if names else "no names",
                          shorten_text(name), suggestion(name, names))  # fmt: skip
        if name in _NOT_FINITE:
            raise refused(self.place, node, "domain", "finite numbers", name)
        return Variable.input(self.graph, name, self.shapes.get(name, ()))

    def binary(self, node: ast.BinOp, x: Sequence[Variable]) -> Any:
        if isinstance(node.op, ast.Pow):
            return self.power(node.right, *x)
        return OPS[BINARY[type(node.op)]](*x)

    def unary(self, node: ast.UnaryOp, x: Sequence[Variable]) -> Any:
        if isinstance(node.op, ast.UAdd):
            return x[0]
        if isinstance(node.operand, ast.Constant):  # the sign of a number is part of it
            return -read_number(self.place.piece(node.operand))
        return -x[0]

    def compare(self, node: ast.Compare, x: Sequence[Variable]) -> Any:
        return OPS[COMPARISONS[type(node.ops[0])]](*x)

    def call(self, node: ast.Call, x: Sequence[Variable]) -> Any:
        name = callee(self.place, node)
        if name == PIECEWISE:
            result = x[-1]
            for value, condition in zip(x[-3::-2], x[-2::-2], strict=True):
                result = choose(condition, value, result)
            return result
        if FUNCTIONS[name] is FUNCTIONS["pow"]:
            return self.power(node.args[1], *x)
        settings = {str(word.arg): read_setting(self.place, word.value) for word in node.keywords}
        result = FUNCTIONS[name](*x, **settings)
        if isinstance(result, Variable):
            self.check_width(len(self.graph.args[result.index]))
        return result

    def check_width(self, count: int) -> None:
        """Bound max(max(…, a), b), line by line: each flattens to a node of all arguments."""
        self.width += max(0, count - 3)
        if self.width > self.widest:
            raise DiffcompareError(
                "limit", "the graph", need=f"at most {self.widest} arguments of max and min",
                got="more", hint="write max(a, b, …) of all at once",
            )  # fmt: skip

    def power(self, exponent: ast.expr, x: Variable, y: Variable) -> Any:
        """`x**y`, a constant rational exponent folded exactly."""
        try:
            exact = self.constants.exponent(y.index)
        except DiffcompareError as error:
            raise error.at(self.place.of(exponent)) from None
        return power(x, y if exact is None else exact)


_BUILD: Final[dict[type[ast.expr], Callable[[Expressions, Any, Sequence[Variable]], Any]]] = {
    ast.Constant: Expressions.number,
    ast.Name: Expressions.name,
    ast.Attribute: Expressions.member,
    ast.BinOp: Expressions.binary,
    ast.UnaryOp: Expressions.unary,
    ast.Compare: Expressions.compare,
    ast.Call: Expressions.call,
}
