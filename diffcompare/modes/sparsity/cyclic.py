"""Colorings that repeat: what banded matrices have, without a search."""

from __future__ import annotations

import numpy as np

from diffcompare.modes.sparsity.pattern import Pattern
from diffcompare.modes.sparsity.recovery import alone


def cyclic(pattern: Pattern) -> np.ndarray | None:
    """Colors 0, 1, …, p − 1, 0, 1, … of the columns, p the most nonzeros of a row, if they serve.

    They are as few as there can be. Source: A. R. Curtis, M. J. D. Powell, J. K. Reid, On the
    estimation of sparse Jacobian matrices, J. Inst. Maths Applics 13, 1974.

    Examples
    --------
    >>> from diffcompare.modes.sparsity.pattern import Pattern
    >>> cyclic(Pattern.of([0, 0, 1, 1], [0, 1, 1, 2], (2, 3)))
    array([0, 1, 0])
    """
    most = int(pattern.row_counts.max(initial=0))
    if not most:
        return None
    colors = np.arange(pattern.shape[1]) % most
    if not alone(pattern.rows, colors[pattern.columns]).all():
        return None
    return np.where(pattern.column_counts > 0, colors, -1)
