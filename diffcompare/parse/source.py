"""The one way in: whatever a graph can be read from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import networkx as nx
import numpy as np
import sympy

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError, shorten
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import shorten_list
from diffcompare.ops.op import Shape
from diffcompare.parse.bounded import over
from diffcompare.parse.casefile import Case
from diffcompare.parse.formula import parse_formula
from diffcompare.parse.from_networkx import parse_networkx
from diffcompare.parse.from_sympy import parse_sympy
from diffcompare.parse.trace import trace


def parse(
    source: Any,
    inputs: Iterable[Any] | None = None,
    budget: Budget = Budget(),  # noqa: B008  a frozen value
    shapes: Mapping[str, Any] | None = None,
) -> Graph:
    """Read a formula, SymPy expressions, a networkx graph or a Python function as a graph.

    Parameters
    ----------
    source : str, sympy.Basic, Matrix or list of them, networkx.MultiDiGraph, Graph or callable
    inputs : iterable of str, optional
        The inputs in order, unused ones too; by default a formula's as they appear, an
        expression's by name, a function's as its parameters stand, a graph's as its nodes stand.
    budget : Budget
        `nodes` bounds the graph, `text` and `depth` the formula.
    shapes : mapping of str to tuple of int, optional
        Of the inputs of a formula or function that are arrays.

    Returns
    -------
    Graph
        A `Graph` is returned as it is.

    Raises
    ------
    DiffcompareError
        Of the kind that fits, for what is not a bounded real function.

    Examples
    --------
    >>> import diffcompare as dc
    >>> dc.parse("log(x1) + x1*x2 - sin(x2)")
    Graph(x1, x2; 5 operations, 1 output)
    >>> dc.parse(lambda x, y: x * y)
    Graph(x, y; 1 operation, 1 output)
    """
    if isinstance(source, Graph):
        if len(source.ops) > budget.nodes:
            raise over(int(budget.nodes))
        return source
    reader = _reader(source)
    if shapes is None:
        return reader(source, inputs=inputs, budget=budget)
    if reader not in (parse_formula, trace):
        case = isinstance(source, Case)
        raise DiffcompareError("type", "shapes", need="a formula or a function beside them",
                               got="a case file" if case else f"a {type(source).__name__}",
                               hint="its inputs have their shapes there" if case else "")  # fmt: skip
    graph = reader(source, inputs=inputs, budget=budget, shapes=shapes)
    for name in shapes:
        if name not in graph.inputs:
            names = shorten_list(list(graph.inputs)) or "no inputs"
            raise DiffcompareError(
                "input", "shapes", need=f"names among {names}", got=shorten(name)
            )
    return graph


def parse_at(source: Any, at: object, budget: Budget = Budget()) -> Graph:  # noqa: B008
    """The graph of a source that is to be evaluated at a point.

    Inputs have the shapes of the point's arrays; a formula takes e and pi for inputs where the
    point names them.
    """
    if not isinstance(at, Mapping):
        return parse(source, budget=budget)
    shapes = {name: shape for name, value in at.items() if (shape := _shape(value))} or None
    if isinstance(source, str):
        graph = parse_formula(source, budget=budget, shapes=shapes)
        if any(name in at and name not in graph.inputs for name in ("e", "pi")):
            return parse_formula(source, inputs=list(at), budget=budget, shapes=shapes)
        return graph
    if not isinstance(source, Graph) and _reader(source) is trace:
        return trace(source, budget=budget, shapes=shapes)
    return parse(source, budget=budget)


def _shape(value: Any) -> Shape:
    """The shape of what a point gives for an input; what is no array is left to the point."""
    if not isinstance(value, (np.ndarray, list, tuple)):
        return ()
    try:
        return np.shape(value)
    except ValueError:  # ragged
        return ()


def _reader(source: Any) -> Callable[..., Graph]:
    if isinstance(source, str):
        return parse_formula
    if isinstance(source, nx.Graph):
        return parse_networkx
    if isinstance(source, Case):
        return lambda case, inputs, budget: case.graph(budget)
    symbolic = (sympy.Basic, sympy.MatrixBase)
    if isinstance(source, symbolic):
        return parse_sympy
    if isinstance(source, (list, tuple)) and any(isinstance(e, symbolic) for e in source):
        return parse_sympy
    if callable(source):
        return trace
    raise DiffcompareError(
        "type", "a source",
        need="a formula (str), SymPy expressions, a networkx MultiDiGraph or a Python function",
        got=type(source).__name__,
    )  # fmt: skip
