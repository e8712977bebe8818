"""Vectors of points: every length, every make of column, functions of vectors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import diffcompare as dc
from diffcompare import threads
from diffcompare.run.instructions import instructions
from diffcompare.run.native import batch, engine
from diffcompare.run.native.batch import NativeBatch
from tests.building import graph_of
from tests.run.native.example import swirl, wavy

pytest.importorskip("llvmlite", reason="the extra native is not installed")

LANES = engine.machine().lanes


@pytest.mark.parametrize("name", ["exp", "log", "sin", "cos", "tan", "sqrt", "tanh", "erf", "cbrt"])
def test_functions_of_vectors_at_the_ends_of_the_line(name: str) -> None:
    """Subnormal, huge and signed: what mpmath says, to 4 ulp, as libmvec promises."""
    ends = (5e-324, 1e-310, 2.3e-308, 1e-20, 0.5, 709.7, 709.8, -708.4, -744.0, 1e22, 1.7e308)
    at = np.array([*ends, *(-x for x in ends), math.inf, -math.inf, math.nan, 0.0, -0.0])
    graph = graph_of(getattr(dc, name), "x")
    with np.errstate(all="ignore"):
        true = np.array([graph.ops[-1].value(np.float64(x)) for x in at], dtype=float)
    found = dc.compile(graph, "native").batch(at)[0]
    np.testing.assert_array_equal(np.isnan(found), np.isnan(true))
    np.testing.assert_array_equal(
        np.signbit(found)[~np.isnan(true)], np.signbit(true)[~np.isnan(true)]
    )
    np.testing.assert_array_max_ulp(found[~np.isnan(true)], true[~np.isnan(true)], 5)


@pytest.mark.parametrize("size", [0, 1, 3, LANES - 1, LANES, LANES + 1, 2 * LANES, 1000, 1003])
def test_batches_of_every_size(size: int) -> None:
    program = dc.compile(graph_of(swirl, "x", "y"), "native")
    rng = np.random.default_rng(size)
    x, y = rng.uniform(-3, 3, size), rng.uniform(0.5, 3, size)
    found = program.batch(x, y)
    assert [column.shape for column in found] == [(size,)] * 5
    for row in range(size):
        want = wavy(x[row], y[row])
        assert [column[row] for column in found] == pytest.approx(want, rel=1e-13)


@pytest.mark.parametrize(
    "size", [1, LANES + 1, 4 * LANES - 1, 4 * LANES, 4 * LANES + 3, 1000, 1003]
)
def test_threads_change_no_bit(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A share for each thread, of as little as one vector."""
    program = NativeBatch(instructions(graph_of(swirl, "x", "y")))
    rng = np.random.default_rng(size)
    x, y = rng.uniform(-3, 3, size), rng.uniform(-3, 3, size)
    x[::5], y[1::7], x[2::11] = np.inf, np.nan, -0.0
    alone = program(x, y)
    monkeypatch.setattr(threads, "processors", lambda: 4)
    monkeypatch.setattr(batch, "_SHARE", 0)
    room = max(size, LANES)
    runs = program._shares(room)
    assert len(runs) == min(4, room // LANES)
    assert [k for run in runs for k in range(room)[run]] == list(range(room))
    for found, want in zip(program(x, y), alone, strict=True):
        np.testing.assert_array_equal(found, want)
        np.testing.assert_array_equal(np.signbit(found), np.signbit(want))


def test_columns_of_every_make() -> None:
    program = dc.compile(graph_of(lambda x, y: x - 2 * y, "x", "y"), "native")
    x = np.arange(40.0)
    for column in (x[::2], x[::-2], x[:20].astype(int), x[:20].tolist(), x[:20].astype(np.float32),
                   np.broadcast_to(3.0, 20), x[:20].astype(">f8")):  # fmt: skip
        np.testing.assert_array_equal(program.batch(column, 1)[0], np.asarray(column, float) - 2)
    np.testing.assert_array_equal(program.batch(1, x)[0], 1 - 2 * x)
    grid = x.reshape(5, 8).T
    np.testing.assert_array_equal(program.batch(grid, 1.5)[0], grid - 3)
    np.testing.assert_array_equal(program.batch(x[:, None], x)[0], x[:, None] - 2 * x)
    assert program.batch(7.0, 1.0)[0].shape == ()


def test_without_libmvec_functions_are_called_lane_by_lane(monkeypatch: Any) -> None:
    here = engine.machine()
    plain = engine.Machine(here.name, here.features, here.lanes, "")
    monkeypatch.setattr("diffcompare.run.native.functions.machine", lambda: plain)
    program = instructions(graph_of(lambda x, y: dc.sin(x) + dc.atan2(x, y) + dc.tanh(y), "x", "y"))
    x, y = np.linspace(-3, 3, 50), np.linspace(5, 7, 50)
    true = [math.sin(a) + math.atan2(a, b) + math.tanh(b) for a, b in zip(x, y, strict=True)]
    np.testing.assert_allclose(NativeBatch(program)(x, y)[0], true, rtol=1e-14)
