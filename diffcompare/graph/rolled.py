"""A graph of numbers as a graph of vectors: alike nodes of one level side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final

import numpy as np

from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.ops.indexed import Concat, Gather
from diffcompare.ops.leaf import Constant
from diffcompare.ops.op import Op
from diffcompare.ops.parts import Slice

_ALIKE: Final = 16
"""Nodes that a vector has to stand for on average."""
_KEYS: Final = 1 << 62


def rolled(graph: Graph, wrt: Sequence[str]) -> Graph | None:
    """A graph of numbers as one of vectors, where that makes it much smaller; else None.

    Its inputs are "x", the numbers of `wrt`, and "rest", the others if there are any; its output
    has all the outputs. Nodes are alike that have one op and whose arguments are alike, from the
    inputs on. Each entry is computed as its number was, so results are the same to the last bit.

    Examples
    --------
    >>> import diffcompare as dc
    >>> row = ", ".join(f"sin(x{k})*x{k + 1}" for k in range(40))
    >>> graph = dc.parse(row)
    >>> small = rolled(graph, list(graph.inputs))
    >>> small.shapes[small.outputs[0]], [op.name for op in small.ops]
    ((40,), ['input', 'slice', 'sin', 'slice', 'mul'])
    """
    roll = _Roll(graph)
    chosen = set(wrt)
    rest = [name for name in graph.inputs if name not in chosen]
    for label, names in (("x", wrt), ("rest", rest)):
        if names:
            members = np.array([graph.inputs[name] for name in names])
            roll.enter(members, Variable.input(roll.work, label, (len(members),)))
    for index in np.flatnonzero((roll.counts == 0) & (roll.group < 0)).tolist():
        constant = graph.ops[index]
        assert isinstance(constant, Constant)
        roll.enter(np.array([index]), Variable.constant(roll.work, constant.number))
    most = len(roll.made) + len(graph.ops) // _ALIKE
    for members in roll.alike():
        roll.compute(members)
        if len(roll.made) > most:
            return None
    roll.work.outputs = (roll.joined(np.array(graph.outputs)).index,)
    return roll.work.part(roll.work.outputs)


class _Roll:
    """Where each node went: into which vector, and where in it."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self.work = graph, Graph.empty(folding=True)
        self.made: list[Variable] = []
        self.group = np.full(len(graph.ops), -1, dtype=np.int64)
        self.place = np.zeros(len(graph.ops), dtype=np.int64)
        self.counts = np.fromiter(map(len, graph.args), np.int64, len(graph.args))
        self.args = np.fromiter(chain.from_iterable(graph.args), np.int64)
        self.starts = np.cumsum(self.counts) - self.counts
        self.codes = _codes(graph.ops, self.counts > 0)

    def enter(self, members: np.ndarray, value: Variable) -> None:
        """These nodes are the entries of that vector."""
        self.group[members] = len(self.made)
        self.place[members] = np.arange(len(members))
        self.made.append(value)

    def alike(self) -> Iterator[np.ndarray]:
        """Alike nodes whose arguments are all entered, level by level."""
        used = np.argsort(self.args, kind="stable")
        owner = np.repeat(np.arange(len(self.counts)), self.counts)[used]
        uses = np.bincount(self.args, minlength=len(self.counts))
        first = np.cumsum(uses) - uses
        waiting = self.counts.copy()
        ready = np.flatnonzero(waiting == 0)
        while ready.size:
            readers, times = np.unique(
                owner[_ranges(first[ready], uses[ready])], return_counts=True
            )
            waiting[readers] -= times
            ready = readers[waiting[readers] == 0]
            for size in np.unique(self.counts[ready]).tolist():
                yield from self._split(ready[self.counts[ready] == size], size)

    def _split(self, nodes: np.ndarray, size: int) -> Iterator[np.ndarray]:
        """Nodes with as many arguments, those of one op and arguments from the same vectors together."""
        key, base = self.codes[nodes], len(self.made)
        if (int(key.max()) + 1) * base**size > _KEYS:
            yield from nodes[:, np.newaxis]
            return
        for slot in range(size):
            key = key * base + self.group[self.args[self.starts[nodes] + slot]]
        order = np.argsort(key, kind="stable")
        yield from np.split(nodes[order], np.flatnonzero(np.diff(key[order])) + 1)

    def compute(self, members: np.ndarray) -> None:
        """The vector of alike nodes."""
        start = self.starts[members]
        size = int(self.counts[members[0]])
        x = [self.taken(self.args[start + slot]) for slot in range(size)]
        self.enter(members, self.graph.ops[members[0]](*x))

    def taken(self, nodes: np.ndarray) -> Variable:
        """The values of nodes of one vector."""
        value, places = self.made[self.group[nodes[0]]], self.place[nodes]
        return value if not value.shape else _entries(value, places)

    def joined(self, nodes: np.ndarray) -> Variable:
        """The values of nodes of any vectors."""
        group = self.group[nodes]
        runs = np.split(nodes, np.flatnonzero(np.diff(group)) + 1)
        if len(runs) <= 2 * len(np.unique(group)):
            return _concatenated([self._vector(run) for run in runs])
        order = np.argsort(group, kind="stable")
        runs = np.split(nodes[order], np.flatnonzero(np.diff(group[order])) + 1)
        return _entries(_concatenated([self._vector(run) for run in runs]), np.argsort(order))

    def _vector(self, nodes: np.ndarray) -> Variable:
        value = self.taken(nodes)
        return value if value.shape == (len(nodes),) else value.like(np.zeros(len(nodes))) + value


def _codes(ops: Sequence[Op], wanted: np.ndarray) -> np.ndarray:
    """The same number for equal ops, of those that are wanted."""
    each = np.fromiter(map(id, ops), np.int64, len(ops))
    _, first, which = np.unique(each[wanted], return_index=True, return_inverse=True)
    known: dict[Op, int] = {}
    places = np.flatnonzero(wanted)[first].tolist()
    codes = [known.setdefault(ops[place], len(known)) for place in places]
    found = np.zeros(len(ops), dtype=np.int64)
    found[wanted] = np.array(codes, dtype=np.int64)[which]
    return found


def _ranges(starts: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """start, start + 1, … for each, so many."""
    before = np.cumsum(counts) - counts
    found: np.ndarray = np.repeat(starts - before, counts) + np.arange(int(counts.sum()))
    return found


def _entries(value: Variable, places: np.ndarray) -> Variable:
    """The entries of a vector at some places: a view where they are evenly spaced."""
    first, step = int(places[0]), int(places[1] - places[0]) if len(places) > 1 else 1
    if step > 0 and np.array_equal(places, first + step * np.arange(len(places))):
        if value.shape == places.shape:
            return value
        found: Variable = Slice((first,), (int(places[-1]) + 1,), (step,))(value)
    else:
        found = Gather(0, tuple(places.tolist()))(value)
    return found


def _concatenated(parts: Sequence[Variable]) -> Variable:
    found: Variable = Concat(0)(*parts) if len(parts) > 1 else parts[0]
    return found
