"""Arrays as text: shapes, their first numbers or their range, norms."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from typing import Final

import numpy as np

from diffcompare.ops.op import Shape
from diffcompare.ops.operand import Value
from diffcompare.render.numerals import number

FEW: Final = 6
"""Numbers up to which an array is written out."""


def shape_text(shape: Shape) -> str:
    """A shape, as 2×3; of a number, 1.

    Examples
    --------
    >>> shape_text((2, 3)), shape_text(())
    ('2×3', '1')
    """
    return "×".join(map(str, shape)) or "1"


def kind(shape: Shape) -> str:
    """What an array of a shape is called.

    Examples
    --------
    >>> kind((2, 3)), kind((4,))
    ('2×3 array', 'vector of 4')
    """
    return f"vector of {shape[0]:,}" if len(shape) == 1 else f"{shape_text(shape)} array"


def norm(array: Value) -> float:
    """The Euclidean norm of all entries.

    Examples
    --------
    >>> norm(np.array([[3.0, 4.0]]))
    5.0
    """
    entries = np.ravel(array).astype(float)
    with np.errstate(all="ignore"):
        squares = float(np.sum(entries * entries))
        if 0 < squares < math.inf:
            return math.sqrt(squares)
        return float(np.hypot.reduce(entries, initial=0.0))  # its squares cannot overflow


def described(name: str, array: Value, digits: int = 6) -> str:
    """An array in a line: its numbers, where they are few, else their range.

    Examples
    --------
    >>> described("w", np.array([[1.0, 2.5]])), described("x", np.arange(100.0))
    ('w 1×2 array: 1, 2.5', 'x vector of 100: min 0, mean 49.5, max 99')
    """
    entries = np.ravel(array)
    title = f"{name} {kind(np.shape(array))}"
    if entries.size <= FEW:
        return f"{title}: {', '.join(number(entry, digits) for entry in entries)}"
    finite = entries[np.isfinite(entries)]
    lost = entries.size - finite.size
    facts = []
    if finite.size:
        with np.errstate(all="ignore"):
            found = {"min": finite.min(), "mean": finite.mean(), "max": finite.max()}
        facts = [f"{what} {number(figure, digits)}" for what, figure in found.items()]
    return f"{title}: {', '.join([*facts, *[f'{lost:,} not finite'] * bool(lost)])}"


def parts(numbers: Sequence[float], shapes: Iterable[Shape]) -> list[Value]:
    """Numbers and arrays of the given shapes from all their numbers one after the other.

    Examples
    --------
    >>> parts([1.0, 2.0, 3.0], [(), (2,)])
    [1.0, array([2., 3.])]
    """
    sizes = list(shapes)
    ends = accumulate(map(math.prod, sizes), initial=0)
    return [
        np.array(numbers[start:stop]).reshape(shape) if shape else numbers[start]
        for shape, (start, stop) in zip(sizes, pairwise(ends), strict=True)
    ]
