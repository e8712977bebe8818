"""The position of the largest, and the number at a position: what the table's checks do not say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from diffcompare.graph.edges import flags
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.measure.ledger import count
from diffcompare.modes.forward import tangent_graph
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.ops.cost import Cost
from diffcompare.ops.index import IndexIs, argmax, choose
from diffcompare.ops.operand import ZERO

NAN = np.nan


@pytest.mark.parametrize(
    ("numbers", "place"),
    [((1, 3, 3), 1), ((2,), 0), ((-0.0, 0.0), 0), ((1, NAN, 5, NAN), 1), ((NAN, 1), 0)],
)
def test_first_of_tied_and_first_nan(numbers: Any, place: int) -> None:
    x = [np.float64(n) for n in numbers]
    assert argmax(*x) == place
    assert np.array_equal(argmax(*(np.array([n, n]) for n in x)), [place, place])


def test_choose_moves_without_arithmetic() -> None:
    assert choose(1.0, 5.0, NAN, 7.0) is NAN
    assert choose(2.0, NAN, np.inf, 7.0) == 7.0
    assert np.array_equal(choose(np.array([1.0, 0.0]), np.array([1.0, 2.0]), 9.0), [9.0, 2.0])
    assert choose.cost([()] * 4) == Cost()


@pytest.mark.parametrize("index", [-1.0, 2.0, 0.5, NAN, np.inf])
def test_no_such_position(index: float) -> None:
    assert np.isnan(choose(index, 5.0, 6.0))
    assert np.isnan(choose(np.array([index]), 5.0, 6.0)).all()


def graph(*names: str) -> tuple[Graph, list[Variable]]:
    built = Graph.empty()
    return built, [Variable.input(built, name) for name in names]


def test_branches_not_taken_spoil_nothing() -> None:
    """An infinite slope behind the branch that is not taken never meets the zero."""
    built, (x, i) = graph("x", "i")
    built.outputs = (choose(i, x * 3, np.sqrt(x)).index,)
    for sweep in (tangent_graph(built, ("x",)), adjoint_graph(built, ("x",))):
        assert sweep.at({"x": 0.0, "i": 0.0})["x"] == 3.0
        assert sweep.at({"x": 0.0, "i": 1.0})["x"] == np.inf


def test_sweeps_cost_nothing_but_the_factors() -> None:
    built, (x, y, i) = graph("x", "y", "i")
    built.outputs = (choose(i, x, y, x * y).index,)
    for sweep in (tangent_graph(built, ("x", "y")), adjoint_graph(built, ("x", "y"))):
        assert count(sweep.graph).compare == 0


def test_known_positions_fold() -> None:
    built, (x, y) = graph("x", "y")
    folding = built.extended()
    a, b, one = Variable(folding, 0), Variable(folding, 1), Variable.constant(folding, 1)
    assert choose(one, a, b).index == b.index
    assert choose(a, ZERO, ZERO) is ZERO
    assert IndexIs(1)(one).literal == 1
    built.outputs = (choose(1, x * x, y * y).index,)
    reverse = adjoint_graph(built, ("x", "y"))
    assert reverse.at({"x": 2.0, "y": 3.0}).matrix.tolist() == [[0.0, 6.0]]
    assert "where" not in {op.name for op in reverse.graph.ops}


def test_only_what_is_chosen_is_flagged() -> None:
    built, (x, i) = graph("x", "i")
    built.outputs = (choose(i, x, np.abs(x)).index,)
    for index, kinds in ((0.0, []), (1.0, ["kink"])):
        found = flags(built, built.evaluate({"x": np.float64(0), "i": np.float64(index)}))
        assert [flag.kind for flag in found] == kinds


def test_ties_are_kinks() -> None:
    built, (x, y) = graph("x", "y")
    built.outputs = (choose(argmax(x, y), x, y).index,)
    found = flags(built, built.evaluate({"x": np.float64(2), "y": np.float64(2)}))
    assert [(flag.op, flag.kind) for flag in found] == [("argmax", "kink")]
    forward = tangent_graph(built, ("x", "y"))
    assert forward.at({"x": 2.0, "y": 2.0}).matrix.tolist() == [[1.0, 0.0]]
