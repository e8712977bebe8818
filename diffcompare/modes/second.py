"""Second order: derivatives of derivative graphs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import read_point, read_wrt
from diffcompare.modes.derivative import Derivative
from diffcompare.modes.differentiate import differentiate, need_graph
from diffcompare.modes.forward import tangent_graph
from diffcompare.ops.op import Shape
from diffcompare.ops.operand import ZERO, Value


def hessian(
    graph: Graph,
    wrt: str | Sequence[str] | None = None,
    inner: str = "reverse",
    outer: str = "forward",
    budget: Budget = Budget(),  # noqa: B008
) -> Derivative:
    """The Hessian of a graph with one output: the derivative of its gradient graph.

    Parameters
    ----------
    graph : Graph
    wrt : str or sequence of str, optional
    inner, outer : str
        The modes of the first and second differentiation, in any combination.
    budget : Budget, optional

    Returns
    -------
    Derivative
        `.at(point).matrix` is the Hessian.

    Examples
    --------
    >>> import diffcompare as dc
    >>> dc.hessian(dc.parse("x**2*y**2*z**2")).at({"x": 1, "y": 2, "z": 3}).matrix
    array([[72., 72., 48.],
           [72., 18., 24.],
           [48., 24.,  8.]])
    """
    _one_output(graph, "hessian")
    gradient = differentiate(graph, inner, wrt, budget).jacobian_graph
    return differentiate(gradient, outer, read_wrt(graph, wrt), budget)


def hvp(
    graph: Graph,
    at: Mapping[str, Any],
    direction: Mapping[str, Any],
    inner: str = "reverse",
    budget: Budget = Budget(),  # noqa: B008
) -> dict[str, Any]:
    """The Hessian times a direction, in one forward pass over the gradient graph.

    Parameters
    ----------
    graph : Graph
        With one output, a number.
    at : mapping
        A number or an array for each input.
    direction : mapping
        The same for those to differentiate by.
    inner : str
        The mode of the gradient.

    Returns
    -------
    dict of str to float or ndarray
        For each name in `direction`, in the order of the inputs.

    Examples
    --------
    >>> import diffcompare as dc
    >>> dc.hvp(dc.parse("x**2*y**2"), {"x": 1, "y": 2}, {"x": 3, "y": 4})
    {'x': 56.0, 'y': 32.0}
    """
    _one_output(graph, "hvp")
    wrt = tuple(name for name in graph.inputs if name in read_wrt(graph, list(direction)))
    sweep = tangent_graph(differentiate(graph, inner, wrt, budget).jacobian_graph, wrt)
    point = read_point(graph, at)
    moves = read_point(graph, {**point, **direction})
    prepared = sweep.prepare(point, sweep.primal.evaluate(point))
    seeds = {seed: moves[name] for seed, name in zip(sweep.seeds, wrt, strict=True)}
    results = zip(wrt, sweep.run(seeds, prepared), strict=True)
    return {name: _plain(result, graph.shapes[graph.inputs[name]]) for name, result in results}


def _plain(result: Value, shape: Shape) -> Any:
    """A float, or an array, also where it is structurally zero."""
    if shape:
        return np.zeros(shape) if result is ZERO else result
    return 0.0 if result is ZERO else float(result)


def _one_output(graph: Graph, what: str) -> None:
    need_graph(graph, what)
    if len(graph.outputs) != 1:
        raise DiffcompareError("shape", what, need="one output", got=str(len(graph.outputs)),
                               hint="differentiate takes several")  # fmt: skip
