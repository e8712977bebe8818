"""Local Jacobians, sparse matrices and parameter counts as text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from diffcompare.measure.local import LocalJacobian
from diffcompare.measure.parameters import Parameters
from diffcompare.modes.sparsity.coordinates import Coordinates
from diffcompare.render.columns import WIDTH, aligned
from diffcompare.render.data import as_json
from diffcompare.render.numerals import bytes_text, number, rounded, whole
from diffcompare.render.section import NONE, name

_ROWS, _FIRST = 60, 40


def local_text(found: Sequence[LocalJacobian]) -> str:
    """Local Jacobians as a table: what forming them would take, and what reverse mode takes.

    Examples
    --------
    >>> import diffcompare as dc
    >>> from diffcompare.measure.local import local_jacobians
    >>> graph = dc.parse("sigmoid(x)", shapes={"x": (500,)})
    >>> print(local_text(local_jacobians(graph)))
      of       by  op       Jacobian  structure  nonzeros  zeros    if formed  reverse ops    reverse
      v1       x   sigmoid  500×500   diagonal        500  99.8 %  1.91 MiB        2,000  19.5 KiB
      Backpropagation never forms them: the last two columns are what it does in their place.
    """
    head = ("of", "by", "op", "Jacobian", "structure", "nonzeros", "zeros", "if formed",
            "reverse ops", "reverse")  # fmt: skip
    if not found:
        return "  No step takes or gives an array: each Jacobian is one number."
    rows = [head, *map(_row, found)]
    told = (
        "  Backpropagation never forms them: the last two columns are what it does in their place."
    )
    return "\n".join([*aligned(rows, "lllllrrrrr"), told])


def _row(found: LocalJacobian) -> tuple[str, ...]:
    zeros = NONE if found.sparsity is None else _percent(found.sparsity)
    nonzeros = NONE if found.nonzeros is None else rounded(found.nonzeros)
    return (
        name(found.node), name(found.argument), found.op, f"{found.rows}×{found.columns}",
        found.structure, nonzeros, zeros, bytes_text(found.dense_bytes), rounded(found.vjp.total),
        bytes_text(found.vjp_bytes),
    )  # fmt: skip


def _percent(part: float) -> str:
    """A part of 1 in percent, rounded, but not up to all of it."""
    tenths = round(1000 * part)
    return f"{(tenths if part == 1 else min(tenths, 999)) / 10:g} %"


def local_json(found: Sequence[LocalJacobian]) -> str:
    """Local Jacobians as JSON: a list of objects."""
    return as_json([each.to_dict() for each in found])


def matrix_text(matrix: Coordinates) -> str:
    """A sparse matrix: drawn where it is small, with a dot for each 0, else its first nonzeros.

    Examples
    --------
    >>> import diffcompare as dc, numpy as np
    >>> from diffcompare.modes.sparsity.compressed import sparse_jacobian
    >>> phi = dc.parse("im2row(x, kernel=(1, 2))", shapes={"x": (1, 1, 1, 3)})
    >>> print(matrix_text(sparse_jacobian(phi, {"x": np.zeros((1, 1, 1, 3))})))  # vec φ(x) = H vec x
      4 × 3, 4 nonzeros
      1 · ·
      · 1 ·
      · 1 ·
      · · 1
    """
    rows, columns = matrix.shape
    cells = {
        (int(i), int(j)): number(value)
        for i, j, value in zip(matrix.rows, matrix.columns, matrix.values, strict=True)
        if value
    }
    head = f"  {rows} × {columns}, {len(cells):,} nonzero{'s' * (len(cells) != 1)}"
    widest = max(map(len, cells.values()), default=1)
    if rows > _ROWS or columns * (widest + 1) + 1 > WIDTH:
        listed = [f"  ({i}, {j}) {text}" for (i, j), text in islice(cells.items(), _FIRST)]
        more = [f"  … {len(cells) - _FIRST:,} more"] * (len(cells) > _FIRST)
        return "\n".join([head, *listed, *more])
    drawn = [
        "  " + " ".join(f"{cells.get((i, j), '·'):>{widest}}" for j in range(columns))
        for i in range(rows)
    ]
    return "\n".join([head, *drawn])


def parameters_text(found: Parameters) -> str:
    """Parameter counts as a table.

    Examples
    --------
    >>> print(parameters_text(Parameters({"w": 2000, "b": 20})))
      w      2,000
      b         20
      total  2,020
    """
    rows = [(name(label), whole(numbers)) for label, numbers in found.numbers.items()]
    return "\n".join(aligned([*rows, ("total", whole(found.total))], "lr"))
