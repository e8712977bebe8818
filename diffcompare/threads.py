"""Work on arrays shared among the processors: NumPy and machine code let go of Python's lock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextvars import ContextVar, copy_context
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

R = TypeVar("R")
_shared: ContextVar[bool] = ContextVar("shared", default=False)
"""Whether this is already a share of some work; what it calls then stays in its thread."""


@cache
def processors() -> int:
    """How many threads work at once: the processors of this process, or OMP_NUM_THREADS if fewer.

    Examples
    --------
    >>> processors() >= 1
    True
    """
    try:
        available = len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        available = os.cpu_count() or 1
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, min(available, int(wanted))) if wanted.isdecimal() else available


def parts(length: int, least: int) -> list[slice]:
    """0 … length in as many equal runs as threads work at once, but none shorter than `least`.

    Examples
    --------
    >>> parts(10, 6)
    [slice(0, 10, None)]
    """
    count = max(1, min(processors(), length // max(least, 1)))
    ends = [length * k // count for k in range(count + 1)]
    return [slice(a, b) for a, b in pairwise(ends)]


def share(work: Callable[[slice], R], runs: Iterable[slice]) -> list[R]:
    """The results of `work` on each run, in their order; the first run is done by this thread.

    NumPy's error state goes with the work. What fails, fails here, after the others have ended.

    Examples
    --------
    >>> share(lambda run: run.stop - run.start, parts(8, 1)).__len__() == len(parts(8, 1))
    True
    """
    first, *rest = runs
    if not rest or _shared.get():
        return [work(run) for run in (first, *rest)]
    token = _shared.set(True)
    try:
        others = [_threads().submit(copy_context().run, work, run) for run in rest]
        try:
            results = [work(first)]
        finally:
            done = [other.exception() for other in others]
    finally:
        _shared.reset(token)
    for error in filter(None, done):
        raise error
    return [*results, *(other.result() for other in others)]


@cache
def _threads() -> ThreadPoolExecutor:
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - a tenth of the start-up

    return ThreadPoolExecutor(max(1, processors() - 1), "diffcompare")


if hasattr(os, "register_at_fork"):  # a child has none of the threads
    os.register_at_fork(after_in_child=_threads.cache_clear)
