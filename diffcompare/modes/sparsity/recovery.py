"""Decompression: from which entry of which compressed product each nonzero is read, proven."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diffcompare.errors import DiffcompareError
from diffcompare.modes.sparsity.coloring import Coloring
from diffcompare.modes.sparsity.pattern import Pattern


@dataclass(frozen=True, eq=False)
class Recovery:
    """Where each nonzero is read, in the order of the pattern.

    Attributes
    ----------
    forward : ndarray of bool
        Whether it is read from a forward pass: J times the sum of a color's columns.
    line : ndarray of int
        The entry of that product: a row of J for forward, a column for reverse passes.
    color : ndarray of int
        The pass.
    """

    forward: np.ndarray
    line: np.ndarray
    color: np.ndarray


def recovery(coloring: Coloring) -> Recovery:
    """The reading of every nonzero; it holds whatever made the coloring.

    An entry of a product is the sum of the nonzeros of its line in one color. It may be read
    where that sum has one term: this counts the terms.

    Raises
    ------
    DiffcompareError
        Of kind "graph" where some nonzero meets another one wherever it could be read.

    Examples
    --------
    >>> pattern = Pattern.of([0, 1], [0, 1], (2, 2))
    >>> recovery(Coloring(pattern, "columns", np.array([0, 0]), np.array([-1, -1]), 1)).color
    array([0, 0])
    """
    pattern = coloring.pattern
    i, j = pattern.rows, pattern.columns
    columns, rows = _checked(coloring)
    forward = alone(i, columns[j])
    line, color = i, columns[j]
    if coloring.direction == "symmetric":
        mirror = pattern.turned
        turned = forward[mirror] & (~forward | (i > j))  # of two mirrored ones one is read
        line, color = np.where(turned, j, i), np.where(turned, columns[i], color)
        forward = forward | turned
    back = ~forward & alone(j, rows[i])
    lost = np.flatnonzero(~(forward | back))
    if len(lost):
        raise _collision(pattern, columns, rows, int(lost[0]))
    return Recovery(forward, np.where(back, j, line), np.where(back, rows[i], color))


def alone(lines: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """For each nonzero whether it has a color that no other nonzero of its line has.

    Examples
    --------
    >>> alone(np.array([0, 0, 0, 1]), np.array([0, 0, 1, -1]))
    array([False, False,  True, False])
    """
    keys = lines * (colors.max(initial=-1) + 2) + colors + 1
    _, where, counts = np.unique(keys, return_inverse=True, return_counts=True)
    found: np.ndarray = (counts[where] == 1) & (colors >= 0)
    return found


def _checked(coloring: Coloring) -> tuple[np.ndarray, np.ndarray]:
    """The colors of columns and rows, if there is one for each."""
    m, n = coloring.pattern.shape
    columns, rows = coloring.columns, coloring.rows
    if columns.shape != (n,) or rows.shape != (m,):
        raise DiffcompareError(
            "shape", "a coloring", need=f"a color for each of {n} columns and {m} rows",
            got=f"{columns.shape} and {rows.shape}",
        )  # fmt: skip
    return columns, rows


def _collision(
    pattern: Pattern, columns: np.ndarray, rows: np.ndarray, lost: int
) -> DiffcompareError:
    """The refusal that names a nonzero and what it meets."""
    i, j = int(pattern.rows[lost]), int(pattern.columns[lost])
    beside = pattern.columns[pattern.rows == i]
    below = pattern.rows[pattern.columns == j]
    met = [f"({i}, {k})" for k in beside if k != j and columns[j] == columns[k] >= 0]
    met += [f"({k}, {j})" for k in below if k != i and rows[i] == rows[k] >= 0]
    return DiffcompareError(
        "graph", "a coloring", need="for each nonzero a pass that no other of its line is in",
        got=f"({i}, {j}) " + (f"beside {' and '.join(met[:2])}" if met else "in no pass"),
    )  # fmt: skip
