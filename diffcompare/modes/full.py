"""Full Jacobians by whichever way is cheapest: forward, reverse, or compressed passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from diffcompare.budget import Budget
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import read_wrt
from diffcompare.modes.derivative import Derivative, Sweep
from diffcompare.modes.forward import tangent_graph
from diffcompare.modes.jacobian import Jacobian
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.modes.sparsity.compressed import compress

_FEW: Final = 8
"""Passes up to here are not worth a coloring."""


def jacobian(
    graph: Graph,
    at: Mapping[str, Any],
    wrt: str | Sequence[str] | None = None,
    budget: Budget = Budget(),  # noqa: B008  a frozen value
) -> Jacobian:
    """The full Jacobian of a graph at a point, see `cheapest`; for many points keep that.

    Parameters
    ----------
    graph : Graph
    at : mapping
        A number or array for each input.
    wrt : str or sequence of str, optional
        The inputs, all of them by default.
    budget : Budget
        Bounds a coloring.

    Examples
    --------
    >>> import diffcompare as dc
    >>> jacobian(dc.parse("x*y, x + y"), {"x": 2, "y": 5})
    Jacobian({'x': array([5., 1.]), 'y': array([2., 1.])})
    """
    return cheapest(graph, wrt, budget).at(at)


def cheapest(
    graph: Graph,
    wrt: str | Sequence[str] | None = None,
    budget: Budget = Budget(),  # noqa: B008
) -> Derivative:
    """The derivative whose passes take the fewest operations for a full Jacobian.

    One pass per input number forward, one per output number reverse; of graphs of numbers also
    passes that columns and rows share, where the pattern has room for it.

    Examples
    --------
    >>> import diffcompare as dc
    >>> cheapest(dc.parse("x*y*z")), cheapest(dc.parse("sin(x), cos(x)"))
    (Derivative(reverse, by x, y, z, passes=1), Derivative(forward, by x, passes=1))
    """
    names = read_wrt(graph, wrt)
    sweeps = [tangent_graph(graph, names), adjoint_graph(graph, names)]
    ways = {sweep: sweep.passes * operations(sweep) for sweep in sweeps}
    best: Derivative = min(ways, key=lambda sweep: (ways[sweep], sweep.passes))
    if any(graph.shapes) or best.passes <= _FEW:
        return best
    compressed = compress(graph, names, budget=budget)
    shared = sum(passes * operations(sweep) for sweep, passes in compressed.sweeps)
    return compressed if shared < min(ways.values()) else best


def operations(sweep: Sweep) -> int:
    """Of one pass, without what all passes share."""
    graph, start = sweep.graph, sweep.sweep_start
    return sum(
        op.cost([graph.shapes[a] for a in args]).total
        for op, args in zip(graph.ops[start:], graph.args[start:], strict=True)
        if args
    )
