"""Sparse matrices as coordinate arrays."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from diffcompare.errors import DiffcompareError


@dataclass(frozen=True, eq=False)
class Coordinates:
    """A sparse matrix: the value at each place of its pattern.

    Attributes
    ----------
    rows, columns : ndarray of int, (nonzeros,)
        Row-major, each place once.
    values : ndarray of float, (nonzeros,)
    shape : (int, int)

    Examples
    --------
    >>> import diffcompare as dc
    >>> from diffcompare.modes.sparsity.compressed import sparse_jacobian
    >>> found = sparse_jacobian(dc.parse("x*y, y*y"), {"x": 2, "y": 5})
    >>> found
    Coordinates(2 × 2, 3 nonzeros)
    >>> found.dense()
    array([[ 5.,  2.],
           [ 0., 10.]])
    """

    rows: np.ndarray
    columns: np.ndarray
    values: np.ndarray
    shape: tuple[int, int]

    def dense(self) -> np.ndarray:
        """The whole matrix."""
        matrix = np.zeros(self.shape)
        matrix[self.rows, self.columns] = self.values
        return matrix

    def to_scipy(self) -> Any:
        """A ``scipy.sparse.coo_array``; needs SciPy, which nothing else here does."""
        try:
            sparse = import_module("scipy.sparse")
        except ImportError:
            raise DiffcompareError("type", "to_scipy", need="SciPy", got="none installed",
                                   hint="rows, columns and values are NumPy arrays") from None  # fmt: skip
        return sparse.coo_array((self.values, (self.rows, self.columns)), shape=self.shape)

    def to_dict(self) -> dict[str, Any]:
        """As plain lists: ``shape``, ``rows``, ``columns``, ``values``."""
        return {
            "shape": list(self.shape),
            "rows": self.rows.tolist(),
            "columns": self.columns.tolist(),
            "values": self.values.tolist(),
        }

    def __repr__(self) -> str:
        m, n = self.shape
        count = len(self.values)
        return f"Coordinates({m} × {n}, {count} nonzero{'s' * (count != 1)})"
