"""A hundred thousand nodes: built, differentiated, counted, compiled and run."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.measure.ledger import count
from tests.building import graph_of

WIDE, DEEP = 12_500, 34_000


def wide() -> Any:
    """Σ sin(xₖ)² over 50 numbers, each met 250 times under another factor."""

    def run(*x: Any) -> Any:
        terms = [dc.sin((k + 1) * u) for k in range(WIDE // 50) for u in x]
        terms = [t * t for t in terms]
        while len(terms) > 1:
            tail = terms[-1:] if len(terms) % 2 else []
            terms = [a + b for a, b in zip(terms[::2], terms[1::2], strict=False)] + tail
        return terms[0]

    return graph_of(run, *(f"x{k}" for k in range(50)))


def test_a_wide_graph() -> None:
    graph = wide()
    derivative = dc.differentiate(graph, "reverse")
    assert len(derivative.graph.ops) > 100_000
    assert count(graph).call == WIDE
    assert count(derivative.jacobian_graph).call == 2 * WIDE
    program = derivative.compile()
    assert program.backend == "levels"
    x = np.linspace(0.1, 0.9, 50)
    value, *gradient = program(*x)
    k = np.arange(1, WIDE // 50 + 1)
    assert value == pytest.approx(math.fsum((np.sin(np.outer(k, x)) ** 2).flat), rel=1e-12)
    true = [math.fsum(k * np.sin(2 * k * u)) for u in x]
    assert gradient == pytest.approx(true, rel=1e-9, abs=1e-9)


def test_a_deep_graph_is_written_in_parts() -> None:
    def run(x: Any) -> Any:
        for _ in range(DEEP):
            x = dc.sin(x)
        return x

    derivative = dc.differentiate(graph_of(run, "x"), "forward")
    assert len(derivative.graph.ops) > 100_000
    program = derivative.compile()
    assert program.backend == "python"
    assert "def part1(" in program.source
    x, slope = 1.0, 1.0
    for _ in range(DEEP):
        x, slope = math.sin(x), slope * math.cos(x)
    assert program(1.0) == pytest.approx((x, slope), rel=1e-9)
    assert [math.isnan(y) for y in program(math.inf)] == [True, True]  # math raises in a part
