"""The size of a formula written out as a tree: an exact integer, counted without the tree."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import exact
from diffcompare.ops.arithmetic import add, div, neg
from diffcompare.ops.leaf import Constant
from diffcompare.ops.op import Op
from diffcompare.ops.operand import ZERO, Operand, Value


class TreeSize(Operand):
    """Nodes of a formula in which every use of a subexpression is written out, leaves included.

    Parameters
    ----------
    size : int
    literal : Fraction or Named, optional
        The number, where the formula is one.

    Examples
    --------
    >>> x = TreeSize()
    >>> square = x * x
    >>> square, square * square
    (TreeSize(3), TreeSize(7))
    """

    __slots__ = ("literal", "size")
    rank = 1

    def __init__(self, size: int = 1, literal: Any = None) -> None:
        self.size, self.literal = size, literal

    @classmethod
    def node(cls, op: Op, x: Sequence[Value]) -> TreeSize:
        """`op(*x)` as it stands: one node more than the arguments have together."""
        return TreeSize(own(op, len(x)) + sum([_size(arg) for arg in x]))

    def apply_op(self, op: Op, args: Sequence[Value]) -> Value:
        """As `node`."""
        op.check_arity(len(args))
        return TreeSize.node(op, args)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TreeSize) and self.size == other.size

    def __hash__(self) -> int:
        return hash(self.size)

    def __repr__(self) -> str:
        return f"TreeSize({self.size})"


def own(op: Op, count: int) -> int:
    """Nodes of an op itself: a sum of k terms is k − 1 additions in a tree.

    Examples
    --------
    >>> from diffcompare.ops.arithmetic import add
    >>> own(add, 4)
    3
    """
    return count - 1 if op is add else 1


def _size(formula: Value) -> int:
    return formula.size if isinstance(formula, TreeSize) else 1


class Lean(TreeSize):
    """A size that the ops' exact identities are applied to, as a folding graph applies them.

    It knows of its formula what `op.fold` asks: whether it is a number, -z, or 1/z.
    """

    __slots__ = ("negated", "reciprocal")

    def __init__(self, size: int = 1, literal: Any = None) -> None:
        super().__init__(size, literal)
        self.negated: Lean | None = None
        self.reciprocal: Lean | None = None

    @classmethod
    def node(cls, op: Op, x: Sequence[Value]) -> Lean:
        """`op(*x)` as it stands."""
        formula = cls(own(op, len(x)) + sum([arg.size for arg in x]))
        if op is neg:
            formula.negated = x[0]
        elif op is div and x[0].literal == 1:
            formula.reciprocal = x[1]
        return formula

    def apply_op(self, op: Op, args: Sequence[Value]) -> Value:
        """What `op.fold` makes of it, else one node more."""
        x = [arg if type(arg) is Lean else self.like(arg) for arg in args]
        simpler = op.fold(*x)
        return Lean.node(op, x) if simpler is None else simpler

    def like(self, number: Any) -> Lean:
        """A constant."""
        return Lean(1, exact(number))


def tree_sizes(graph: Graph, indices: Sequence[int] | None = None) -> list[int]:
    """Tree sizes of nodes of a graph, in one pass.

    Parameters
    ----------
    graph : Graph
    indices : sequence of int, optional
        Nodes; those of `graph.outputs` by default.

    Examples
    --------
    >>> import diffcompare as dc
    >>> tree_sizes(dc.parse("(x + 1)*(x + 1)"))
    [7]
    """
    wanted = graph.outputs if indices is None else indices
    last = last_uses(graph, wanted)
    sizes: list[int] = []
    for index, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True)):
        sizes.append(own(op, len(args)) + sum([sizes[a] for a in args]) if args else 1)
        for arg in args:
            if last[arg] == index:
                sizes[arg] = 0
    return [sizes[i] for i in wanted]


def derivative_tree_size(graph: Graph, output: int, name: str, folding: bool = True) -> int:
    """Tree size of one derivative by the textbook's rules, counted without building it.

    Parameters
    ----------
    graph : Graph
    output : int
        Index of the node to differentiate.
    name : str
        The input to differentiate by.
    folding : bool
        Whether terms that are 0, factors 1 and signs are folded away, as the sweeps do; else
        every 0 and 1 is written out.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.parse("3*x**2")
    >>> derivative_tree_size(graph, graph.outputs[0], "x")  # 3*(2*x)
    5
    >>> derivative_tree_size(graph, graph.outputs[0], "x", folding=False)  # 0*x**2 + 3*(1*(2*x))
    12
    """
    return _Columns(graph, [output], folding).by(name)[0]


def derivative_tree_sizes(
    graph: Graph, wrt: Sequence[str] | None = None, folding: bool = True
) -> list[list[int]]:
    """Tree sizes of the entries of the Jacobian, a row for each output.

    Examples
    --------
    >>> import diffcompare as dc
    >>> derivative_tree_sizes(dc.parse("x*sin(y)"), ("x", "y"))
    [[2, 4]]
    """
    names = tuple(graph.inputs) if wrt is None else tuple(wrt)
    count = _Columns(graph, graph.outputs, folding)
    columns = [count.by(name) for name in names]
    return [list(row) for row in zip(*columns, strict=True)] or [[] for _ in graph.outputs]


class _Columns:
    """Sizes of the derivatives of some nodes: the forward rules, run on sizes."""

    def __init__(self, graph: Graph, outputs: Sequence[int], folding: bool) -> None:
        self.graph, self.outputs, self.folding = graph, outputs, folding
        self.alive, self.last = graph.live(outputs), last_uses(graph, outputs)
        self.leaf: type[TreeSize] = Lean if folding else TreeSize
        self.zero: Value = ZERO if folding else TreeSize()

    def by(self, name: str) -> list[int]:
        """Sizes of the derivatives by one input, a pass."""
        graph, zero = self.graph, self.zero
        formulas: list[Any] = [None] * len(graph.ops)
        dots: list[Value] = [zero] * len(graph.ops)
        dots[graph.inputs[name]] = self.leaf(1, Fraction(1))
        for index, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True)):
            if not args:
                formulas[index] = self.leaf(1, op.number if isinstance(op, Constant) else None)
            elif self.alive[index]:
                x, x_dot = [formulas[a] for a in args], [dots[a] for a in args]
                formulas[index] = y = self.leaf.node(op, x)
                if not self.folding or any(dot is not zero for dot in x_dot):
                    y_dot = op.jvp(y, x, x_dot)
                    dots[index] = zero if y_dot is ZERO else y_dot
                for arg in args:
                    if self.last[arg] == index:
                        formulas[arg], dots[arg] = None, zero
        return [_size(dots[i]) for i in self.outputs]


def last_uses(graph: Graph, kept: Sequence[int]) -> list[int]:
    """The node that uses each node last: then its size, which can be long, is let go."""
    last = list(range(len(graph.ops)))
    for index, args in enumerate(graph.args):
        for arg in args:
            last[arg] = index
    for index in kept:
        last[index] = len(last)
    return last
