"""Machine code against CasADi and against our own Python and NumPy, on the same graphs.

    python -m benchmarks.native [--largest 100000] [--rounds 9]

Needs the extra `native`, and CasADi. Every row is a gradient: f and all its partials. CasADi derives
its own from f. All must agree to 1e-12 of the largest entry before anything is timed; times are
medians of interleaved rounds, in one process on one thread, and a ratio below 1 means faster than
CasADi. "derive" is our reverse mode in Python, "build" what comes after: instructions, machine code.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from typing import Any, Final

import casadi
import numpy as np

import diffcompare as dc
from benchmarks import graphs
from benchmarks.timing import interleaved, medians, per_call
from diffcompare.graph.graph import Graph
from diffcompare.run.instructions import instructions
from diffcompare.run.native.batch import NativeBatch
from diffcompare.run.program import fresh_program

BACKENDS: Final = ("native", "interpreted", "python")
ARITHMETIC: Final[dict[str, Callable[..., Any]]] = {
    **graphs.BINARY,
    "neg": lambda a: -a,
}
SLICE = 0.02
"""Seconds that one measurement takes about."""


def seconds_of(calls: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Of each call: medians of rounds in which they take turns."""
    timers = {name: partial(_once, call) for name, call in calls.items()}
    return {name: medians(times)[0] for name, times in interleaved(timers, rounds).items()}


def _once(call: Callable[[], Any]) -> list[float]:
    return [per_call(call, SLICE)]


def timed(function: Callable[[], Any]) -> tuple[Any, float]:
    """A result, and the median seconds of up to seven times, a second in all."""
    times: list[float] = []
    while len(times) < 7 and sum(times) < 1.0:
        start = time.perf_counter()
        result = function()
        times.append(time.perf_counter() - start)
    return result, statistics.median(times)


def casadi_gradient(graph: Graph) -> Any:
    """CasADi's function of f and its gradient, from the instructions of f."""
    program = instructions(graph)  # seconds too few to matter
    x = casadi.SX.sym("x", program.inputs)
    values = [x[k] for k in range(program.inputs)] + [casadi.SX(c) for c in program.constants]
    for name, args in zip(program.names, program.args, strict=True):
        function = ARITHMETIC.get(name) or getattr(casadi, name)
        values.append(function(*[values[a] for a in args]))
    f = values[program.outputs[0]]
    return casadi.Function("g", [x], [casadi.vertcat(f, casadi.gradient(f, x))])


def agree(found: np.ndarray, true: np.ndarray) -> None:
    assert np.isfinite(true).all()
    np.testing.assert_allclose(found, true, rtol=1e-12, atol=1e-12 * float(np.abs(true).max()))


def one_point(label: str, graph: Graph, rounds: int) -> Iterator[str]:
    """A row for each backend: building, a call, a buffered call, and their ratios."""
    start = time.perf_counter()
    joint = dc.differentiate(graph, "reverse").joint_graph
    derive = time.perf_counter() - start
    theirs, their_build = timed(lambda: casadi_gradient(graph))
    x = np.array(graphs.point(len(graph.inputs)))
    true = np.zeros(len(joint.outputs))
    buffer, trigger = theirs.buffer()
    buffer.set_arg(0, memoryview(x))
    buffer.set_res(0, memoryview(true))
    trigger()
    calls: dict[str, Callable[[], Any]] = {"casadi": trigger}
    build = {}
    for backend in BACKENDS:
        fresh_program(graphs.banded(2), backend)  # what is built once per process
        program, build[backend] = timed(partial(fresh_program, joint, backend))
        out = np.zeros(len(joint.outputs))
        calls[backend] = program.buffered(x, out)
        calls[backend]()
        agree(out, true)
        calls[f"{backend} called"] = partial(program.function, *x.tolist())
    seconds = seconds_of(calls, rounds)
    count, base = len(instructions(joint).names), seconds["casadi"]
    yield f"{label}: {count:,} instructions; derived in {derive:.3g} s"
    yield f"  {'CasADi':12} {base * 1e6:10.3f} µs {'':20} build {their_build:9.4f} s"
    for backend in BACKENDS:
        buffered, called = seconds[backend], seconds[f"{backend} called"]
        yield (
            f"  {backend:12} {buffered * 1e6:10.3f} µs ×{buffered / base:5.2f}  called {called * 1e6:10.3f} µs "
            f"build {build[backend]:9.4f} s ×{build[backend] / their_build:5.2f}  {buffered / count * 1e9:6.2f} ns/instruction"
        )


def many_points(label: str, graph: Graph, count: int, rounds: int) -> Iterator[str]:
    """The same over columns of points."""
    joint = dc.differentiate(graph, "reverse").joint_graph
    columns = graphs.points(len(graph.inputs), count)
    x = np.ascontiguousarray(np.stack(columns).T).reshape(-1)
    true = np.zeros(count * len(joint.outputs))
    buffer, trigger = casadi_gradient(graph).map(count).buffer()
    buffer.set_arg(0, memoryview(x))
    buffer.set_res(0, memoryview(true))
    trigger()
    native, build = timed(lambda: NativeBatch(instructions(joint)))
    numpy = fresh_program(joint, "python").batch
    for batch in (native, numpy):
        agree(np.stack(batch(*columns)).T.reshape(-1), true)
    seconds = seconds_of(
        {
            "CasADi map": trigger,
            "native": lambda: native(*columns),
            "NumPy blocks": lambda: numpy(*columns),
        },
        rounds,
    )
    base = seconds["CasADi map"]
    yield f"{label}, {count:,} points: {len(instructions(joint).names):,} instructions, built in {build:.3f} s"
    for name, took in seconds.items():
        yield f"  {name:12} {took * 1e3:10.3f} ms ×{took / base:5.3f}  {took / count * 1e9:8.2f} ns/point"


def lines(largest: int, rounds: int) -> Iterator[str]:
    yield from one_point("log(x1) + x1*x2 - sin(x2)", dc.parse("log(x1) + x1*x2 - sin(x2)"), rounds)
    for deep, size in product((False, True), (20, 40, 1000, 10_000, 100_000)):
        if size <= largest:
            graph = graphs.random_graph(size, deep=deep)
            label = f"{'deep ' * deep}random graph of {size:,} operations"
            yield from one_point(label, graph, rounds)
    yield from one_point("logistic map of 400 steps", graphs.logistic(400), rounds)
    yield from many_points("Helmholtz, n = 10", graphs.helmholtz(10), 100_000, rounds)
    yield from many_points(
        "deep random graph of 92 operations", graphs.random_graph(92, deep=True), 100_000, rounds
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--largest", type=int, default=10_000, help="operations of a random graph")
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args()
    print(
        f"Python {platform.python_version()}, NumPy {np.__version__}, CasADi {casadi.__version__}"
    )
    for line in lines(given.largest, given.rounds):
        print(line, flush=True)


if __name__ == "__main__":
    main()
