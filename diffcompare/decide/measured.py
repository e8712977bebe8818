"""Candidates run: seconds to compile and per evaluation, operations tallied on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np

from diffcompare.decide.candidate import Work
from diffcompare.decide.passes import VALUE
from diffcompare.graph.expand import scalar_point
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import Point
from diffcompare.measure.tally import tallied
from diffcompare.measure.timing import fastest, once
from diffcompare.ops.cost import FREE, Cost
from diffcompare.run.program import Program, fresh_program, tree_program

_ENOUGH: Final = 0.02
_MOST_RUNS: Final = 1_000
_LONG: Final = 0.5


@dataclass(frozen=True)
class Measured:
    """What running a candidate gave.

    Attributes
    ----------
    once : float
        Seconds to compile.
    seconds : float
        Per evaluation: of a program that is run many times, one run times their number.
    operations : Cost
        Tallied while they were done.
    """

    once: float
    seconds: float
    operations: Cost


def measure_works(works: Sequence[Work], point: Point) -> Measured:
    """Run the programs of a candidate, each with the results of the one before as it needs."""
    compiling = spent = 0.0
    done = FREE
    previous: tuple[Any, ...] = ()
    for work in works:
        program, seconds = _compiled(work)
        x = _arguments(work.graph, point, previous)
        each = fastest(partial(program.function, *x))
        previous = program(*x)
        compiling += seconds
        spent += each * work.times
        done = done + tallied(work.graph, work.written_out) * work.times
    return Measured(compiling, spent, done)


def _compiled(work: Work) -> tuple[Program, float]:
    """The program and the seconds to make it: the second time, when Python is warm."""
    make = tree_program if work.written_out else fresh_program
    program, seconds = once(lambda: make(work.graph))
    return program, seconds if seconds > _LONG else min(seconds, once(lambda: make(work.graph))[1])


def _arguments(graph: Graph, point: Point, previous: Sequence[Any]) -> list[Any]:
    """Inputs of the point, values that the program before gave, ones for seeds."""
    values = list(previous)[len(previous) - _values(graph) :] if _values(graph) else []
    given = point if any(graph.shapes) else scalar_point(point)
    found: list[Any] = []
    for name, index in graph.inputs.items():
        if name.startswith(VALUE):
            found.append(values.pop(0))
        elif name in given:
            found.append(given[name] if np.ndim(given[name]) else float(given[name]))
        else:
            found.append(np.ones(graph.shapes[index]) if graph.shapes[index] else 1.0)
    return found


def _values(graph: Graph) -> int:
    return sum(1 for name in graph.inputs if name.startswith(VALUE))
