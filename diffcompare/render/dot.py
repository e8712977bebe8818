"""Graphs and derivatives as pictures for Graphviz, Netron and the like.

Ids are the graph's own: v0, v1, …, constants c0, c1, …
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import Point, read_point
from diffcompare.modes.derivative import Derivative
from diffcompare.modes.guards import distinct
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.ops.leaf import Constant, Input
from diffcompare.ops.operand import ZERO, Value
from diffcompare.render.boxes import box, figure_line
from diffcompare.render.graphviz import (
    CONSTANT,
    CONSTANT_EDGE,
    INPUT,
    OUTPUT,
    SEED,
    SHARED,
    SWEEP,
    Attributes,
    Picture,
)
from diffcompare.render.rules import (
    BAR,
    DOT,
    local_partial,
    marked,
    plain,
    role_numbers,
    scalar,
    signed,
)

RANKDIRS: Final = ("LR", "RL", "TB", "BT")
_MARKS: Final = {"forward": DOT, "reverse": BAR}
_ROLES: Final = 3


def to_dot(
    source: Graph | Derivative,
    *,
    point: Mapping[str, Any] | None = None,
    title: str = "",
    rankdir: str = "LR",
    seed: int = 0,
    allow_nonfinite: bool = False,
) -> str:
    """A graph or a derivative as Graphviz text.

    Parameters
    ----------
    source : Graph or Derivative
        In a derivative by sweeps the primal is white, what all passes share grey, the sweep
        orange, its seeds darker.
    point : mapping, optional
        A number or an array for each input: nodes then show their values, of larger arrays the
        norms. Those of a Graph also show their adjoints, and its edges the local partial
        derivatives.
    title : str, optional
    rankdir : {"LR", "RL", "TB", "BT"}
        Where the arrows run.
    seed : int
        Which output (of a forward derivative, which input) is seeded with 1, the others with 0.
    allow_nonfinite : bool
        Let nan and inf in the point travel.

    Returns
    -------
    str
        The same text for the same source.

    Examples
    --------
    >>> import diffcompare as dc
    >>> print(to_dot(dc.parse("x*x")).splitlines()[-2])
      v0 -> v1;
    """
    if rankdir not in RANKDIRS:
        raise DiffcompareError("name", "to_dot", need=f"a rankdir among {', '.join(RANKDIRS)}",
                               got=shorten(rankdir))  # fmt: skip
    picture = Picture(title, rankdir)
    if isinstance(source, Graph):
        at = None if point is None else read_point(source, point, allow_nonfinite)
        return _of_graph(picture, source, at, seed).text()
    if isinstance(source, Derivative):
        at = None if point is None else read_point(source.primal, point, allow_nonfinite)
        return _of_derivative(picture, source, at, seed).text()
    raise DiffcompareError("type", "to_dot", need="a Graph or a Derivative", got=shorten(source),
                           hint="parse(source) makes a Graph")  # fmt: skip


def _of_graph(picture: Picture, graph: Graph, point: Point | None, seed: int) -> Picture:
    boxes = [box(graph, i, graph.label(i), {}) for i in range(len(graph.ops))]
    looks = [_look(op) for op in graph.ops]
    if point is None:
        return _draw(picture, graph, boxes, looks)
    values = [plain(value) for value in graph.evaluate(point)]
    sweep = adjoint_graph(graph, tuple(graph.inputs))
    adjoints = role_numbers(sweep, point, values, _checked(seed, len(sweep.seeds)))
    moving = graph.depends_on(graph.inputs.values())
    lines, partials = [], {}
    for index, args in enumerate(graph.args):
        shown, label = boxes[index], graph.label(index)
        if args or moving[index]:
            shown.append(figure_line("", label, values[index]))
        if moving[index]:
            bar = marked(label, BAR)
            adjoint = 0.0 if adjoints[index] is None else adjoints[index]
            shown.append(figure_line(f"{bar} ", bar, adjoint))
        lines.append(shown)
        for slot, arg in enumerate(args):
            if moving[arg] and scalar(graph, index, slot):
                partials[index, slot] = signed(local_partial(graph, values, index, slot))
    return _draw(picture, graph, lines, looks, partials)


def _of_derivative(
    picture: Picture, derivative: Derivative, point: Point | None, seed: int
) -> Picture:
    graph = derivative.graph
    names = _role_names(derivative)
    shown = {index: found[0] for index, found in names.items()}
    lines = []
    for index in range(len(graph.ops)):
        name = " = ".join(names.get(index) or [graph.label(index)])
        lines.append(box(graph, index, name, shown))
    if point is not None:
        for index, value in enumerate(_values(derivative, point, seed)):
            if not isinstance(graph.ops[index], Constant):
                lines[index].append(figure_line("", graph.label(index), plain(value)))
    return _draw(picture, graph, lines, _looks(derivative), drawn=_needed(derivative))


def _needed(derivative: Derivative) -> list[bool]:
    """The nodes that an output, a tangent or an adjoint needs, and the seeds."""
    graph = derivative.graph
    roles = [role.node for role in derivative.roles if role.node is not None]
    conditions = [path.condition for path in distinct(role.guards for role in derivative.roles)]
    seeds = [graph.inputs[label] for label in derivative.seeds]
    return graph.live([*graph.outputs, *seeds, *roles, *conditions])


def _looks(derivative: Derivative) -> list[Attributes]:
    """The style of each node: primal, shared by all passes, sweep, seed."""
    graph = derivative.graph
    if not derivative.seeds:
        return [_look(op) for op in graph.ops]
    primal, start = len(derivative.primal.ops), derivative.sweep_start
    seeds = {graph.inputs[label] for label in derivative.seeds}
    looks = []
    for index, op in enumerate(graph.ops):
        if index in seeds:
            looks.append(SEED)
        elif index < primal or isinstance(op, Constant):
            looks.append(_look(op))
        else:
            looks.append(SHARED if index < start else SWEEP)
    return looks


def _look(op: Any) -> Attributes:
    return CONSTANT if isinstance(op, Constant) else INPUT if isinstance(op, Input) else {}


def _role_names(derivative: Derivative) -> dict[int, list[str]]:
    """The tangents or adjoints that each node of the derivative is, the last node's first."""
    names: dict[int, list[str]] = {}
    for index in range(len(derivative.roles) - 1, -1, -1):
        node = derivative.roles[index].node
        if node is not None:
            name = marked(derivative.primal.label(index), _MARKS[derivative.mode])
            names.setdefault(node, []).append(name)
    return {
        node: found if len(found) <= _ROLES else [*found[:_ROLES], "…"]
        for node, found in names.items()
    }


