"""What a matrix of constants does to an adjoint: it moves, repeats, adds up or spreads its entries."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from diffcompare.measure.index_relation import Letters, letters, windows
from diffcompare.ops.op import Shape

Places = tuple[Shape, Shape]
"""In the result, and in the adjoint."""
Found = tuple[str, tuple[tuple[str, Any], ...]]
"""A kind and its settings."""


def constant_form(shape: Shape, seed: Shape, terms: Mapping[Places, Fraction]) -> Found | None:
    """What a linear map with constant coefficients is, None where it is none that is known.

    Parameters
    ----------
    shape, seed : shape
        Of the result and of the adjoint.
    terms : mapping of (place, place) to Fraction
        Each coefficient that is not 0.

    Examples
    --------
    >>> constant_form((2,), (), {((0,), ()): Fraction(1, 2), ((1,), ()): Fraction(1, 2)})
    ('repeat', (('coefficient', Fraction(1, 2)),))
    """
    coefficients = set(terms.values())
    if len(coefficients) == 1:
        kind = _by_place(shape, seed, terms) or _by_letters(shape, seed, terms)
        if kind:
            (one,) = coefficients
            return kind, (("coefficient", one),) * (one != 1)
        if coefficients == {1}:
            found = _rows(shape, seed, terms) or _one_each(shape, seed, terms)
            if found:
                return found
    return _spread(shape, seed, terms)


def _by_place(shape: Shape, seed: Shape, terms: Iterable[Places]) -> str | None:
    """The same entries in row-major order."""
    pairs = [(_flat(a, shape), _flat(b, seed)) for a, b in terms]
    if len(pairs) != math.prod(shape) or len(pairs) != math.prod(seed):
        return None
    if any(a != b for a, b in pairs):
        return None
    return "identity" if shape == seed else "reshape"


def _flat(place: Shape, shape: Shape) -> int:
    return int(np.ravel_multi_index(place, shape)) if shape else 0


def _by_letters(shape: Shape, seed: Shape, terms: Iterable[Places]) -> str | None:
    """Axes that are permuted, added up over, repeated along."""
    found = letters((shape, seed), list(terms))
    if found is None:
        return None
    here, there = (_named(axes) for axes in found)
    if here == there:
        return "transpose"
    return "sum" if here < there else "repeat" if there < here else None


def _named(axes: Letters) -> set[int]:
    return {letter for letter in axes if letter >= 0}


def _one_each(shape: Shape, seed: Shape, terms: Mapping[Places, Fraction]) -> Found | None:
    """Every entry of the adjoint goes to one place, or every entry of the result is one of it."""
    for kind, sizes, slot in (("selection", seed, 1), ("part", shape, 0)):
        if len(terms) == math.prod(sizes) == len({places[slot] for places in terms}):
            return kind, ()
    return None


def _rows(shape: Shape, seed: Shape, terms: Iterable[Places]) -> Found | None:
    """Windows of images as rows of a matrix, or what such rows hold put back."""
    if sorted((len(shape), len(seed))) != [2, 4]:
        return None
    kind, image, matrix = ("row2im", shape, seed) if len(shape) == 4 else ("im2row", seed, shape)
    if matrix[0] % image[0] or matrix[1] % image[1]:
        return None
    listed = [places if kind == "row2im" else places[::-1] for places in terms]
    for height, width in _factors(matrix[0] // image[0]):
        rows = (image[0], height, width)
        for kernel in _factors(matrix[1] // image[1]):
            columns = (image[1], *kernel)
            met = [(pixel, *_met(row, rows, columns)) for pixel, row in listed]
            found = windows(image, (1, *columns), (image[0], 1, height, width), met)
            if found:
                down, along = found.rows, found.columns
                return kind, (("kernel", kernel), ("stride", (down.stride, along.stride)),
                              ("pad", (down.pad, along.pad)),
                              ("dilation", (down.dilation, along.dilation)))  # fmt: skip
    return None


def _met(place: Shape, rows: Shape, columns: Shape) -> tuple[Shape, Shape]:
    """The tap and the position that an entry of the matrix of windows stands for."""
    n, p, q = np.unravel_index(place[0], rows)
    c, i, j = np.unravel_index(place[1], columns)
    return (0, int(c), int(i), int(j)), (int(n), 0, int(p), int(q))


def _factors(number: int) -> Iterator[tuple[int, int]]:
    return ((n, number // n) for n in range(1, number + 1) if number % n == 0)


def _spread(shape: Shape, seed: Shape, terms: Mapping[Places, Fraction]) -> Found | None:
    """Each adjoint in equal parts: one in all, or over windows that reach into padding."""
    parts: dict[Shape, list[Fraction]] = defaultdict(list)
    for (_, adjoint), coefficient in terms.items():
        parts[adjoint].append(coefficient)
    if len(parts) != math.prod(seed):
        return None
    if all(len(set(part)) == 1 and sum(part) == 1 for part in parts.values()):
        return "spread", ()
    coefficient, *others = set(terms.values())
    if others or coefficient.numerator != 1 or len(shape) != 4 or shape[:2] != seed[:2]:
        return None
    if any(place[:2] != adjoint[:2] for place, adjoint in terms):
        return None
    met = [{(place[k], adjoint[k]) for place, adjoint in terms} for k in (2, 3)]
    if len(terms) != shape[0] * shape[1] * len(met[0]) * len(met[1]):
        return None
    for window in _factors(coefficient.denominator):
        axes = [_window(window[k], shape[2 + k], seed[2 + k], met[k]) for k in range(2)]
        if axes[0] and axes[1]:
            stride, pad = zip(*axes, strict=True)
            return "spread", (("window", window), ("stride", stride), ("pad", pad))
    return None


def _window(
    size: int, pixels: int, positions: int, met: set[tuple[int, int]]
) -> tuple[int, int] | None:
    """Stride and padding of windows of that size that hold just those (pixel, position) pairs."""
    for stride in range(1, pixels + size):
        for pad in range(size):
            held = {
                (pixel, position)
                for position in range(positions)
                for pixel in range(position * stride - pad, position * stride - pad + size)
                if 0 <= pixel < pixels
            }
            if held == met:
                return stride, pad
    return None
