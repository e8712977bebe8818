"""Which index relation explains a sum of products, term by term and with no term left over.

A term is the place of each of its arrays. Found relations are exact: every term fulfils them, and
there are as many terms as they allow.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Final

import numpy as np

from diffcompare.ops.op import Shape

Letters = tuple[int, ...]
NO_LETTER: Final = -1
"""Of an axis with one entry."""


@dataclass(frozen=True)
class Meeting:
    """Along one axis: pixel = stride · position + dilation · tap − pad."""

    stride: int
    dilation: int
    pad: int
    terms: int


@dataclass(frozen=True)
class Windows:
    """How images, weights and outputs meet: along the height, along the width."""

    rows: Meeting
    columns: Meeting
    groups: int


def letters(shapes: Sequence[Shape], terms: Sequence[Sequence[Shape]]) -> list[Letters] | None:
    """The index letter of each axis of each array, if the terms are all those of such a sum.

    Parameters
    ----------
    shapes : sequence of shape
        Of each array.
    terms : sequence of sequence of place
        A place in each array.

    Examples
    --------
    >>> letters([(2,), (1, 2)], [[(0,), (0, 0)], [(1,), (0, 1)]])
    [(0,), (-1, 0)]
    >>> letters([(2,), (1, 2)], [[(0,), (0, 0)]]) is None
    True
    """
    sizes = [size for shape in shapes for size in shape]
    table = _table(terms, len(sizes))
    found: dict[bytes, int] = {}
    lengths: list[int] = []
    flat: list[int] = []
    for axis, size in enumerate(sizes):
        letter = NO_LETTER
        if size > 1:
            letter = found.setdefault(table[:, axis].tobytes(), len(found))
            lengths += [size] * (letter == len(lengths))
            if lengths[letter] != size:
                return None
        flat.append(letter)
    if len(terms) != math.prod(lengths):
        return None
    ends = np.cumsum([len(shape) for shape in shapes]).tolist()
    return [tuple(flat[end - len(s) : end]) for s, end in zip(shapes, ends, strict=True)]


def windows(
    image: Shape, weights: Shape, output: Shape, terms: Sequence[Sequence[Shape]]
) -> Windows | None:
    """The geometry of a convolution whose products the terms are, if they are.

    Parameters
    ----------
    image, weights, output : shape
        N×C×H×W, K×(C/g)×kh×kw or, for weights that are not shared, K×C×kh×kw×OH×OW, N×K×OH×OW.
    terms : sequence of (place, place, place)
        In the same order.

    Examples
    --------
    >>> terms = [[(0, 0, 0, p + i), (0, 0, 0, i), (0, 0, 0, p)] for p in range(3) for i in range(2)]
    >>> windows((1, 1, 1, 4), (1, 1, 1, 2), (1, 1, 1, 3), terms).columns
    Meeting(stride=1, dilation=1, pad=0, terms=6)
    """
    if (len(image), len(output)) != (4, 4) or weights[4:] not in ((), output[2:]):
        return None
    groups, rest = divmod(image[1], weights[1])
    if rest or output[:2] != (image[0], weights[0]) or weights[0] % groups:
        return None
    table = _table(terms, 8 + len(weights))
    x, w, y = np.split(table, [4, 4 + len(weights)], axis=1)
    channel = y[:, 1] // (weights[0] // groups) * weights[1] + w[:, 1]
    linked = [(x[:, 0], y[:, 0]), (w[:, 0], y[:, 1]), (x[:, 1], channel)]
    linked += [(w[:, 4 + k], y[:, 2 + k]) for k in range(len(weights) - 4)]
    if any((a != b).any() for a, b in linked):
        return None
    meetings = [
        _meeting(np.stack([x[:, k], y[:, k], w[:, k]], axis=1), image[k], output[k], weights[k])
        for k in (2, 3)
    ]
    down, along = meetings
    if down is None or along is None:
        return None
    if len(terms) != image[0] * weights[0] * weights[1] * down.terms * along.terms:
        return None
    return Windows(down, along, groups)


def _meeting(met: np.ndarray, pixels: int, positions: int, taps: int) -> Meeting | None:
    """The relation between pixel, position and tap that allows just those that are met."""
    unique = np.unique(met, axis=0)
    for stride, dilation in _slopes(unique - unique[0], max(pixels, positions, taps)):
        pads = unique @ np.array([-1, stride, dilation])
        pad = int(pads[0])
        if (pads != pad).any() or pad < 0:
            continue
        every = np.add.outer(stride * np.arange(positions), dilation * np.arange(taps)) - pad
        allowed = int(((every >= 0) & (every < pixels)).sum())
        if allowed == len(unique):
            return Meeting(stride, dilation, pad, allowed)
    return None


def _slopes(moves: np.ndarray, most: int) -> Iterable[tuple[int, int]]:
    """Strides and dilations that moves (of pixel, position, tap) may come from.

    Two moves that are not in line settle both, by Cramer's rule. Else many may do, and the least
    that does is wanted.
    """
    a, p, i = next((m for m in moves.tolist() if m[1] or m[2]), (0, 0, 0))
    other = next((m for m in moves.tolist() if p * m[2] != i * m[1]), None)
    if other is None:
        every = range(1, most + 1)
        return sorted(product(every, every), key=sum)
    b, q, j = other
    below = p * j - q * i
    stride, dilation = Fraction(a * j - b * i, below), Fraction(p * b - q * a, below)
    whole = stride.denominator == dilation.denominator == 1 and min(stride, dilation) >= 1
    return [(int(stride), int(dilation))] if whole else []


def _table(terms: Sequence[Sequence[Shape]], width: int) -> np.ndarray:
    """A row for each term: the places in its arrays, one after the other."""
    rows = [[k for place in term for k in place] for term in terms]
    return np.array(rows, dtype=np.int64).reshape(len(rows), width)
