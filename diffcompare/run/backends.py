"""What runs a graph: Python's bytecode, NumPy, levels of alike operations, machine code."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np

from diffcompare.graph.graph import Graph
from diffcompare.graph.listing import to_listing
from diffcompare.run.arrays import array_function
from diffcompare.run.instructions import instructions
from diffcompare.run.levels import Levels
from diffcompare.run.native.call import Kernel, function
from diffcompare.run.native.interpreter import interpreted
from diffcompare.run.native.kernel import native_kernel
from diffcompare.run.source import Called, function_source

Results = tuple[Any, ...]
_MATH: Final = {**vars(math), "float": float}


class Made(NamedTuple):
    """What a backend makes of a graph: a text to read, what is called, and machine code if it is."""

    source: str
    function: Callable[..., Results]
    kernel: Kernel | None = None


def executed(graph: Graph, text: str, called: Called) -> Made:
    """Straight-line Python; where `math` raises, the point is evaluated by NumPy."""
    names: dict[str, Any] = {**_MATH, **called, "slow": _slow(graph)}
    for part in text.split("\n\n"):
        exec(builtins.compile(part, "<program>", "exec"), names)  # the names in it are our own
    return Made(text, names["program"])


def _slow(graph: Graph) -> Callable[..., Results]:
    def slow(*x: float) -> Results:
        values = graph.evaluate(dict(zip(graph.inputs, map(np.float64, x), strict=True)))
        return tuple([float(values[i]) for i in graph.outputs])

    return slow


def _python(graph: Graph) -> Made:
    return executed(graph, *function_source(graph))


def _numpy(graph: Graph) -> Made:
    return Made(to_listing(graph), array_function(graph))


def _levels(graph: Graph) -> Made:
    run = Levels(instructions(graph))
    return Made(run.source, run)


def _native(graph: Graph) -> Made:
    kernel, text = native_kernel(instructions(graph))
    return Made(text, function(kernel), kernel)


def _interpreted(graph: Graph) -> Made:
    kernel, text = interpreted(instructions(graph))
    return Made(text, function(kernel), kernel)


MAKERS: Final[dict[str, Callable[[Graph], Made]]] = {
    "python": _python, "numpy": _numpy, "levels": _levels, "native": _native,
    "interpreted": _interpreted,
}  # fmt: skip
