"""What stands in the box of a node: its formula, settings, shape and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from diffcompare.graph.graph import Graph
from diffcompare.ops.leaf import Constant
from diffcompare.ops.operand import Value
from diffcompare.render.arrays import kind, norm
from diffcompare.render.formula import step
from diffcompare.render.notation import PRINTED, settings_of
from diffcompare.render.rules import signed

_VECTOR: Final = 4
_SETTINGS: Final = 34
_BOXED: Final = replace(PRINTED, settings=False)


def box(graph: Graph, index: int, name: str, names: Mapping[int, str]) -> list[str]:
    """What a node is: its formula; of an array also the settings of its op and its shape.

    Examples
    --------
    >>> from diffcompare.graph.variable import Variable
    >>> from diffcompare.ops.layers.conv import conv2d
    >>> graph = Graph.empty()
    >>> x, w = Variable.input(graph, "x", (1, 1, 5, 5)), Variable.input(graph, "w", (1, 1, 2, 2))
    >>> box(graph, conv2d(x, w, stride=3).index, "v2", {})
    ['v2 = conv2d(v0, v1)', 'stride (3, 3)', '1×1×2×2 array']
    """
    op, shape = graph.ops[index], graph.shapes[index]
    text = step(graph, index, names, _BOXED)
    if isinstance(op, Constant):
        return [text.strip("()")]
    settings = {} if op.elementwise else settings_of(op)
    lines = [f"{name} = {text}"]
    for told in [f"{key} {value}" for key, value in settings.items() if value != shape]:
        if len(lines) > 1 and len(lines[-1]) + len(told) < _SETTINGS:
            lines[-1] += f", {told}"
        else:
            lines.append(told)
    return [*lines, *[kind(shape)] * bool(shape)]


def figure_line(before: str, label: str, value: Value) -> str:
    """A number or a short vector, of a larger array the norm.

    Examples
    --------
    >>> figure_line("", "v2", 0.5), figure_line("", "v2", np.ones((3, 3)))
    ('= 0.5', '‖v2‖ = 3')
    """
    if np.ndim(value) > 1 or np.size(value) > _VECTOR:
        return f"‖{label}‖ = {signed(norm(value))}"
    return f"{before}= {signed(value)}"
