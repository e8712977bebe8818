"""Which layers to keep and which to expand: the same derivatives, at what price each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from diffcompare.budget import Budget
from diffcompare.decide.calibration import Calibration
from diffcompare.errors import DiffcompareError
from diffcompare.graph.expand import entry_names, expand, scalar_point
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import read_point, read_wrt
from diffcompare.measure.agreement import relative
from diffcompare.measure.ledger import count
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.ops.cost import Cost

_FINE = Budget(nodes=20_000)


@dataclass(frozen=True)
class LayerPrice:
    """One layer, kept and expanded.

    Attributes
    ----------
    node : str
        Its name in the graph.
    op : str
    operations : Cost
        Of its value, the same both ways.
    kept, expanded : float
        Seconds, predicted: one call of the layer, and an array operation for each number.
    """

    node: str
    op: str
    operations: Cost
    kept: float
    expanded: float


@dataclass(frozen=True, eq=False)
class GranularityChoice:
    """The best choice of layers to expand, for value and gradient in reverse mode.

    Attributes
    ----------
    layers : tuple of LayerPrice
    seconds : dict of str to float
        Predicted per evaluation: "layers" all kept, "numbers" all expanded, "mixed" those expanded
        that are cheaper so.
    choice : str
        The least of these.
    graph : Graph
        At that granularity.
    difference : float
        The largest difference between its gradient and that of the layers, relative to the
        largest entry.
    """

    layers: tuple[LayerPrice, ...]
    seconds: dict[str, float]
    choice: str
    graph: Graph
    difference: float


def choose_granularity(
    graph: Graph, at: Mapping[str, Any], prices: Calibration, wrt: Any = None
) -> GranularityChoice:
    """Price every layer kept and expanded, and choose; the derivatives are held against each other.

    Parameters
    ----------
    graph : Graph
        A network with one output, a number.
    at : mapping
        A point, where the derivatives are compared.
    prices : Calibration
        From `calibrate`.
    wrt : str or sequence of str, optional

    Raises
    ------
    DiffcompareError
        Of kind "graph" where the derivatives of two granularities differ: a defect of a layer.

    Examples
    --------
    >>> import diffcompare as dc
    >>> loss = dc.parse("sum(matmul(a, a))", shapes={"a": (2, 2)})
    >>> prices = dc.Calibration(*[1e-8] * 6, kernel=1e-6, layer=3e-5, flop=1e-9, node=0, sympy=0)
    >>> choose_granularity(loss, {"a": [[1.0, 2.0], [3.0, 4.0]]}, prices).choice
    'numbers'
    """
    names, point = read_wrt(graph, wrt), read_point(graph, at)
    layers = tuple(
        _priced(graph, index, prices) for index, op in enumerate(graph.ops) if is_layer(op)
    )
    cheaper = {layer.node for layer in layers if layer.expanded < layer.kept}
    graphs = {"layers": graph}
    if cheaper:
        graphs["mixed"] = expand(graph, only=lambda g, i: g.label(i) in cheaper)
    with suppress(DiffcompareError):  # too large to write out
        graphs["numbers"] = expand(graph, budget=_FINE)
    seconds = {level: _seconds(level, g, graph, names, prices) for level, g in graphs.items()}
    choice = min(seconds, key=seconds.__getitem__)
    difference = _difference(choice, graphs[choice], graph, names, point)
    if not difference <= relative(np.zeros(0)):
        raise DiffcompareError("graph", "granularity", need="the same derivatives at every level",
                               got=f"a difference of {difference:.1e}")  # fmt: skip
    return GranularityChoice(layers, seconds, choice, graphs[choice], difference)


def is_layer(op: Any) -> bool:
    """Whether an op is a layer: it can be lowered to array operations, or loops over windows."""
    return bool(op.arity[0]) and not op.elementwise and op.kind != "linear"


def _priced(graph: Graph, index: int, prices: Calibration) -> LayerPrice:
    op, shapes = graph.ops[index], [graph.shapes[a] for a in graph.args[index]]
    operations = op.cost(shapes)
    entries = sum(map(math.prod, [*shapes, graph.shapes[index]]))  # taken apart, put together
    kept = prices.layer + operations.total * prices.flop
    expanded = (operations.total + entries) * prices.kernel
    return LayerPrice(graph.label(index), op.name, operations, kept, expanded)


def _wrt(level: str, graph: Graph, names: tuple[str, ...]) -> tuple[str, ...]:
    return entry_names(graph, names) if level == "numbers" else names


def _seconds(
    level: str, fine: Graph, graph: Graph, names: tuple[str, ...], prices: Calibration
) -> float:
    sweep = adjoint_graph(fine, _wrt(level, graph, names))
    joint = sweep.joint_graph if sweep.specialises else sweep.graph
    return prices.seconds(joint, count(joint))


def _difference(
    level: str, fine: Graph, graph: Graph, names: tuple[str, ...], point: dict[str, Any]
) -> float:
    at = scalar_point(point) if level == "numbers" else point
    true = adjoint_graph(graph, names).at(point).matrix
    found = adjoint_graph(fine, _wrt(level, graph, names)).at(at).matrix
    return float(np.max(np.abs(found - true), initial=0.0) / np.max(np.abs(true), initial=1e-300))
