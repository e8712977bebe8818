"""Programs as data: runs of one kind, each instruction after what it reads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.run.instructions import instructions
from diffcompare.run.native.runs import CODES, encoded
from tests.building import graph_of, logistic
from tests.run.native.example import swirl


def _mixed(x: Any, y: Any) -> Any:
    return dc.sin(x) + dc.cos(y) * dc.sin(y), x * y, x * x, 2 * dc.sin(x * y)


@pytest.mark.parametrize(
    "graph", [graph_of(_mixed, "x", "y"), graph_of(swirl, "x", "y"), logistic(50)]
)
def test_each_instruction_is_there_once_after_what_it_reads(graph: Any) -> None:
    program = instructions(graph)
    first, data = program.first, encoded(program)
    codes = np.repeat(data.runs[:, 0], data.runs[:, 1])
    assert sorted(data.place) == list(range(first + len(program.names)))
    for turn, (name, args) in enumerate(zip(program.names, program.args, strict=True)):
        went = data.place[first + turn] - first
        read = [*data.place[list(args)], data.place[args[-1]], data.place[args[-1]]][:3]
        assert codes[went] == CODES[name]
        assert data.args[went].tolist() == read
        assert max(read) < first + went
    assert (np.diff(data.runs[:, 0]) != 0).all()


def test_a_run_goes_on_with_what_it_makes_ready() -> None:
    program = instructions(graph_of(lambda x, y: dc.exp(dc.exp(x)) * y * y * y, "x", "y"))
    assert encoded(program).source.splitlines() == ["2 exp", "3 mul"]


def test_nothing_is_no_run() -> None:
    data = encoded(instructions(dc.parse("x, y, 5")))
    assert data.source == ""
    assert data.args.shape == (0, 3)
