"""Second order: derivatives of derivative graphs."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError, shorten
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import read_point, read_wrt
from diffcompare.graph.variable import Variable
from diffcompare.modes.derivative import Derivative
from diffcompare.modes.differentiate import differentiate
from diffcompare.modes.forward import tangent_graph
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.modes.seeds import fresh
from diffcompare.ops.moves import SumTo
from diffcompare.ops.operand import Value
from diffcompare.ops.precision import precision


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
    need_one_output(graph, "hessian")
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
        The same for those to differentiate by, rounded to the precision of the point.
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
    need_one_output(graph, "hvp")
    if not isinstance(direction, Mapping) or not direction:
        raise DiffcompareError("type", "hvp", need="a direction: a number or an array by name",
                               got=shorten(direction))  # fmt: skip
    wrt = tuple(name for name in graph.inputs if name in read_wrt(graph, list(direction)))
    product = hvp_graph(graph, wrt, inner, budget=budget)
    point = read_point(graph, at)
    moves = read_point(graph, {**point, **direction})
    kind = precision(point.values())
    seeds = [label for label in product.inputs if label not in graph.inputs]
    given = {s: np.asarray(moves[n], kind)[()] for s, n in zip(seeds, wrt, strict=True)}
    values = product.evaluate({**point, **given})
    shapes = [graph.shapes[graph.inputs[name]] for name in wrt]
    return {
        name: values[index] if shape else float(values[index])
        for name, index, shape in zip(wrt, product.outputs, shapes, strict=True)
    }


def hvp_graph(
    graph: Graph,
    wrt: tuple[str, ...],
    inner: str = "reverse",
    outer: str = "forward",
    budget: Budget = Budget(),  # noqa: B008
) -> Graph:
    """The Hessian times a direction as a graph: the direction's parts are further inputs.

    Parameters
    ----------
    graph : Graph
        With one output, a number.
    wrt : tuple of str
    inner : str
        The mode of the gradient.
    outer : {"forward", "reverse"}
        A forward pass over the gradient, or the gradient of its product with the direction.

    Examples
    --------
    >>> import diffcompare as dc
    >>> hvp_graph(dc.parse("x**2*y**2"), ("x", "y"))
    Graph(x, y, x_dot, y_dot; 14 operations, 2 outputs)
    """
    gradient = differentiate(graph, inner, wrt, budget).jacobian_graph
    if outer == "forward":
        sweep = tangent_graph(gradient, wrt)
        work, outputs = sweep.graph, sweep.swept
    else:
        product = gradient.extended()
        seeds = [fresh(product, f"{name}_dot", graph.shapes[graph.inputs[name]]) for name in wrt]
        parts = [Variable(product, i) for i in gradient.outputs]
        terms = [_inner(part, seed) for part, seed in zip(parts, seeds, strict=True)]
        product.outputs = (reduce(operator.add, terms).index,)
        work = adjoint_graph(product, wrt).jacobian_graph
        outputs = work.outputs
    alive = work.live(outputs)
    order = [i for i in range(len(work.ops)) if alive[i]]
    return work.rearranged(outputs, order, work.inputs)[0]


def _inner(a: Variable, b: Variable) -> Value:
    product = a * b
    return SumTo(())(product) if product.shape else product


def need_one_output(graph: Graph, what: str) -> None:
    """Refuse what is not a Graph with one output."""
    if len(graph.outputs) != 1:
        raise DiffcompareError("shape", what, need="one output", got=str(len(graph.outputs)),
                               hint="differentiate takes several")  # fmt: skip
