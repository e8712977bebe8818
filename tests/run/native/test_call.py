"""Builtin functions of machine code: buffers, errors, and what they keep alive."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.run.instructions import instructions
from diffcompare.run.native.call import buffered, function
from diffcompare.run.native.ir import compiled
from tests.building import graph_of
from tests.run.native.example import swirl, wavy

pytest.importorskip("llvmlite", reason="the extra native is not installed")

BOTH = np.zeros(2)


def test_an_error_in_a_large_call_frees_its_room() -> None:
    names = [f"x{k}" for k in range(1000)]
    program = dc.compile(graph_of(lambda *x: sum(x), *names), "native")
    for _ in range(100):
        with pytest.raises(TypeError):
            program.function(*[1.0] * 999, None)
    assert program(*[1.0] * 1000) == (1000.0,)


@pytest.mark.parametrize("backend", ["python", "native", "interpreted"])
def test_a_buffered_call_reads_and_writes_its_arrays(backend: str) -> None:
    x, out = np.array([0.3, 2.0]), np.zeros(5)
    call = dc.compile(graph_of(swirl, "x", "y"), backend).buffered(x, out)
    assert call() is None
    assert out == pytest.approx(wavy(0.3, 2.0), rel=1e-14)
    x[:] = 2.0, 0.3
    call()
    assert out == pytest.approx(wavy(2.0, 0.3), rel=1e-14)


@pytest.mark.parametrize(
    ("x", "out", "text"),
    [
        ([1.0], np.zeros(1), "x needs to be an array of floats, got [1.0]"),
        (np.zeros(1, int), np.zeros(1), "x needs to be an array of floats, got dtype('int64')"),
        (np.zeros(2), np.zeros(1), "x needs shape (1,), contiguous and writeable, got shape (2,)"),
        (np.zeros(1), np.zeros((1, 1)), "out needs shape (1,)"),
        (np.zeros(1), np.broadcast_to(0.0, 1), "out needs shape (1,)"),
        (BOTH[:1], BOTH[:1], "needs x and out apart, got shared memory"),
    ],
)
def test_other_arrays_are_refused(x: Any, out: Any, text: str) -> None:
    program = dc.compile(dc.parse("x*x"), "native")
    with pytest.raises(dc.DiffcompareError) as caught:
        program.buffered(x, out)
    assert text in str(caught.value)


def test_machine_code_lives_as_long_as_the_function_that_runs_it() -> None:
    def made(k: int) -> Any:
        program = dc.compile(graph_of(lambda x: x * k + dc.gamma(x), "x"), "native")
        return program.function, program.buffered(np.array([3.0]), np.zeros(1)), program.batch

    kept = [made(k) for k in range(1, 20)]
    gc.collect()
    for k, (call, trigger, batch) in enumerate(kept, 1):
        trigger()
        assert call(3.0) == (3 * k + 2,)
        assert batch([3.0])[0] == [3 * k + 2]


def test_a_call_keeps_what_it_needs_and_no_longer_than_it_lives() -> None:
    kernel, _ = compiled(instructions(graph_of(lambda x: x + x, "x")))
    x, out = np.array([3.0]), np.zeros(1)
    call, trigger = function(kernel), buffered(kernel, x, out)
    machine_code, arrays = weakref.ref(kernel), [weakref.ref(x), weakref.ref(out)]
    del kernel, x, out
    gc.collect()
    assert call(3.0) == (6.0,)
    assert all(array() is not None for array in arrays)
    del trigger
    gc.collect()
    assert all(array() is None for array in arrays)
    assert machine_code() is not None
    del call
    gc.collect()
    assert machine_code() is None
