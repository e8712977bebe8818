"""What rounding, and the truncation of differences, may do to each entry of a Jacobian."""

from __future__ import annotations

import numpy as np

from diffcompare.graph.expand import scalar_point
from diffcompare.graph.point import Point
from diffcompare.modes.derivative import Derivative, Sweep, flat
from diffcompare.modes.differences import Differences
from diffcompare.modes.jacobian import Jacobian
from diffcompare.modes.products import Products
from diffcompare.numbers.rounded import RoundedArray, error_of, rounded_values
from diffcompare.numbers.rounding import rounding_error
from diffcompare.ops.operand import Value


def bound(derivative: Derivative, point: Point, shared: bool = False) -> np.ndarray:
    """The running bound on the rounding of every entry, (outputs, inputs); 0 where there is none.

    Every pass is run again in numbers that carry their own error: floats as `Rounded`, arrays as
    `RoundedArray`. So an entry that is zero because its terms cancel is known to the size of the
    terms, not to its own.

    Parameters
    ----------
    derivative : Derivative
        No difference quotient.
    point : dict
        From `read_point`.
    shared : bool
        Whether the values of f's nodes count as exact where f has arrays: both sweeps begin with
        the same floats, so that between the two only what comes after is rounded.

    Examples
    --------
    >>> import diffcompare as dc
    >>> derivative = dc.differentiate(dc.parse("x*x - x*x*y"), "reverse")
    >>> found = bound(derivative, {"x": 1.0, "y": 1.0})
    >>> bool((found > 0).all() and (found < 1e-14).all())
    True
    """
    shape, arrays = derivative.blocks.shape, any(derivative.primal.shapes)
    if arrays and isinstance(derivative, Sweep):
        bounds = _swept(derivative, point, shared)
    else:
        graph = derivative.jacobian_graph
        fine = scalar_point(point) if arrays else point
        bounds = np.array(rounding_error(graph, fine, graph.outputs), dtype=float)
    return np.where(np.isfinite(bounds), bounds, 0.0).reshape(shape)


def _swept(derivative: Sweep, point: Point, shared: bool) -> np.ndarray:
    bounds = np.zeros(derivative.blocks.shape)
    for which, found in bounded(derivative, point, shared).all():
        derivative.lines(bounds, which)[:] = found
    return bounds


def bounded(derivative: Sweep, point: Point, shared: bool) -> Products:
    """A sweep of arrays that gives for each product the bound on its rounding."""
    inputs = {name: RoundedArray(x) for name, x in point.items()}
    if shared:
        values: list[Value] = [RoundedArray(x) for x in derivative.primal.evaluate(point)]
    else:
        values = rounded_values(derivative.primal, point)
    return Products(derivative, inputs, values, read=error_of)


def truncation(derivative: Differences, point: Point, jacobian: Jacobian) -> np.ndarray:
    """How a difference quotient changes when h doubles, and f's and x's rounding over h.

    Parameters
    ----------
    derivative : Differences
    point : dict
        From `read_point`.
    jacobian : Jacobian
        What it gave there.

    Examples
    --------
    >>> import diffcompare as dc
    >>> found = dc.differentiate(dc.parse("x**2"), "forward differences")
    >>> bool(truncation(found, {"x": 1.0}, found.at({"x": 1.0})) > 1e-8)
    True
    """
    primal, matrix = derivative.primal, jacobian.matrix
    h = derivative.step_at(point)
    doubled = derivative.with_step(2 * h)
    change = np.abs(doubled.entries(point, primal.evaluate(point)) - matrix)
    if derivative.scheme == "complex":  # no difference is taken: rounding is not magnified
        return np.asarray(change)
    if any(primal.shapes):
        values = rounded_values(primal, point)
        rounding = flat([error_of(values[i]) for i in primal.outputs])
    else:
        rounding = np.array(rounding_error(primal, point, primal.outputs), dtype=float)
    moved = np.abs(matrix) * np.spacing(np.abs(flat([point[n] for n in derivative.wrt])))
    return np.asarray(change + (4 * rounding[:, None] + moved) / h)
