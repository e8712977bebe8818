"""Tree sizes of networks: those of the scalar expansion, counted at the granularity of layers.

The size of every entry is exact, in time linear in the entries of the arrays.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.numbers import treelayers  # noqa: F401  enters the rules of the layers
from diffcompare.numbers.naturals import Naturals
from diffcompare.numbers.trees import Trees, written
from diffcompare.numbers.uses import last_uses
from diffcompare.ops.leaf import Constant

ENTRIES: Final = 1 << 27
"""Of all arrays but the inputs together, at most: some seconds, a few GB."""


def array_tree_sizes(graph: Graph, indices: Sequence[int] | None = None) -> list[Naturals]:
    """Tree sizes of the entries of nodes of a graph of arrays.

    They are those of its expansion to scalars, `tree_sizes(expand(graph))`. A `max` or `min` is
    counted with all its arguments; where one is met twice, or is itself a max, the expansion merges
    them, and is smaller.

    Parameters
    ----------
    graph : Graph
    indices : sequence of int, optional
        Nodes; those of `graph.outputs` by default.

    Raises
    ------
    DiffcompareError
        Of kind "limit" where the arrays have too many entries.

    Examples
    --------
    >>> import diffcompare as dc
    >>> array_tree_sizes(dc.parse("softmax(x)", shapes={"x": (3,)}))
    [Naturals(27, 27, 27)]
    """
    wanted = graph.outputs if indices is None else indices
    found = _walked(graph, wanted, tangents=False)
    return [found[i].sizes for i in wanted]


def jacobian_tree_total(graph: Graph, wrt: Sequence[str]) -> int:
    """Tree size of the whole Jacobian of a graph of arrays, every 0 and 1 written out.

    It is that of its expansion, `derivative_tree_total(…, folding=False)`: a seed 0 is as long as a
    seed 1, so the tangents by all inputs are of one size.

    Examples
    --------
    >>> import diffcompare as dc
    >>> jacobian_tree_total(dc.parse("matmul(w, x)", shapes={"w": (1, 2), "x": (2, 1)}), ["w"])
    30
    """
    found = _walked(graph, graph.outputs, tangents=True)
    entries = sum(math.prod(graph.shapes[graph.inputs[name]]) for name in wrt)
    dots = [found[i].dots for i in graph.outputs]
    return entries * sum(dot.total() for dot in dots if dot is not None)


def _walked(graph: Graph, wanted: Sequence[int], tangents: bool) -> dict[int, Trees]:
    last = last_uses(graph, wanted)
    entries = sum(
        math.prod(graph.shapes[i]) for i, args in enumerate(graph.args) if args and last[i] >= 0
    )
    if entries > ENTRIES:
        raise DiffcompareError("limit", "tree sizes of arrays", need=f"at most {ENTRIES:,} entries",
                               got=f"{entries:,}")  # fmt: skip
    found: dict[int, Trees] = {}
    for index, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True)):
        if last[index] < 0:
            continue
        if args:
            found[index] = written(op, *(found[a] for a in args))
        else:
            number = op.number if isinstance(op, Constant) else None
            leaves = Trees.leaves(graph.shapes[index], number)
            found[index] = leaves if tangents else leaves.alone()
        for arg in set(args):
            if last[arg] == index:
                del found[arg]
    return found
