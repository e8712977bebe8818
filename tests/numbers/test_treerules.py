"""Rules read off probes, against the derivatives that the sweeps build."""

from __future__ import annotations

from typing import Any

import pytest

from diffcompare.graph.graph import Graph
from diffcompare.numbers.treerules import FEW, NO_STATE, PLAIN, Rules, form_of
from diffcompare.numbers.treesize import Lean, derivative_tree_sizes, tree_sizes
from diffcompare.ops.arithmetic import div, mul, neg
from diffcompare.ops.choice import max_
from diffcompare.ops.elementary import sin
from tests.building import derivatives as sweeps
from tests.building import graph_of


def built(graph: Graph) -> list[int]:
    """Sizes of what forward mode builds."""
    forward, _ = sweeps(graph)
    return tree_sizes(forward.jacobian_graph)


@pytest.mark.parametrize("count", [3, FEW, FEW + 1, 3 * FEW])
def test_of_many_arguments(count: int) -> None:
    """More of them than a probe is made for, too: `max_` of all, of which some are constants."""

    def function(*x: Any) -> Any:
        return max_(*x, 2) * sin(max_(*[a * x[0] for a in x[1:]], 1)) + sum(x, start=0)

    graph = graph_of(function, *[f"x{k}" for k in range(count)])
    assert [size for row in derivative_tree_sizes(graph) for size in row] == built(graph)


@pytest.mark.parametrize("depth", [1, 2, 9, 40])
def test_of_signs_and_reciprocals_within_each_other(depth: int) -> None:
    def function(x: Any, y: Any) -> Any:
        for k in range(depth):
            x = 1 / x if k % 3 else -x
        return x * sin(x) - y / x

    graph = graph_of(function, "x", "y")
    assert [size for row in derivative_tree_sizes(graph) for size in row] == built(graph)


def test_forms_are_each_one_object() -> None:
    rules = Rules(Lean)
    plain, one = (PLAIN, PLAIN), (form_of(1), None)
    minus = rules.of(neg, plain, NO_STATE).state[0]
    assert minus is PLAIN.linked("-") and minus.inner is PLAIN
    assert rules.of(div, one, plain).state[0] is PLAIN.linked("/")
    assert rules.of(mul, plain, plain) is rules.of(mul, plain, plain)
    assert rules.of(mul, plain, plain)[1:] == (1, 3, (1, 1), (1, 1))  # ẋ y + x ẏ
    assert form_of(True) is not form_of(1)
