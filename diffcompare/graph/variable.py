"""The handle that builds a graph by being computed with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Final, NoReturn

import numpy as np

from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.ops.arithmetic import div, neg
from diffcompare.ops.arraylike import ArrayLike
from diffcompare.ops.constants import Named
from diffcompare.ops.leaf import Constant, Input, constant, exact
from diffcompare.ops.moves import Broadcast, aligned
from diffcompare.ops.op import Op, Shape
from diffcompare.ops.operand import Operand, Value, elementwise, entry_by_entry, with_arrays
from diffcompare.ops.parts import Place, Put, Stack

MOST_ENTRIES: Final = 1024
"""Of an array that becomes constants of a graph; a larger one has to be an input."""

_PLAIN: Final = frozenset([int, float, Fraction])


def _refusing(need: str, got: str) -> Callable[..., NoReturn]:
    def method(self: Variable, *rest: Any) -> NoReturn:
        raise DiffcompareError("type", "a traced value", need=need, got=got)

    return method


class Variable(ArrayLike, Operand):
    """A node of a graph as a number: computing with it adds nodes.

    Examples
    --------
    >>> graph = Graph.empty()
    >>> x = Variable.input(graph, "x")
    >>> (x * x + 1).index
    3
    """

    __slots__ = ("graph", "index")
    rank = 1

    def __init__(self, graph: Graph, index: int) -> None:
        self.graph, self.index = graph, index

    @classmethod
    def input(cls, graph: Graph, label: str, shape: Shape = ()) -> Variable:
        """The input of that name."""
        return cls(graph, graph.node(Input(label, shape)))

    @classmethod
    def constant(cls, graph: Graph, number: Any) -> Variable:
        """A constant, exact where the number is."""
        op = constant(number) if type(number) in _PLAIN else Constant(exact(number))
        return cls(graph, graph.node(op))

    def apply_op(self, op: Op, args: Sequence[Value]) -> Value:
        """Add the node `op(*args)`, or find it, or fold it away."""
        graph, indices = self.graph, []
        for arg in args:
            if type(arg) is not Variable or arg.graph is not graph:
                return self._applied(op, args)
            indices.append(arg.index)
        found = tuple(indices)
        if not graph.plain(op, found):
            return self._applied(op, args)
        if graph.foldable(op, found):
            simpler = self._simpler(op, args)
            if simpler is not None:
                return simpler
        return Variable(graph, graph.node(op, found, ()))

    def _simpler(self, op: Op, args: Sequence[Value]) -> Value:
        """What `op.fold` makes of them; if it fails, without a trace."""
        count = len(self.graph.ops)
        try:
            return op.fold(*args)
        except DiffcompareError:
            self.graph.cut(count)
            raise

    def _applied(self, op: Op, args: Sequence[Value]) -> Value:
        graph, args = self.graph, with_arrays(args)
        if op.elementwise and entry_by_entry(args):
            return elementwise(op, args)
        count = len(graph.ops)
        try:
            handles: Sequence[Variable] = op.canonical(tuple([self._lifted(arg) for arg in args]))
            if graph.folding or len(handles) != len(args):
                simpler = op.fold(*handles)
                if simpler is not None:
                    return simpler
            op.check_arity(len(handles))
            if op.elementwise:
                handles = aligned(op, handles)
                if graph.folding and all(isinstance(handle.op, Broadcast) for handle in handles):
                    few = aligned(op, [handle.once for handle in handles])
                    if few[0].shape != handles[0].shape:
                        return Broadcast(handles[0].shape)(op(*few))
            return Variable(graph, graph.node(op, tuple([handle.index for handle in handles])))
        except DiffcompareError:
            graph.cut(count)
            raise

    def _lifted(self, arg: Value) -> Variable:
        if type(arg) is not Variable:
            return self.like(arg)
        if arg.graph is not self.graph:
            raise DiffcompareError(
                "graph", "an operation", need="arguments of one graph", got="Variables of two"
            )
        return arg

    def like(self, number: Any) -> Variable:
        """A constant in the same graph; an array is stacked from constants, one for each entry."""
        if not (isinstance(number, np.ndarray) and number.ndim):
            return Variable.constant(self.graph, number)
        if not 1 <= number.size <= MOST_ENTRIES:
            raise DiffcompareError(
                "limit", "a constant array", need=f"1 to {MOST_ENTRIES} entries",
                got=str(number.size), hint="make it an input, with its value in the point",
            )  # fmt: skip
        entries: list[Variable] = [self._lifted(entry) for entry in number.flat]
        stacked: Variable = Stack(number.shape)(*entries)
        return stacked

    @property
    def shape(self) -> Shape:
        """Shape of the value; () for a number."""
        return self.graph.shapes[self.index]

    @property
    def op(self) -> Op:
        """The operation that gives this value."""
        return self.graph.ops[self.index]

    @property
    def key(self) -> int:
        """What tells this value from others of its graph."""
        return self.index

    def operands_if(self, op: Op) -> list[Variable] | None:
        """The arguments, if this value is an application of `op`."""
        if self.op is not op:
            return None
        return [Variable(self.graph, a) for a in self.graph.args[self.index]]

    @property
    def part(self) -> tuple[Shape, Shape, Variable] | None:
        """Start, steps and what lies there, if this value is that among zeros."""
        op = self.op
        if not isinstance(op, (Place, Put)):
            return None
        where = (op.start, op.step) if isinstance(op, Place) else (op.place, (1,) * len(op.to))
        return (*where, Variable(self.graph, self.graph.args[self.index][0]))

    @property
    def literal(self) -> Fraction | Named | None:
        """The number, if this value is a constant node."""
        op = self.graph.ops[self.index]
        return op.number if isinstance(op, Constant) else None

    @property
    def literals(self) -> list[Fraction | Named] | None:
        """The numbers, if this value is constants stacked, or one constant."""
        graph, index = self.graph, self.index
        stacked = graph.args[index] if isinstance(self.op, Stack) else [index]
        found = [Variable(graph, a).literal for a in stacked]
        numbers = [number for number in found if number is not None]
        return numbers if len(numbers) == len(found) else None

    @property
    def once(self) -> Variable:
        """What this value repeats to a larger shape, or itself."""
        repeats = isinstance(self.op, Broadcast)
        return Variable(self.graph, self.graph.args[self.index][0]) if repeats else self

    @property
    def negated(self) -> Variable | None:
        """`z`, if this value is the node -z, or repeats it."""
        graph, op = self.graph, self.graph.ops[self.index]
        if op is neg:
            return Variable(graph, graph.args[self.index][0])
        few = self.once.negated if isinstance(op, Broadcast) else None
        return None if few is None else op(few)

    @property
    def reciprocal(self) -> Variable | None:
        """`z`, if this value is the node 1/z."""
        if self.graph.ops[self.index] is not div:
            return None
        over, under = (Variable(self.graph, a) for a in self.graph.args[self.index])
        return under if over.once.literal == 1 else None

    __bool__ = _refusing(
        "where(condition, a, b) in place of if, and, or, not; "
        "maximum(a, b) in place of max(a, b), one pair of numbers at a time",
        "a test for true or false",
    )
    __float__ = __int__ = __index__ = __complex__ = __round__ = __trunc__ = _refusing(
        "NumPy's functions in place of math's, as np.sin(x)", "a conversion to a plain number"
    )
    __and__ = __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = __invert__ = _refusing(
        "np.logical_and, np.logical_or, np.logical_not", "an operator &, |, ^ or ~"
    )
    __floordiv__ = __rfloordiv__ = __divmod__ = __rdivmod__ = _refusing("floor(x/y)", "x//y")

    def __repr__(self) -> str:
        return f"<{self.graph.label(self.index)} = {self.op!r}>"
