"""A graph put into itself: the step of an iteration, taken many times."""

from __future__ import annotations

from typing import Any

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError, grouped, shorten
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable


def iterate(
    step: Graph,
    times: int,
    through: str | None = None,
    budget: Budget = Budget(),  # noqa: B008  a frozen value
) -> Graph:
    """f(f(…f(x))): the graph of a step taken several times.

    Parameters
    ----------
    step : Graph
        With one output, which is the next value of an input.
    times : int
        0 is the input itself.
    through : str, optional
        That input, the first by default; the others stay as they are.
    budget : Budget
        `nodes` bounds the operations of all steps.

    Returns
    -------
    Graph

    Examples
    --------
    >>> import diffcompare as dc
    >>> iterate(dc.parse("4*x*(1 - x)"), 3)
    Graph(x; 9 operations, 1 output)
    """
    if len(step.outputs) != 1 or not step.inputs:
        raise DiffcompareError("shape", "iterate", need="a step with an input and one output",
                               got=repr(step))  # fmt: skip
    if times < 0:
        raise DiffcompareError("domain", "iterate", need="times as a whole number, 0 or more",
                               got=shorten(times))  # fmt: skip
    name = next(iter(step.inputs)) if through is None else through
    if name not in step.inputs:
        raise DiffcompareError("input", "iterate", need=f"through as one of {', '.join(step.inputs)}",
                               got=shorten(name))  # fmt: skip
    if step.shapes[step.outputs[0]] != step.shapes[step.inputs[name]]:
        raise DiffcompareError("shape", "iterate", need=f"an output of the shape of {name}",
                               got="another")  # fmt: skip
    operations = times * sum(map(bool, step.args))
    if operations > budget.nodes:
        raise DiffcompareError("limit", "iterate", need=f"at most {budget.nodes:,} nodes",
                               got=grouped(operations),
                               hint="Budget(nodes=…) sets the bound")  # fmt: skip
    work = Graph.empty()
    values: dict[str, Any] = {
        label: Variable.input(work, label, step.shapes[index])
        for label, index in step.inputs.items()
    }
    for _ in range(times):
        found = step.evaluate(values, lambda number: Variable.constant(work, number))
        values[name] = found[step.outputs[0]]
    work.outputs = (values[name].index,)
    return work
