"""What the nodes of a derivative are when it is drawn: primal, shared, swept, and of what."""

from __future__ import annotations

from typing import Final

from diffcompare.modes.derivative import Derivative
from diffcompare.modes.guards import distinct
from diffcompare.ops.leaf import Constant, Input
from diffcompare.ops.op import Op
from diffcompare.render.clusters import View, view
from diffcompare.render.folding import Collapse
from diffcompare.render.graphviz import CONSTANT, INPUT, SEED, SHARED, SWEEP, Attributes
from diffcompare.render.rules import BAR, DOT, marked

_MARKS: Final = {"forward": DOT, "reverse": BAR}
_MOST: Final = 3


def view_of_derivative(derivative: Derivative, depth: int, collapse: Collapse) -> View:
    """The nodes that an output, a tangent or an adjoint needs, and the seeds."""
    graph = derivative.graph
    roles = [role.node for role in derivative.roles if role.node is not None]
    conditions = [path.condition for path in distinct(role.guards for role in derivative.roles)]
    seeds = [graph.inputs[label] for label in derivative.seeds]
    return view(graph, depth, collapse, [*graph.outputs, *seeds, *roles, *conditions])


def look(op: Op) -> Attributes:
    """The style of a node of a function."""
    return CONSTANT if isinstance(op, Constant) else INPUT if isinstance(op, Input) else {}


def looks_of_derivative(derivative: Derivative) -> list[Attributes]:
    """The style of each node: primal, shared by all passes, sweep, seed."""
    graph = derivative.graph
    if not derivative.seeds:
        return [look(op) for op in graph.ops]
    primal, start = len(derivative.primal.ops), derivative.sweep_start
    seeds = {graph.inputs[label] for label in derivative.seeds}
    looks = []
    for index, op in enumerate(graph.ops):
        if index in seeds:
            looks.append(SEED)
        elif index < primal or isinstance(op, Constant):
            looks.append(look(op))
        else:
            looks.append(SHARED if index < start else SWEEP)
    return looks


def role_names(derivative: Derivative, seen: View) -> dict[int, list[str]]:
    """The tangents or adjoints that each node seen is, the last node's first."""
    names: dict[int, list[str]] = {}
    images = seen.shown.images
    for index in range(len(derivative.roles) - 1, -1, -1):
        node = derivative.roles[index].node
        if node is None or len(images[node]) != len(images[index]):
            continue
        for primal, here in zip(images[index], images[node], strict=True):
            if primal is not None and here is not None:
                name = marked(seen.graph.label(primal), _MARKS[derivative.mode])
                names.setdefault(here, []).append(name)
    unique = {node: list(dict.fromkeys(found)) for node, found in names.items()}
    return {
        node: found if len(found) <= _MOST else [*found[:_MOST], "…"]
        for node, found in unique.items()
    }
