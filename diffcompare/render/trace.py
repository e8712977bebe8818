"""The lecture's trace table: node, formula, value, local partials, derivative rule, number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import Point, read_point, read_wrt
from diffcompare.modes.forward import tangent_graph
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.ops.leaf import Constant
from diffcompare.render.columns import clean, cut, folded
from diffcompare.render.formula import short_formulas, step
from diffcompare.render.notation import PRINTED
from diffcompare.render.numerals import number
from diffcompare.render.rules import (
    BAR,
    DOT,
    Partial,
    adjoint_share,
    equals,
    marked,
    partial,
    role_numbers,
    signed,
    summed,
    tangent_rule,
)

MODES: Final = ("forward", "reverse", "symbolic")
_SHORT: Final = 60


class Row(NamedTuple):
    """A line of the trace.

    Attributes
    ----------
    node, formula : str
    value : float
    partials : tuple of Partial
        Forward, of the node by its arguments; in reverse, of the node's users by the node.
    rule : str
        The tangent or adjoint in terms of others, or the derivative as an expression.
    number : float
        What the rule gives.
    shares : tuple of float
        In reverse, what each use contributes.
    """

    node: str
    formula: str
    value: float
    partials: tuple[Partial, ...]
    rule: str
    number: float
    shares: tuple[float, ...] = ()


def trace_rows(
    graph: Graph,
    point: Mapping[str, Any],
    mode: str,
    wrt: str | Sequence[str] | None = None,
    output: int = 0,
    allow_nonfinite: bool = False,
    most: int | None = None,
) -> list[Row]:
    """The trace of an evaluation and of one derivative sweep.

    Parameters
    ----------
    graph : Graph
    point : mapping
        A number for each input.
    mode : {"forward", "reverse", "symbolic"}
        Tangents; adjoints, from the output back; or expressions, by the rules of calculus.
    wrt : str or sequence of str, optional
        The input to differentiate by, forward and symbolic: the first one, by default of all.
    output : int
        The output to differentiate in reverse.
    allow_nonfinite : bool
        Let nan and inf in the point travel.
    most : int, optional
        The number of rows, all of them by default.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.parse("log(x1) + x1*x2 - sin(x2)")
    >>> [row.number for row in trace_rows(graph, {"x1": 2, "x2": 5}, "forward", "x1")]
    [1.0, 0.0, 0.5, 5.0, 0.0, 5.5, 5.5]
    """
    if mode not in MODES:
        raise DiffcompareError("name", "a trace", need=f"a mode among {', '.join(MODES)}",
                               got=shorten(mode))  # fmt: skip
    if output not in range(len(graph.outputs)):
        raise DiffcompareError("input", "a trace", need="the number of an output, from 0",
                               got=shorten(output))  # fmt: skip
    table = _Trace(graph, read_point(graph, point, allow_nonfinite), most)
    if mode == "reverse":
        return table.reverse(output)
    name = _first(graph, wrt)
    return table.forward(name) if mode == "forward" else table.symbolic(name)


def _first(graph: Graph, wrt: str | Sequence[str] | None) -> str:
    names = read_wrt(graph, wrt)
    if not names:
        raise DiffcompareError("input", "a trace", need="a graph with an input", got="none")
    return names[0]


class _Trace:
    """What the rows of one graph at one point are made from."""

    def __init__(self, graph: Graph, point: Point, most: int | None) -> None:
        self.graph, self.point, self.most = graph, point, most
        self.values = [float(value) for value in graph.evaluate(point)]
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
            derivative = float(numbers[jacobian.outputs[index]])
            rows.append(self._row(index, [], f"{name} = {text}", derivative))
        return rows

    def _row(
        self, index: int, uses: Sequence[tuple[int, int]], rule: str, derivative: float | None
    ) -> Row:
        partials = tuple(partial(self.graph, self.values, *use) for use in uses)
        text = step(self.graph, index, style=PRINTED)
        label = self.graph.label(index)
        return Row(label, text, self.values[index], partials, rule, derivative or 0.0)


def trace_text(
    graph: Graph,
    point: Mapping[str, Any],
    mode: str,
    wrt: str | Sequence[str] | None = None,
    output: int = 0,
    allow_nonfinite: bool = False,
    most: int = 200,
) -> str:
    """The trace as a table within 100 columns.

    Parameters
    ----------
    graph, point, mode, wrt, output, allow_nonfinite
        As for `trace_rows`.
    most : int
        Nodes shown.

    Examples
    --------
    >>> import diffcompare as dc
    >>> print(trace_text(dc.parse("x*y"), {"x": 2, "y": 5}, "reverse"))
    Reverse trace: adjoints of v2, from the output back to the inputs
    <BLANKLINE>
      node  formula  value  local partials    rule           number
      v2    v0·v1       10                    v̄2 = 1              1
      v1    y            5  ∂v2/∂v1 = v0 = 2  v̄1 = v̄2·v0          2
      v0    x            2  ∂v2/∂v0 = v1 = 5  v̄0 = v̄2·v1          5
    """
    rows = trace_rows(graph, point, mode, wrt, output, allow_nonfinite, most)
    count = sum(not isinstance(op, Constant) for op in graph.ops)
    titles = {
        "forward": "Forward trace: tangents by {}",
        "reverse": "Reverse trace: adjoints of {}, from the output back to the inputs",
        "symbolic": "Symbolic trace: the derivative of each node by {}",
    }
    last = graph.label(graph.outputs[output])
    title = titles[mode].format(last if mode == "reverse" else cut(clean(_first(graph, wrt)), 40))
    table = [("node", "formula", "value", "local partials", "rule", "number")]
    table += [_cells(row) for row in rows]
    align = "llrllr"
    if mode == "symbolic":
        table = [cells[:3] + cells[4:] for cells in table]  # type: ignore[misc]
        align = "llrlr"
    more = [f"  … {count - most:,} more nodes"] if count > most else []
    return "\n".join([title, "", *folded(table, align), *more])


def _cells(row: Row) -> tuple[str, str, str, str, str, str]:
    """The cells of one node: a line for each partial, and the shares under the rule."""
    partials = "\n".join(f"{p.name} = {equals(p.rule, p.number)}" for p in row.partials)
    rule = clean(row.rule)
    if len(row.shares) > 1:
        rule += f"\n   = {summed([signed(share) for share in row.shares])}"
    text = cut(clean(row.formula), 40)
    return row.node, text, number(row.value), partials, rule, number(row.number)
