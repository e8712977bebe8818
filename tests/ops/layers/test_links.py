"""Sums over windows that take no part twice: against plain sums, and against the additions done."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.measure.ledger import count
from diffcompare.ops.cost import Cost
from diffcompare.ops.layers.links import Links, additions, parts, sums

MET: list[list[list[int]]] = [
    [[0, 1], [2, 3]], [[0, 1, 2], [1, 2, 3]], [[0], [0, 1], [0, 1, 2], [1, 2], [2]],
    [[0, 2, 4], [2, 4, 6], [4, 6, 8]], [[0, 1, 2, 3], [0, 1, 2, 3]], [[], [1], [], [1, 3]],
]  # fmt: skip
SIZE = 10


def built(axes: list[Links], shape: tuple[int, ...]) -> tuple[Graph, Any]:
    """The sums of an array of Variables whose numbers are powers of two, so that each sum tells."""
    graph = Graph.empty()
    entries = np.empty((SIZE,) * len(axes), dtype=object)
    for k, place in enumerate(np.ndindex(entries.shape)):
        entries[place] = Variable.input(graph, f"x{k}")
    found = sums(parts(entries, *axes), shape, *axes)
    graph.outputs = tuple(v.index for v in found.flat if isinstance(v, Variable))
    return graph, found


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("mets", [*product(MET), *product(MET[1:4], MET[:3])], ids=str)
def test_sums_and_additions(mets: Any, turned: bool) -> None:
    incidence = [np.array([[s in m for s in range(SIZE)] for m in met], float) for met in mets]
    axes = [Links.of(met) for met in mets]
    if turned:
        incidence, axes = [a.T for a in incidence], [axis.turned for axis in axes]
        incidence = [np.pad(a, ((0, 0), (0, SIZE - a.shape[1]))) for a in incidence]
    graph, found = built(axes, tuple(len(a) for a in incidence))
    numbers = np.random.default_rng(1).integers(-99, 99, (SIZE,) * len(axes)).astype(float)
    values = graph.evaluate(dict(zip(graph.inputs, numbers.ravel(), strict=True)))
    got = [values[v.index] if isinstance(v, Variable) else v for v in found.flat]
    true = incidence[0] @ numbers if len(axes) == 1 else incidence[0] @ numbers @ incidence[1].T
    np.testing.assert_array_equal(np.array(got, float), true.ravel())
    assert count(graph) == Cost(add=additions(*axes))


@pytest.mark.parametrize("met", MET, ids=str)
def test_turned_twice_is_itself(met: Any) -> None:
    links = Links.of(met)
    assert [sorted(pair) for pair in links.turned.turned.pairs] == [sorted(p) for p in links.pairs]
    assert links.turned.turned[:2] == links[:2]
    assert links.met == [len(met[group[0]]) for group in links.targets]


def test_by_hand() -> None:
    """Three windows of three on five: 0 1 2, 1 2 3, 2 3 4; all met apart, two additions each."""
    links = Links.of([[0, 1, 2], [1, 2, 3], [2, 3, 4]])
    assert additions(links) == 6
    assert additions(links.turned) == 0 + 1 + 2 + 1 + 0
    assert additions(Links.of([range(4), range(4)])) == 3  # the same sum
    # Rows that overlap and columns that do not: pairs of a row first, and each of them once.
    assert additions(Links.of([[0, 1], [1, 2]]), Links.of([[0, 1]])) == 3 + 2
