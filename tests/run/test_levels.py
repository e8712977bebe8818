"""Groups of alike instructions: each after what it reads, few where a graph is wide."""

from __future__ import annotations

import math
import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given

import diffcompare as dc
from diffcompare.graph.graph import Graph
from diffcompare.run.instructions import instructions
from diffcompare.run.levels import LARGE, groups, is_wide
from tests.building import graph_of, logistic
from tests.strategies import samples


def row(n: int, depth: int) -> Graph:
    """n numbers, each put `depth` times through u → sin u, then added by twos."""

    def run(*x: Any) -> Any:
        for _ in range(depth):
            x = tuple(dc.sin(u) for u in x)
        while len(x) > 1:
            x = tuple(a + b for a, b in zip(x[::2], x[1::2], strict=True))
        return x[0]

    return graph_of(run, *(f"x{k}" for k in range(n)))


@given(samples())
def test_each_instruction_is_in_one_group_after_what_it_reads(sample: Any) -> None:
    program = instructions(sample.graph)
    done = set(range(program.first))
    for (name, reads, op), members in groups(program):
        for member in members:
            assert (program.names[member], len(program.args[member])) == (name, reads)
            assert program.calls.get(member) is op
            assert done.issuperset(program.args[member])
        done.update(program.first + member for member in members)
    assert len(done) == program.first + len(program.names)


def test_a_row_takes_a_group_for_each_level() -> None:
    assert [len(g.members) for g in groups(instructions(row(64, 3)))] == [
        64, 64, 64, 32, 16, 8, 4, 2, 1,
    ]  # fmt: skip


def test_the_longest_path_goes_first_and_its_kind_along() -> None:
    def run(x: Any, y: Any) -> Any:
        long = dc.sin(dc.exp(dc.sin(x)))
        return long + dc.exp(dc.sin(y))

    found = groups(instructions(graph_of(run, "x", "y")))
    assert [(g.kind[0], len(g.members)) for g in found] == [
        ("sin", 2), ("exp", 2), ("sin", 1), ("add", 1),
    ]  # fmt: skip


def test_width_decides() -> None:
    assert is_wide(row(1024, 1))
    assert not is_wide(logistic(LARGE))
    assert not is_wide(row(64, 2))  # wide, but small
    assert dc.compile(row(1024, 1)).backend == "levels"
    assert dc.compile(logistic(LARGE)).backend == "python"


def test_values_of_a_row() -> None:
    graph = row(1024, 2)
    x = np.linspace(-3, 3, 1024)
    want = math.fsum(math.sin(math.sin(u)) for u in x)
    assert dc.compile(graph)(*x)[0] == pytest.approx(want, abs=1e-12)


def test_threads_call_it_at_once() -> None:
    program = dc.compile(row(1024, 2), "levels")
    points = [np.full(1024, float(k)) for k in range(4)]
    true = [1024 * math.sin(math.sin(float(k))) for k in range(4)]
    wrong: list[float] = []

    def call(x: np.ndarray, want: float) -> None:
        wrong.extend(y for y in (program(*x)[0] for _ in range(50)) if not math.isclose(y, want))

    calls = list(zip(points[1:], true[1:], strict=True))
    threads = [threading.Thread(target=call, args=args) for args in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_what_is_run_is_written_out() -> None:
    assert dc.compile(dc.parse("sin(x)*cos(x)"), "levels").source == (
        "r[1:2] = sin(r[…])\nr[2:3] = cos(r[…])\nr[3:4] = mul(r[…], r[…])"
    )
