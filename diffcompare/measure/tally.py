"""Operations counted while they happen: a graph evaluated in numbers that keep a tally."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from diffcompare.graph.graph import Graph
from diffcompare.ops.cost import FREE, Cost
from diffcompare.ops.op import Op, shape_of
from diffcompare.ops.operand import Operand, Value


class Tally:
    """What has been done so far."""

    def __init__(self) -> None:
        self.cost = FREE


class Counted(Operand):
    """A number or an array of which only the shape is known; what is computed with it is counted."""

    rank = 2

    def __init__(self, tally: Tally, shape: tuple[int, ...] = ()) -> None:
        self.tally, self.shape = tally, shape

    def apply_op(self, op: Op, args: Sequence[Value]) -> Value:
        """Count the operation, and go on with its shape."""
        shapes = [shape_of(arg) for arg in args]
        self.tally.cost = self.tally.cost + op.cost(shapes)
        return Counted(self.tally, op.shape(shapes))


def tallied(graph: Graph, written_out: bool = False) -> Cost:
    """Operations of one evaluation of what the outputs need, counted as they are done.

    The same as `count`, by another way: so the one checks the other. Those on constants alone are
    not counted either.

    Parameters
    ----------
    graph : Graph
    written_out : bool
        As a tree, every use done again.

    Examples
    --------
    >>> import diffcompare as dc
    >>> tallied(dc.parse("log(x1) + x1*x2 - sin(x2)"))
    Cost(add=2, mul=1, div=0, call=2, compare=0)
    """
    tally = Tally()
    alive = [i for i, live in enumerate(graph.live(graph.outputs)) if live]
    work, _ = graph.rearranged(graph.outputs, alive, graph.inputs)
    inputs = {name: Counted(tally, work.shapes[index]) for name, index in work.inputs.items()}
    if not written_out:
        work.evaluate(inputs)
        return tally.cost
    done: list[Value] = []
    todo = [(index, False) for index in reversed(work.outputs)]
    while todo:
        index, ready = todo.pop()
        op, args = work.ops[index], work.args[index]
        if ready:
            x = done[len(done) - len(args) :]
            done[len(done) - len(args) :] = [op(*x)]
        elif args:
            todo.append((index, True))
            todo.extend((arg, False) for arg in reversed(args))
        else:
            label = getattr(op, "label", None)
            done.append(inputs[label] if label else np.float64(op.number))  # type: ignore[attr-defined]
    return tally.cost
