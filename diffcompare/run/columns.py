"""Columns of floats of one length: what a batch is called with, and what it works on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.run.given import check_columns

LINE: Final = 64
"""Bytes of a cache line: a vector that crosses one takes twice as long to load or store."""


def columns_of(columns: Sequence[Any], inputs: int) -> tuple[list[np.ndarray], tuple[int, ...]]:
    """Contiguous columns, flat, and the shape that the results have; a bare number is broadcast.

    Raises
    ------
    DiffcompareError
        Where there are not as many columns as inputs, or they are not real numbers of one length.

    Examples
    --------
    >>> columns_of([[1, 2], 3], 2)
    ([array([1., 2.]), array([3., 3.])], (2,))
    """
    check_columns(columns, inputs)
    try:
        arrays = [np.asarray(column) for column in columns]
        if any(array.dtype.kind not in "fiu" for array in arrays):
            raise TypeError
        if len({array.shape for array in arrays if array.ndim == 1}) > 1:
            raise ValueError
        x = np.broadcast_arrays(*(array.astype(float, copy=False) for array in arrays))
    except (TypeError, ValueError):
        got = " and ".join(shorten(column) for column in columns)
        raise DiffcompareError("type", "a batch", need="columns of real numbers of one length",
                               got=got[:120]) from None  # fmt: skip
    shape = x[0].shape if x else ()
    return [np.ascontiguousarray(column).reshape(-1) for column in x], shape


def aligned(count: int, length: int) -> np.ndarray:
    """So many rows of `length` floats, not initialised, each from the start of a cache line.

    They are one block, so that a large one lies on large pages.

    Examples
    --------
    >>> rows = aligned(3, 5)
    >>> rows.shape, {row.ctypes.data % LINE for row in rows}
    ((3, 5), {0})
    """
    line = LINE // 8
    width = -(-length // line) * line
    room = np.empty(count * width + line)
    start = -room.ctypes.data % LINE // 8
    rows: np.ndarray = room[start : start + count * width].reshape(count, width)[:, :length]
    return rows
