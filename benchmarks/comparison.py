"""One task by every system: built, held against each other, then timed in turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any, Final

import numpy as np

from benchmarks.peers import OURS, SYSTEMS
from benchmarks.tasks import Goal, Task
from benchmarks.timing import interleaved, medians
from benchmarks.worker import AbsentError, LostError, OverError, Worker
from diffcompare.measure.ledger import count

TOLERANCE: Final = 1e-12
"""Of results in float64, by the largest of their size; in float32 as many of its own roundings."""


@dataclass(frozen=True)
class Effort:
    """How long is measured."""

    rounds: int
    seconds: float
    limit: float


@dataclass
class Figures:
    """What a system took for a task: seconds and bytes; `lost` says why there is nothing."""

    build: float | None = None
    evaluation: float | None = None
    spread: float | None = None
    value: float | None = None
    memory: float | None = None
    error: float | None = None
    lost: str | None = None
    over: float | None = None
    """It was given up after so many seconds of building."""
    version: str | None = None

    @property
    def slope(self) -> float | None:
        """Gradient over f, by time."""
        return self.evaluation / self.value if self.evaluation and self.value else None

    def of(self, name: str) -> float | None:
        """By the name that goals use."""
        return {"evaluation": self.evaluation, "build": self.build, "gradient/f": self.slope}[name]


@dataclass
class Row:
    """A task's figures by system."""

    task: Task
    operations: int
    """Of f, at every point."""
    figures: dict[str, Figures] = field(default_factory=dict)

    def best(self, systems: Sequence[str], of: str) -> tuple[str, float] | None:
        """The system with the least, and how much."""
        found = [(self.figures[s].of(of), s) for s in systems if s in self.figures]
        known = [(value, s) for value, s in found if value is not None]
        return min(known)[::-1] if known else None

    def outcome(self, goal: Goal) -> tuple[str, str, float] | None:
        """Our system, the peer and the ratio; or our own figure where the goal is one."""
        ours = self.best(goal.ours, goal.of)
        theirs = self.best(goal.peers, goal.of) if goal.peers else ("", 1.0)
        return (ours[0], theirs[0], ours[1] / theirs[1]) if ours and theirs else None

    def bound(self, goal: Goal) -> tuple[str, str, float] | None:
        """The same with the time after which building was given up: the ratio is less."""
        ours = self.best(goal.ours, goal.of)
        given_up = [(f.over, s) for s in goal.peers if (f := self.figures.get(s)) and f.over]
        if goal.of != "build" or ours is None or not given_up:
            return None
        seconds, name = min(given_up)
        return ours[0], name, ours[1] / seconds

    def to_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            "task": self.task.key, "title": self.task.title, "group": self.task.group,
            "kind": self.task.kind, "operations": self.operations,
            "systems": {
                name: {**asdict(f), "gradient/f": f.slope} for name, f in self.figures.items()
            },
            "goals": [
                {**asdict(goal), "outcome": self.outcome(goal)} for goal in self.task.goals
            ],
        }  # fmt: skip


def compared(
    task: Task, systems: Sequence[str], effort: Effort, threads: int, pythons: dict[str, str]
) -> Row:
    """The task's row; `pythons` names other interpreters by system."""
    subject = task.make()
    points = len(subject.point[0]) if task.kind == "batch" else 1
    row = Row(task, count(subject.graph).total * points)
    single = getattr(subject.point[0], "dtype", None) == np.float32
    tolerance = TOLERANCE * (2.0**29 if single else 1.0)
    with ExitStack() as stack:
        workers: dict[str, Worker] = {}
        reference: list[np.ndarray] | None = None
        for name in systems:
            arguments = (name, threads, pythons[name]) if name in pythons else (name, threads)
            worker = stack.enter_context(Worker(*arguments))
            row.figures[name] = figures = Figures()
            try:
                results = _built(worker, task, effort, figures)
                if reference is None:
                    reference = results
                figures.error = disagreement(results, reference)
                if not figures.error <= tolerance:
                    raise LostError(f"differs by {figures.error:.1e}")
                workers[name] = worker
            except AbsentError:
                del row.figures[name]
                worker.__exit__()
            except LostError as lost:
                figures.lost = str(lost)
                figures.over = effort.limit if isinstance(lost, OverError) else None
                worker.__exit__()
        _time(row, workers, effort)
    return row


def _built(worker: Worker, task: Task, effort: Effort, figures: Figures) -> list[np.ndarray]:
    figures.version = worker.ask(("start",), max(60.0, effort.limit))
    answer = worker.ask(("build", task.key, task.kind), effort.limit)
    figures.build, figures.memory = answer["seconds"], answer["memory"]
    results: list[np.ndarray] = answer["results"]
    if task.kind in ("gradient", "pullback"):
        worker.ask(("build", task.key, "value"), effort.limit)
    return results


def disagreement(results: list[np.ndarray], reference: list[np.ndarray]) -> float:
    """The largest difference, relative to the largest number among results of that size."""
    if [len(part) for part in results] != [len(part) for part in reference]:
        return float("inf")
    scales: dict[int, float] = {}
    for part in reference:
        largest = float(np.max(np.abs(part), initial=0.0))
        scales[len(part)] = max(scales.get(len(part), 0.0), largest)
    worst = 0.0
    for part, true in zip(results, reference, strict=True):
        difference = float(np.max(np.abs(part - true), initial=0.0))
        if np.isnan(difference):
            return float("inf")
        worst = max(worst, difference / (scales[len(true)] or 1.0))
    return worst


def _time(row: Row, workers: dict[str, Worker], effort: Effort) -> None:
    task = row.task
    kinds = [task.kind, "value"] if task.kind in ("gradient", "pullback") else [task.kind]

    def timer(name: str) -> Callable[[], list[float]]:
        def time() -> list[float]:
            try:
                found: list[float] = workers[name].ask(
                    ("time", kinds, effort.seconds), 10 * effort.limit
                )
            except LostError as lost:
                row.figures[name].lost = str(lost)
                return [float("nan")] * len(kinds)
            return found

        return time

    found = interleaved({name: timer(name) for name in workers}, effort.rounds)
    for name, rounds in found.items():
        figures, middle = row.figures[name], medians(rounds)
        if figures.lost:
            continue
        figures.evaluation = middle[0]
        figures.value = middle[1] if len(middle) > 1 else None
        away = [abs(r[0] - middle[0]) for r in rounds]
        figures.spread = median(away) / middle[0]


def installed(names: Sequence[str], pythons: dict[str, str]) -> list[str]:
    """Those that can be asked, ours first."""
    order = [*OURS, *(name for name in SYSTEMS if name not in OURS)]
    return [n for n in order if n in names and (SYSTEMS[n].installed or n in pythons)]
