"""The size of a whole Jacobian in one pass, against the sum of its entries, each counted alone."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings

import diffcompare as dc
from diffcompare.numbers import treetotal
from diffcompare.numbers.treesize import derivative_tree_sizes
from diffcompare.numbers.treetotal import derivative_tree_total
from diffcompare.ops.choice import max_, where
from diffcompare.ops.elementary import exp, log, sin, tanh
from diffcompare.ops.index import choose
from diffcompare.ops.powers import power
from tests.building import graph_of, logistic, product
from tests.strategies import Sample, samples


@settings(max_examples=150, deadline=None)
@given(samples())
def test_it_is_the_sum_over_the_entries(sample: Sample) -> None:
    graph, names = sample.graph, tuple(sample.graph.inputs)
    for wrt in (names, names[:1]):
        for folding in (True, False):
            rows = derivative_tree_sizes(graph, wrt, folding)
            assert derivative_tree_total(graph, wrt, folding) == sum(map(sum, rows))


# fmt: off
FOLDS: list[Any] = [
    lambda x, y, z: x + y + z,                                  # a seed alone
    lambda x, y, z: 3 * x + 3 * y - 2 * z + x,                  # literals that add up
    lambda x, y, z: x - x + y * z,                              # a literal 0
    lambda x, y, z: where(x > 0, y - y, z) * x,                 # 0 where the other is none
    lambda x, y, z: where(y, x, z) + where(x, 2, y),            # the tangent of a condition
    lambda x, y, z: -x * (-y) - (-z) * exp(-(x + y)),           # signs
    lambda x, y, z: log(x) * log(y) + log(z) / y,               # reciprocals
    lambda x, y, z: tanh(x) * y + tanh(x + y) * z,
    lambda x, y, z: choose(x, y, z, 1) + choose(1, x, y * z),   # an index, known or not
    lambda x, y, z: max_(x, y, x * y) * max_(z, 2),
    lambda x, y, z: power(x, 2) * power(y, -1) + power(z, 3) / 3,
    lambda x, y, z: (x % y) * z + sin(y) * 7,
    lambda x, y, z: (x / 3 - Fraction(1, 3) * y, 5 * z, x > y),  # several outputs, one constant
]
# fmt: on


@pytest.mark.parametrize("function", FOLDS)
def test_folds(function: Any) -> None:
    graph = graph_of(function, "x", "y", "z")
    assert derivative_tree_total(graph) == sum(map(sum, derivative_tree_sizes(graph)))


def test_totals() -> None:
    graph = product(5)
    assert derivative_tree_total(graph, ()) == derivative_tree_total(graph, (), folding=False) == 0
    assert derivative_tree_total(graph) == 5 * 7  # each of five entries is a product of four
    assert derivative_tree_total(graph, ("x0",)) == 7
    assert derivative_tree_total(dc.parse("7 + 0*x", inputs=("x", "y"))) == 2  # two zeros


@pytest.mark.parametrize("n", [2, 10, 400])
def test_of_a_product_of_many(n: int) -> None:
    """n entries, each a product of n − 1 numbers: 2 (n − 1) − 1 nodes."""
    assert derivative_tree_total(product(n)) == n * (2 * (n - 1) - 1)


def test_of_a_wide_sum() -> None:
    """∂/∂xᵢ sin Σ x = cos Σ x: 1 + (2n − 1) nodes, for each of n."""
    n = 3000
    graph = dc.parse(f"sin(sum({', '.join(f'x{k}' for k in range(n))}))")
    assert derivative_tree_total(graph) == n * 2 * n


def test_a_deep_graph() -> None:
    """A power of two in size: T(n + 1) = 9 + 2 F(n) + 2 T(n), with F(n) = 6·2ⁿ⁻¹ − 5."""
    total, f = 9, 7
    for _ in range(2, 5000):
        total, f = 9 + 2 * f + 2 * total, 2 * f + 5
    assert derivative_tree_total(logistic(5000)) == total


def test_many_signs() -> None:
    """A chain of signs as deep as the graph."""

    def function(x: Any, y: Any) -> Any:
        for _ in range(2000):
            x = -x
        return x * y

    graph = graph_of(function, "x", "y")
    assert derivative_tree_total(graph) == 1 + 2001


def test_too_many_ways_to_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    """A literal of its own for each input."""
    graph = dc.parse(" + ".join(f"{k}*x{k}" for k in range(2, 102)))
    assert derivative_tree_total(graph) == 100
    monkeypatch.setattr(treetotal, "STEPS", 5000)
    with pytest.raises(dc.DiffcompareError, match="the size of a derivative needs at most 5,000"):
        derivative_tree_total(graph)
