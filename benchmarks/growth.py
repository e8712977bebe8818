"""Processor nanoseconds per node from 10³ to 10⁶ nodes: parsing, both sweeps, counting, compiling, calling.

    python benchmarks/growth.py [largest size] [-o FILE]

Two graphs, traced from Python: a deep one, an iteration, and a wide one, a sum of as many terms. Each size
is a process of its own, on the core packages alone; "adjoint" and "tangent" are the derivative graphs,
"joint" is f and its gradient in one, which is counted, compiled and called. The last column is how the
time per node grew from the smallest graph to the largest: 1 is linear. `-o` writes the tables as
Markdown.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import diffcompare as dc
from diffcompare.budget import Budget
from diffcompare.measure.ledger import count
from diffcompare.modes.forward import tangent_graph
from diffcompare.modes.reverse import adjoint_graph

STEPS = ("parse", "tangent", "adjoint", "joint", "count", "compile", "call")
PEAK = "peak MB"


def deep(nodes: int) -> Callable[..., Any]:
    """The standard map, four operations a turn."""

    def run(x: Any, y: Any) -> Any:
        for _ in range(nodes // 4):
            x, y = x + y, y + 0.1 * dc.sin(x)
        return x

    return run


def wide(nodes: int) -> Callable[..., Any]:
    """Σ (sin kx)² y by pairs, five operations a term."""

    def run(x: Any, y: Any) -> Any:
        terms = [dc.sin((k + 2) * x) for k in range(nodes // 5)]
        terms = [term * term * y for term in terms]
        while len(terms) > 1:
            odd = terms[-1:] if len(terms) % 2 else []
            terms = [a + b for a, b in zip(terms[::2], terms[1::2], strict=False)] + odd
        return terms[0]

    return run


def times(name: str, nodes: int) -> list[float]:
    """Nanoseconds per node of each step, and the megabytes that the process took at most."""
    found: list[float] = []

    def timed(call: Callable[[], Any], size: Callable[[Any], int]) -> Any:
        repeats = 5 if nodes <= 10_000 else 1
        best = min(_seconds(call) for _ in range(repeats))
        result = call() if repeats > 1 else _kept.pop()
        found.append(best / size(result) * 1e9)
        return result

    budget = Budget(nodes=10 * nodes)
    graph = timed(lambda: dc.parse(GRAPHS[name](nodes), budget=budget), lambda g: len(g.ops))
    timed(lambda: tangent_graph(graph, ("x", "y")), lambda d: len(d.graph.ops))
    derivative = timed(lambda: adjoint_graph(graph, ("x", "y")), lambda d: len(d.graph.ops))

    def joint() -> Any:
        derivative.__dict__.pop("joint_graph", None)
        return derivative.joint_graph

    both = timed(joint, lambda g: len(g.ops))
    timed(lambda: count(both), lambda _: len(both.ops))

    def compiled() -> Any:
        both.__dict__.pop("_programs", None)
        return dc.compile(both)

    program = timed(compiled, lambda _: len(both.ops))
    program(0.5, 0.25)  # its registers are made
    timed(lambda: program(0.5, 0.25), lambda _: len(both.ops))
    return [*found, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]


_kept: list[Any] = []


def _seconds(call: Callable[[], Any]) -> float:
    _kept.clear()
    start = time.process_time()
    result = call()
    taken = time.process_time() - start
    _kept.append(result)
    return taken


GRAPHS: dict[str, Callable[[int], Callable[..., Any]]] = {"deep": deep, "wide": wide}


def measured(name: str, sizes: Sequence[int]) -> list[list[str]]:
    """A table: a row for each step, a column for each size, and how far the last grew."""
    columns = []
    for size in sizes:
        command = [sys.executable, __file__, name, str(size)]
        out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        columns.append([float(number) for number in out.split()])
    rows = [[f"{name}, ns per node", *(f"{size:,}" for size in sizes), "growth"]]
    for step, *row in zip((*STEPS, PEAK), *columns, strict=True):
        growth = f"{row[-1] / row[0]:.2f}" if step in STEPS else ""
        rows.append([step, *(f"{number:,.0f}" for number in row), growth])
    return rows


def text(rows: Sequence[Sequence[str]]) -> str:
    """For a terminal."""
    return "\n".join(f"{row[0]:>17}" + "".join(f"{cell:>12}" for cell in row[1:]) for row in rows)


def markdown(tables: Sequence[Sequence[Sequence[str]]]) -> str:
    """All tables, and where they were made."""
    made = f"{date.today()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    parts = [f"Made by `python benchmarks/growth.py` on {made}: processor time."]
    for head, *rows in tables:
        lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
        parts.append("\n".join(f"| {' | '.join(cells)} |" for cells in lines))
    return "\n\n".join(parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("largest", nargs="?", type=float, default=1e6, help="nodes of a graph")
    parser.add_argument("-o", "--output", metavar="FILE", help="write the tables as Markdown")
    given = parser.parse_args()
    sizes = [10**k for k in range(3, 7) if 10**k <= given.largest]
    tables = []
    for name in GRAPHS:
        tables.append(measured(name, sizes))
        print("\n" + text(tables[-1]), flush=True)
    if given.output:
        dc.write_atomic(given.output, markdown(tables))


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in GRAPHS:
        print(*times(sys.argv[1], int(sys.argv[2])))
    else:
        main()
