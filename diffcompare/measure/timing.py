"""Time, once and per point."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

from diffcompare.graph.point import Point
from diffcompare.modes.derivative import Derivative

T = TypeVar("T")
_ENOUGH = 0.02
_MOST_RUNS = 50
_SLOW = 0.3


def once(work: Callable[[], T]) -> tuple[T, float]:
    """The result of `work()` and the seconds it took."""
    start = perf_counter()
    result = work()
    return result, perf_counter() - start


def per_point(derivative: Derivative, point: Point) -> float:
    """Seconds to evaluate f and the Jacobian at a point, by walking the graphs: the fastest run."""
    best, spent, runs = float("inf"), 0.0, 0
    while runs < 2 or (spent < _ENOUGH and runs < _MOST_RUNS):
        seconds = once(lambda: derivative.entries(point, derivative.primal.evaluate(point)))[1]
        best, spent, runs = min(best, seconds), spent + seconds, runs + 1
        if spent > _SLOW:
            break
    return best
