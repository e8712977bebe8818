"""The settings of layers: read from what a user writes, and as the options of an op."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.ops.op import Shape
from diffcompare.ops.powers import rational

Pair = tuple[int, int]
"""Along the height, along the width."""
Sides = tuple[int, int, int, int]
"""Top, bottom, left, right."""


def check(what: str, field: str, given: Any, length: int, least: int) -> None:
    """Refuse a setting of the op `what` that is not so many whole numbers, each `least` or more."""
    fits = type(given) is tuple and len(given) == length
    if not fits or any(type(n) is not int or n < least for n in given):
        need = f"{field} as {length} whole numbers, each {least} or more"
        raise DiffcompareError("attr", what, need=need, got=shorten(given))


def check_count(what: str, field: str, given: Any) -> None:
    """Refuse a setting of the op `what` that is not a whole number, 1 or more."""
    if type(given) is not int or given < 1:
        need = f"{field} as a whole number, 1 or more"
        raise DiffcompareError("attr", what, need=need, got=shorten(given))


def settings(op: Any) -> dict[str, Any]:
    """The fields of an op that is a dataclass, as its options."""
    return {field.name: getattr(op, field.name) for field in fields(op)}


def count(what: str, option: str, value: Any) -> int:
    """A setting that is one whole number.

    Examples
    --------
    >>> count("conv2d", "groups", 2.0)
    2
    """
    given = _whole(value)
    if len(given) != 1:
        need = f"{option} as a whole number"
        raise DiffcompareError("attr", what, need=need, got=shorten(value))
    return given[0]


def pair(what: str, option: str, value: Any) -> Pair:
    """A setting along height and width, given as one whole number for both or as two.

    Examples
    --------
    >>> pair("conv2d", "stride", 2), pair("conv2d", "stride", (2, 1))
    ((2, 2), (2, 1))
    """
    given = _whole(value)
    if len(given) not in (1, 2):
        need = f"{option} as a whole number or two: height, width"
        raise DiffcompareError("attr", what, need=need, got=shorten(value))
    return given[0], given[-1]


def sides(what: str, value: Any) -> Sides:
    """Padding given as one whole number, as two or as four.

    Examples
    --------
    >>> sides("conv2d", 1), sides("conv2d", (1, 2)), sides("conv2d", (1, 2, 3, 4))
    ((1, 1, 1, 1), (1, 1, 2, 2), (1, 2, 3, 4))
    """
    given = _whole(value)
    if len(given) not in (1, 2, 4):
        need = "pad as a whole number, two (height, width) or four (top, bottom, left, right)"
        raise DiffcompareError("attr", what, need=need, got=shorten(value))
    top, bottom, left, right = given if len(given) == 4 else (given[0],) * 2 + (given[-1],) * 2
    return top, bottom, left, right


def sizes(what: str, option: str, value: Any) -> Shape:
    """A shape, given as whole numbers.

    Examples
    --------
    >>> sizes("row2im", "to", [1, 1, 4, 4])
    (1, 1, 4, 4)
    """
    given = _whole(value)
    if not given:
        raise DiffcompareError("attr", what, need=f"{option} as whole numbers", got=shorten(value))
    return given


def _whole(value: Any) -> Shape:
    """Whole numbers as integers; none if one is anything else."""
    parts = value if isinstance(value, (tuple, list)) else (value,)
    exact = [rational(int(n)) if isinstance(n, np.integer) else rational(n) for n in parts]
    if any(n is None or n.denominator > 1 for n in exact):
        return ()
    return tuple(int(n) for n in exact if n is not None)
