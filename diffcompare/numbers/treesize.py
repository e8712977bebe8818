"""The size of a formula written out as a tree: an exact integer, counted without the tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from diffcompare.graph.graph import Graph
from diffcompare.graph.point import need_places, read_wrt
from diffcompare.numbers.treecolumns import Columns
from diffcompare.numbers.treerules import PLAIN, Form, Rules, form_of
from diffcompare.numbers.uses import last_uses
from diffcompare.ops.arithmetic import add, div, neg
from diffcompare.ops.leaf import exact
from diffcompare.ops.op import Op
from diffcompare.ops.operand import Operand, Value


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

    __slots__ = ("form", "size")
    rank = 1

    def __init__(self, size: int = 1, literal: Any = None) -> None:
        self.size, self.form = size, form_of(literal)

    @classmethod
    def formed(cls, size: int, form: Form) -> Self:
        """A formula of a size, of which more is known than whether it is a number."""
        formula = cls.__new__(cls)
        formula.size, formula.form = size, form
        return formula

    @classmethod
    def node(cls, op: Op, x: Sequence[Value]) -> Self:
        """`op(*x)` as it stands: one node more than the arguments have together."""
        return cls.formed(own(op, len(x)) + sum([_size(arg) for arg in x]), PLAIN)

    @property
    def literal(self) -> Any:
        """The number that the formula is, else None."""
        return self.form.literal

    def like(self, number: Any) -> Self:
        """A constant."""
        return type(self)(1, exact(number))

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

    __slots__ = ()

    @classmethod
    def node(cls, op: Op, x: Sequence[Value]) -> Self:
        """`op(*x)` as it stands."""
        form = PLAIN
        if op is neg:
            form = x[0].form.linked("-")
        elif op is div and x[0].literal == 1:
            form = x[1].form.linked("/")
        return cls.formed(own(op, len(x)) + sum([arg.size for arg in x]), form)

    @property
    def negated(self) -> Lean | None:
        """z where it is -z."""
        return self._inner("-", 1)

    @property
    def reciprocal(self) -> Lean | None:
        """z where it is 1/z."""
        return self._inner("/", 2)

    def _inner(self, link: str, around: int) -> Lean | None:
        inner = self.form.inner if self.form.link == link else None
        return None if inner is None else Lean.formed(self.size - around, inner)

    def apply_op(self, op: Op, args: Sequence[Value]) -> Value:
        """What `op.fold` makes of it, else one node more."""
        x = [arg if type(arg) is Lean else self.like(arg) for arg in args]
        simpler = op.fold(*x)
        return Lean.node(op, x) if simpler is None else simpler


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
    need_places(wanted, len(graph.ops), "tree_sizes", "nodes by their index")
    last = last_uses(graph, wanted)
    sizes = [1] * len(graph.ops)
    for index, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True)):
        if args and last[index] >= 0:
            sizes[index] = own(op, len(args)) + sum([sizes[a] for a in args])
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
    need_places([output], len(graph.ops), "derivative_tree_size", "a node by its index")
    (read,) = read_wrt(graph, name)
    return _columns(graph, [output], folding).by(read)[0]


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
    columns = _columns(graph, graph.outputs, folding)
    found = [columns.by(name) for name in names]
    return [list(row) for row in zip(*found, strict=True)] or [[] for _ in graph.outputs]


def _columns(graph: Graph, outputs: Sequence[int], folding: bool) -> Columns:
    return Columns(graph, outputs, Rules(Lean) if folding else Rules(TreeSize, PLAIN))
