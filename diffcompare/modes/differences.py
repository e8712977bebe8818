"""Finite differences and complex step: derivatives from values alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np

from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import Point
from diffcompare.graph.variable import Variable
from diffcompare.modes.derivative import Derivative, flat, units
from diffcompare.modes.jacobian import Blocks
from diffcompare.ops.operand import Value
from diffcompare.ops.precision import Float, precision

STEP: Final[dict[Float, float]] = {np.float64: 1e-6, np.float32: 2.0**-8}
"""h of the lecture; of float32 the cube root of its precision, where rounding and truncation meet."""
COMPLEX_STEP: Final[dict[Float, float]] = {np.float64: 1e-200, np.float32: 1e-20}
"""Without cancellation a far smaller one will do: its square is below all precision."""
SCHEMES = ("forward", "central", "complex")


@dataclass(frozen=True, eq=False, repr=False)
class Differences(Derivative):
    """A Jacobian by differences of values; its passes are evaluations of f.

    Attributes
    ----------
    scheme : {"forward", "central", "complex"}
        (f(x+h)−f(x))/h with 1 + m evaluations, (f(x+h)−f(x−h))/2h with 2m, Im f(x+ih)/h with m.
    step : float, optional
        h, absolute; by default one that suits the precision of the point.
    """

    scheme: str = "central"
    step: float | None = None

    def step_at(self, point: Point) -> float:
        """h at a point."""
        if self.step is not None:
            return self.step
        return (COMPLEX_STEP if self.scheme == "complex" else STEP)[precision(point.values())]

    @property
    def specialises(self) -> bool:
        """Whether the quotients are one graph: of numbers, and real."""
        return self.scheme != "complex" and self.blocks.scalar

    def entries(self, point: Point, values: Sequence[Value]) -> np.ndarray:
        """By moving one input at a time."""
        here, kind = self._outputs(values), precision(point.values())
        columns = [
            self._column(point, name, unit, here)
            for name, shape in zip(self.wrt, self.blocks.inputs, strict=True)
            for unit in units(shape, kind)
        ]
        return np.array(columns, kind).reshape(self.blocks.shape[::-1]).T.copy()

    def with_step(self, step: float) -> Differences:
        """The same scheme with another h."""
        return replace(self, step=step)

    def _column(self, point: Point, name: str, unit: Value, here: np.ndarray) -> np.ndarray:
        h = self.step_at(point)
        if self.scheme == "complex":
            return np.asarray(self._moved(point, name, 1j * h * unit).imag / h)
        ahead = self._moved(point, name, h * unit)
        with np.errstate(all="ignore"):
            if self.scheme == "forward":
                return np.asarray((ahead - here) / h)
            return np.asarray((ahead - self._moved(point, name, -h * unit)) / (2 * h))

    def _moved(self, point: Point, name: str, by: Value) -> np.ndarray:
        return self._outputs(self.primal.evaluate({**point, name: point[name] + by}))

    def _outputs(self, values: Sequence[Value]) -> np.ndarray:
        return flat([values[i] for i in self.primal.outputs])

    @cached_property
    def jacobian_graph(self) -> Graph:
        """The difference quotients as one graph, f written out once for each evaluation."""
        if self.scheme == "complex":
            raise DiffcompareError("graph", "complex step", need="complex numbers",
                                   got="a graph of real ones")  # fmt: skip
        work = self.primal.extended()
        work.folding = False
        inputs = {name: Variable(work, i) for name, i in self.primal.inputs.items()}
        lift = inputs[self.wrt[0]].like if self.wrt else None
        columns = [self._quotients(inputs, name, lift) for name in self.wrt]
        outputs = [column[k].index for k in range(len(self.primal.outputs)) for column in columns]
        work.outputs = tuple(outputs)
        return work.leveled()

    def _quotients(self, inputs: dict[str, Variable], name: str, lift: Any) -> list[Variable]:
        def moved(h: float) -> list[Variable]:
            values = self.primal.evaluate({**inputs, name: inputs[name] + h}, lift)
            return [values[i] for i in self.primal.outputs]

        h = self.step_at({})
        low = h if self.scheme == "central" else 0.0
        behind = [Variable(inputs[name].graph, i) for i in self.primal.outputs]
        if low:
            behind = moved(-low)
        return [(a - b) / (h + low) for a, b in zip(moved(h), behind, strict=True)]


def differences(
    graph: Graph, wrt: tuple[str, ...], scheme: str, step: float | None = None
) -> Differences:
    """The derivative of a graph by differences.

    Raises
    ------
    DiffcompareError
        Of kind "name" where the complex step meets an op without a complex rule.

    Examples
    --------
    >>> import diffcompare as dc
    >>> derivative = differences(dc.parse("x**3"), ("x",), "complex")
    >>> derivative.passes, derivative.at({"x": 2})["x"]
    (1, 12.0)
    """
    if scheme == "complex":
        active = graph.depends_on([graph.inputs[name] for name in wrt])
        for op, args, moves in zip(graph.ops, graph.args, active, strict=True):
            if args and moves and not op.analytic:
                raise DiffcompareError("name", "complex step", need="ops with a complex rule",
                                       got=op.name)  # fmt: skip
    m = Blocks(graph, wrt).shape[1]
    passes = {"forward": 1 + m, "central": 2 * m, "complex": m}[scheme]
    mode = "complex step" if scheme == "complex" else f"{scheme} differences"
    return Differences(mode, graph, wrt, graph, passes, scheme=scheme, step=step)
