"""The one currency: a hash-consed graph that is a networkx graph and can be run in any number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from importlib import import_module
from itertools import compress, count, islice
from typing import Any

import numpy as np

from diffcompare.graph.face import Face
from diffcompare.graph.walks import Args, Walks
from diffcompare.ops.leaf import Constant, Input
from diffcompare.ops.moves import Broadcast
from diffcompare.ops.op import Op, Shape
from diffcompare.ops.operand import ZERO, NoFoldError, Value
from diffcompare.ops.precision import precision


class Graph(Face, Walks):
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

    @classmethod
    def empty(cls, folding: bool = False) -> Graph:
        """A graph to build in; with `folding`, Variables apply the exact identities of the ops."""
        self = object.__new__(cls)
        self.ops, self.args, self.shapes, self.inputs, self.outputs = [], [], [], {}, ()
        self.folding = folding
        self.names, self._labels = {}, []
        self._layout, self.__networkx_cache__ = ({}, {}, {}), {}
        return self

    @cached_property
    def _index(self) -> dict[Op, dict[Args, int]]:
        """Where each node is, by op and arguments: what is not built upon needs none."""
        places: dict[Op, dict[Args, int]] = {}
        for index, (op, args) in enumerate(zip(self.ops, self.args, strict=True)):
            if op in places:
                places[op][args] = index
            else:
                places[op] = {args: index}
        return places

    def node(self, op: Op, args: Args = (), shape: Shape | None = None) -> int:
        """The index of `op` applied to `args`, new or found; its shape, where that is known."""
        places = self._index.get(op)
        if places is None:
            places = self._index[op] = {}
        elif args in places:
            return places[args]
        shapes, index = self.shapes, len(self.ops)
        shapes.append(op.shape([shapes[a] for a in args]) if shape is None else shape)
        places[args] = index
        self.ops.append(op)
        self.args.append(args)
        if not args and isinstance(op, Input):
            self.inputs[op.label] = index
        return index

    def plain(self, op: Op, args: Args) -> bool:
        """Whether an op on these nodes is one of numbers, stored as they come."""
        least, most = op.arity
        if not op.plain or not least <= len(args) <= (most or len(args)):
            return False
        return not any(map(self.shapes.__getitem__, args))

    def foldable(self, op: Op, args: Args) -> bool:
        """Whether the op's identities may apply to these nodes, and are to be applied."""
        if self.folding and op.folds:
            ops = self.ops
            for arg in args:
                if ops[arg].reveals and self._reveals(arg):
                    return True
        return False

    def _reveals(self, index: int) -> bool:
        """Of a node that may: a quotient does only where a constant is divided."""
        args = self.args[index]
        return len(args) < 2 or isinstance(self.ops[args[0]], Constant)

    def cut(self, size: int) -> None:
        """Take back all nodes but the first `size`: what failed half way leaves no trace."""
        for op, args in zip(self.ops[size:], self.args[size:], strict=True):
            del self._index[op][args]
        del self.ops[size:], self.args[size:], self.shapes[size:], self._labels[size:]

    def extended(self) -> Graph:
        """A copy to build a derivative in: same indices, folding."""
        other = Graph.empty(folding=True)
        other.ops, other.args, other.shapes = list(self.ops), list(self.args), list(self.shapes)
        other.inputs, other.outputs = dict(self.inputs), self.outputs
        other.names, other._index = dict(self.names), {}
        for op, places in self._index.items():
            other._index[op] = dict(places)
        return other

    def evaluate(
        self,
        inputs: Mapping[str, Value],
        lift: Callable[[Any], Value] | None = None,
        start: Sequence[Value] = (),
        stop: int | None = None,
    ) -> list[Value]:
        """Values of all nodes, in the number kind of the inputs.

        Parameters
        ----------
        inputs : mapping
            A number for each input label.
        lift : callable, optional
            Makes a constant a number of that kind; by default a float in the inputs' precision.
        start : sequence
            Values of the first nodes, where known.
        stop : int, optional
            How many nodes to evaluate; all of them by default.
        """
        values = list(start)
        lift = lift or precision(inputs.values())
        with np.errstate(all="ignore"):
            for op, args in islice(zip(self.ops, self.args, strict=True), len(values), stop):
                if args:
                    x = [values[a] for a in args]
                    try:
                        values.append(op(*x))
                    except NoFoldError:
                        values.append(op(*self.written_out(args, x, lift)))
                elif isinstance(op, Input):
                    values.append(inputs[op.label])
                else:
                    values.append(lift(op.number))  # type: ignore[attr-defined]
        return values

    def written_out(self, args: Args, x: list[Value], lift: Callable[[Any], Value]) -> list[Value]:
        """Structural zeros as arrays of zeros, for an op that needs them all."""
        zero = lift(Fraction(0))
        return [
            Broadcast(self.shapes[arg])(zero) if value is ZERO and self.shapes[arg]
            else zero if value is ZERO
            else value
            for arg, value in zip(args, x, strict=True)
        ]  # fmt: skip

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
        kept = dict.fromkeys([*(self.inputs[name] for name in inputs), *order])
        place = dict(zip(kept, count(), strict=False))
        return self._moved(outputs, place), place

    def _moved(self, outputs: Sequence[int], place: dict[int, int]) -> Graph:
        """The nodes of `place`, in its order: distinct ones stay distinct, and keep their shapes."""
        other, ops, args, shapes = Graph.empty(), self.ops, self.args, self.shapes
        other.ops, other.shapes = [ops[i] for i in place], [shapes[i] for i in place]
        other.args = [tuple([place[a] for a in args[i]]) for i in place]
        other.inputs = {op.label: i for i, op in enumerate(other.ops) if isinstance(op, Input)}
        other.outputs = tuple([place[i] for i in outputs])
        other.names = {place[i]: name for i, name in self.names.items() if i in place}
        return other

    def part(self, outputs: Sequence[int], inputs: Iterable[str] | None = None) -> Graph:
        """The given nodes as outputs, with what they need and the given inputs, or all."""
        kept = self.inputs if inputs is None else inputs
        return self.rearranged(outputs, compress(count(), self.live(outputs)), kept)[0]

    def compile(self, backend: str = "auto", evaluations: int | None = None) -> Any:
        """The outputs as a `Program`, as `diffcompare.compile` makes it."""
        return import_module("diffcompare.run.program").compile(
            self, backend, evaluations
        )  # above us

    def leveled(self) -> Graph:
        """The live part, ordered by longest path from the inputs, then as built."""
        return self.rearranged(self.outputs, self.levels(self.outputs), self.inputs)[0]

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
