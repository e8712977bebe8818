"""Search for a cheap elimination order: annealing by insertion, each vertex put back by heat bath.

A move takes one vertex out and puts it back into one of its gaps, drawn with probability
exp(−cost/temperature) among all of them. A run of annealing cools from the cost of a mean vertex to
where a difference of one freezes; runs follow each other, each twice as long as the last.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Final

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.modes.elimination import orders
from diffcompare.modes.elimination.cuts import lower_bound
from diffcompare.modes.elimination.insertion import Arrangement, Gaps
from diffcompare.modes.elimination.linearised import Linearised

Progress = Callable[[int, int, float], None]
"""Called with the moves made, the best cost, and the seconds since the start."""

_FIRST_SWEEPS: Final = 32
_COLDEST: Final = 0.2


@dataclass(frozen=True)
class Found:
    """What a search came to.

    Attributes
    ----------
    order : tuple of int
    cost : int
    lower_bound : int
        No order costs less.
    moves : int
        Moves made, or states explored.
    interrupted : bool
        Whether Ctrl-C ended it.
    """

    order: tuple[int, ...]
    cost: int
    lower_bound: int
    moves: int
    interrupted: bool = False

    @property
    def proved(self) -> bool:
        """Whether no order is cheaper."""
        return self.cost == self.lower_bound


@dataclass(frozen=True)
class Limits:
    """When to stop: after so many moves or seconds, whichever comes first.

    Examples
    --------
    >>> Limits(moves=1000, seconds=0)
    Traceback (most recent call last):
        ...
    diffcompare.errors.DiffcompareError: a search needs a positive number of seconds, got 0
    """

    moves: int
    seconds: float = math.inf

    def __post_init__(self) -> None:
        for name, kinds in (("moves", int), ("seconds", (int, float))):
            given = getattr(self, name)
            if isinstance(given, bool) or not isinstance(given, kinds) or not given > 0:
                raise DiffcompareError("limit", "a search", need=f"a positive number of {name}",
                                       got=shorten(given))  # fmt: skip


def search(
    linearised: Linearised, limits: Limits, seed: int = 0, progress: Progress | None = None
) -> Found:
    """The cheapest order met.

    It depends on the seed and the moves alone, so where the moves are the limit that stops it, it
    is the same each time. It stops early at an order that `lower_bound` proves the best.

    Examples
    --------
    >>> import diffcompare as dc
    >>> from diffcompare.modes.elimination.linearise import linearise
    >>> search(linearise(dc.parse("x1*x2*x3*x4*x5*x6")), Limits(moves=1000)).cost
    8
    """
    began = time.perf_counter()
    simple = (orders.forward, orders.reverse, orders.markowitz)
    starts = [(orders.cost(linearised, order), order) for order in (f(linearised) for f in simple)]
    best, order = min(starts, key=lambda start: start[0])
    bound = lower_bound(linearised)
    moves, interrupted = 0, False
    rng = random.Random(seed)
    work = Arrangement(linearised, order)
    try:
        for vertex, temperature in _schedule(order, best, rng):
            seconds = time.perf_counter() - began
            if best == bound or moves == limits.moves or seconds >= limits.seconds:
                break
            gaps = work.gaps(vertex)
            work.move(gaps, _drawn(gaps, temperature, rng))
            moves += 1
            if work.cost < best:
                best, order = work.cost, tuple(work.order)
            if progress and not moves % 1024:
                progress(moves, best, seconds)
    except KeyboardInterrupt:
        interrupted = True
    return Found(order, best, bound, moves, interrupted)


def _schedule(order: tuple[int, ...], cost: int, rng: random.Random) -> Iterator[tuple[int, float]]:
    """The vertices to move, each once in a sweep, and the temperature, without end."""
    vertices = list(order)
    if len(vertices) < 2:
        return
    hottest = max(1.0, cost / len(vertices))
    for run in count():
        sweeps = _FIRST_SWEEPS << run
        for sweep in range(sweeps):
            temperature = hottest * (_COLDEST / hottest) ** (sweep / (sweeps - 1))
            rng.shuffle(vertices)
            for vertex in vertices:
                yield vertex, temperature


def _drawn(gaps: Gaps, temperature: float, rng: random.Random) -> int:
    """A gap by heat bath."""
    least = min(gaps.costs)
    weights = [math.exp((least - cost) / temperature) for cost in gaps.costs]
    left = rng.random() * sum(weights)
    for gap, weight in enumerate(weights):
        left -= weight
        if left < 0:
            return gap
    return gaps.here
