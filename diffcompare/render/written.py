"""The derivatives of a small layer written out, term by term, beside their closed form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.graph.expand import entry_labels, expand
from diffcompare.graph.graph import Graph
from diffcompare.graph.naming import output_name
from diffcompare.graph.point import read_wrt
from diffcompare.measure.closed_form import ClosedForm, recognise
from diffcompare.measure.terms import MOST, adjoint_entries, opened
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.ops.op import Shape
from diffcompare.render.columns import WIDTH, wrapped
from diffcompare.render.formula import formulas
from diffcompare.render.numerals import exact

_LIMIT: Final = 1_000_000


@dataclass(frozen=True)
class Written:
    """The derivative of a loss by one array.

    Attributes
    ----------
    name : str
    closed : ClosedForm or None
        What the entries were recognised to be; None where it is no known form.
    entries : dict of str to str
        ∂L/∂ each entry, as a formula of the inputs' entries and of the output's adjoint.
    shared : dict of str to str
        Subexpressions of long entries, by the name they have there.
    """

    name: str
    closed: ClosedForm | None
    entries: dict[str, str]
    shared: dict[str, str]

    def __str__(self) -> str:
        written = [f"{label} = {formula}" for label, formula in self.shared.items()]
        written += [f"∂L/∂{label} = {formula}" for label, formula in self.entries.items()]
        lines = [line for text in written for line in wrapped(text, WIDTH, "  ", "      ")]
        head = f"∂L/∂{self.name}"
        told = f"{head} = {closed_text(self.closed)}" if self.closed else f"{head}:"
        return "\n".join([told, *lines])


def derive(graph: Graph, wrt: Any = None, through: str | None = None) -> dict[str, Written]:
    """Every derivative of a loss L by the inputs of a small layer, written out and recognised.

    The closed form is found in the sums of products themselves, see `recognise`.

    Parameters
    ----------
    graph : Graph
        A layer: one output y, whose adjoint ∂L/∂y is y_bar; f where an input is called y.
    wrt : str or sequence of str, optional
        All inputs that the layer has by default.
    through : str, optional
        A node o, by the name that the program gives it or its label. Then the graph is a loss and
        the layer its part up to o: derivatives are written in o_bar = ∂L/∂o, and ∂L/∂o too.

    Returns
    -------
    dict of str to Written
        By input name.

    Examples
    --------
    >>> import diffcompare as dc
    >>> layer = dc.parse("conv2d(x, w)", shapes={"x": (1, 1, 1, 3), "w": (1, 1, 1, 2)})
    >>> print(dc.derive(layer)["w"])
    ∂L/∂w = corr(x, ∂L/∂y)
      ∂L/∂w[0,0,0,0] = x[0,0,0,0]*y_bar[0,0,0,0] + x[0,0,0,1]*y_bar[0,0,0,1]
      ∂L/∂w[0,0,0,1] = x[0,0,0,1]*y_bar[0,0,0,0] + x[0,0,0,2]*y_bar[0,0,0,1]
    """
    if len(graph.outputs) != 1:
        raise DiffcompareError("shape", "derive", need="the graph of a layer with one output",
                               got=f"{len(graph.outputs)} outputs")  # fmt: skip
    if through is None:
        return _layer(graph, read_wrt(graph, wrt), output_name(graph))
    if graph.shapes[graph.outputs[0]]:
        raise DiffcompareError("shape", "derive", need="a loss that is a number, to go through a node",
                               got="an array")  # fmt: skip
    index = _node(graph, through)
    layer = graph.rearranged([index], _cone(graph, index), ())[0]
    loss = opened(graph, index, through)
    names = tuple(layer.inputs) if wrt is None else read_wrt(graph, wrt)
    for name in names:
        if name not in layer.inputs or name in loss.inputs:
            need = f"inputs that enter the loss through {through} alone"
            raise DiffcompareError("input", "derive", need=need, got=shorten(name))
    return {**_layer(layer, names, through), through: _loss(loss, through)}


def _node(graph: Graph, name: str) -> int:
    """The node of a name in the program, or of a label; not an input."""
    for index, args in enumerate(graph.args):
        if (
            args
            and name not in graph.inputs
            and name in (graph.names.get(index), graph.label(index))
        ):
            return index
    raise DiffcompareError("input", "derive", need="through= a node, by its name or label",
                           got=shorten(name))  # fmt: skip


def _cone(graph: Graph, index: int) -> list[int]:
    return [i for i, alive in enumerate(graph.live([index])) if alive]


def _layer(graph: Graph, names: tuple[str, ...], output: str) -> dict[str, Written]:
    """Derivatives in terms of the adjoint of the graph's output."""
    sweep = adjoint_graph(graph, names)
    arrays = {name: graph.shapes[index] for name, index in graph.inputs.items()}
    adjoint = f"{output}_bar"
    while adjoint in arrays:
        adjoint += "_"
    arrays[adjoint] = graph.shapes[graph.outputs[0]]
    found: dict[str, Written] = {}
    for place, name in enumerate(names):
        entries = adjoint_entries(sweep, place, adjoint)
        closed = recognise(entries, arrays, name, adjoint)
        if closed:
            told = [f"∂L/∂{output}" if f == adjoint else f for f in closed.factors]
            closed = replace(closed, factors=tuple(told))
        found[name] = _written(name, closed, entries, arrays[name])
    return found


