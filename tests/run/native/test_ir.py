"""Chunks of every size, and the slots between them."""

from __future__ import annotations

import numpy as np
import pytest

from diffcompare.run.instructions import TESTS, instructions
from diffcompare.run.native.batch import NativeBatch
from diffcompare.run.native.call import function
from diffcompare.run.native.ir import compiled
from tests.building import graph_of, logistic
from tests.run.native.example import swirl, wavy

pytest.importorskip("llvmlite", reason="the extra native is not installed")


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 500])
def test_chunks_of_every_size(chunk: int) -> None:
    program = instructions(graph_of(swirl, "x", "y"))
    assert TESTS & {*program.names}
    kernel, text = compiled(program, chunk)
    assert text.count("define internal void @chunk") == -(-len(program.names) // chunk)
    call, batch = function(kernel), NativeBatch(program, chunk)
    points = [(0.3, 2.0), (2.0, 0.3), (-1.5, 0.7), (1.0, -3.0)]
    columns = batch(*np.array(points * 5).T)
    for place, x in enumerate(points):
        assert call(*x) == pytest.approx(wavy(*x), rel=1e-14)
        assert [column[place] for column in columns] == pytest.approx(wavy(*x), rel=1e-14)


def test_slots_are_used_again() -> None:
    kernel, _ = compiled(instructions(logistic(2000)), 10)
    assert kernel.slots < 10
