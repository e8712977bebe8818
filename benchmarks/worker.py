"""One system in a process of its own: the child that works, and the parent's handle on it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.peers import SYSTEMS
from benchmarks.peers.subject import Built, MissingError, Subject
from benchmarks.tasks import TASKS, formula
from benchmarks.timing import keep_to_cores, per_call, pinned

BUILDS, ENOUGH = 5, 1.0
"""A system builds so often, or until it took so many seconds."""
ROOT = Path(__file__).resolve().parents[1]


class LostError(Exception):
    """A worker died, or its library failed."""


class AbsentError(LostError):
    """The system has no such thing."""


class OverError(LostError):
    """It took longer than it may."""


class Worker:
    """A child process in our process group; gone at the end of the `with` block."""

    def __init__(self, system: str, threads: int, python: str = sys.executable) -> None:
        self.connection, theirs = Pipe()
        command = [python, "-m", "benchmarks.worker", str(theirs.fileno()), system]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=pinned(threads), pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        theirs.close()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self.connection.close()

    def ask(self, request: tuple[Any, ...], limit: float) -> Any:
        """The answer, or `LostError` with the reason."""
        try:
            self.connection.send(request)
            if not self.connection.poll(limit):
                raise OverError(f"over {limit:g} s")
            good, answer = self.connection.recv()
        except (EOFError, OSError):
            raise LostError(f"died, exit code {self.process.wait()}") from None
        if not good:
            missing, reason = answer
            raise (AbsentError if missing else LostError)(reason)
        return answer


class _Child:
    """What a system has built here, by the kind of work."""

    def __init__(self, system: str) -> None:
        self.system = SYSTEMS[system]
        self.built: dict[str, Built] = {}

    def start(self) -> str | None:
        """The library's version; it builds what is small, so that its own start is not counted."""
        for kind in ("value", "gradient"):
            try:
                built = self.system.build(kind, formula("x*sin(x)"))
                built.results()
            except MissingError:
                continue
        return self.system.installed

    def build(self, task: str, kind: str) -> dict[str, Any]:
        """The seconds it took, how far memory rose, and the results.

        What is built fast is built again, of a new graph, and the median counts.
        """
        subject = TASKS[task].make()
        before = _memory("VmRSS")
        _forget_peak()
        took = [self._built(subject, kind)]
        results = self.built[kind].results()
        rose = max(0.0, _memory("VmHWM") - before)
        while len(took) < BUILDS and sum(took) < ENOUGH:
            took.append(self._built(TASKS[task].make(), kind))
        return {"seconds": median(took), "memory": rose, "results": results}

    def _built(self, subject: Subject, kind: str) -> float:
        start = perf_counter()
        self.built[kind] = self.system.build(kind, subject)
        return perf_counter() - start

    def time(self, kinds: list[str], seconds: float) -> list[float]:
        """Seconds of one evaluation of each kind."""
        return [per_call(self.built[kind].call, seconds) for kind in kinds]


def _memory(name: str) -> float:
    """Bytes, from Linux; nan elsewhere."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return float("nan")
    return next(1024.0 * int(line.split()[1]) for line in lines if line.startswith(name))


def _forget_peak() -> None:
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def _answer(work: Callable[..., Any], *args: Any) -> tuple[bool, Any]:
    try:
        return True, work(*args)
    except MissingError as missing:
        return False, (True, str(missing))
    except Exception as error:  # whatever a library throws is its result
        return False, (False, f"{type(error).__name__}: {error}".splitlines()[0])


def main() -> None:
    """Answer requests until there are none."""
    keep_to_cores()
    connection, child = Connection(int(sys.argv[1])), _Child(sys.argv[2])
    sys.setrecursionlimit(10**5)  # some libraries walk their expressions by recursion
    works = {"start": child.start, "build": child.build, "time": child.time}
    while True:
        try:
            name, *args = connection.recv()
        except EOFError:
            return
        connection.send(_answer(works[name], *args))


if __name__ == "__main__":
    main()
