"""Patterns in text and as data."""

from __future__ import annotations

import json

import numpy as np

import diffcompare as dc
from diffcompare.modes.sparsity.pattern import Pattern, hessian_sparsity, sparsity
from diffcompare.render.sparsity import colorings, sparsity_json, sparsity_text, spy


def arrowhead(n: int) -> Pattern:
    ones = [1] * (n - 1)
    each = list(range(1, n))
    zeros = [0 for _ in ones]
    return Pattern.of([0, *zeros, *each, *each], [0, *each, *zeros, *each], (n, n))


def test_the_arrowhead_of_fifty_in_text() -> None:
    text = sparsity_text(arrowhead(50)).splitlines()
    assert text[0] == "Pattern 50 × 50, 148 nonzeros of 2,500"
    assert [line.split()[:5] for line in text[2:5]] == [
        ["columns", "50", "50", "0", "50"],
        ["rows", "50", "0", "50", "50"],
        ["both", "3", "2", "1", "3"],
    ]
    assert text[-1] == "  each character a block of 3 × 2"
    assert all(len(line) <= 100 for line in text)


def test_the_drawing_is_the_pattern() -> None:
    mask = np.random.default_rng(2).random((7, 9)) < 0.3
    rows, columns = np.nonzero(mask)
    drawn = [line.split() for line in spy(Pattern.of(rows, columns, mask.shape))]
    assert drawn == [["×" if entry else "·" for entry in row] for row in mask]


def test_blocks_are_drawn_where_any_entry_is() -> None:
    drawn = spy(Pattern.of([0, 99], [99, 0], (100, 100)))
    assert [line.count("×") for line in drawn if "block" not in line] == [1, *[0] * 18, 1]
    assert spy(Pattern.of([], [], (0, 0))) == []


def test_branches_are_told() -> None:
    text = sparsity_text(sparsity(dc.parse("where(x > 0, y, z)")))
    assert text.splitlines()[-1].startswith("  the union over the branches chosen by v")


def test_json_has_everything() -> None:
    pattern = hessian_sparsity(dc.parse("x*y + y*z"))
    record = json.loads(sparsity_json(pattern, colorings(pattern, symmetric=True)))
    assert record["rows"] == pattern.rows.tolist()
    assert set(record["colorings"]) == {"columns", "rows", "both", "symmetric"}
    for found in record["colorings"].values():
        assert found["passes"] == found["forward"] + found["reverse"] >= found["bound"]
