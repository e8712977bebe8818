"""Programs as data: runs of one kind, and what is refused."""

from __future__ import annotations

import pytest

import diffcompare as dc
from diffcompare.run.instructions import Instructions, instructions
from diffcompare.run.native.interpreter import encoded, interpreted
from tests.building import graph_of

pytest.importorskip("llvmlite", reason="the extra native is not installed")


def test_runs_hold_instructions_of_one_kind_that_read_what_is_before() -> None:
    program = instructions(
        graph_of(lambda x, y: (dc.sin(x) + dc.cos(y) * dc.sin(y), x * y), "x", "y")
    )
    runs, args, _ = encoded(program)
    assert runs[:, 1].sum() == len(program.names)
    assert len(runs) <= len(program.names)
    assert all(max(row) < program.first + turn for turn, row in enumerate(args.tolist()))


def test_the_interpreter_says_what_it_has_not() -> None:
    with pytest.raises(dc.DiffcompareError) as caught:
        dc.compile(dc.parse("gamma(x)"), "interpreted")
    assert str(caught.value) == (
        "the interpreted backend needs ops with an expression, got gamma; take native or python"
    )
    odd = Instructions(1, [], ["haversine"], [(0,)], {}, (1,))
    with pytest.raises(dc.DiffcompareError, match="got haversine"):
        interpreted(odd)