def _loss(graph: Graph, name: str) -> Written:
    """The derivative of a loss by the node that was made an input."""
    shape = graph.shapes[graph.inputs[name]]
    numbers = expand(graph, budget=MOST)
    entries = adjoint_graph(numbers, tuple(entry_labels(name, shape))).jacobian_graph
    return _written(name, None, entries, shape)


def _written(name: str, closed: ClosedForm | None, entries: Graph, shape: Shape) -> Written:
    labels = entry_labels(name, shape)
    lines = formulas(entries, limit=_LIMIT)
    split = len(lines) - len(labels)
    program = dict(line.split(" = ", 1) for line in lines[:split])
    return Written(name, closed, dict(zip(labels, lines[split:], strict=True)), program)


def closed_text(form: ClosedForm) -> str:
    """A closed form as a formula, with the settings that are not the usual ones.

    Examples
    --------
    >>> settings = (("stride", (2, 2)), ("pad", (0, 0)), ("dilation", (1, 1)))
    >>> closed_text(ClosedForm("correlation", ("x", "∂L/∂y"), settings))
    'corr(x, ∂L/∂y), stride 2×2'
    """
    settings = dict(form.settings)
    turned = settings.get("transposed", (False,) * len(form.factors))
    factors = [f"{name}ᵀ" if t else name for name, t in zip(form.factors, turned, strict=True)]
    written = _FORMULAS[form.kind].format(*factors, letters=_letters(settings.get("letters", ())))
    if "coefficient" in settings:
        written = f"{exact(settings['coefficient'])} · {written}"
    told = [
        f"{setting} {'×'.join(map(str, numbers))}"
        for setting, usual in _USUAL.items()
        if (numbers := settings.get(setting)) not in (None, usual)
    ]
    if settings.get("groups", 1) > 1:
        told.append(f"{settings['groups']} groups")
    if not settings.get("shared", True):
        told.append("not shared: a sum for each position")
    return ", ".join([written, *told])


def _letters(axes: Sequence[Sequence[int]]) -> str:
    """As einsum writes them: ij,jk->ik."""
    words = ["".join("ijklmnopqrst"[k] if k >= 0 else "z" for k in part) for part in axes]
    return f"{','.join(words[:-1])}->{words[-1]}" if words else ""


_USUAL: Final[Mapping[str, tuple[int, int] | None]] = {
    "window": None, "kernel": None, "stride": (1, 1), "pad": (0, 0), "dilation": (1, 1),
}  # fmt: skip
"""Settings that are not written; pad is that above and to the left."""

_FORMULAS: Final[Mapping[str, str]] = {
    "correlation": "corr({0}, {1})",
    "full convolution": "fullconv({0}, rot180 {1})",
    "matrix product": "{0} {1}",
    "outer product": "{0} {1}, an outer product",
    "elementwise product": "{0} ∘ {1}",
    "contraction": "einsum('{letters}', {0}, {1})",
    "identity": "{0}",
    "reshape": "{0} under another shape",
    "transpose": "{0} with its axes permuted",
    "sum": "{0} added up",
    "repeat": "{0} repeated",
    "part": "a part of {0}",
    "selection": "Sᵀ vec {0}, S a selection matrix",
    "im2row": "im2row({0})",
    "row2im": "row2im({0}), Hᵀ of the 0/1 matrix H of im2row",
    "spread": "{0} spread evenly over its window",
    "winners": "Sᵀ vec {0}, S the selection matrix of the largest entries",
    "diagonal": "{0}, each entry scaled: a diagonal matrix",
    "zero": "0",
}
