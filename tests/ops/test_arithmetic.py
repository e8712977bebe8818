"""The exact folds: what a folding graph makes of zeros, ones, signs and reciprocals."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from itertools import product as every
from typing import Any

import numpy as np
import pytest

from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.ops.arithmetic import add, neg, total
from diffcompare.ops.constants import PI
from diffcompare.ops.operand import ZERO


def folded(function: Callable[..., Any]) -> str:
    """What is left of a formula in x and y, as text."""
    graph = Graph.empty(folding=True)
    result = function(Variable.input(graph, "x"), Variable.input(graph, "y"))
    return "ZERO" if result is ZERO else text(result)


def text(z: Variable) -> str:
    if z.literal is not None:
        return str(z.literal)
    args = [text(Variable(z.graph, a)) for a in z.graph.args[z.index]]
    if not args:
        return str(z.op.options()["label"])
    symbol = z.op.infix[0] if z.op.infix else z.op.name
    return f"({symbol}{args[0]})" if len(args) == 1 else f"({args[0]} {symbol} {args[1]})"


@pytest.mark.parametrize(
    ("function", "left"),
    [
        (lambda x, y: 1 * x, "x"),
        (lambda x, y: x * 1.0, "x"),
        (lambda x, y: x / 1, "x"),
        (lambda x, y: x * -1, "(-x)"),
        (lambda x, y: neg(neg(x)), "x"),
        (lambda x, y: x + -y, "(x - y)"),
        (lambda x, y: -x + y, "(y - x)"),
        (lambda x, y: x - -y, "(x + y)"),
        (lambda x, y: -x + -y, "(-(x + y))"),
        (lambda x, y: total([x, ZERO]), "x"),
        (lambda x, y: add(x, ZERO, y), "(x + y)"),
        (lambda x, y: add(-x, y, -x), "(y - (x + x))"),
        (lambda x, y: add(-x, ZERO, -x), "(-(x + x))"),
        (lambda x, y: -x * y, "(-(x * y))"),
        (lambda x, y: x * -y, "(-(x * y))"),
        (lambda x, y: -x * -y, "(x * y)"),
        (lambda x, y: -x / y, "(-(x / y))"),
        (lambda x, y: x / -y, "(-(x / y))"),
        (lambda x, y: x * (1 / y), "(x / y)"),
        (lambda x, y: (1 / y) * x, "(x / y)"),
        (lambda x, y: Variable.constant(x.graph, 3) * 4 - 2, "10"),
        (lambda x, y: Variable.constant(x.graph, 1) / 4, "1/4"),
        (lambda x, y: Variable.constant(x.graph, 1) / 3, "(1 / 3)"),
        (lambda x, y: Variable.constant(x.graph, Fraction(1, 3)) * 1, "1/3"),
        (lambda x, y: Variable.constant(x.graph, 1) / 0, "(1 / 0)"),
        (lambda x, y: Variable.constant(x.graph, PI) * 2, "(3.141592653589793 * 2)"),
        (lambda x, y: x + ZERO, "x"),
        (lambda x, y: ZERO - x, "(-x)"),
        (lambda x, y: x * ZERO, "ZERO"),
        (lambda x, y: neg(ZERO), "ZERO"),
    ],
)
def test_folds(function: Callable[..., Any], left: str) -> None:
    assert folded(function) == left


@pytest.mark.parametrize(
    "function",
    [
        lambda x, y: x + 0,  # −0 + 0 is 0
        lambda x, y: 0 * x,  # inf·0 is nan
        lambda x, y: x - x,
        lambda x, y: x / x,
        lambda x, y: x / (1 / y),
    ],
)
def test_what_is_not_the_same_bit_for_bit_stays(function: Callable[..., Any]) -> None:
    graph = Graph.empty()
    plain = function(Variable.input(graph, "x"), Variable.input(graph, "y"))
    assert folded(function) == text(plain)


SPECIAL = [math.nan, math.inf, -math.inf, 0.0, -0.0, 1.5, -3.0, 5e-324, 1e308]
SIGNS: list[Callable[..., Any]] = [
    lambda x, y: x + -y, lambda x, y: -x + y, lambda x, y: x - -y, lambda x, y: -x * y,
    lambda x, y: x / -y, lambda x, y: -x * -y, lambda x, y: 1 * x, lambda x, y: x * -1,
]  # fmt: skip


@pytest.mark.parametrize("function", SIGNS)
def test_folding_signs_changes_no_bit(function: Callable[..., Any]) -> None:
    graph = Graph.empty(folding=True)
    result = function(Variable.input(graph, "x"), Variable.input(graph, "y"))
    for x, y in every(map(np.float64, SPECIAL), repeat=2):
        got = np.float64(graph.evaluate({"x": x, "y": y})[result.index])
        with np.errstate(all="ignore"):
            expected = np.float64(function(x, y))
        assert got.tobytes() == expected.tobytes() or (math.isnan(got) and math.isnan(expected))


def test_nothing_is_folded_while_parsing() -> None:
    graph = Graph.empty()
    x = Variable.input(graph, "x")
    assert text(neg(-x) * 1 + 2 * Variable.constant(graph, 3)) == "(((-(-x)) * 1) + (2 * 3))"


def test_a_sum_of_several_is_one_node() -> None:
    """No other sum shares a part of it; it is charged an addition less than terms."""
    graph = Graph.empty()
    x, y, z = (Variable.input(graph, name) for name in "xyz")
    assert add(x, y, z).op is (x + y).op
    assert add.cost([()] * 5).add == 4
    assert add.cost([(2, 3)] * 3).add == 12
    assert add(1.0, 2.0, np.array([3.0, 4.0])).tolist() == [6.0, 7.0]
    assert total(iter([])) is ZERO
