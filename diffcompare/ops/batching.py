"""Several directions at once, along a new first axis: what `Op.batched` rules are written with.

The rules are in ops themselves, so they hold for arrays and for the Variables of a graph alike.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from diffcompare.ops.moves import Broadcast, Reshape, Transpose
from diffcompare.ops.op import Op, shape_of
from diffcompare.ops.operand import Value

_TURNED: Final = Transpose((1, 0, 2))


def everywhere(x: Sequence[Value], batched: Sequence[bool], count: int) -> list[Value]:
    """Arguments that all have the first axis; those that had none are repeated along it."""
    return [
        a if has else Broadcast((count, *shape_of(a)))(a) for a, has in zip(x, batched, strict=True)
    ]


def merged(x: Value, axis: int = 0, groups: int = 1) -> Value:
    """The first axis made part of another one, counted without it: the slower part of each group.

    Examples
    --------
    >>> import numpy as np
    >>> merged(np.zeros((10, 2, 3))).shape, merged(np.zeros((10, 2, 3)), 1).shape
    ((20, 3), (2, 30))
    """
    count, *shape = shape_of(x)
    each = shape[axis] // groups
    if axis or groups > 1:
        inner = Reshape(
            (count, math.prod(shape[:axis]) * groups, math.prod(shape[axis + 1 :]) * each)
        )
        x = _TURNED(inner(x))
    return Reshape((*shape[:axis], count * shape[axis], *shape[axis + 1 :]))(x)


def parted(x: Value, count: int, axis: int = 0, groups: int = 1) -> Value:
    """What `merged` made of an array with a first axis of that size, taken back."""
    shape = list(shape_of(x))
    shape[axis] //= count
    if axis or groups > 1:
        each = shape[axis] // groups * math.prod(shape[axis + 1 :])
        x = _TURNED(Reshape((math.prod(shape[:axis]) * groups, count, each))(x))
    return Reshape((count, *shape))(x)


def in_samples(op: Op, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
    """An op that treats the samples along the first axis of its arguments apart: as more samples."""
    return parted(op(*map(merged, everywhere(x, batched, count))), count)
