"""Local Jacobians: the matrix of each step of a network, which backpropagation never forms.

Arrays are vectors of their entries in row-major order, so vec(A X B) = (A ⊗ Bᵀ) vec X. Nonzeros are
structural: counted from shapes, by what the op does, and for other ops by following the sets of
entries through the node written out in numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import singledispatch
from typing import Any, Final

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.measure.ledger import count
from diffcompare.measure.memory import DOUBLE, peak
from diffcompare.measure.terms import opened
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.modes.sparsity.pattern import sparsity
from diffcompare.modes.sparsity.reach import flows
from diffcompare.ops.cost import Cost
from diffcompare.ops.indexed import Concat, Gather, ScatterAdd
from diffcompare.ops.layers.dense import Dense
from diffcompare.ops.layers.routing import PoolRoute, PoolSelect
from diffcompare.ops.layers.rows import Im2Row, Row2Im
from diffcompare.ops.layers.trilinear import Trilinear
from diffcompare.ops.linalg import MatMul
from diffcompare.ops.moves import Broadcast, Reshape, SumTo, Transpose
from diffcompare.ops.op import Op, Shape
from diffcompare.ops.parts import Pick, Place, Put, Slice, Stack

_MOST: Final = Budget(nodes=20_000)
"""Nodes up to which an op without a rule is written out in numbers."""


@dataclass(frozen=True)
class LocalJacobian:
    """The Jacobian of one node by one of its arguments, and what reverse mode does instead.

    Attributes
    ----------
    node, op, argument : str
        The node's name or label, its op, and the argument's name or label.
    rows, columns : int
        Numbers of the node and of the argument.
    structure : str
        What kind of matrix it is: diagonal, a Kronecker product, of zeros and ones, "taps" with the
        entries of a kernel or of what it meets, "rows of x" each beside zeros, full, sparse.
    nonzeros : int or None
        Entries that may differ from 0; None where there were too many to follow.
    vjp : Cost
        Operations of its transpose times an adjoint, as the op's reverse rule does it.
    vjp_bytes : int
        Peak bytes of that, with all it reads and gives.
    """

    node: str
    op: str
    argument: str
    rows: int
    columns: int
    structure: str
    nonzeros: int | None
    vjp: Cost
    vjp_bytes: int

    @property
    def entries(self) -> int:
        """Of the whole matrix."""
        return self.rows * self.columns

    @property
    def dense_bytes(self) -> int:
        """Bytes of the whole matrix, if it were formed."""
        return DOUBLE * self.entries

    @property
    def sparsity(self) -> float | None:
        """The part of the entries that are 0 at every point."""
        return None if self.nonzeros is None else 1 - self.nonzeros / self.entries

    def to_dict(self) -> dict[str, Any]:
        """As plain data, with what follows from the attributes."""
        more = {name: getattr(self, name) for name in ("entries", "dense_bytes", "sparsity")}
        return {**asdict(self), "vjp": self.vjp.to_dict(), **more}


def local_jacobians(graph: Graph) -> list[LocalJacobian]:
    """The local Jacobians of all nodes with arrays, by each argument that has a slope.

    Nothing is evaluated, and no matrix is formed.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.parse("a = matmul(w, x)\\nsigmoid(a)", shapes={"w": (2, 3), "x": (3, 1)})
    >>> for j in local_jacobians(graph):
    ...     print(f"∂{j.node}/∂{j.argument}: {j.rows}×{j.columns}, {j.nonzeros} nonzeros, {j.structure}")
    ∂a/∂w: 2×6, 6 nonzeros, I ⊗ Bᵀ
    ∂a/∂x: 2×3, 6 nonzeros, A ⊗ I
    ∂v3/∂a: 2×2, 2 nonzeros, diagonal
    """
    varying, alive = graph.depends_on(graph.inputs.values()), graph.live(graph.outputs)
    names = {index: name for name, index in graph.inputs.items()} | graph.names
    known: dict[tuple[Op, tuple[Shape, ...], int], tuple[Any, ...]] = {}
    found: list[LocalJacobian] = []
    for index, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True)):
        shapes = tuple([graph.shapes[a] for a in args])
        if not alive[index] or not any((graph.shapes[index], *shapes)):
            continue
        here = names.get(index, graph.label(index))
        for slot in flows(op, shapes):
            if not varying[args[slot]]:
                continue
            key = op, shapes, slot
            if key not in known:
                known[key] = _local(op, shapes, slot)
            argument = names.get(args[slot], graph.label(args[slot]))
            found.append(LocalJacobian(here, op.name, argument, *known[key]))
    return found


def _local(op: Op, shapes: tuple[Shape, ...], slot: int) -> tuple[Any, ...]:
    """What a local Jacobian has besides its names."""
    graph = Graph.empty()
    x = [Variable.input(graph, f"x{k}", shape) for k, shape in enumerate(shapes)]
    y = graph.node(op, tuple([v.index for v in x]))
    graph.outputs = (y,)
    rows, columns = math.prod(graph.shapes[y]), math.prod(shapes[slot])
    told = ("diagonal", rows) if op.elementwise else pattern(op, shapes, slot)
    sweep = adjoint_graph(graph, (f"x{slot}",))
    swept = sweep.graph.rearranged(sweep.swept, range(len(sweep.graph.ops)), ())[0]
    rule = opened(swept, y, "y")  # the forward sweep left it
    return rows, columns, *(told or _followed(graph, f"x{slot}")), count(rule), peak(rule)


def _followed(graph: Graph, name: str) -> tuple[str, int | None]:
    """Nonzeros of a graph of one node, by following its entries in numbers."""
    try:
        found = sparsity(graph, name, _MOST)
    except DiffcompareError as error:
        if error.kind != "limit":
            raise
        return "not followed", None
    full = found.nonzeros == math.prod(found.shape)
    return "full" if full else "sparse", found.nonzeros


@singledispatch
def pattern(op: Op, shapes: Sequence[Shape], slot: int) -> tuple[str, int] | None:
    """What matrix an op's Jacobian by one argument is, and its nonzeros; None without a rule.

    Examples
    --------
    >>> pattern(MatMul(), [(2, 3), (3, 4)], 0)
    ('I ⊗ Bᵀ', 24)
    """
    return None


@pattern.register(Broadcast)
@pattern.register(Reshape)
@pattern.register(Transpose)
@pattern.register(Slice)
@pattern.register(Pick)
@pattern.register(Gather)
def _(op: Op, shapes: Sequence[Shape], slot: int) -> tuple[str, int]:
    return "0/1, one a row", math.prod(op.shape(shapes))


@pattern.register(SumTo)
@pattern.register(Place)
@pattern.register(Put)
@pattern.register(Stack)
@pattern.register(Concat)
@pattern.register(ScatterAdd)
def _(op: Op, shapes: Sequence[Shape], slot: int) -> tuple[str, int]:
    return "0/1, one a column", math.prod(shapes[slot])


@pattern.register
def _(op: Im2Row, shapes: Sequence[Shape], slot: int) -> tuple[str, int]:
    n, c, *pixels = shapes[0]
    return "0/1, H", n * c * op.windows.counts(pixels).meetings


@pattern.register
def _(op: Row2Im, shapes: Sequence[Shape], slot: int) -> tuple[str, int]:
    n, c, *pixels = op.to
    return "0/1, Hᵀ", n * c * op.windows.counts(pixels).meetings


@pattern.register
def _(op: PoolSelect, shapes: Sequence[Shape], slot: int) -> tuple[str, int]:
    return "selection S", math.prod(shapes[1])


@pattern.register
def _(op: PoolRoute, shapes: Sequence[Shape], slot: int) -> tuple[str, int]:
    return "selection Sᵀ", math.prod(shapes[1])


@pattern.register
def _(op: MatMul, shapes: Sequence[Shape], slot: int) -> tuple[str, int]:
    return ("I ⊗ Bᵀ", "A ⊗ I")[slot], op.cost(shapes).mul


@pattern.register
def _(op: Trilinear, shapes: Sequence[Shape], slot: int) -> tuple[str, int]:
    """No two products have the same entry of the result and of the argument."""
    return "taps", op.cost(shapes).mul


@pattern.register
def _(op: Dense, shapes: Sequence[Shape], slot: int) -> tuple[str, int]:
    if slot == 2:
        return "0/1, one a row", math.prod(op.shape(shapes))
    return ("I ⊗ W", "rows of x")[slot], op.cost(shapes[:2]).mul
