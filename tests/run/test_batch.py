"""NumPy over many points: every length, every make of column, any number of threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import diffcompare as dc
from diffcompare import threads
from diffcompare.ops.special import Polygamma
from diffcompare.run import batch
from diffcompare.run.batch import Batch
from diffcompare.run.columns import LINE, aligned
from diffcompare.run.instructions import instructions
from tests.building import graph_of
from tests.run.native.example import swirl, wavy


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four threads, from twenty points on, by blocks of at most eight."""
    monkeypatch.setattr(threads, "processors", lambda: 4)
    monkeypatch.setattr(batch, "_SHARE", 5)
    monkeypatch.setattr(batch, "_RESULTS", 0)
    monkeypatch.setattr(batch, "_LONG", 8)


def alone(program: Batch, monkeypatch: pytest.MonkeyPatch, *columns: Any) -> tuple[np.ndarray, ...]:
    """What the program gives where there is one processor."""
    with monkeypatch.context() as patch:
        patch.setattr(threads, "processors", lambda: 1)
        return program(*columns)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("size", [0, 1, 4, 5, 9, 10, 11, 20, 31, 32, 33, 100, 1003])
def test_every_size_by_four_threads(size: int) -> None:
    program = Batch(instructions(graph_of(swirl, "x", "y")))
    assert len(program._shares(size)[0]) == max(1, min(4, size // 5))
    rng = np.random.default_rng(size)
    x, y = rng.uniform(-3, 3, size), rng.uniform(0.5, 3, size)
    found = program(x, y)
    assert [column.shape for column in found] == [(size,)] * 5
    for row in range(size):
        assert [column[row] for column in found] == pytest.approx(wavy(x[row], y[row]), rel=1e-13)


@pytest.mark.parametrize("size", [39_999, 40_000, 100_003])
def test_threads_change_no_bit(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "processors", lambda: 3)
    source = "exp(x)*log(y) + sqrt(x*y) + tanh(x - y) + sin(x*y) + where(x < y, cbrt(x), erf(y)/x)"
    program = Batch(instructions(dc.differentiate(dc.parse(source), "reverse").joint_graph))
    rng = np.random.default_rng(size)
    x, y = rng.uniform(0.5, 2, size), rng.uniform(0.5, 2, size)
    x[::1000], y[500::1000], x[700::1000] = np.inf, np.nan, -0.0
    shared = len(program._shares(size)[0]) > 1
    assert shared == (size >= 40_000)
    for found, want in zip(program(x, y), alone(program, monkeypatch, x, y), strict=True):
        np.testing.assert_array_equal(found, want)
        np.testing.assert_array_equal(np.signbit(found), np.signbit(want))


@pytest.mark.usefixtures("small")
def test_columns_of_every_make() -> None:
    program = Batch(instructions(graph_of(lambda x, y: x - 2 * y, "x", "y")))
    x = np.arange(80.0)
    for column in (x[::2], x[::-2], x[:40].astype(int), x[:40].tolist(), x[:40].astype(np.float32),
                   np.broadcast_to(3.0, 40), x[:40].astype(">f8")):  # fmt: skip
        np.testing.assert_array_equal(program(column, 1)[0], np.asarray(column, float) - 2)
    grid = x.reshape(8, 10).T
    np.testing.assert_array_equal(program(grid, 1.5)[0], grid - 3)
    np.testing.assert_array_equal(program(x[:, None], x)[0], x[:, None] - 2 * x)
    assert program(7.0, 1.0)[0].shape == ()


@pytest.mark.usefixtures("small")
def test_an_op_without_an_expression_is_called_in_one_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    used = set()
    value = Polygamma.value

    def watched(op: Polygamma, x: Any) -> Any:
        used.add(threading.get_ident())
        return value(op, x)

    monkeypatch.setattr(Polygamma, "value", watched)
    program = Batch(instructions(graph_of(lambda x: Polygamma(0)(x) + 1 / x, "x")))
    x = np.linspace(1, 2, 100)
    after = program(x + 1)[0] - 1 / (x + 1)  # ψ(x + 1) = ψ(x) + 1/x
    np.testing.assert_allclose(program(x)[0], after, rtol=1e-13, atol=1e-15)
    assert used == {threading.get_ident()}


@pytest.mark.usefixtures("small")
def test_callers_may_come_at_once() -> None:
    program = Batch(instructions(graph_of(swirl, "x", "y")))
    x, y = np.linspace(-3, 3, 200), np.linspace(0.5, 3, 200)
    want = program(x, y)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: program(x, y), range(40)):
            np.testing.assert_array_equal(found, want)


def test_the_registers_of_many_results_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two thousand results alive at once: one thread, and blocks that shrink."""

    def many(x: Any) -> Any:
        powers = [x]
        for k in range(2000):
            powers.append(dc.sin(powers[-1] + k))
        return tuple(powers)

    program = Batch(instructions(graph_of(many, "x")))
    (run,), block = program._shares(10**6)
    assert run == slice(0, 10**6)
    assert 8 * block * (program.plan.floats + 1) <= batch.CACHE or block == batch._LEAST
    monkeypatch.setattr(threads, "processors", lambda: 64)
    few = Batch(instructions(graph_of(lambda x: dc.sin(x) + x, "x")))
    runs, block = few._shares(10**7)
    assert len(runs) == batch._THREADS
    assert 8 * block * (few.plan.floats + 1) <= batch.SCRATCH


@pytest.mark.parametrize(("count", "length"), [(0, 5), (3, 0), (1, 1), (4, 7), (4, 8), (4, 9)])
def test_aligned_rows(count: int, length: int) -> None:
    rows = aligned(count, length)
    assert rows.shape == (count, length)
    assert all(row.ctypes.data % LINE == 0 for row in rows if length)
    rows[:] = np.arange(count)[:, None]
    assert [row.tolist() for row in rows] == [[float(k)] * length for k in range(count)]
