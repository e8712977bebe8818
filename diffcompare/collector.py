"""The garbage collector, held while a graph or program is built, all of which stays.

It would walk all that is there again and again as that grows: a fifth to a quarter of the time that
100 000 operations take to be differentiated and compiled.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_held: list[bool] = []
"""For each who holds it now, whether it was running before the first of them."""


@contextmanager
def held() -> Iterator[None]:
    """No collection until the end of the block, or of the function that this decorates.

    It holds for all threads, and counts those who are in such a block.

    Examples
    --------
    >>> with held():
    ...     gc.isenabled()
    False
    """
    with _lock:
        _held.append(_held[0] if _held else gc.isenabled())
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            was = _held.pop()
            if was and not _held:
                gc.enable()
