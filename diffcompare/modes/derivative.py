"""What every mode returns: a derivative as a graph, its passes, and its values at a point."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from diffcompare.graph.graph import Graph
from diffcompare.graph.point import Point, read_point
from diffcompare.graph.variable import Variable
from diffcompare.ops.operand import ZERO, Value

Lift = Callable[[Any], Value]


class Role(NamedTuple):
    """What a primal node became in a sweep: the node of its tangent or adjoint, None if zero.

    `node` is an index into the derivative graph; `guards` are the (condition node, truth value) pairs under which it counts, outermost first.
    """

    node: int | None
    guards: tuple[tuple[int, bool], ...] = ()


class Jacobian(Mapping[str, Any]):
    """First derivatives at a point, by input name.

    A number for each input if there is one output, else an array with one entry per output.

    Attributes
    ----------
    matrix : ndarray, (outputs, inputs)
        All entries, inputs in the order of `wrt`.
    value : ndarray, (outputs,)
        The value of f.
    removable : frozenset of (int, int)
        Entries where SymPy's cancelled form is finite but the graph as written is not; nan here.

    Examples
    --------
    >>> import diffcompare as dc
    >>> dc.differentiate(dc.parse("x*y"), "reverse").at({"x": 2, "y": 5})
    Jacobian({'x': 5.0, 'y': 2.0})
    """

    def __init__(
        self,
        wrt: Sequence[str],
        matrix: np.ndarray,
        value: np.ndarray,
        removable: frozenset[tuple[int, int]] = frozenset(),
    ) -> None:
        self.wrt, self.matrix, self.value, self.removable = tuple(wrt), matrix, value, removable

    def __getitem__(self, name: str) -> Any:
        column = self.matrix[:, self.wrt.index(name)] if name in self.wrt else None
        if column is None:
            raise KeyError(name)
        return float(column[0]) if len(column) == 1 else column

    def __iter__(self) -> Iterator[str]:
        return iter(self.wrt)

    def __len__(self) -> int:
        return len(self.wrt)

    def __repr__(self) -> str:
        return f"Jacobian({dict(self)})"


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

    def at(self, point: Mapping[str, Any], allow_nonfinite: bool = False) -> Jacobian:
        """Value and Jacobian at a point.

        The derivative of an undefined value (nan) is nan by every input it depends on.
        """
        checked = read_point(self.primal, point, allow_nonfinite)
        values = self.primal.evaluate(checked)
        matrix = self.entries(checked, values)
        removable = self._review(checked, values, matrix)
        value = np.array([values[i] for i in self.primal.outputs], dtype=float)
        for row in np.flatnonzero(np.isnan(value)):
            reached = self.primal.live([self.primal.outputs[row]])
            matrix[row, [reached[self.primal.inputs[name]] for name in self.wrt]] = np.nan
        return Jacobian(self.wrt, matrix, value, removable)

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

    def entry(self, seed: int, result: int) -> tuple[int, int]:
        """(output, input) of the Jacobian entry that a result of the pass with this seed is."""
        raise NotImplementedError

    def run(
        self, seeds: Mapping[str, Value], prepared: Sequence[Value], lift: Lift = np.float64
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
        """By one pass per seed."""
        matrix = np.zeros((len(self.primal.outputs), len(self.wrt)))
        prepared = self.prepare(point, values)
        for number, seed in enumerate(self.seeds):
            for place, result in enumerate(self.run({seed: np.float64(1.0)}, prepared)):
                if result is not ZERO:
                    matrix[self.entry(number, place)] = result
        return matrix

    @cached_property
    def jacobian_graph(self) -> Graph:
        """The passes written out with their seeds, structural zeros and dead code dropped."""
        work = self.graph.extended()
        zero, one = (Variable.constant(work, n) for n in (0, 1))
        entries: dict[tuple[int, int], int] = {}
        for number in range(len(self.seeds)):
            for place, result in enumerate(self.written(number, one)):
                entries[self.entry(number, place)] = (zero if result is ZERO else result).index
        outputs = [entries[key] for key in sorted(entries)]
        alive = work.live(outputs)
        order = [i for i in range(len(work.ops)) if alive[i]]
        return work.rearranged(outputs, order, self.primal.inputs)[0]

    def written(self, number: int, one: Variable) -> Sequence[Value]:
        """The results of the pass with a seed that is the constant one, in that one's graph."""
        prefix = [Variable(one.graph, i) for i in range(self.sweep_start)]
        return self.run({self.seeds[number]: one}, prefix, one.like)
