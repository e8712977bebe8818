"""Patterns of rolled graphs, and colorings that repeat, against those of the graphs themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

import diffcompare as dc
from diffcompare.graph import rolled as module
from diffcompare.graph.rolled import rolled
from diffcompare.modes.sparsity.cyclic import cyclic
from diffcompare.modes.sparsity.pattern import Pattern, sparsity
from diffcompare.modes.sparsity.recovery import alone
from diffcompare.modes.sparsity.vectors import rolled_pattern
from tests.graph.test_rolled import chained
from tests.strategies import Sample, samples


def same(a: Pattern, b: Pattern) -> bool:
    return (
        a.shape == b.shape
        and np.array_equal(a.rows, b.rows)
        and np.array_equal(a.columns, b.columns)
    )


@settings(max_examples=100, deadline=None)
@given(samples(outputs=3))
def test_any_graph(sample: Sample) -> None:
    names = list(sample.graph.inputs)[::-1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_ALIKE", 1)
        small = rolled(sample.graph, names)
    assert small is not None
    if "x" in small.inputs:
        assert same(rolled_pattern(small), sparsity(sample.graph, names))


def test_some_of_the_inputs() -> None:
    graph = chained(300)
    wrt = [name for k, name in enumerate(graph.inputs) if k % 2]
    small = rolled(graph, wrt)
    assert small is not None
    assert same(rolled_pattern(small), sparsity(graph, wrt))


def test_a_band_has_a_cyclic_coloring() -> None:
    pattern = sparsity(dc.parse(", ".join(f"x{k}*x{k + 1}*x{k + 2}" for k in range(20))))
    colors = cyclic(pattern)
    assert colors is not None
    assert colors.tolist() == [k % 3 for k in range(22)]
    assert alone(pattern.rows, colors[pattern.columns]).all()


def test_an_arrowhead_has_none() -> None:
    n = range(1, 5)
    assert cyclic(Pattern.of([0, *n, *n], [0, *n, *[0] * 4], (5, 5))) is None
    assert cyclic(Pattern.of([], [], (2, 2))) is None


def test_columns_without_nonzeros_take_part_in_no_pass() -> None:
    colors = cyclic(Pattern.of([0, 0], [0, 1], (1, 3)))
    assert colors is not None and colors.tolist() == [0, 1, -1]
