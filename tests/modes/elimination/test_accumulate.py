"""Elimination carried out: every order gives the Jacobian of the other modes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import diffcompare as dc
from diffcompare.graph.graph import Graph
from diffcompare.measure.ledger import count, ledger
from diffcompare.modes.derivative import Derivative
from diffcompare.modes.elimination.accumulate import accumulate
from diffcompare.modes.elimination.eliminate import eliminate
from diffcompare.modes.elimination.linearise import linearise
from diffcompare.modes.elimination.orders import tally
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.numbers.rounding import rounding_error
from tests.building import product
from tests.strategies import Sample, samples

GRAPHS = Path(__file__).resolve().parents[3] / "graphs"
CASES = ("roe_flux", "robot_arm", "heart_dipole", "propane_combustion", "lighthouse", "kink_clip",
         "kink_max_of_three", "kink_sinc_piecewise", "swell_piecewise", "haversine", "many_paths")  # fmt: skip


def bounds(derivative: Derivative, point: dict[str, float]) -> np.ndarray:
    """How far rounding may take each entry: to first order, and a little more."""
    errors = rounding_error(derivative.jacobian_graph, point)
    return 2 * np.array(errors).reshape(derivative.blocks.shape) + 1e-300


def agree(a: Derivative, b: Derivative, point: dict[str, float]) -> bool:
    left, right = a.at(point).matrix, b.at(point).matrix
    room = bounds(a, point) + bounds(b, point) + 2**-51 * np.abs(left)
    same = (left == right) | (np.isnan(left) & np.isnan(right)) | (np.abs(left - right) <= room)
    return bool(np.all(same | np.isnan(room)))


@settings(max_examples=100, deadline=None)
@given(samples(), st.randoms(use_true_random=False))
def test_any_order_gives_the_jacobian_of_reverse(sample: Sample, random: Any) -> None:
    function = linearise(sample.graph)
    order = list(function.inner)
    random.shuffle(order)
    derivative = accumulate(function, order)
    assert agree(derivative, adjoint_graph(sample.graph, function.wrt), sample.point)


@pytest.mark.parametrize("order", ["forward", "reverse", "markowitz"])
@pytest.mark.parametrize("name", CASES)
def test_the_gallerys_numbers(name: str, order: str) -> None:
    case = dc.read_case(GRAPHS / f"{name}.toml")
    found = eliminate(case.graph(), order, case.wrt or None).derivative.at(case.point)
    assert case.missed(found.value.tolist(), found) == []


def test_the_multiplications_are_those_that_were_counted() -> None:
    """Each partial of this product is a value that is there: only the elimination multiplies."""
    graph = product(6)
    for order in ("forward", "reverse", "markowitz"):
        found = eliminate(graph, order)
        function = linearise(graph)
        made = count(found.derivative.graph).mul - count(function.graph).mul
        assert made <= found.cost - found.trivial
    assert eliminate(graph, "exact").cost == 8


def test_executed_operations_of_a_graph_without_sharing() -> None:
    """Logarithms of sums: 1/x on the calls' edges, 1 on the others, no two products alike."""
    graph = dc.parse("s = sin(a) + sin(b); t = exp(s) + sin(c); exp(t), sin(t)")
    found = eliminate(graph, "forward")
    counted = tally(linearise(graph), linearise(graph).inner)
    made = count(found.derivative.graph)
    assert made.mul == counted.multiplications - counted.trivial
    assert counted.additions == 0


def branches() -> Graph:
    return dc.parse("where(x > 0, sqrt(x), 2*x) * where(x < 1, y, log(1 - x)*y)")


@pytest.mark.parametrize("x", [-1.0, 0.0, 0.5, 2.0])
@pytest.mark.parametrize("order", ["forward", "reverse", "markowitz"])
def test_a_branch_not_taken_spoils_nothing(x: float, order: str) -> None:
    graph, point = branches(), {"x": x, "y": 3.0}
    found = eliminate(graph, order).derivative.at(point).matrix
    assert found == pytest.approx(adjoint_graph(graph, ("x", "y")).at(point).matrix, nan_ok=True)


@pytest.mark.parametrize("order", ["forward", "reverse", "markowitz"])
def test_an_infinite_slope_behind_branches_that_are_not_taken(order: str) -> None:
    """d√x = ∞ at 0 meets two branches, neither of them taken: it never enters."""
    graph = dc.parse("r = sqrt(x); where(x > 1, 2*r, 0) + where(x > 2, r*r, 0) + x")
    assert eliminate(graph, order).derivative.at({"x": 0.0}).matrix.tolist() == [[1.0]]


def test_outputs_that_are_inputs_constants_or_twice_the_same() -> None:
    graph = dc.parse("y = x*z; y, x, 3 + 0*z, y")
    found = eliminate(graph, "reverse").derivative.at({"x": 2, "z": 5}).matrix
    assert found.tolist() == [[5, 2], [1, 0], [0, 0], [5, 2]]


def test_it_is_a_derivative_like_any_other() -> None:
    graph = dc.parse("sin(x*y)*y")
    derivative = eliminate(graph, "markowitz").derivative
    assert repr(derivative) == "Derivative(elimination, by x, y, passes=0)"
    assert ledger(derivative).specialised == count(derivative.jacobian_graph)
    assert dc.to_dot(derivative).startswith("digraph")
    second = adjoint_graph(derivative.jacobian_graph, ("x", "y")).at({"x": 1, "y": 2}).matrix
    assert second == pytest.approx(dc.hessian(graph).at({"x": 1, "y": 2}).matrix, rel=1e-14)
