"""Processor nanoseconds per node from 10³ to 10⁶ nodes: parsing, both sweeps, counting, compiling, calling.

    python benchmarks/growth.py [largest size]

Two graphs, traced from Python: a deep one, an iteration, and a wide one, a sum of as many terms. Each size
is a process of its own, on the core packages alone; "adjoint" and "tangent" are the derivative graphs,
"joint" is f and its gradient in one, which is counted, compiled and called. The last column is how the
time per node grew from the smallest graph to the largest: 1 is linear.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import diffcompare as dc
from diffcompare.budget import Budget
from diffcompare.measure.ledger import count
from diffcompare.modes.forward import tangent_graph
from diffcompare.modes.reverse import adjoint_graph

STEPS = ("parse", "tangent", "adjoint", "joint", "count", "compile", "call")


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


def main(largest: int) -> None:
    sizes = [10**k for k in range(3, 7) if 10**k <= largest]
    for name in GRAPHS:
        print(f"\n{name}, ns per node" + "".join(f"{size:>12,}" for size in sizes) + "      growth")
        rows = []
        for size in sizes:
            command = [sys.executable, __file__, name, str(size)]
            out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            rows.append([float(number) for number in out.split()])
        for step, *row in zip((*STEPS, "peak MB"), *rows, strict=True):
            growth = f"{row[-1] / row[0]:>12.2f}" if step in STEPS else ""
            print(f"{step:>{len(name) + 13}}" + "".join(f"{n:>12,.0f}" for n in row) + growth)


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in GRAPHS:
        print(*times(sys.argv[1], int(sys.argv[2])))
    else:
        main(int(float(sys.argv[1])) if sys.argv[1:] else 10**6)
