"""A graph that refuses to grow beyond a budget."""

from __future__ import annotations

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.graph.walks import Args
from diffcompare.ops.op import Op, Shape


class _Bounded(Graph):
    most: int

    def node(self, op: Op, args: Args = (), shape: Shape | None = None) -> int:
        index = super().node(op, args, shape)
        if index >= self.most:
            raise over(self.most)
        return index


def over(nodes: int) -> DiffcompareError:
    """The refusal of a graph of more than `nodes` nodes."""
    return DiffcompareError(
        "limit", "the graph", need=f"at most {nodes} nodes", got="more",
        hint="Budget(nodes=…) sets the bound",
    )  # fmt: skip


def bounded(budget: Budget) -> Graph:
    """An empty graph to build in, of at most `budget.nodes` nodes.

    Raises
    ------
    DiffcompareError
        Of kind "limit", from the node on that would be one too many.

    Examples
    --------
    >>> from diffcompare.graph.variable import Variable
    >>> graph = bounded(Budget(nodes=2))
    >>> x = Variable.input(graph, "x")
    >>> (x * x) * x
    Traceback (most recent call last):
        ...
    diffcompare.errors.DiffcompareError: the graph needs at most 2 nodes, got more; \
Budget(nodes=…) sets the bound
    """
    graph = _Bounded.empty()
    assert isinstance(graph, _Bounded)
    graph.most = int(budget.nodes)
    return graph
