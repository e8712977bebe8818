"""Gradients of random graphs by straight-line Python and by levels: where the one overtakes the other.

    python benchmarks/levels.py

Graphs of rows, each of whose entries takes two of the row before: from deep to wide, of 1 000 to 100 000
operations. How many operations the program has for each level, the groups for each level, and
microseconds of one call, the median of interleaved rounds. `WIDE` in diffcompare/run/levels.py is the width where the ratio crosses 1.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median
from typing import Any

import diffcompare as dc
from benchmarks.graphs import by_twos, graph_of, point
from benchmarks.timing import per_call
from diffcompare.graph.graph import Graph
from diffcompare.run.instructions import instructions
from diffcompare.run.levels import groups

SIZES = (1_000, 10_000, 100_000)
WIDTHS = (4, 16, 64, 256, 1_024)


def rows(operations: int, width: int, seed: int = 0) -> Graph:
    """Rows of so many entries a ± b, a b or sin a, and the sum of the last; values stay tame."""
    rng = random.Random(seed)
    kinds: list[Callable[[Any, Any], Any]] = [
        lambda a, b: 0.5 * (a + b), lambda a, b: a - b, lambda a, b: a * b, lambda a, b: dc.sin(a),
    ]  # fmt: skip

    def run(x: list[Any]) -> Any:
        for _ in range(operations // width):
            x = [rng.choice(kinds)(rng.choice(x), rng.choice(x)) for _ in range(width)]
            x = [dc.sin(u) for u in x[: width // 4]] + x[width // 4 :]
        return by_twos(x)

    return graph_of(run, width)


def depth(graph: Graph) -> int:
    """The longest path of operations."""
    level = [0] * len(graph.ops)
    for index, args in enumerate(graph.args):
        if args:
            level[index] = 1 + max(level[arg] for arg in args)
    return max(level)


def both(calls: Sequence[Callable[[], Any]], rounds: int = 5) -> list[float]:
    """Microseconds of each."""
    found = [[per_call(call, 0.05) for call in calls] for _ in range(rounds)]
    return [1e6 * median(row) for row in zip(*found, strict=True)]


def main() -> None:
    print(
        "operations   width    levels  groups/level   Python µs   levels µs   levels/Python  auto"
    )
    for operations in SIZES:
        for width in (width for width in WIDTHS if width < operations):
            graph = rows(operations, width)
            joint = dc.differentiate(graph, "reverse").joint_graph
            program, levels = instructions(joint), depth(joint)
            x = point(len(graph.inputs))
            by_python, by_levels = (dc.compile(joint, name) for name in ("python", "levels"))
            took = both([partial(by_python, *x), partial(by_levels, *x)])
            print(
                f"{operations:>10,}{len(program.names) / levels:>8.1f}{levels:>10,}"
                f"{len(groups(program)) / levels:>14.2f}{took[0]:>12,.0f}{took[1]:>12,.0f}"
                f"{took[1] / took[0]:>16.2f}  {dc.compile(joint).backend}"
            )


if __name__ == "__main__":
    main()
