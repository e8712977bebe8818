"""Single and double precision: in which of the two numbers are computed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

Float = type[np.float32] | type[np.float64]


def precision(numbers: Iterable[Any]) -> Float:
    """float32 where numbers of that type meet none of a longer one, else float64; as NumPy has it.

    Python's numbers and whole ones have no say; half precision counts as single.

    Examples
    --------
    >>> precision([np.ones(2, np.float32), 0.1, np.arange(3)]).__name__
    'float32'
    >>> precision([np.ones(2, np.float32), np.float64(0.1)]).__name__
    'float64'
    """
    found: Float = np.float64
    for number in numbers:
        kind = getattr(number, "dtype", None)
        if kind is None or kind.kind not in "fc":
            continue
        if kind.char not in "efF":
            return np.float64
        found = np.float32
    return found


def shrinkage(number: Any) -> float:
    """How much coarser the floats of a type are than float64: 1, or 2**29 of float32.

    Examples
    --------
    >>> shrinkage(np.float32(0.1)) == 2**29
    True
    """
    return float(np.finfo(number.dtype).eps / np.finfo(np.float64).eps)
