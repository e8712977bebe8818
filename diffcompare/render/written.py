"""The derivatives of a small layer written out, term by term, beside their closed form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError
from diffcompare.graph.expand import entry_labels, expand
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import read_wrt
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.render.formula import formulas

_MOST: Final = Budget(nodes=5_000)
_LIMIT: Final = 1_000_000

CLOSED_FORMS: Final[Mapping[str, str]] = {
    "conv2d_weight": "correlation of the input with the output adjoint",
    "conv2d_input": "full convolution of the output adjoint with the kernel turned by 180°",
    "conv2d": "correlation",
    "matmul": "product with the transposed matrix",
    "dense": "product with the weights",
    "transpose": "transposed matrix",
    "pool_route": "transposed selection matrix: each adjoint goes to the winner of its window",
    "avg_pool_spread": "each adjoint spread evenly over its window",
    "row2im": "row2im, the transpose of im2row",
    "im2row": "im2row, the transpose of row2im",
    "reshape": "the adjoint under the input's shape",
    "sum_to": "sum over what was broadcast",
    "broadcast": "the adjoint repeated",
    "slice": "the part of the adjoint where the input lies",
}
"""What an adjoint is called, by the operation that gives it."""


@dataclass(frozen=True)
class Written:
    """The derivative of a loss by one input of a layer.

    Attributes
    ----------
    name : str
    closed : str
        The closed form, where it has a name; else the operation.
    entries : dict of str to str
        ∂L/∂ each entry, as a formula of the inputs' entries and y_bar = ∂L/∂y.
    """

    name: str
    closed: str
    entries: dict[str, str]

    def __str__(self) -> str:
        lines = [f"  ∂L/∂{label} = {formula}" for label, formula in self.entries.items()]
        return "\n".join([f"∂L/∂{self.name}: {self.closed}", *lines])


def derive(graph: Graph, wrt: Any = None) -> dict[str, Written]:
    """Every derivative of a loss L by the inputs of a small layer, written out.

    Parameters
    ----------
    graph : Graph
        A layer: one output y, whose adjoint ∂L/∂y is y_bar.
    wrt : str or sequence of str, optional

    Returns
    -------
    dict of str to Written
        By input name.

    Examples
    --------
    >>> import diffcompare as dc
    >>> layer = dc.parse("conv2d(x, w)", shapes={"x": (1, 1, 1, 3), "w": (1, 1, 1, 2)})
    >>> print(dc.derive(layer)["w"])
    ∂L/∂w: correlation of the input with the output adjoint
      ∂L/∂w[0,0,0,0] = x[0,0,0,0]*y_bar[0,0,0,0] + x[0,0,0,1]*y_bar[0,0,0,1]
      ∂L/∂w[0,0,0,1] = x[0,0,0,1]*y_bar[0,0,0,0] + x[0,0,0,2]*y_bar[0,0,0,1]
    """
    if not isinstance(graph, Graph) or len(graph.outputs) != 1:
        raise DiffcompareError("type", "derive", need="the graph of a layer with one output",
                               got=type(graph).__name__)  # fmt: skip
    sweep = adjoint_graph(graph, read_wrt(graph, wrt))
    found: dict[str, Written] = {}
    for name, output in zip(sweep.wrt, sweep.swept, strict=True):
        order = [i for i, alive in enumerate(sweep.graph.live([output])) if alive]
        part, place = sweep.graph.rearranged([output], order, ())
        fine = expand(part, budget=_MOST)
        lines = formulas(fine, limit=_LIMIT)
        labels = entry_labels(name, sweep.graph.shapes[output])
        shared = len(lines) - len(labels)
        op = part.ops[place[output]].name
        entries = dict(zip(labels, lines[shared:], strict=True))
        found[name] = Written(name, CLOSED_FORMS.get(op, op), entries)
    return found
