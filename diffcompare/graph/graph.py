"""The one currency: a hash-consed graph that is a networkx graph and can be run in any number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import islice
from typing import Any

import numpy as np

from diffcompare.graph.face import Args, Face
from diffcompare.ops.leaf import Input
from diffcompare.ops.moves import Broadcast
from diffcompare.ops.op import Op, Shape
from diffcompare.ops.operand import ZERO, NoFoldError, Value


class Graph(Face):
    """A directed acyclic graph of operations; to its user an `nx.MultiDiGraph`.

    A networkx node is called v0, v1, … (constants c0, c1, …) and holds ``op`` and the op's options;
    an edge runs from argument to use, its key is the argument slot. Inside, node i is entry i of
    the flat sequences `ops` and `args`, a topological order by construction, and the networkx
    dictionaries are laid out only when networkx looks. It grows by `node` alone, so equal
    subexpressions are one node; networkx's own editing is refused: edit `graph.copy()`, a plain
    MultiDiGraph, and parse that.

    Attributes
    ----------
    ops : list of Op
    args : list of tuple of int
        Arguments of each node, by index.
    inputs : dict of str to int
        Index of each input, in order.
    outputs : tuple of int
        Indices of the outputs.
    shapes : list of tuple of int
        Shape of each node's value; () for a number.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.parse("x*x + 1")
    >>> sorted(graph.edges(keys=True))[1:]
    [('v0', 'v1', 0), ('v0', 'v1', 1), ('v1', 'v2', 0)]
    """

    shapes: list[Shape]
    inputs: dict[str, int]
    names: dict[int, str]
    folding: bool
    _index: dict[tuple[Op, Args], int]

    @classmethod
    def empty(cls, folding: bool = False) -> Graph:
        """A graph to build in; with `folding`, Variables apply the exact identities of the ops."""
        self = object.__new__(cls)
        self.ops, self.args, self.shapes, self.inputs, self.outputs = [], [], [], {}, ()
        self.folding = folding
        self.names, self._index, self._labels = {}, {}, []
        self._layout, self.__networkx_cache__ = ({}, {}, {}), {}
        return self

    def node(self, op: Op, args: Args = ()) -> int:
        """The index of `op` applied to `args`, new or found."""
        key = (op, args)
        found = self._index.get(key)
        if found is not None:
            return found
        shapes = self.shapes
        shapes.append(op.shape([shapes[a] for a in args]))
        index = len(self.ops)
        self._index[key] = index
        self.ops.append(op)
        self.args.append(args)
        if isinstance(op, Input):
            self.inputs[op.label] = index
        return index

    def extended(self) -> Graph:
        """A copy to build a derivative in: same indices, folding."""
        other = Graph.empty(folding=True)
        other.ops, other.args, other.shapes = list(self.ops), list(self.args), list(self.shapes)
        other.inputs, other.outputs = dict(self.inputs), self.outputs
        other.names, other._index = dict(self.names), dict(self._index)
        return other

    def evaluate(
        self,
        inputs: Mapping[str, Value],
        lift: Callable[[Any], Value] = np.float64,
        start: Sequence[Value] = (),
        stop: int | None = None,
    ) -> list[Value]:
        """Values of all nodes, in the number kind of the inputs.

        Parameters
        ----------
        inputs : mapping
            A number for each input label.
        lift : callable
            Makes a constant a number of that kind.
        start : sequence
            Values of the first nodes, where known.
        stop : int, optional
            How many nodes to evaluate; all of them by default.
        """
        values = list(start)
        with np.errstate(all="ignore"):
            for op, args in islice(zip(self.ops, self.args, strict=True), len(values), stop):
                if args:
                    x = [values[a] for a in args]
                    try:
                        values.append(op(*x))
                    except NoFoldError:
                        values.append(op(*self._written_out(args, x, lift)))
                elif isinstance(op, Input):
                    values.append(inputs[op.label])
                else:
                    values.append(lift(op.number))  # type: ignore[attr-defined]
        return values

    def _written_out(self, args: Args, x: list[Value], lift: Callable[[Any], Value]) -> list[Value]:
        """Structural zeros as arrays of zeros, for an op that needs them all."""
        zero = lift(Fraction(0))
        return [
            Broadcast(self.shapes[arg])(zero) if value is ZERO and self.shapes[arg]
            else zero if value is ZERO
            else value
            for arg, value in zip(args, x, strict=True)
        ]  # fmt: skip

    def live(self, outputs: Iterable[int]) -> list[bool]:
        """For each node, whether one of the given nodes depends on it."""
        alive = [False] * len(self.ops)
        for index in outputs:
            alive[index] = True
        for index in range(len(self.ops) - 1, -1, -1):
            if alive[index]:
                for arg in self.args[index]:
                    alive[arg] = True
        return alive

    def depends_on(self, sources: Iterable[int]) -> list[bool]:
        """For each node, whether it depends on one of the given nodes."""
        active = [False] * len(self.ops)
        for index in sources:
            active[index] = True
        for index, args in enumerate(self.args):
            if args and not active[index]:
                active[index] = any(active[a] for a in args)
        return active

    def rearranged(
        self, outputs: Sequence[int], order: Iterable[int], inputs: Iterable[str]
    ) -> tuple[Graph, dict[int, int]]:
        """A graph of the nodes in the given topological order, and where each went.

        Parameters
        ----------
        outputs : sequence of int
            The new outputs.
        order : iterable of int
            The nodes to keep; must hold what the outputs need.
        inputs : iterable of str
            Inputs to keep even where unused; they come first.
        """
        other = Graph.empty()
        place = {(i := self.inputs[name]): other.node(self.ops[i]) for name in inputs}
        for index in order:
            if index not in place:
                args = tuple([place[a] for a in self.args[index]])
                place[index] = other.node(self.ops[index], args)
        other.outputs = tuple([place[i] for i in outputs])
        other.names = {place[i]: name for i, name in self.names.items() if i in place}
        return other, place

    def leveled(self) -> Graph:
        """The live part, ordered by longest path from the inputs, then as built."""
        alive = self.live(self.outputs)
        levels: list[list[int]] = []
        level = [0] * len(self.ops)
        for index, args in enumerate(self.args):
            if alive[index]:
                level[index] = 1 + max([level[a] for a in args]) if args else 0
                while len(levels) <= level[index]:
                    levels.append([])
                levels[level[index]].append(index)
        order = (index for row in levels for index in row)
        return self.rearranged(self.outputs, order, self.inputs)[0]

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (self.ops, self.args, self.outputs, self.names)

    def __repr__(self) -> str:
        operations = sum(1 for args in self.args if args)
        return (
            f"Graph({', '.join(self.inputs) or 'no inputs'}; {operations} operation{'s' * (operations != 1)}, "
            f"{len(self.outputs)} output{'s' * (len(self.outputs) != 1)})"
        )


def _rebuilt(
    ops: list[Op], args: list[Args], outputs: tuple[int, ...], names: dict[int, str]
) -> Graph:
    graph = Graph.empty()
    for op, arg in zip(ops, args, strict=True):
        graph.node(op, arg)
    graph.outputs, graph.names = outputs, names
    return graph
