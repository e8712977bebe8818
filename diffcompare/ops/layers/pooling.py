"""What all pooling layers share: windows that hold a pixel each, and their counts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import numpy as np

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.ops.layers.links import Links
from diffcompare.ops.layers.settings import Pair, Sides, pair, settings, sides
from diffcompare.ops.layers.windows import Windows, times
from diffcompare.ops.op import Op, Shape, misfit


class Pooling(Op):
    """What all pooling ops share: the settings of the windows."""

    window: Pair
    stride: Pair
    pad: Sides
    elementwise: ClassVar[bool] = False
    layer: ClassVar[str]
    """What refusals call it."""

    def __post_init__(self) -> None:
        if len(self.window) != 2 or any(type(n) is not int or n < 1 for n in self.window):
            need = "window as 2 whole numbers, each 1 or more"
            raise DiffcompareError("attr", self.layer, need=need, got=shorten(self.window))
        self.windows.check(self.layer)

    @property
    def windows(self) -> Windows:
        """The geometry."""
        return Windows(self.window, self.stride, self.pad)

    def links(self, size: Sequence[int]) -> tuple[Links, ...]:
        """The pixels that windows meet, along the height and along the width."""
        sizes = zip(self.windows.axes, size, strict=True)
        return tuple(Links.of([[i for _, i in met] for met in axis.inside(n)]) for axis, n in sizes)

    def pooled(self, image: Shape) -> Shape:
        """The output's shape: N×C×OH×OW; refuses windows without a pixel."""
        if len(image) != 4 or 0 in image:
            raise misfit(self.layer, "images N×C×H×W, one or more", [image])
        size = image[2:]
        positions = self.windows.output(self.layer, size)
        for axis, n in zip(self.windows.axes, size, strict=True):
            if not all(axis.inside(n)):
                raise DiffcompareError(
                    "shape", self.layer, need="a pixel of the image in each window",
                    got=f"a window {times(*self.window)} that lies in the padding {self.pad}",
                )  # fmt: skip
        return (*image[:2], *positions)

    def options(self) -> dict[str, Any]:
        return settings(self)


def met(windows: Windows, images: Any) -> Iterator[tuple[Shape, list[tuple[int, Any]]]]:
    """For each window its place in the output, and (tap, entry) pairs for what it meets."""
    found: dict[Pair, list[tuple[int, Pair]]] = {}
    for position, (p, q), pixel in windows.meetings(images.shape[2:]):
        found.setdefault(position, []).append((p * windows.kernel[1] + q, pixel))
    for n, c in np.ndindex(images.shape[:2]):
        for position, taps in found.items():
            yield (n, c, *position), [(tap, images[(n, c, *pixel)]) for tap, pixel in taps]


def overlap(op: Pooling, image: Shape) -> int:
    """How many entries all windows meet, less one each; those that meet the same are one."""
    axes = op.links(image[2:])
    entries, windows = (math.prod(map(count, axes)) for count in (_met, lambda a: len(a.targets)))
    return math.prod(image[:2]) * (entries - windows)


def _met(axis: Links) -> int:
    return sum(axis.met)


def read(what: str, window: Any, stride: Any, pad: Any) -> tuple[Pair, Pair, Sides]:
    """The settings of a pooling layer; the stride is the window by default."""
    size = pair(what, "window", window)
    return size, size if stride is None else pair(what, "stride", stride), sides(what, pad)
