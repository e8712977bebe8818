"""Products of matrices and what is done between them, shared among the processors together.

OpenBLAS shares one product at a time, and copies around it wait. So it is kept to one thread while
threads of ours do whole blocks. Where NumPy has another library, blocks are done one after another.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any, NamedTuple, TypeVar

from numpy._core import _multiarray_umath  # type: ignore[attr-defined]

from diffcompare.threads import parts, share

T = TypeVar("T")
R = TypeVar("R")


def each(work: Callable[[Sequence[T]], R], blocks: Sequence[T]) -> list[R]:
    """The results of `work` on some runs of the blocks, in order: one for each processor.

    Examples
    --------
    >>> sum(each(sum, [1, 2, 3]))
    6
    """
    if len(blocks) == 1 or _openblas() is None:
        return [work(blocks)]
    with _one_thread():
        return share(lambda run: work(blocks[run]), parts(len(blocks), 1))


class _Library(NamedTuple):
    """How many threads OpenBLAS takes, read and set."""

    read: Callable[[], int]
    put: Callable[[int], Any]


@cache
def _openblas() -> _Library | None:
    """That of NumPy, whose names have something added in NumPy's own packages."""
    loaded = ctypes.CDLL(_multiarray_umath.__file__)  # finds what it is linked to
    for name in ("scipy_openblas_{}_num_threads64_", "scipy_openblas_{}_num_threads",
                 "openblas_{}_num_threads64_", "openblas_{}_num_threads"):  # fmt: skip
        if hasattr(loaded, name.format("get")):
            return _Library(*(getattr(loaded, name.format(what)) for what in ("get", "set")))
    return None


_lock = Lock()
_before: list[int] = []
"""Of all who are in the block below at once, how many threads each found."""


@contextmanager
def _one_thread() -> Iterator[None]:
    library = _openblas()
    assert library is not None
    with _lock:
        _before.append(_before[0] if _before else library.read())
        library.put(1)
    try:
        yield
    finally:
        with _lock:
            count = _before.pop()
            if not _before:
                library.put(count)
