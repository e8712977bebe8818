"""Whether two derivatives perform the same operations, once what they share is computed once.

Baydin et al. (JMLR 18(153), 2018) show that expressions swell; Laue (arXiv:1904.02990) that symbolic
differentiation and reverse mode do the same work where they do not. Both are counts over graphs.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from diffcompare.graph.graph import Graph
from diffcompare.modes.derivative import Derivative


@dataclass(frozen=True)
class Equivalence:
    """The operations of two derivative graphs, side by side.

    Attributes
    ----------
    modes : (str, str)
    operations : dict of str to (int, int)
        How often each has each operation, by its name and settings.
    """

    modes: tuple[str, str]
    operations: dict[str, tuple[int, int]]

    @property
    def same(self) -> bool:
        """Whether both have every operation equally often."""
        return not self.differences

    @property
    def differences(self) -> dict[str, tuple[int, int]]:
        """The operations that one has more often."""
        return {name: (a, b) for name, (a, b) in self.operations.items() if a != b}

    @property
    def totals(self) -> tuple[int, int]:
        """All operations of each."""
        a, b = zip(*self.operations.values(), strict=True) if self.operations else ((), ())
        return sum(a), sum(b)


def operations(graph: Graph) -> Counter[str]:
    """How often a graph has each operation, by name and settings, what is shared counted once.

    Examples
    --------
    >>> import diffcompare as dc
    >>> sorted(operations(dc.parse("sin(x)**3 + sin(x)")).items())
    [('add', 1), ('power(exponent=3)', 1), ('sin', 1)]
    """
    alive = graph.live(graph.outputs)
    return Counter(
        repr(op).removeprefix("<op ").removesuffix(">")
        for op, args, live in zip(graph.ops, graph.args, alive, strict=True)
        if args and live
    )


def equivalence(a: Derivative, b: Derivative) -> Equivalence:
    """The multisets of operations of two derivatives of one graph.

    Parameters
    ----------
    a, b : Derivative
        Both as one graph, with their seeds put in.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.parse("sin(x)*exp(y)")
    >>> found = equivalence(dc.differentiate(graph, "symbolic"), dc.differentiate(graph, "reverse"))
    >>> found.same, found.totals
    (True, (5, 5))
    """
    counts = operations(a.jacobian_graph), operations(b.jacobian_graph)
    names = sorted(counts[0] | counts[1])
    return Equivalence(
        (a.mode, b.mode), {name: (counts[0][name], counts[1][name]) for name in names}
    )
