"""Parts put together: equal to their expansion, charged where they meet, and what sweeps make."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.errors import DiffcompareError
from diffcompare.measure.ledger import count
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.ops.assemble import Assemble
from diffcompare.ops.cost import ADD, Cost
from tests.ops.layers.checks import CHECKS, Case, case, check_layout, random, sweep_costs
from tests.ops.layers.composed import check_composed

CASES = [
    case(Assemble((5,), ((0,), (3,)), ((1,), (1,))), (3,), (2,)),
    case(Assemble((5,), ((0,), (1,), (4,)), ((1,), (2,), (1,))), (4,), (2,), ()),
    case(Assemble((3, 4), ((0, 1), (1, 0)), ((2, 1), (1, 3))), (2, 2), (2, 2)),
    case(Assemble((), ((), ()), ((), ())), (), ()),
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_op(case: Case, check: Any) -> None:
    if check is check_layout and not all(case.shapes):
        pytest.skip("a number has no layout")
    check(case)


def test_cost_is_that_of_the_entries_that_meet() -> None:
    assert Assemble((5,), ((0,), (3,)), ((1,), (1,))).cost([(3,), (2,)]) == Cost()
    assert Assemble((5,), ((0,), (1,)), ((1,), (2,))).cost([(4,), (2,)]) == ADD * 2


FUNCTIONS: dict[str, Any] = {
    "entries": lambda x: x[0] * x[1] * x[2],
    "neighbours": lambda x: (x[1:] * x[:-1]).sum(),
    "rosenbrock": lambda x: sum(100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(x)),
    "steps": lambda x: np.prod(x[::2]) + x[1] * np.sin(x).sum(),
    "back": lambda x: x[::-1] @ x,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_parts(name: str) -> None:
    """All modes agree, the symbolic one through the expansion."""
    report = dc.compare(FUNCTIONS[name], {"x": random((5,), 3)})
    assert report.agreement.ok
    assert len(report.legs) == 4


@pytest.mark.parametrize("name", ["entries", "steps"])
def test_no_zeros_are_added(name: str) -> None:
    """What a sweep back puts next to each other: as many operations as in numbers."""
    check_composed(FUNCTIONS[name], random((5,), 3))


def test_an_entry_used_once_is_put_back_without_additions() -> None:
    graph = dc.parse(lambda x: x[0] * x[1] * x[2], shapes={"x": (3,)})
    assert sweep_costs(adjoint_graph(graph, ("x",))) == (Cost(), Cost(mul=4))
    assert count(graph) == Cost(mul=2)


def test_many_entries_make_one_node() -> None:
    """Not an array for each entry that is used."""
    n = 400
    graph = dc.parse(FUNCTIONS["rosenbrock"], shapes={"x": (n,)})
    sweep = adjoint_graph(graph, ("x",))
    large = [
        op.name
        for op, shape in zip(sweep.graph.ops, sweep.graph.shapes, strict=True)
        if shape == (n,)
    ]
    assert large.count("assemble") == 1
    at = np.linspace(0.5, 1.5, n)
    got = sweep.at({"x": at}).matrix[0]
    true = np.zeros(n)
    true[:-1] = -400 * at[:-1] * (at[1:] - at[:-1] ** 2) - 2 * (1 - at[:-1])
    true[1:] += 200 * (at[1:] - at[:-1] ** 2)
    np.testing.assert_allclose(got, true, rtol=1e-12, atol=1e-11)


def test_what_does_not_fit_is_refused() -> None:
    op = Assemble((5,), ((0,), (3,)), ((1,), (1,)))
    with pytest.raises(DiffcompareError, match="assemble needs 2 arguments"):
        op.shape([(3,)])
    with pytest.raises(DiffcompareError, match="slice needs"):
        op.shape([(3,), (3,)])
