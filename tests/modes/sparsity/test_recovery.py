"""Decompression is proven: valid colorings give back any matrix, wrong ones are caught."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffcompare.errors import DiffcompareError
from diffcompare.modes.sparsity.coloring import Coloring, coloring
from diffcompare.modes.sparsity.recovery import recovery
from tests.modes.sparsity.patterns import arrow, band, masks, of_matrix, readable, symmetric_masks


def decompressed(found: Coloring, matrix: np.ndarray) -> np.ndarray:
    """The matrix read back from its products with the seeds of the colors."""
    reading = recovery(found)
    columns = (found.columns[:, None] == np.arange(found.forward)).astype(float)
    rows = (found.rows[:, None] == np.arange(found.reverse)).astype(float)
    across, down = matrix @ columns, matrix.T @ rows
    result = np.zeros_like(matrix)
    for i, j, forward, line, color in zip(
        found.pattern.rows, found.pattern.columns, reading.forward, reading.line, reading.color,
        strict=True,
    ):  # fmt: skip
        result[i, j] = (across if forward else down)[line, color]
    return result


@settings(max_examples=150, deadline=None)
@given(masks(12), st.sampled_from(["columns", "rows", "both"]), st.integers(0, 9))
def test_colorings_give_back_any_matrix(mask: np.ndarray, direction: str, seed: int) -> None:
    matrix = np.where(mask, np.random.default_rng(seed).integers(-99, 99, mask.shape), 0.0)
    assert np.array_equal(decompressed(coloring(of_matrix(mask), direction), matrix), matrix)


@settings(max_examples=150, deadline=None)
@given(symmetric_masks(12), st.integers(0, 9))
def test_star_colorings_give_back_any_symmetric_matrix(mask: np.ndarray, seed: int) -> None:
    numbers = np.random.default_rng(seed).integers(-99, 99, mask.shape)
    matrix = np.where(mask, numbers + numbers.T, 0.0)
    assert np.array_equal(decompressed(coloring(of_matrix(mask), "symmetric"), matrix), matrix)


@settings(max_examples=200, deadline=None)
@given(masks(5), st.data())
def test_the_proof_accepts_just_what_can_be_read(mask: np.ndarray, data: st.DataObject) -> None:
    m, n = mask.shape
    columns = data.draw(st.lists(st.integers(-1, 2), min_size=n, max_size=n))
    rows = data.draw(st.lists(st.integers(-1, 2), min_size=m, max_size=m))
    given_ = Coloring(of_matrix(mask), "both", np.array(columns, int), np.array(rows, int), 0)
    if readable(mask, tuple(columns), tuple(rows)):
        recovery(given_)
    else:
        with pytest.raises(DiffcompareError) as error:
            recovery(given_)
        assert error.value.kind == "graph"


def test_a_wrong_coloring_is_caught_and_told() -> None:
    good = coloring(band(6), "columns")
    with pytest.raises(DiffcompareError, match=r"got \(1, 0\) beside \(1, 2\)"):
        recovery(replace(good, columns=np.array([0, 1, 0, 1, 0, 1])))
    with pytest.raises(DiffcompareError, match=r"got \(0, 0\) in no pass"):
        recovery(replace(good, columns=np.full(6, -1)))
    with pytest.raises(DiffcompareError, match=r"a color for each of 6 columns and 6 rows"):
        recovery(replace(good, columns=np.array([0, 1])))


def test_a_two_colored_path_is_caught() -> None:
    """0–1–2–3 in the colors 0, 1, 0, 1: the middle edge meets another one both ways."""
    path = coloring(band(4), "symmetric")
    with pytest.raises(DiffcompareError, match=r"got \(1, 2\) beside \(1, 0\)"):
        recovery(replace(path, columns=np.array([0, 1, 0, 1])))


def test_every_coloring_with_one_line_moved_is_read_anew() -> None:
    """Moving any column of the arrowhead's coloring to another color breaks it or still reads."""
    good = coloring(arrow(6))
    mask = good.pattern.dense()
    broken = 0
    for column in range(6):
        for color in range(-1, 2):
            columns = good.columns.copy()
            columns[column] = color
            moved = replace(good, columns=columns)
            if readable(mask, tuple(columns), tuple(good.rows)):
                recovery(moved)
            else:
                broken += 1
                with pytest.raises(DiffcompareError):
                    recovery(moved)
    assert broken
