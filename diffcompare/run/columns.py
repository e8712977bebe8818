"""What a batch is called with, as columns of floats of one length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def columns_of(columns: Sequence[Any]) -> tuple[list[np.ndarray], tuple[int, ...]]:
    """Contiguous columns, broadcast and flat, and the shape that the results have.

    Examples
    --------
    >>> columns_of([[1, 2], 3])
    ([array([1., 2.]), array([3., 3.])], (2,))
    """
    x = np.broadcast_arrays(*(np.asarray(column, dtype=float) for column in columns))
    shape = x[0].shape if x else ()
    return [np.ascontiguousarray(column).reshape(-1) for column in x], shape
