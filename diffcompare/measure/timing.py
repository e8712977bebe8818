"""Time, once and per point."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any, TypeVar

from diffcompare.graph.point import Point
from diffcompare.modes.derivative import Derivative

T = TypeVar("T")
_ENOUGH, _SLOW = 0.02, 0.3
"""Seconds after which there were rounds enough, and after which there is no further one."""
_TICK, _MOST_REPEATS, _MOST_ROUNDS = 1e-4, 1_024, 1_000


def once(work: Callable[[], T]) -> tuple[T, float]:
    """The result of `work()` and the seconds it took."""
    start = perf_counter()
    result = work()
    return result, perf_counter() - start


def fastest(call: Callable[[], Any]) -> float:
    """Seconds of a call: the fastest of several rounds, each long enough for the clock."""
    best, spent, rounds, repeat = float("inf"), 0.0, 0, 1
    while rounds < 2 or (spent < _ENOUGH and rounds < _MOST_ROUNDS):
        start = perf_counter()
        for _ in range(repeat):
            call()
        seconds = perf_counter() - start
        if seconds < _TICK and repeat < _MOST_REPEATS:
            repeat *= 4
            continue
        best, spent, rounds = min(best, seconds / repeat), spent + seconds, rounds + 1
        if spent > _SLOW:
            break
    return best


def per_point(derivative: Derivative, point: Point) -> float:
    """Seconds to evaluate f and the Jacobian at a point, by walking the graphs."""
    return fastest(lambda: derivative.entries(point, derivative.primal.evaluate(point)))
