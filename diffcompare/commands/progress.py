"""How far a command is: one line on a terminal's stderr, from its second second on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Event, Lock, Thread
from time import monotonic
from typing import Final

PATIENCE: Final = 1.0
"""Seconds that pass before anything is shown."""
_EVERY: Final = 0.2


class _Line:
    """What is done and for how long; another thread rewrites it, as the work itself cannot."""

    def __init__(self) -> None:
        self.text = ""
        self._lock, self._shown = Lock(), False

    def keep(self, ended: Event) -> None:
        """Rewrite it until the work has ended."""
        began = monotonic()
        while not ended.wait(_EVERY):
            if (seconds := monotonic() - began) >= PATIENCE:
                with self._lock:
                    self._put(f"{self.text}, {seconds:.0f} s")

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Out of the way of other text; it comes back below."""
        with self._lock:
            if self._shown:
                self._put("")
            yield

    def _put(self, text: str) -> None:
        self._shown = bool(text)
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()


_LINE: Final = _Line()


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show that this is being done, where stderr is a terminal."""
    progress(what)
    if not sys.stderr.isatty():
        yield
        return
    ended = Event()
    thread = Thread(target=_LINE.keep, args=(ended,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        with _LINE.aside():
            pass


def progress(text: str) -> None:
    """Say what is being done now."""
    _LINE.text = text


def aside() -> AbstractContextManager[None]:
    """While other text is written to the terminal."""
    return _LINE.aside()
