"""Banded and arrowhead Jacobians from 10³ to 10⁵ numbers: pattern, coloring, compressed passes.

    python benchmarks/coloring.py [largest size]

Seconds of each step, and how they grew by the factor ten: 10 is linear.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.modes.sparsity.coloring import coloring
from diffcompare.modes.sparsity.compressed import compress
from diffcompare.modes.sparsity.pattern import sparsity

STEPS = ("graph", "pattern", "coloring", "sweeps", "Jacobian")


def banded(x: list[Any]) -> list[Any]:
    """Broyden's tridiagonal function."""
    ends = [0, *x, 0]
    return [
        (3 - 2 * b) * b - a - 2 * c + 1 for a, b, c in zip(ends, ends[1:], ends[2:], strict=False)
    ]


def arrowhead(x: list[Any]) -> list[Any]:
    """Its Jacobian is full along the first row, the first column and the diagonal."""
    total = x[0] * x[0]
    for other in x[1:]:
        total = total + other * other
    return [total, *(x[0] * other for other in x[1:])]


def built(function: Callable[[list[Any]], list[Any]], n: int) -> Graph:
    graph = Graph.empty(folding=True)
    x = [Variable.input(graph, f"x{k}") for k in range(n)]
    graph.outputs = tuple(y.index for y in function(x))
    return graph


def timed(function: Callable[[list[Any]], list[Any]], n: int) -> tuple[list[float], Any]:
    """Seconds of each step, and the coloring."""
    at = dict(zip((f"x{k}" for k in range(n)), np.linspace(-1.0, 1.0, n), strict=True))
    clock = [time.perf_counter()]

    def lap(result: Any) -> Any:
        clock.append(time.perf_counter())
        return result

    graph = lap(built(function, n))
    pattern = lap(sparsity(graph))
    colors = lap(coloring(pattern))
    derivative = compress(graph, colors=colors)
    clock.append(time.perf_counter())
    found = lap(derivative.sparse(at))
    assert found.values.shape == (pattern.nonzeros,)
    return [b - a for a, b in pairwise(clock)], colors


def lines(largest: int) -> Iterator[str]:
    yield f"{'':10} {'n':>7}  {'passes':>13} " + "".join(f"{step:>17}" for step in STEPS)
    for function in (banded, arrowhead):
        before: list[float] = []
        for n in (10**k for k in range(3, 6) if 10**k <= largest):
            seconds, colors = timed(function, n)
            ratios = (
                [f"×{s / b:.1f}" for s, b in zip(seconds, before, strict=True)]
                if before
                else [""] * 5
            )
            cells = (f"{s:9.3f} s {r:>6}" for s, r in zip(seconds, ratios, strict=True))
            passes = f"{colors.forward}+{colors.reverse} (≥ {colors.bound})"
            yield f"{function.__name__:10} {n:7}  {passes:>13} " + "".join(cells)
            before = seconds


if __name__ == "__main__":
    print(f"Python {sys.version.split()[0]}, NumPy {np.__version__}")
    for line in lines(int(sys.argv[1]) if len(sys.argv) > 1 else 10**5):
        print(line, flush=True)
