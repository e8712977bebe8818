"""Which states to store: binomial checkpointing.

With c stored states (the first one among them) and at most r evaluations of any stage, a chain of
β(c, r) = (c + r)! / (c! r!) stages can be reversed, and no schedule does more: A. Griewank and
A. Walther, Algorithm 799: revolve, ACM TOMS 26(1), 2000.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import comb
from typing import NamedTuple

from diffcompare.errors import DiffcompareError, shorten


class Action(NamedTuple):
    """A step of a plan.

    "advance": evaluate the stages from `start` to `stop` and keep no more than the last state;
    "store" and "drop": the state before stage `start`; "restore": go on from it; "reverse": run
    stage `start` once more and its adjoint.
    """

    kind: str
    start: int
    stop: int = 0


def advances(stages: int, stored: int) -> int:
    """The fewest evaluations of stages before their own reversals.

    Parameters
    ----------
    stages : int
        Of the chain.
    stored : int
        States that may be stored at a time, the first one among them.

    Returns
    -------
    int
        r l − β(c + 1, r − 1) for l stages, r the least number with β(c, r) ≥ l.

    Examples
    --------
    >>> [advances(10, stored) for stored in (1, 2, 3, 9)]
    [45, 20, 15, 9]
    """
    if stages <= 1:
        return 0
    repeats = 0
    while comb(stored + repeats, stored) < stages:
        repeats += 1
    return repeats * stages - comb(stored + repeats, stored + 1)


def check_stored(stored: int) -> None:
    """Refuse what is no number of states."""
    if not isinstance(stored, int) or stored < 1:
        raise DiffcompareError("domain", "checkpointing", need="1 or more stored states",
                               got=shorten(stored))  # fmt: skip


def plan(stages: int, stored: int) -> Iterator[Action]:
    """The actions that reverse a chain with so many stored states and the fewest evaluations.

    Examples
    --------
    >>> [action.kind for action in plan(2, 1)]
    ['store', 'advance', 'reverse', 'restore', 'reverse', 'drop']
    """
    check_stored(stored)
    yield Action("store", 0)
    todo: list[Action | tuple[int, int, int]] = [Action("drop", 0), (0, stages, stored)]
    while todo:
        task = todo.pop()
        if isinstance(task, Action):
            yield task
            continue
        start, stop, free = task  # the state before `start` is stored and at hand
        if stop - start == 1:
            yield Action("reverse", start)
        elif free == 1:
            yield Action("advance", start, stop - 1)
            yield Action("reverse", stop - 1)
            yield Action("restore", start)
            todo.append((start, stop - 1, 1))
        else:
            middle = start + _split(stop - start, free)
            yield Action("advance", start, middle)
            yield Action("store", middle)
            todo += [(start, middle, free), Action("restore", start), Action("drop", middle)]
            todo.append((middle, stop, free - 1))


@lru_cache(maxsize=65536)
def _split(stages: int, stored: int) -> int:
    """How far to go before the next state is stored: any best place, the first."""
    total = advances(stages, stored)
    low, high = 1, stages - 1  # the cost is convex in the place
    while low < high:
        middle = (low + high) // 2
        here, there = _cost(middle, stages, stored), _cost(middle + 1, stages, stored)
        low, high = (middle + 1, high) if there < here else (low, middle)
    assert _cost(low, stages, stored) == total
    return low


def _cost(first: int, stages: int, stored: int) -> int:
    return first + advances(stages - first, stored - 1) + advances(first, stored)
