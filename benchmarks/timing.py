"""Times that can be compared: pinned threads, one system at a time, medians of interleaved rounds."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from time import sleep
from timeit import Timer
from typing import Any, Final

POOLS: Final = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
)  # fmt: skip
SETTLE: Final = 0.05
"""Seconds before a system's turn, in which the threads of the one before stop spinning."""
WAKE: Final = 0.05
"""Seconds of calls before one counts: after a pause they take up to three times as long (measured)."""


def pinned(threads: int) -> dict[str, str]:
    """The environment for a process that keeps to so many threads; read when libraries load."""
    one = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    xla = {"XLA_FLAGS": one} if threads == 1 else {}
    chosen = {**dict.fromkeys(POOLS, str(threads)), **xla, "JAX_PLATFORMS": "cpu"}
    return {**os.environ, **chosen, "BENCHMARK_THREADS": str(threads)}


def keep_to_cores() -> None:
    """Hold this process to as many cores as it may have threads; XLA counts them so."""
    threads = int(os.environ["BENCHMARK_THREADS"])
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def per_call(call: Callable[[], Any], seconds: float) -> float:
    """Seconds of one call, from as many as take about so long together; no garbage collection."""
    timer, number, before = Timer(call), 1, 0.0
    while True:
        took = timer.timeit(number)
        if took >= seconds / 2 and (before >= WAKE or took >= 20 * WAKE):
            return took / number
        before += took
        number = max(2 * number, min(100 * number, int(number * seconds / max(took, 1e-9))))


def interleaved(
    timers: Mapping[str, Callable[[], Sequence[float]]], rounds: int
) -> dict[str, list[list[float]]]:
    """Of each system a list of rounds: all are timed once before any is timed again.

    Every round begins with another one, so that none is always the first.
    """
    names = list(timers)
    found: dict[str, list[list[float]]] = {name: [] for name in names}
    for turn in range(rounds):
        for name in names[turn % max(1, len(names)) :] + names[: turn % max(1, len(names))]:
            sleep(SETTLE)
            found[name].append(list(timers[name]()))
    return found


def medians(rounds: Sequence[Sequence[float]]) -> list[float]:
    """Of each column."""
    return [median(column) for column in zip(*rounds, strict=True)]
