"""The lecture's trace table: node, formula, value, local partials, derivative rule, number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import read_output, read_point, read_wrt
from diffcompare.ops.leaf import Constant
from diffcompare.ops.operand import Value
from diffcompare.render.arrays import kind, norm
from diffcompare.render.columns import clean, cut, folded
from diffcompare.render.numerals import number
from diffcompare.render.rules import equals, figure, signed, summed
from diffcompare.render.tracing import Row, Tracer

MODES: Final = ("forward", "reverse", "symbolic")
_VECTOR: Final = 20


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
    read_output(graph, output, "a trace")
    table = Tracer(graph, read_point(graph, point, allow_nonfinite), most)
    if mode == "reverse":
        return table.reverse(output)
    name = _first(graph, wrt)
    return table.forward(name) if mode == "forward" else table.symbolic(name)


def trace_outputs(graph: Graph, mode: str) -> range:
    """The outputs that have a trace of their own: forward one sweep is that of all of them.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.parse("x*y, x + y")
    >>> trace_outputs(graph, "reverse"), trace_outputs(graph, "forward")
    (range(0, 2), range(0, 1))
    """
    return range(len(graph.outputs) if mode == "reverse" else 1)


def traced(graph: Graph, mode: str, wrt: str | Sequence[str] | None, output: int) -> str:
    """What a trace is of or by: the label of the output in reverse, else the name of an input.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.parse("x*y")
    >>> traced(graph, "reverse", None, 0), traced(graph, "forward", None, 0)
    ('v2', 'x')
    """
    return graph.label(graph.outputs[output]) if mode == "reverse" else _first(graph, wrt)


def _first(graph: Graph, wrt: str | Sequence[str] | None) -> str:
    names = read_wrt(graph, wrt)
    if not names:
        raise DiffcompareError("input", "a trace", need="a graph with an input", got="none")
    return names[0]


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
    title = titles[mode].format(cut(clean(traced(graph, mode, wrt, output)), 40))
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
    if len(row.shares) > 1 and not any(map(np.ndim, row.shares)):
        rule += f"\n   = {summed([signed(share) for share in row.shares])}"
    text = cut(clean(row.formula), 40)
    return row.node, text, _number(row.value), partials, rule, _number(row.number)


def _number(value: Value) -> str:
    """A number or a short vector; of a larger array the shape and the norm."""
    text = figure(value, 6 if not np.ndim(value) else 4)
    if not np.ndim(value) or (text[0] == "[" and len(text) <= _VECTOR):
        return text
    return f"{kind(np.shape(value))}\nnorm {number(norm(value))}"
