"""Derivatives written out: the entries of an adjoint as sums of products of what they are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import chain
from typing import Final, NamedTuple

from diffcompare.budget import Budget
from diffcompare.graph.expand import expand
from diffcompare.graph.graph import Graph
from diffcompare.modes.reverse import Reverse
from diffcompare.ops.arithmetic import add, div, mul, neg, sub
from diffcompare.ops.choice import where
from diffcompare.ops.leaf import Constant, Input
from diffcompare.ops.op import Op

MOST: Final = Budget(nodes=5_000)
"""Nodes up to which a derivative is written out."""
_PRODUCT: Final = 1_000
"""Terms up to which a product of sums is multiplied out."""

VALUE, RECIPROCAL, HOLDS, FAILS = range(4)


class Atom(NamedTuple):
    """A factor: the value of a node, its reciprocal, or 1 where it is true or where it is false."""

    node: int
    role: int = VALUE


Polynomial = dict[tuple[Atom, ...], Fraction]
"""Coefficients by product; a product's factors are in order."""


def adjoint_entries(sweep: Reverse, place: int, seed: str | None = None) -> Graph:
    """One of the adjoints that a reverse sweep gives, in numbers: an output for each entry.

    Parameters
    ----------
    sweep : Reverse
        Of a graph with one output.
    place : int
        Which of its adjoints.
    seed : str, optional
        What the output's adjoint is to be called.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.parse("matmul(w, x)", shapes={"w": (1, 2), "x": (2, 1)})
    >>> adjoint_entries(dc.differentiate(graph, "reverse"), 0, "a_bar")
    Graph(x[0,0], x[1,0], a_bar[0,0]; 2 operations, 2 outputs)
    """
    graph, output = sweep.graph, sweep.swept[place]
    order = [i for i, alive in enumerate(graph.live([output])) if alive]
    part = graph.rearranged([output], order, ())[0]
    (label,) = sweep.seeds
    if seed not in (None, label) and label in part.inputs:
        part = opened(part, part.inputs[label], seed)
    return expand(part, budget=MOST)


def opened(graph: Graph, index: int, label: str) -> Graph:
    """The graph with one of its nodes as an input of that name, in place of what led to it.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.parse("sin(x*y) + y")
    >>> opened(graph, 2, "o")
    Graph(y, o; 2 operations, 1 output)
    """
    work = Graph.empty()
    nodes: list[int] = []
    for place, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True)):
        if place == index:
            nodes.append(work.node(Input(label, graph.shapes[index])))
        else:
            nodes.append(work.node(op, tuple([nodes[a] for a in args])))
    outputs = [nodes[i] for i in graph.outputs]
    order = [i for i, alive in enumerate(work.live(outputs)) if alive]
    return work.rearranged(outputs, order, ())[0]


def polynomials(graph: Graph) -> list[Polynomial]:
    """The outputs of a graph of numbers as sums of products; what is no sum or product is a factor.

    Examples
    --------
    >>> import diffcompare as dc
    >>> polynomials(dc.parse("x - sin(x)"))
    [{(Atom(node=0, role=0),): Fraction(1, 1), (Atom(node=1, role=0),): Fraction(-1, 1)}]
    """
    alive = graph.live(graph.outputs)
    uses = Counter(
        chain(graph.outputs, *(a for a, on in zip(graph.args, alive, strict=True) if on))
    )
    found: dict[int, Polynomial] = {}

    def taken(index: int) -> Polynomial:
        """What a node is; the last one to ask may change it."""
        uses[index] -= 1
        return dict(found[index]) if uses[index] else found.pop(index)

    for index, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True)):
        if not alive[index]:
            continue
        rule = _RULES.get(op)
        parts = [taken(arg) for arg in args]
        written = rule(args, *parts) if rule else _number(op)
        found[index] = {(Atom(index),): Fraction(1)} if written is None else written
    return [taken(output) for output in graph.outputs]


def _number(op: Op) -> Polynomial | None:
    number = op.number if isinstance(op, Constant) else None
    if not isinstance(number, Fraction):
        return None
    return {(): number} if number else {}


def _sum(args: Sequence[int], *terms: Polynomial) -> Polynomial:
    """The shorter added to the longest, in place."""
    total, *rest = sorted(terms, key=len, reverse=True)
    for polynomial in rest:
        for term, coefficient in polynomial.items():
            _count(total, term, coefficient)
    return total


def _count(total: Polynomial, term: tuple[Atom, ...], coefficient: Fraction) -> None:
    total[term] = total.get(term, 0) + coefficient
    if not total[term]:
        del total[term]


def _times(a: Polynomial, factor: Fraction) -> Polynomial:
    return {term: coefficient * factor for term, coefficient in a.items()}


def _product(args: Sequence[int], a: Polynomial, b: Polynomial) -> Polynomial | None:
    if len(a) * len(b) > _PRODUCT:
        return None
    found: Polynomial = {}
    for left, m in a.items():
        for right, n in b.items():
            _count(found, tuple(sorted(left + right)), m * n)
    return found


def _quotient(args: Sequence[int], a: Polynomial, b: Polynomial) -> Polynomial | None:
    if set(b) == {()}:
        return _times(a, 1 / b[()])
    return _product(args, a, {(Atom(args[1], RECIPROCAL),): Fraction(1)})


def _chosen(args: Sequence[int], c: Polynomial, a: Polynomial, b: Polynomial) -> Polynomial | None:
    """[c] a + [not c] b."""
    parts = [
        _product(args, {(Atom(args[0], role),): Fraction(1)}, part)
        for role, part in ((HOLDS, a), (FAILS, b))
    ]
    return None if parts[0] is None or parts[1] is None else _sum(args, parts[0], parts[1])


_RULES: Final[dict[Op, Callable[..., Polynomial | None]]] = {
    add: _sum,
    sub: lambda args, a, b: _sum(args, a, _times(b, Fraction(-1))),
    neg: lambda args, a: _times(a, Fraction(-1)),
    mul: _product,
    div: _quotient,
    where: _chosen,
}
