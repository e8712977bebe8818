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
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.ops.leaf import Constant
from diffcompare.ops.operand import ZERO, Value
from diffcompare.render.boxes import box, figure_line, heading
from diffcompare.render.clusters import View, view
from diffcompare.render.folding import Collapse
from diffcompare.render.graphviz import (
    CONSTANT,
    CONSTANT_EDGE,
    OUTPUT,
    SWEPT,
    Attributes,
    Picture,
)
from diffcompare.render.roles import look, looks_of_derivative, role_names, view_of_derivative
from diffcompare.render.rules import BAR, local_partial, marked, plain, role_numbers, scalar, signed

RANKDIRS: Final = ("LR", "RL", "TB", "BT")


def to_dot(
    source: Graph | Derivative,
    *,
    point: Mapping[str, Any] | None = None,
    title: str = "",
    rankdir: str = "LR",
    seed: int = 0,
    allow_nonfinite: bool = False,
    depth: int = 0,
    collapse: Collapse = (),
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
        Which output (of a forward derivative, which input) is seeded with 1, the others with 0;
        of an array, every entry.
    allow_nonfinite : bool
        Let nan and inf in the point travel.
    depth : {0, 1, 2}
        0: every layer is one box, also one of two nodes, as max-pooling is, unless something else
        uses the inner one. 1: layers are opened to array operations. 2: everything is opened to
        operations on numbers. What is opened stands in a cluster with the layer's formula, settings
        and shapes, named cluster_v3 after the box v3 of depth 0; what two layers share stands in
        the first. Nodes are numbered anew.
    collapse : str, iterable of str or callable
        What stays one box at depth 1 and 2: names of layers or other operations, of inputs, or
        boxes of depth 0, as "conv2d" or "v3"; or ``collapse(name, box)`` is asked of each. At
        depth 2 an input that goes into such a box stays whole, and numbers are picked from arrays
        and stacked to them where folded and opened nodes meet.

    Returns
    -------
    str
        The same text for the same source.

    Examples
    --------
    >>> import diffcompare as dc
    >>> print(to_dot(dc.parse("x*x")).splitlines()[-2])
      v0 -> v1;
    >>> graph = dc.parse("dense(x, w)", shapes={"x": (1, 2), "w": (1, 2)})
    >>> [line for line in to_dot(graph, depth=1).splitlines() if "subgraph" in line]
    ['  subgraph cluster_v2 {']
    """
    if rankdir not in RANKDIRS:
        raise DiffcompareError("name", "to_dot", need=f"a rankdir among {', '.join(RANKDIRS)}",
                               got=shorten(rankdir))  # fmt: skip
    picture = Picture(title, rankdir)
    if isinstance(source, Derivative):
        at = None if point is None else read_point(source.primal, point, allow_nonfinite)
        seen = view_of_derivative(source, depth, collapse)
        return _of_derivative(picture, source, seen, at, seed).text()
    at = None if point is None else read_point(source, point, allow_nonfinite)
    return _of_graph(picture, view(source, depth, collapse), at, seed).text()


def _of_graph(picture: Picture, seen: View, point: Point | None, seed: int) -> Picture:
    graph, looks = seen.graph, [look(op) for op in seen.source.ops]
    lines = _boxes(seen, {}, {})
    _frame(picture, seen, looks, {})
    if point is None:
        return _draw(picture, seen, lines, looks)
    at = seen.inputs(point)
    values = [plain(value) for value in graph.evaluate(at)]
    sweep = adjoint_graph(graph, tuple(graph.inputs))
    seeds = seen.outputs(_checked(seed, len(seen.source.outputs)))
    adjoints = role_numbers(sweep, at, values, *seeds)
    moving = graph.depends_on(graph.inputs.values())
    partials = {}
    for index, args in enumerate(graph.args):
        shown, label = lines[index], graph.label(index)
        if args or moving[index]:
            shown.append(figure_line("", label, values[index]))
        if moving[index]:
            bar = marked(label, BAR)
            adjoint = 0.0 if adjoints[index] is None else adjoints[index]
            shown.append(figure_line(f"{bar} ", bar, adjoint))
        for slot, arg in enumerate(args):
            if moving[arg] and scalar(graph, index, slot):
                partials[index, slot] = signed(local_partial(graph, values, index, slot))
    return _draw(picture, seen, lines, looks, partials)


def _of_derivative(
    picture: Picture, derivative: Derivative, seen: View, point: Point | None, seed: int
) -> Picture:
    found, looks = role_names(derivative, seen), looks_of_derivative(derivative)
    names = {index: roles[0] for index, roles in found.items()}
    lines = _boxes(seen, {index: " = ".join(roles) for index, roles in found.items()}, names)
    _frame(picture, seen, looks, names)
    if point is not None:
        for index, value in enumerate(_values(derivative, seen, point, seed)):
            if not isinstance(seen.graph.ops[index], Constant):
                lines[index].append(figure_line("", seen.graph.label(index), plain(value)))
    return _draw(picture, seen, lines, looks)


def _boxes(seen: View, called: Mapping[int, str], names: Mapping[int, str]) -> list[list[str]]:
    """What stands in each box; nodes are called by their labels unless they have names."""
    graph = seen.graph
    return [
        box(graph, index, called.get(index, graph.label(index)), names, seen.inside.get(index))
        for index in range(len(graph.ops))
    ]


def _values(derivative: Derivative, seen: View, point: Point, seed: int) -> Sequence[Value]:
    """Values of all nodes seen at a point of the primal, one seed being 1."""
    inputs: dict[str, Value] = dict(point)
    inputs.update(dict.fromkeys(derivative.seeds, ZERO))
    if derivative.seeds:
        label = derivative.seeds[_checked(seed, len(derivative.seeds))]
        inputs[label] = np.ones(derivative.graph.shapes[derivative.graph.inputs[label]])[()]
    return seen.graph.evaluate(seen.inputs(inputs))


def _checked(seed: int, count: int) -> int:
    if seed not in range(count):
        raise DiffcompareError("input", "to_dot", need=f"a seed from 0 to {count - 1}",
                               got=shorten(seed))  # fmt: skip
    return seed


def _frame(
    picture: Picture, seen: View, looks: Sequence[Attributes], names: Mapping[int, str]
) -> None:
    """A cluster for each opened node."""
    for owner, nodes in seen.clusters.items():
        called = {arg: seen.called(arg, names) for arg in seen.source.args[owner]}
        title = heading(seen.source, owner, called, seen.held.get(owner))
        style = SWEPT if "color" in looks[owner] else {}
        labels = [seen.graph.label(node) for node in nodes]
        picture.cluster(seen.source.label(owner), title, style, labels)


def _draw(
    picture: Picture,
    seen: View,
    lines: Sequence[Sequence[str]],
    looks: Sequence[Attributes],
    partials: Mapping[tuple[int, int], str] | None = None,
) -> Picture:
    """Boxes and arrows, in the looks that the nodes of the source have."""
    graph, outputs = seen.graph, set(seen.graph.outputs)
    for index in (boxes := [i for i, here in enumerate(seen.drawn) if here]):
        constant = isinstance(graph.ops[index], Constant)
        style = CONSTANT if constant else looks[seen.shown.origins[index]]
        mark = OUTPUT if index in outputs else {}
        picture.node(graph.label(index), lines[index], {**style, **mark})
    for index in boxes:
        colours = {k: v for k, v in looks[seen.shown.origins[index]].items() if k == "color"}
        for slot, arg in enumerate(graph.args[index]):
            if seen.drawn[arg]:
                style = CONSTANT_EDGE if isinstance(graph.ops[arg], Constant) else colours
                text = (partials or {}).get((index, slot), "")
                picture.edge(graph.label(arg), graph.label(index), text, style)
    return picture
