"""What every mode returns: a derivative as a graph, its passes, and its values at a point."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from diffcompare.collector import held
from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import Point, read_point
from diffcompare.graph.replay import replayed
from diffcompare.graph.variable import Variable
from diffcompare.modes.guards import NONE, Guards
from diffcompare.modes.jacobian import Blocks, Jacobian
from diffcompare.modes.products import Products
from diffcompare.ops.op import Shape
from diffcompare.ops.operand import ZERO, Value
from diffcompare.ops.precision import Float

Lift = Callable[[Any], Value]


class Role(NamedTuple):
    """What a primal node became in a sweep: the node of its tangent or adjoint, None if zero.

    `node` is an index into the derivative graph; it counts under the `guards`, (condition node,
    truth value) pairs, outermost first.
    """

    node: int | None
    guards: Guards = NONE


def flat(parts: Sequence[Value]) -> np.ndarray:
    """Numbers and arrays one after the other, as one vector."""
    return np.concatenate([np.ravel(part) for part in parts]) if parts else np.zeros(0)


def units(shape: Shape, kind: Float = np.float64) -> Iterator[Value]:
    """The unit arrays of a shape in row-major order, floats of a kind; for a number, 1."""
    for place in np.ndindex(shape):
        unit = np.zeros(shape, kind)
        unit[place] = 1.0
        yield unit[()]


@dataclass(frozen=True, eq=False)
class Derivative:
    """A derivative of a graph in one mode.

    Attributes
    ----------
    mode : str
    primal : Graph
        What was differentiated.
    wrt : tuple of str
        The inputs it was differentiated by.
    graph : Graph
        What is run. A sweep's graph has the primal's nodes first, at the same indices, then what
        does not depend on the seeds, then the sweep; its outputs are those of the primal, then
        tangents or adjoints. The symbolic graph has the Jacobian's entries as outputs, row by row.
    passes : int
        Sweeps that a whole Jacobian takes: one per input number forward, one per output reverse.
    seeds : tuple of str
        Input labels of the seeds of a sweep.
    sweep_start : int
        Index of the first node of `graph` that depends on a seed.
    roles : tuple of Role
        For each primal node its tangent or adjoint.
    """

    mode: str
    primal: Graph
    wrt: tuple[str, ...]
    graph: Graph
    passes: int
    seeds: tuple[str, ...] = ()
    sweep_start: int = 0
    roles: tuple[Role, ...] = field(default=(), repr=False)

    @cached_property
    def jacobian_graph(self) -> Graph:
        """The whole Jacobian as one graph without seeds: an output per entry, row by row."""
        raise NotImplementedError

    @cached_property
    @held()
    def joint_graph(self) -> Graph:
        """The outputs of f, then the Jacobian's entries, as one graph: what both need is there once."""
        both, jacobian = self.primal.extended(), self.jacobian_graph
        both.folding = False
        inputs = {name: Variable(both, index) for name, index in both.inputs.items()}
        values = jacobian.evaluate(inputs, lambda number: Variable.constant(both, number))
        outputs = [*both.outputs, *(values[i].index for i in jacobian.outputs)]
        return both.part(outputs)

    def compile(self, backend: str = "auto", evaluations: int | None = None) -> Any:
        """f and the derivative as a `Program`, as `diffcompare.compile` makes it."""
        return import_module("diffcompare.run.program").compile(
            self, backend, evaluations
        )  # above us

    @property
    def specialises(self) -> bool:
        """Whether there is a `jacobian_graph`: sweeps with array seeds have none."""
        return True

    def at(self, point: Mapping[str, Any], allow_nonfinite: bool = False) -> Jacobian:
        """Value and Jacobian at a point.

        The derivative of an undefined value (nan) is nan by every input it depends on.
        """
        checked = read_point(self.primal, point, allow_nonfinite)
        values = self.primal.evaluate(checked)
        matrix = self.entries(checked, values)
        removable = self._review(checked, values, matrix)
        value = flat([values[i] for i in self.primal.outputs])
        if np.isnan(value).any():
            self._mark_undefined(matrix, value)
        return Jacobian(self.blocks, matrix, value, removable)

    @cached_property
    def blocks(self) -> Blocks:
        """Where each output and input lies in the Jacobian."""
        return Blocks(self.primal, self.wrt)

    def _mark_undefined(self, matrix: np.ndarray, value: np.ndarray) -> None:
        """Make the rows of undefined numbers nan, save what they do not depend on."""
        blocks = self.blocks
        for output, rows in zip(self.primal.outputs, blocks.rows, strict=True):
            lost = np.isnan(value[rows])
            reached = self.primal.live([output])
            for name, columns in zip(self.wrt, blocks.columns, strict=True):
                block = matrix[rows, columns]  # a view
                if reached[self.primal.inputs[name]]:
                    block[lost] = np.nan if block.size == 1 else np.where(block[lost], np.nan, 0.0)

    def entries(self, point: Point, values: Sequence[Value]) -> np.ndarray:
        """The Jacobian's entries as the mode computes them, (outputs, inputs).

        Parameters
        ----------
        point : dict
            From `read_point`.
        values : sequence
            Of all nodes of the primal there.
        """
        raise NotImplementedError

    def _review(
        self, point: Point, values: Sequence[Value], matrix: np.ndarray
    ) -> frozenset[tuple[int, int]]:
        """Mend entries of `matrix` that the graph as written contradicts, and name them."""
        return frozenset()

    def __repr__(self) -> str:
        return f"Derivative({self.mode}, by {', '.join(self.wrt)}, passes={self.passes})"


