"""What windows along one axis share: which positions meet which pixels, tap by tap."""

from __future__ import annotations

from typing import Any

from diffcompare.ops.layers.windows import Axis, met
from diffcompare.ops.op import Shape


def pairs(axis: Axis, place: int, size: int) -> list[tuple[Any, Any]]:
    """For each tap the positions that have it in the image, and the pixels, along that axis."""
    ahead, count = (slice(None),) * place, axis.positions(size)
    edges = (met(axis.pixel(0, tap), axis.stride, count, size) for tap in range(axis.kernel))
    return [((*ahead, at), (*ahead, pixels)) for at, pixels in edges]


def replaced(shape: Shape, place: int, size: int) -> Shape:
    """The shape with another size along one axis."""
    return (*shape[:place], size, *shape[place + 1 :])
