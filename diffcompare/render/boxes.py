"""What stands in the box of a node: its formula, settings, shape and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from diffcompare.graph.graph import Graph
from diffcompare.ops.leaf import Constant
from diffcompare.ops.op import Op
from diffcompare.ops.operand import Value
from diffcompare.render.arrays import kind, norm, shape_text
from diffcompare.render.columns import width
from diffcompare.render.folding import layer_name
from diffcompare.render.formula import step
from diffcompare.render.graphviz import LABEL
from diffcompare.render.notation import PRINTED, SUBSCRIPTS, settings_of
from diffcompare.render.rules import signed

_VECTOR: Final = 4
_MORE: Final = "…"
_WIDTH: Final = 34
_BOXED: Final = replace(PRINTED, settings=False)


def box(
    graph: Graph, index: int, name: str, names: Mapping[int, str], helper: int | None = None
) -> list[str]:
    """What a node is: its formula; of an array also the settings of its op and its shape.

    Parameters
    ----------
    graph : Graph
    index : int
    name : str
    names : mapping
        Names of arguments by index; v0, v1, … by default.
    helper : int, optional
        The node that is drawn in the same box.

    Examples
    --------
    >>> from diffcompare.graph.variable import Variable
    >>> from diffcompare.ops.layers.convolving import conv2d
    >>> graph = Graph.empty()
    >>> x, w = Variable.input(graph, "x", (1, 1, 5, 5)), Variable.input(graph, "w", (1, 1, 2, 2))
    >>> box(graph, conv2d(x, w, stride=3).index, "v2", {})
    ['v2 = conv2d(v0, v1)', 'stride (3, 3)', '1×1×2×2 array']
    """
    op, shape = graph.ops[index], graph.shapes[index]
    text = _formula(graph, index, names, helper)
    if isinstance(op, Constant):
        return [text.strip("()")]
    return [f"{name} = {text}", *_settings(op, helper), *[kind(shape)] * bool(shape)]


def heading(
    graph: Graph, index: int, names: Mapping[int, str], helper: int | None = None
) -> list[str]:
    """What an opened node was: its formula, settings, and the shapes it led from and to.

    Parameters
    ----------
    graph, index, helper
        As for `box`.
    names : mapping
        What stands for each argument.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.parse("conv2d(x, w)", shapes={"x": (1, 1, 5, 5), "w": (1, 1, 2, 2)})
    >>> heading(graph, 2, {0: "x", 1: "w"})
    ['conv2d(x, w)', '1×1×5×5, 1×1×2×2 → 1×1×4×4']
    """
    op, shape = graph.ops[index], graph.shapes[index]
    text = _formula(graph, index, names, helper)
    args = graph.args[index if helper is None else helper]
    arrays = [shape_text(graph.shapes[arg]) for arg in args if graph.shapes[arg]]
    if not arrays:
        return [text, kind(shape)]
    return [text, *_settings(op, helper), f"{', '.join(arrays)} → {shape_text(shape)}"]


def _formula(graph: Graph, index: int, names: Mapping[int, str], helper: int | None) -> str:
    if helper is None:
        return step(graph, index, names, _BOXED)
    args = [names.get(arg, graph.label(arg)) for arg in graph.args[helper]]
    return f"{layer_name(graph, index, helper)}({', '.join(args)})"


def _settings(op: Op, helper: int | None) -> list[str]:
    """The settings that neither the output's shape nor the formula says, a few on a line."""
    said = helper is None and (op.elementwise or op.name in SUBSCRIPTS)
    settings = {} if said else settings_of(op)
    lines: list[str] = []
    for told in [f"{key} {value}" for key, value in settings.items() if key != "to"]:
        if lines and len(lines[-1]) + len(told) < _WIDTH:
            lines[-1] += f", {told}"
        else:
            lines.append(told)
    return lines


def figure_line(before: str, label: str, value: Value) -> str:
    """A number or a short vector, of a larger array the norm.

    Examples
    --------
    >>> figure_line("", "v2", 0.5), figure_line("", "v2", np.ones((3, 3)))
    ('= 0.5', '‖v2‖ = 3')
    >>> figure_line("v̄2 ", "v̄2", np.array([-0.5157, 1.545, -1.071, -1.281]))
    'v̄2 = [−0.5157, 1.545, −1.071, …]'
    """
    if np.ndim(value) > 1 or np.size(value) > _VECTOR:
        return f"‖{label}‖ = {signed(norm(value))}"
    if not np.ndim(value):
        return f"{before}= {signed(value)}"
    entries = [signed(entry) for entry in value]
    while width(text := f"{before}= [{', '.join(entries)}]") > LABEL:
        entries = [*entries[: -1 - (entries[-1] == _MORE)], _MORE]
    return text
