"""Paths of conditions: shared beginnings, and their effect on values."""

from __future__ import annotations

from itertools import product as every

import numpy as np

from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.modes.guards import NONE, Paths, distinct, moved, shared


def setting() -> tuple[Graph, Paths, list[Variable]]:
    graph = Graph.empty(folding=True)
    inputs = [Variable.input(graph, name) for name in "abcv"]
    return graph, Paths(graph), inputs


def test_a_path_is_made_once() -> None:
    _, paths, _ = setting()
    path = paths.under(paths.under(NONE, 0, True), 1, False)
    assert paths.under(paths.under(NONE, 0, True), 1, False) is path
    assert paths.under(paths.under(NONE, 0, True), 1, True) is not path
    assert list(path) == [(0, True), (1, False)]
    assert list(NONE) == []


def test_what_paths_share() -> None:
    _, paths, _ = setting()
    a = paths.under(NONE, 0, True)
    ab, ac = paths.under(a, 1, True), paths.under(a, 2, True)
    abc = paths.under(ab, 2, False)
    assert shared([ab, ac]) is a
    assert shared([abc, ab]) is ab
    assert shared([abc, ab, ac]) is a
    assert shared([abc, NONE]) is NONE
    assert shared([abc]) is abc
    assert distinct([abc, ac, ab]) == [a, ab, abc, ac]
    assert distinct([NONE]) == []


def test_they_move_with_their_conditions_and_still_share() -> None:
    _, paths, _ = setting()
    a = paths.under(NONE, 0, True)
    ab, ac = paths.under(a, 1, True), paths.under(a, 2, False)
    places = moved([ab, ac], {0: 10, 1: 11, 2: 12})
    assert list(places[ab]) == [(10, True), (11, True)]
    assert list(places[ac]) == [(10, True), (12, False)]
    assert places[ab].outer is places[ac].outer is places[a]
    assert places[NONE] is NONE


def test_a_value_counts_where_all_conditions_hold() -> None:
    for holds in every((True, False), repeat=3):
        graph, paths, (*conditions, value) = setting()
        path, outer = NONE, []
        for condition, truth in zip(conditions, holds, strict=True):
            outer.append(path)
            path = paths.under(path, condition.index, truth)
        results = [paths.apply(value, path, start).index for start in (*outer, path)]
        for given in every((0.0, 1.0, -2.5), repeat=3):
            point = dict(zip("abcv", (*map(np.float64, given), np.float64(7)), strict=True))
            values = graph.evaluate(point)
            fulfilled = [bool(g) == h for g, h in zip(given, holds, strict=True)]
            assert values[results[0]] == (7 if all(fulfilled) else 0)
            assert values[results[2]] == (7 if fulfilled[2] else 0)
            assert values[results[3]] == 7
            if all(fulfilled[:1]):  # what the outer conditions exclude is masked later
                assert values[results[1]] == (7 if all(fulfilled[1:]) else 0)


def test_nan_behind_a_closed_guard_stays_there() -> None:
    graph, paths, (a, b, _, value) = setting()
    path = paths.under(paths.under(NONE, a.index, True), b.index, False)
    result = paths.apply(value, path)
    values = graph.evaluate({"a": 1.0, "b": 1.0, "c": 0.0, "v": np.float64("nan")})
    assert values[result.index] == 0