class Sweep(Derivative):
    """A derivative by sweeps, forward or reverse: what both share."""

    @property
    def swept(self) -> tuple[int, ...]:
        """The outputs of `graph` that hold the tangents or adjoints."""
        return self.graph.outputs[len(self.primal.outputs) :]

    @property
    def specialises(self) -> bool:
        """Whether every seed is a number."""
        return not any(self.graph.shapes[self.graph.inputs[seed]] for seed in self.seeds)

    def entry(self, seed: int, result: int) -> tuple[int, int]:
        """(output, input) of the Jacobian entry that a result of the pass with this seed is."""
        raise NotImplementedError

    def run(
        self, seeds: Mapping[str, Value], prepared: Sequence[Value], lift: Lift | None = None
    ) -> list[Value]:
        """The results of one pass; a seed not given is structurally zero.

        Parameters
        ----------
        seeds : mapping
            By seed label.
        prepared : sequence
            Values of the nodes before `sweep_start`.
        """
        inputs = {seed: seeds.get(seed, ZERO) for seed in self.seeds}
        values = self.graph.evaluate(inputs, lift, start=prepared)
        return [values[i] for i in self.swept]

    def prepare(self, point: Point, values: Sequence[Value]) -> list[Value]:
        """Values of the nodes that all passes share, from those of the primal."""
        return self.graph.evaluate(point, start=values, stop=self.sweep_start)

    def entries(self, point: Point, values: Sequence[Value]) -> np.ndarray:
        """By a pass for each unit seed, many at once."""
        products = Products(self, point, values)
        matrix = np.zeros(self.blocks.shape, products.kind)
        for which, results in products.all():
            self.lines(matrix, which)[:] = results
        return matrix

    @staticmethod
    def lines(matrix: np.ndarray, which: slice) -> np.ndarray:
        """The part of a Jacobian that the passes with some unit seeds give, a column for each."""
        raise NotImplementedError

    @cached_property
    def jacobian_graph(self) -> Graph:
        """The passes written out with their seeds, structural zeros and dead code dropped."""
        return self.joint_graph.part(self.joint_graph.outputs[len(self.primal.outputs) :])

    @cached_property
    @held()
    def joint_graph(self) -> Graph:
        """The outputs of f, then the Jacobian's entries, as one graph: what both need is there once."""
        if not self.specialises:
            raise DiffcompareError(
                "shape", f"the {self.mode} Jacobian as one graph", need="seeds that are numbers",
                got="an array", hint="expand the graph to scalars first",
            )  # fmt: skip
        work = self.graph.extended()
        zero, one = (Variable.constant(work, n) for n in (0, 1))
        entries: dict[tuple[int, int], int] = {}
        for number in range(len(self.seeds)):
            for place, result in enumerate(self.written(number, one)):
                entries[self.entry(number, place)] = (zero if result is ZERO else result).index
        outputs = [*self.primal.outputs, *(entries[key] for key in sorted(entries))]
        return work.part(outputs, self.primal.inputs)

    def written(self, number: int, one: Variable) -> Sequence[Value]:
        """The results of the pass with a seed that is the constant one, in that one's graph."""
        seed = {self.seeds[number]: one.index}
        return replayed(self.graph, one.graph, self.sweep_start, seed)[len(self.primal.outputs) :]
