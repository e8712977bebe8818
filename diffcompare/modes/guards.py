"""The conditions under which an adjoint counts, as paths that share their beginnings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any, Final

from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.ops.assemble import assembled
from diffcompare.ops.choice import where
from diffcompare.ops.index import IndexIs
from diffcompare.ops.operand import ZERO


class Guards:
    """A path of conditions: those of `outer`, then that a node has the given truth value.

    Iterating gives (condition node, truth value) pairs, outermost first.

    Examples
    --------
    >>> Guards(Guards(NONE, 4, True), 7, False)
    Guards((4, True), (7, False))
    """

    __slots__ = ("condition", "depth", "holds", "outer")

    def __init__(self, outer: Guards | None, condition: int, holds: bool) -> None:
        self.outer, self.condition, self.holds = outer, condition, holds
        self.depth: int = 0 if outer is None else outer.depth + 1

    def __iter__(self) -> Iterator[tuple[int, bool]]:
        steps, step = [], self
        while step.outer is not None:
            steps.append((step.condition, step.holds))
            step = step.outer
        return reversed(steps)

    def __reduce__(self) -> tuple[Any, ...]:
        return _path, (list(self),)  # flat: a path can be deep

    def __repr__(self) -> str:
        return f"Guards({', '.join(map(str, self))})"


NONE: Final = Guards(None, -1, True)
"""The path without conditions."""


def _path(steps: list[tuple[int, bool]]) -> Guards:
    path = NONE
    for condition, holds in steps:
        path = Guards(path, condition, holds)
    return path


def shared(paths: Iterable[Guards]) -> Guards:
    """What several paths of one `Paths` begin with."""
    return reduce(_common, sorted(paths, key=lambda path: -path.depth))


def _common(a: Guards, b: Guards) -> Guards:
    while a is not b:
        if a.depth < b.depth:
            a, b = b, a
        a = a.outer or NONE
    return a


def distinct(paths: Iterable[Guards]) -> list[Guards]:
    """The paths and all that they begin with, the shorter first."""
    found: dict[Guards, None] = {NONE: None}
    for path in dict.fromkeys(paths):
        step, new = path, []
        while step not in found:
            new.append(step)
            step = step.outer or NONE
        found.update(dict.fromkeys(reversed(new)))
    return list(found)[1:]


def moved(paths: Iterable[Guards], place: Mapping[int, int]) -> dict[Guards, Guards]:
    """The same paths after their conditions went to other places."""
    result = {NONE: NONE}
    for path in distinct(paths):
        result[path] = Guards(result[path.outer or NONE], place[path.condition], path.holds)
    return result


class Paths:
    """The paths of a sweep, each made once, and their effect on values of its graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._made: dict[tuple[Guards, int, bool], Guards] = {}
        self._tests: dict[Guards, Variable] = {}

    def under(self, outer: Guards, condition: int, holds: bool) -> Guards:
        """A path and one condition more."""
        key = (outer, condition, holds)
        return self._made.setdefault(key, Guards(*key))

    def apply(self, value: Variable, path: Guards, outer: Guards = NONE) -> Variable:
        """The value where the conditions of `path` below `outer` hold, else zero."""
        if path is outer:
            return value
        if path.outer is outer:
            return _choose(Variable(self.graph, path.condition), path.holds, value)
        return _choose(self._all_hold(path), True, value)

    def combined(self, values: Mapping[Guards, Variable], outer: Guards) -> Variable:
        """What the values that count, by the conditions below `outer`, add up to.

        Of conditions that exclude each other, at most one value counts: it is chosen, not added.
        """
        questions: dict[object, list[Guards]] = {}
        for path in values:
            questions.setdefault(self._question(path, outer), []).append(path)
        return in_order([self._answer(values, paths, outer) for paths in questions.values()])

    def _question(self, path: Guards, outer: Guards) -> object:
        """What is the same for paths that exclude each other, and for no others."""
        if path.outer is not outer:
            return path
        op = self.graph.ops[path.condition]
        asked = isinstance(op, IndexIs) and path.holds
        return self.graph.args[path.condition] if asked else path.condition

    def _answer(
        self, values: Mapping[Guards, Variable], paths: Sequence[Guards], outer: Guards
    ) -> Variable:
        last, *others = reversed(paths)
        chosen = self.apply(values[last], last, outer)
        for path in others:
            condition = Variable(self.graph, path.condition)
            pair = (values[path], chosen) if path.holds else (chosen, values[path])
            chosen = where(condition, *pair)
        return chosen

    def either(self, outer: Guards, inner: Iterable[Guards]) -> Guards:
        """The path under which any of several counts that all go on from `outer`.

        An adjoint that is zero because none of them does must stay guarded: further on it may meet
        an infinite slope.
        """
        paths = list(inner)
        steps = {(path.condition, path.holds) for path in paths if path.outer is outer}
        if outer in paths or any((condition, not holds) in steps for condition, holds in steps):
            return outer  # there is always one that counts
        test: Variable = self._all_hold(paths[0])
        for path in paths[1:]:
            test = where(test, 1, self._all_hold(path))
        return self.under(outer, test.index, True)

    def _all_hold(self, path: Guards) -> Variable:
        """Whether all conditions of a path hold: a node for each, shared by all that go on."""
        new = []
        while path is not NONE and path not in self._tests:
            new.append(path)
            path = path.outer or NONE
        test = self._tests.get(path)
        for step in reversed(new):
            condition = Variable(self.graph, step.condition)
            inner = 1 if test is None else test
            test = where(condition, inner, 0) if step.holds else where(condition, 0, inner)
            self._tests[step] = test
        assert test is not None
        return test


def in_order(values: Sequence[Variable]) -> Variable:
    """The sum of values in the order of their nodes, so that of the same ones it is one node."""
    added: Variable = assembled(sorted(values, key=lambda value: value.index))
    return added


def _choose(condition: Variable, holds: bool, value: Variable) -> Variable:
    chosen: Variable = where(condition, value, ZERO) if holds else where(condition, ZERO, value)
    return chosen
