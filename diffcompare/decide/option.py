"""What a decision says of every way, and of the choice."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from diffcompare.decide.candidate import Work
from diffcompare.decide.measured import Measured
from diffcompare.ops.cost import Cost


@dataclass(frozen=True, eq=False)
class Option:
    """A candidate, predicted and measured.

    Attributes
    ----------
    name : str
    operations : Cost or None
        Per evaluation, f included.
    passes, memory, once : int or None
        Sweeps per evaluation, peak bytes, and nodes to make beforehand.
    derived : int
        Nodes of the tree that SymPy has to make.
    seconds_once, seconds : float or None
        To make it, and per evaluation, predicted by the calibration.
    total : float
        What it is ranked by: seconds of all evaluations where there is a calibration, else
        operations of one; infinite where it is out of the question.
    break_even : int or None
        Evaluations from which on it beats all that take less to make; by the calibration. None
        where it never does.
    measured : Measured or None
    declined : str or None
        Why it is out of the question.
    """

    name: str
    operations: Cost | None = None
    passes: int | None = None
    memory: int | None = None
    once: int | None = None
    derived: int = 0
    seconds_once: float | None = None
    seconds: float | None = None
    total: float = math.inf
    break_even: int | None = None
    measured: Measured | None = None
    declined: str | None = None
    works: tuple[Work, ...] = field(default=(), repr=False)


@dataclass(frozen=True, eq=False)
class Decision:
    """Which way to take.

    Attributes
    ----------
    goal : str
    evaluations : int
    options : tuple of Option
        The best first.
    unit : {"operations", "seconds"}
        What they are ranked by.
    reason : str
        One sentence.
    """

    goal: str
    evaluations: int
    options: tuple[Option, ...]
    unit: str
    reason: str

    @property
    def choice(self) -> Option:
        """The best by prediction."""
        return self.options[0]

    @property
    def operation_regret(self) -> float | None:
        """Operations of the choice, tallied as they are done, over those of the best, less 1."""
        done = {o.name: o.measured.operations.total for o in self.options if o.measured}
        if self.choice.name not in done:
            return None
        best = min(done.values())
        return done[self.choice.name] / best - 1 if best else 0.0

    @property
    def regret(self) -> float | None:
        """Measured seconds of the choice, for all evaluations, over those of the best, less 1."""
        spent = {
            o.name: o.measured.once + self.evaluations * o.measured.seconds
            for o in self.options
            if o.measured
        }
        if self.choice.name not in spent:
            return None
        return spent[self.choice.name] / min(spent.values()) - 1

    def __repr__(self) -> str:
        return f"Decision({self.goal}: {self.choice.name})"
