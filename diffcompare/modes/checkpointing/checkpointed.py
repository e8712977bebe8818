"""Reverse mode by a plan: stages are evaluated again from the states that are stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import Point, read_wrt
from diffcompare.modes.checkpointing.chain import Chain, Stage, chain
from diffcompare.modes.checkpointing.schedule import Action, check_stored, plan
from diffcompare.modes.derivative import Derivative, Sweep
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.ops.operand import ZERO, Value


@dataclass(frozen=True, eq=False, repr=False)
class Checkpointed(Derivative):
    """The gradient of a chain by reverse mode with few stored states.

    Attributes
    ----------
    chain : Chain
    stored : int
        States that are kept at a time, at most; the first one, an input, among them.
    """

    chain: Chain = None  # type: ignore[assignment]
    stored: int = 0

    @cached_property
    def plan(self) -> tuple[Action, ...]:
        """What is done, in order."""
        return tuple(plan(len(self.chain), self.stored))

    @cached_property
    def sweeps(self) -> tuple[Sweep, ...]:
        """The adjoint of each stage; stages of one form share theirs."""
        made: dict[Any, Sweep] = {}
        for stage in self.chain.stages:
            key = _form(stage)
            if key not in made:
                names = [name for name in stage.graph.inputs if name in self._names(stage)]
                made[key] = adjoint_graph(stage.graph, tuple(names))
        return tuple(made[_form(stage)] for stage in self.chain.stages)

    def _names(self, stage: Stage) -> tuple[str, ...]:
        return (stage.state, *self.wrt)

    def entries(self, point: Point, values: Sequence[Value]) -> np.ndarray:
        """By the plan; `values` are not looked at."""
        states: dict[int, Value] = {}
        at, state = 0, point[self.chain.through]
        bars: dict[str, Value] = {}
        y_bar: Value = np.float64(1.0)
        for action in self.plan:
            match action.kind:
                case "store":
                    states[action.start] = state
                case "drop":
                    del states[action.start]
                case "restore":
                    at, state = action.start, states[action.start]
                case "advance":
                    while at < action.stop:
                        at, state = at + 1, self._advance(at, state, point)
                case "reverse":
                    y_bar = self._reverse(action.start, state, y_bar, point, bars)
        if self.chain.through in self.wrt:
            bars[self.chain.through] = y_bar + bars.get(self.chain.through, ZERO)
        matrix = np.zeros(self.blocks.shape)
        for name, columns in zip(self.wrt, self.blocks.columns, strict=True):
            bar = bars.get(name, ZERO)
            if bar is not ZERO:
                matrix[0, columns] = np.ravel(bar)
        return matrix

    def _at(self, number: int, state: Value, point: Point) -> dict[str, Value]:
        stage = self.chain.stages[number]
        inputs = {name: point[name] for name in stage.graph.inputs if name != stage.state}
        return {**inputs, stage.state: state}

    def _advance(self, number: int, state: Value, point: Point) -> Value:
        graph = self.chain.stages[number].graph
        return graph.evaluate(self._at(number, state, point))[graph.outputs[0]]

    def _reverse(
        self, number: int, state: Value, y_bar: Value, point: Point, bars: dict[str, Value]
    ) -> Value:
        """The adjoint of the state before a stage; those of other inputs are added up."""
        stage, sweep = self.chain.stages[number], self.sweeps[number]
        values = sweep.primal.evaluate(self._at(number, state, point))
        prepared = sweep.graph.evaluate({}, start=values, stop=sweep.sweep_start)
        results = sweep.run({sweep.seeds[0]: y_bar}, prepared)
        found = dict(zip(sweep.wrt, results, strict=True))
        before = found.pop(stage.state)
        for name, bar in found.items():
            if bar is not ZERO:
                bars[name] = bars[name] + bar if name in bars else bar
        return before


def _form(stage: Stage) -> tuple[Any, ...]:
    graph = stage.graph
    return tuple(graph.ops), tuple(graph.args), graph.outputs


def checkpoint(
    graph: Graph,
    stored: int,
    wrt: str | Sequence[str] | None = None,
    through: str | None = None,
) -> Checkpointed:
    """Reverse mode on a chain that stores few states and evaluates stages again.

    Parameters
    ----------
    graph : Graph
        With one output, a number.
    stored : int
        States that may be stored at a time, 1 or more; the input that the chain begins with is one.
    wrt : str or sequence of str, optional
    through : str, optional
        The input that the chain begins with, as in `chain`.

    Returns
    -------
    Checkpointed
        A derivative; `plan` has its actions.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.iterate(dc.parse("sin(x)"), 10)
    >>> gradient = checkpoint(graph, stored=3)
    >>> sum(a.stop - a.start for a in gradient.plan if a.kind == "advance")
    15
    >>> gradient.at({"x": 0.5})["x"] == dc.differentiate(graph, "reverse").at({"x": 0.5})["x"]
    True
    """
    check_stored(stored)
    names, links = read_wrt(graph, wrt), chain(graph, through)
    if any(graph.shapes[output] for output in graph.outputs):
        raise DiffcompareError("shape", "checkpoint", need="an output that is a number",
                               got="an array")  # fmt: skip
    return Checkpointed("checkpointed", graph, names, graph, 1, chain=links, stored=stored)