def _values(derivative: Derivative, point: Point, seed: int) -> Sequence[Value]:
    """Values of all nodes of a derivative at a point of its primal, one seed being 1."""
    inputs: dict[str, Value] = dict(point)
    inputs.update(dict.fromkeys(derivative.seeds, ZERO))
    if derivative.seeds:
        label = derivative.seeds[_checked(seed, len(derivative.seeds))]
        inputs[label] = np.ones(derivative.graph.shapes[derivative.graph.inputs[label]])[()]
    return derivative.graph.evaluate(inputs)


def _checked(seed: int, count: int) -> int:
    if seed not in range(count):
        raise DiffcompareError("input", "to_dot", need=f"a seed from 0 to {count - 1}",
                               got=shorten(seed))  # fmt: skip
    return seed


def _draw(
    picture: Picture,
    graph: Graph,
    lines: Sequence[Sequence[str]],
    looks: Sequence[Attributes],
    partials: Mapping[tuple[int, int], str] | None = None,
    drawn: Sequence[bool] | None = None,
) -> Picture:
    chosen = [i for i in range(len(graph.ops)) if drawn is None or drawn[i]]
    outputs = set(graph.outputs)
    for index in chosen:
        mark = OUTPUT if index in outputs else {}
        picture.node(graph.label(index), lines[index], {**looks[index], **mark})
    for index in chosen:
        for slot, arg in enumerate(graph.args[index]):
            colour = {k: v for k, v in looks[index].items() if k == "color"}
            style = CONSTANT_EDGE if isinstance(graph.ops[arg], Constant) else colour
            text = (partials or {}).get((index, slot), "")
            picture.edge(graph.label(arg), graph.label(index), text, style)
    return picture
