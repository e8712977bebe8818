"""The ledger: operations counted over graphs, by one counter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from diffcompare.graph.graph import Graph
from diffcompare.graph.point import need_places
from diffcompare.modes.derivative import Derivative, Sweep
from diffcompare.modes.differences import Differences
from diffcompare.ops.cost import FREE, Cost


@dataclass(frozen=True)
class Ledger:
    """What a derivative costs per point, in operations.

    Attributes
    ----------
    value : Cost
        Evaluating f.
    shared : Cost
        What all passes share: local partials.
    per_pass : Cost
        One sweep; for differences, one evaluation of f.
    total : Cost
        `value + shared + passes * per_pass`; for the symbolic mode f and the Jacobian as
        one graph; for differences `passes * value`.
    specialised : Cost or None
        The Jacobian as one graph with the seeds put in: structural zeros and dead code dropped.
        None where seeds are arrays, or where it was not wanted.
    joint : Cost or None
        f and that graph as one: what both have is counted once.
    """

    value: Cost
    shared: Cost
    per_pass: Cost
    total: Cost
    specialised: Cost | None
    joint: Cost | None


def count(graph: Graph, nodes: Iterable[int] | None = None) -> Cost:
    """Operations that one evaluation of a graph, or of some of its nodes, takes for its outputs.

    Operations on constants alone are done once and not counted; neither are tangents and adjoints
    that a sweep's graph only shows.

    Examples
    --------
    >>> import diffcompare as dc
    >>> count(dc.parse("log(x1) + x1*x2 - sin(x2)"))
    Cost(add=2, mul=1, div=0, call=2, compare=0)
    """
    varying, needed = graph.depends_on(graph.inputs.values()), graph.live(graph.outputs)
    chosen = range(len(graph.ops)) if nodes is None else list(nodes)
    need_places(chosen, len(graph.ops), "count", "nodes by their index")
    shapes = graph.shapes
    kinds = Counter(
        (graph.ops[i], tuple([shapes[a] for a in graph.args[i]]))
        for i in chosen
        if varying[i] and needed[i]
    )
    total = FREE
    for (op, given), times in kinds.items():
        total = total + op.cost(given) * times
    return total


def ledger(derivative: Derivative, specialise: bool = True) -> Ledger:
    """The ledger of a derivative.

    Parameters
    ----------
    derivative : Derivative
    specialise : bool
        Whether to write out the Jacobian of sweeps as one graph, in the time that all passes take.

    Examples
    --------
    >>> import diffcompare as dc
    >>> ledger(dc.differentiate(dc.parse("x*y*z"), "reverse")).specialised.mul
    3
    """
    value = count(derivative.primal)
    if isinstance(derivative, Differences):
        total = value * derivative.passes
        return Ledger(value, FREE, value, total, total, total)
    written = derivative.specialises and (specialise or not isinstance(derivative, Sweep))
    specialised = count(derivative.jacobian_graph) if written else None
    if not isinstance(derivative, Sweep):
        assert specialised is not None
        arrays = any(derivative.primal.shapes)  # the derivative is of numbers: nothing is shared
        both = value + specialised if arrays else count(derivative.joint_graph)
        return Ledger(value, FREE, FREE, both, specialised, both)
    size, start = len(derivative.primal.ops), derivative.sweep_start
    shared = count(derivative.graph, range(size, start))
    per_pass = count(derivative.graph, range(start, len(derivative.graph.ops)))
    total = value + shared + per_pass * derivative.passes
    joint = count(derivative.joint_graph) if written else None
    return Ledger(value, shared, per_pass, total, specialised, joint)
