"""Colorings: the reference's numbers, lower bounds, and exact answers for small patterns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffcompare.errors import DiffcompareError
from diffcompare.modes.sparsity.coloring import DIRECTIONS, coloring
from diffcompare.modes.sparsity.greedy import Side, best, greedy
from diffcompare.modes.sparsity.pattern import Pattern
from diffcompare.modes.sparsity.recovery import recovery
from tests.modes.sparsity.patterns import (
    arrow,
    band,
    fewest,
    fewest_star,
    is_star,
    masks,
    of_matrix,
    symmetric_masks,
)  # fmt: skip


def test_arrowhead_of_fifty_takes_three_passes_in_place_of_fifty() -> None:
    pattern = arrow(50)
    assert coloring(pattern, "columns").passes == coloring(pattern, "rows").passes == 50
    both = coloring(pattern)
    assert (both.forward, both.reverse, both.bound) == (2, 1, 3)
    assert both.optimal


@pytest.mark.parametrize("n", [3, 4, 50, 1000])
@pytest.mark.parametrize("direction", ["columns", "rows", "both"])
def test_a_band_of_width_three_takes_three(n: int, direction: str) -> None:
    found = coloring(band(n), direction)
    assert found.passes == 3
    assert found.optimal or n < 4  # small ones are mostly corner: the count proves less


@pytest.mark.parametrize("width", [0, 1, 2, 5])
def test_bands_take_their_width_and_their_symmetric_colorings_are_proven(width: int) -> None:
    pattern = band(60, width)
    assert coloring(pattern, "columns").passes == 2 * width + 1
    symmetric = coloring(pattern, "symmetric")
    assert symmetric.bound <= symmetric.passes <= 2 * width + 1
    recovery(symmetric)


def test_dense_patterns_take_the_shorter_side() -> None:
    pattern = of_matrix(np.ones((4, 7), dtype=bool))
    assert [coloring(pattern, way).passes for way in ("columns", "rows", "both")] == [7, 4, 4]
    assert coloring(pattern).optimal


def test_arrowheads_pointing_both_ways_mix_directions() -> None:
    """A full row in one block, a full column in the other: only a mixture is small."""
    matrix = np.zeros((40, 40), dtype=bool)
    np.fill_diagonal(matrix, True)
    matrix[0, :20] = matrix[20:, 39] = True
    found = coloring(of_matrix(matrix))
    assert coloring(of_matrix(matrix), "columns").passes == 20
    assert coloring(of_matrix(matrix), "rows").passes == 20
    assert found.passes <= 3
    recovery(found)


@settings(max_examples=40, deadline=None)
@given(masks(4))
def test_colorings_against_all_colorings_of_small_patterns(mask: np.ndarray) -> None:
    exact = fewest(mask)
    for direction, least in exact.items():
        found = coloring(of_matrix(mask), direction)
        assert found.bound <= least <= found.passes
        if found.optimal:
            assert found.passes == least


@settings(max_examples=60, deadline=None)
@given(symmetric_masks(6))
def test_star_colorings_against_all_of_small_patterns(mask: np.ndarray) -> None:
    found = coloring(of_matrix(mask), "symmetric")
    used = np.flatnonzero(mask.any(axis=0))
    assert is_star(mask[np.ix_(used, used)], tuple(found.columns[used]))
    assert (np.delete(found.columns, used) == -1).all()
    assert found.bound <= fewest_star(mask) <= found.passes


@settings(max_examples=150, deadline=None)
@given(masks(12))
def test_both_directions_never_take_more_than_one(mask: np.ndarray) -> None:
    pattern = of_matrix(mask)
    columns, rows, both = (coloring(pattern, way) for way in ("columns", "rows", "both"))
    assert columns.bound == mask.sum(axis=1).max(initial=0) <= columns.passes
    assert rows.bound == mask.sum(axis=0).max(initial=0) <= rows.passes
    assert both.bound <= both.passes <= min(columns.passes, rows.passes)
    assert (columns.reverse, rows.forward) == (0, 0)


@settings(max_examples=100, deadline=None)
@given(masks(12), st.sampled_from(["columns", "rows", "both"]))
def test_the_transpose_swaps_columns_and_rows(mask: np.ndarray, direction: str) -> None:
    turned = {"columns": "rows", "rows": "columns", "both": "both"}[direction]
    here, there = coloring(of_matrix(mask), direction), coloring(of_matrix(mask.T), turned)
    assert here.bound == there.bound
    if direction != "both":
        assert np.array_equal(here.columns, there.rows)
        assert np.array_equal(here.rows, there.columns)


def test_the_order_is_the_best_of_four() -> None:
    """The crown: in the natural order greedy pairs the wrong columns, incidence-degree does not."""
    pairs = [(a, b) for a in range(0, 8, 2) for b in range(1, 8, 2) if b != a + 1]
    own: list[list[int]] = [[] for _ in range(8)]
    for net, (a, b) in enumerate(pairs):
        own[a].append(net)
        own[b].append(net)
    side = Side(own, [[]] * 8, len(pairs))
    assert max(greedy(side, range(8))) + 1 == 4
    colors, order = best(side)
    assert max(colors) + 1 == 2
    assert order != "natural"


def test_the_same_pattern_gives_the_same_coloring() -> None:
    pattern = of_matrix(np.random.default_rng(4).random((60, 60)) < 0.1)
    for direction in ("columns", "rows", "both"):
        first, second = coloring(pattern, direction), coloring(pattern, direction)
        assert np.array_equal(first.columns, second.columns)
        assert np.array_equal(first.rows, second.rows)


def test_empty_patterns_take_no_pass() -> None:
    for shape in ((0, 0), (0, 3), (3, 0), (3, 3)):
        for direction in DIRECTIONS:
            if direction != "symmetric" or shape[0] == shape[1]:
                found = coloring(Pattern.of([], [], shape), direction)
                assert (found.passes, found.bound) == (0, 0)


def test_bad_input_is_refused() -> None:
    with pytest.raises(DiffcompareError, match="one of columns, rows, both, symmetric, got 'up'"):
        coloring(arrow(3), "up")
    with pytest.raises(DiffcompareError, match="a symmetric coloring needs a symmetric pattern"):
        coloring(Pattern.of([0], [1], (2, 2)), "symmetric")
    with pytest.raises(DiffcompareError, match=r"needs a Pattern, .*sparsity\(graph\) makes one"):
        coloring(np.eye(3))  # type: ignore[arg-type]
