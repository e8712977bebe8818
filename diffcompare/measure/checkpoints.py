"""What checkpointing costs: stored states against operations done again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.measure.ledger import count, ledger
from diffcompare.measure.memory import DOUBLE, peak
from diffcompare.modes.checkpointing.checkpointed import Checkpointed, checkpoint
from diffcompare.modes.checkpointing.schedule import check_stored
from diffcompare.modes.derivative import Sweep
from diffcompare.ops.cost import FREE, Cost


@dataclass(frozen=True)
class Checkpoints:
    """One way to reverse a chain.

    Attributes
    ----------
    stored : int
        States kept at a time, at most.
    again : int
        Evaluations of stages besides the one that each stage's own reversal makes.
    operations : Cost
        Of one gradient, f included.
    memory : int
        Peak bytes, predicted: the point, the stored states and adjoints, and the reversal of the
        largest stage.
    """

    stored: int
    again: int
    operations: Cost
    memory: int


def checkpoints(
    graph: Graph,
    stored: Sequence[int] | None = None,
    wrt: str | Sequence[str] | None = None,
    through: str | None = None,
) -> list[Checkpoints]:
    """Stored states against operations, from one stored state to all.

    Parameters
    ----------
    graph : Graph
        A chain with one output, a number.
    stored : sequence of int, optional
        By default 1, 2, 4, … and as many as there are stages.
    wrt : str or sequence of str, optional
    through : str, optional
        The input that the chain begins with.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.iterate(dc.parse("sin(x)"), 10)
    >>> [(row.stored, row.again, row.operations.call) for row in checkpoints(graph)]
    [(1, 45, 65), (2, 20, 40), (4, 14, 34), (8, 10, 30), (10, 9, 29)]
    """
    first = checkpoint(graph, 1, wrt, through)
    stages = len(first.chain)
    if stages < 1:
        raise DiffcompareError("graph", "checkpoints", need="an output that is not an input",
                               got="an input")  # fmt: skip
    if stored is None:
        stored = [1 << k for k in range(stages.bit_length()) if 1 << k < stages] + [stages]
    for c in stored:
        check_stored(c)
    sweeps = first.sweeps
    return [_row(replace(first, stored=c), sweeps) for c in stored]


def _row(derivative: Checkpointed, sweeps: Sequence[Sweep]) -> Checkpoints:
    evaluated = [0] * len(derivative.chain)
    for action in derivative.plan:
        if action.kind == "advance":
            for place in range(action.start, action.stop):
                evaluated[place] += 1
    total, largest = FREE, 0
    for stage, sweep, times in zip(derivative.chain.stages, sweeps, evaluated, strict=True):
        book = ledger(sweep, specialise=False)
        total = total + count(stage.graph) * times + book.value + book.shared + book.per_pass
        largest = max(largest, peak(sweep.graph))
    shapes = derivative.primal.shapes
    inputs = derivative.primal.inputs
    kept = [
        *derivative.chain.cuts[: derivative.stored],
        *(inputs[name] for name in derivative.wrt),
        *inputs.values(),
    ]
    held = DOUBLE * sum(math.prod(shapes[index]) for index in kept)
    return Checkpoints(derivative.stored, sum(evaluated), total, held + largest)
