"""Arrays of a case that nobody wrote down: filled by a rule, the same on every machine."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from diffcompare.budget import Budget
from diffcompare.ops.op import Shape
from diffcompare.parse.settings import check_fits

_GOLDEN: Final = 2_654_435_769
"""2**32 over the golden ratio."""


def seeded(
    shapes: Mapping[str, Shape], written: Mapping[str, Any], seed: int, dtype: str, budget: Budget
) -> dict[str, np.ndarray]:
    """An array for each name that has a shape and no numbers written, of floats of that type.

    Examples
    --------
    >>> seeded({"w": (2,), "x": (1,)}, {"w": [0.5, 1.0]}, 7, "float32", Budget())
    {'x': array([-0.385...], dtype=float32)}
    """
    found = {}
    for place, (name, shape) in enumerate(shapes.items()):
        if name not in written:
            check_fits(name, math.prod(shape), budget)
            found[name] = spread(shape, seed + place).astype(dtype)
    return found


def spread(shape: Shape, seed: int) -> np.ndarray:
    """Numbers between −1 and 1: a Weyl sequence of dyadic fractions.

    Examples
    --------
    >>> spread((3,), 0)
    array([ 0.236..., -0.527...,  0.708...])
    """
    count = math.prod(shape)
    steps = (np.arange(1, count + 1, dtype=np.uint64) + np.uint64(seed * 7919)) * np.uint64(_GOLDEN)
    return ((steps % np.uint64(1 << 32)) / float(1 << 31) - 1.0).reshape(shape)
