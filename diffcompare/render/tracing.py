"""The rows of a trace, from one evaluation and one derivative sweep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from diffcompare.graph.graph import Graph
from diffcompare.graph.point import Point
from diffcompare.modes.forward import tangent_graph
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.ops.leaf import Constant
from diffcompare.ops.operand import ZERO, Value
from diffcompare.render.columns import clean, cut
from diffcompare.render.formula import short_formulas, step
from diffcompare.render.notation import PRINTED
from diffcompare.render.rules import (
    BAR,
    DOT,
    Partial,
    adjoint_share,
    marked,
    partial,
    plain,
    role_numbers,
    scalar,
    summed,
    tangent_rule,
)

_SHORT: Final = 60


class Row(NamedTuple):
    """A line of the trace.

    Attributes
    ----------
    node, formula : str
    value : float or ndarray
    partials : tuple of Partial
        Forward, of the node by its arguments; in reverse, of the node's users by the node.
    rule : str
        The tangent or adjoint in terms of others, or the derivative as an expression.
    number : float or ndarray
        What the rule gives.
    shares : tuple
        In reverse, what each use contributes.
    """

    node: str
    formula: str
    value: Value
    partials: tuple[Partial, ...]
    rule: str
    number: Value
    shares: tuple[Value, ...] = ()


class Tracer:
    """What the rows of one graph at one point are made from."""

    def __init__(self, graph: Graph, point: Point, most: int | None) -> None:
        self.graph, self.point, self.most = graph, point, most
        self.values = [plain(value) for value in graph.evaluate(point)]
        self.moving = graph.depends_on(graph.inputs.values())
        self.shown = [i for i, op in enumerate(graph.ops) if not isinstance(op, Constant)]

    def forward(self, wrt: str) -> list[Row]:
        graph, seeded = self.graph, self.graph.inputs[wrt]
        numbers = role_numbers(tangent_graph(graph, (wrt,)), self.point, self.values, 0)
        rows = []
        for index in self.shown[: self.most]:
            args = graph.args[index]
            rule = tangent_rule(graph, index, self.moving) if args else str(int(index == seeded))
            uses = [(index, slot) for slot, arg in enumerate(args) if self.moving[arg]]
            rows.append(self._row(index, uses, f"{marked(graph.label(index), DOT)} = {rule}",
                                  numbers[index]))  # fmt: skip
        return rows

    def reverse(self, output: int) -> list[Row]:
        graph, values = self.graph, self.values
        sweep = adjoint_graph(graph, tuple(graph.inputs))
        numbers = role_numbers(sweep, self.point, values, output)
        users = self._users(output)
        rows = []
        for index in self.shown[::-1][: self.most]:
            found = [adjoint_share(graph, values, use, numbers[use[0]]) for use in users[index]]
            if index == graph.outputs[output]:
                found.insert(0, ("1", 1.0))
            found = [share for share in found if share[0] != "0"]
            rule = summed([text for text, _ in found])
            row = self._row(index, users[index], f"{marked(graph.label(index), BAR)} = {rule}",
                            numbers[index])  # fmt: skip
            rows.append(row._replace(shares=tuple(share for _, share in found)))
        return rows

    def _users(self, output: int) -> list[list[tuple[int, int]]]:
        """The uses of each node, as (node, slot), on the way to the output."""
        reached = self.graph.live([self.graph.outputs[output]])
        users: list[list[tuple[int, int]]] = [[] for _ in self.graph.ops]
        for user, args in enumerate(self.graph.args):
            for slot, arg in enumerate(args):
                if reached[user] and self.moving[arg]:
                    users[arg].append((user, slot))
        return users

    def symbolic(self, wrt: str) -> list[Row]:
        count = len(self.graph.ops)
        every, _ = self.graph.rearranged(range(count), range(count), self.graph.inputs)
        # Every node is an output, in the old order: output i of the Jacobian belongs to node i.
        jacobian = tangent_graph(every, (wrt,)).jacobian_graph
        numbers = jacobian.evaluate(self.point)
        texts = short_formulas(jacobian, jacobian.outputs, _SHORT, PRINTED)
        rows = []
        for index in self.shown[: self.most]:
            name = f"∂{self.graph.label(index)}/∂{cut(clean(wrt), 12)}"
            text = texts[index] or f"(over {_SHORT} characters)"
            derivative = plain(numbers[jacobian.outputs[index]])
            rows.append(self._row(index, [], f"{name} = {text}", derivative))
        return rows

    def _row(
        self, index: int, uses: Sequence[tuple[int, int]], rule: str, derivative: Value | None
    ) -> Row:
        numbers = [use for use in uses if scalar(self.graph, *use)]
        partials = tuple(partial(self.graph, self.values, *use) for use in numbers)
        text = step(self.graph, index, style=PRINTED)
        label = self.graph.label(index)
        return Row(
            label,
            text,
            self.values[index],
            partials,
            rule,
            plain(ZERO if derivative is None else derivative),
        )
