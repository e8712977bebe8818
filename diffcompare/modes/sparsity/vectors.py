"""The sparsity pattern of a rolled graph: index sets of whole vectors, carried along its few nodes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from diffcompare.graph.graph import Graph
from diffcompare.modes.sparsity.pattern import Pattern
from diffcompare.modes.sparsity.reach import MOST, flows, too_many
from diffcompare.ops.op import Op, Shape

Places = tuple[np.ndarray, np.ndarray]
"""The rows and columns of the nonzeros of a vector's Jacobian, row by row."""


def rolled_pattern(graph: Graph, source: str = "x") -> Pattern:
    """Where the Jacobian of a graph of `graph.rolled` may differ from zero.

    Parameters
    ----------
    graph : Graph
        One output.
    source : str
        The input that it is differentiated by.

    Raises
    ------
    DiffcompareError
        Of kind "limit" beyond `MOST`.

    Examples
    --------
    >>> import diffcompare as dc
    >>> from diffcompare.graph.rolled import rolled
    >>> graph = dc.parse(", ".join(f"sin(x{k})*x{k + 1}" for k in range(40)))
    >>> rolled_pattern(rolled(graph, list(graph.inputs)))
    Pattern(40 × 41, 80 nonzeros)
    """
    place = graph.inputs[source]
    (columns,) = graph.shapes[place]
    found: list[Places | None] = [None] * len(graph.ops)
    found[place] = np.arange(columns), np.arange(columns)
    for index, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True)):
        if args:
            shapes = [graph.shapes[a] for a in args]
            found[index] = _through(op, shapes, [found[a] for a in args], columns)
    (output,) = graph.outputs
    rows, across = found[output] or (np.zeros(0, np.int64), np.zeros(0, np.int64))
    if len(rows) > MOST:
        raise too_many(f"{len(rows):,}")
    return Pattern(rows, across, (graph.shapes[output][0], columns))


def _through(
    op: Op, shapes: Sequence[Shape], places: Sequence[Places | None], columns: int
) -> Places | None:
    """What a node depends on: a move moves rows, other ops unite those of arguments that pass."""
    if not op.elementwise:
        return _moved(op, shapes, places)
    passing = [places[slot] for slot in flows(op, ((),) * len(shapes))]
    parts = [part for part in passing if part is not None]
    if len(parts) < 2:
        return parts[0] if parts else None
    keys = np.unique(np.concatenate([rows * columns + across for rows, across in parts]))
    return keys // columns, keys % columns


def _moved(op: Op, shapes: Sequence[Shape], places: Sequence[Places | None]) -> Places | None:
    """The op is asked itself where each row comes from."""
    if all(part is None for part in places):
        return None
    ends = np.cumsum([shape[0] if shape else 1 for shape in shapes])
    starts = np.concatenate([[0], ends[:-1]])
    numbers = [
        np.arange(a, b).reshape(shape) for a, b, shape in zip(starts, ends, shapes, strict=True)
    ]
    come_from = op.value(*numbers)
    parts = [(rows + a, across) for a, part in zip(starts, places, strict=True) if part is not None
             for rows, across in [part]]  # fmt: skip
    rows = np.concatenate([part[0] for part in parts])
    across = np.concatenate([part[1] for part in parts])
    counts = np.bincount(rows, minlength=ends[-1])
    first = np.cumsum(counts) - counts
    taken = counts[come_from]
    before = np.cumsum(taken) - taken
    entries = np.repeat(first[come_from] - before, taken) + np.arange(int(taken.sum()))
    return np.repeat(np.arange(len(come_from)), taken), across[entries]
