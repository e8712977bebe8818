"""Predictions put the backends in the order that the benchmark finds."""

from __future__ import annotations

import pytest

import diffcompare as dc
from diffcompare.ops.elementary import sin
from diffcompare.run.instructions import instructions
from diffcompare.run.predicted import NATIVE, RATES, fastest, predicted
from tests.building import graph_of, logistic


def test_a_program_costs_what_its_instructions_cost() -> None:
    small, large = instructions(logistic(100)), instructions(logistic(1000))
    ratio = (len(large.names) - len(small.names)) / len(small.names)
    for name, rate in RATES.items():
        a, b = predicted(small, name), predicted(large, name)
        assert (b.call - a.call) / (a.call - rate.call) == pytest.approx(ratio)
        assert (b.build - a.build) / (a.build - rate.build) == pytest.approx(ratio)


def test_functions_and_ops_without_an_expression_are_charged() -> None:
    plain, function, op = (
        predicted(instructions(dc.parse(text)), "native").call
        for text in ("-x", "sin(x)", "gamma(x)")
    )
    assert function - plain == pytest.approx(RATES["native"].function)
    assert op - function == pytest.approx(RATES["native"].opaque)


def test_the_more_evaluations_the_more_building_repays() -> None:
    program = instructions(logistic(1000))
    order = [fastest(program, 10**k) for k in range(8)]
    assert order == sorted(order, key=list(RATES).index)
    assert {order[0], order[-1]} == {"interpreted", "native"}
    assert fastest(instructions(dc.parse("gamma(x)")), 10) != "interpreted"


def test_of_the_core_alone_by_width() -> None:
    """Groups of alike instructions repay where there are many on a level; a chain has one."""
    wide = graph_of(lambda *x: tuple(sin(sin(u) * u) for u in x), *(f"x{k}" for k in range(1024)))
    for evaluations in (1, 10**3, 10**6):
        assert fastest(instructions(logistic(1000)), evaluations, native=False) == "python"
        assert fastest(instructions(wide), evaluations) in NATIVE
    assert fastest(instructions(wide), 10**6, native=False) == "levels"
