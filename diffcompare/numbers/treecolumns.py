"""Tree sizes of the derivatives by one input, in one pass over a graph."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from diffcompare.graph.graph import Graph
from diffcompare.numbers.treerules import NO_STATE, PLAIN, Rules, State, form_of
from diffcompare.numbers.uses import last_uses
from diffcompare.ops.leaf import Constant


class Columns:
    """Sizes of the derivatives of some nodes: the forward rules, run on sizes.

    Parameters
    ----------
    graph : Graph
    outputs : sequence of int
        Nodes.
    rules : Rules

    Examples
    --------
    >>> import diffcompare as dc
    >>> from diffcompare.numbers.treesize import Lean
    >>> graph = dc.parse("x*sin(y)")
    >>> Columns(graph, graph.outputs, Rules(Lean)).by("y")  # x*cos(y)
    [4]
    """

    def __init__(self, graph: Graph, outputs: Sequence[int], rules: Rules) -> None:
        self.graph, self.outputs, self.rules = graph, outputs, rules
        self.last = last_uses(graph, outputs)

    def by(self, name: str) -> list[int]:
        """Sizes of the derivatives by one input, a pass."""
        graph, states, rules = self.graph, self._leaves(name), self.rules
        found = rules.found
        none = len(graph.ops)  # in the place of the argument that a node has not
        last, sizes, dots = [*self.last, none], [1] * none + [0], [1] * none + [0]
        for index, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True)):
            if not args or last[index] < 0:
                continue
            if len(args) > 2:
                x = [sizes[arg] for arg in args], [dots[arg] for arg in args]
                result = rules.apply(op, [states[arg] for arg in args], *x)
                states[index], sizes[index], dots[index] = result
                for arg in args:
                    if last[arg] == index:
                        sizes[arg] = dots[arg] = 0
                continue
            a, b = args if len(args) == 2 else (args[0], none)
            rule = found.get((op, states[a], states[b])) or rules.of(op, states[a], states[b])
            states[index], nodes, more, (from_a, from_b), (along_a, along_b) = rule
            sizes[index] = nodes + sizes[a] + sizes[b]
            if from_a:
                more += from_a * sizes[a]
            if from_b:
                more += from_b * sizes[b]
            if along_a:
                more += along_a * dots[a]
            if along_b:
                more += along_b * dots[b]
            dots[index] = more
            if last[a] == index:
                sizes[a] = dots[a] = 0
            if last[b] == index:
                sizes[b] = dots[b] = 0
        return [1 if states[i][1] is None else dots[i] for i in self.outputs]

    def _leaves(self, name: str) -> list[State]:
        """The states of inputs and constants, and one more for no argument."""
        states: list[State] = [(PLAIN, self.rules.zero)] * len(self.graph.ops)
        for index, (op, until) in enumerate(zip(self.graph.ops, self.last, strict=True)):
            if until >= 0 and isinstance(op, Constant):
                states[index] = form_of(op.number), self.rules.zero
        states[self.graph.inputs[name]] = PLAIN, form_of(Fraction(1))
        return [*states, NO_STATE]
