"""Work shared among threads: every part once, in order, with NumPy's error state, and its errors."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from diffcompare import threads
from diffcompare.threads import parts, share


@pytest.fixture(autouse=True)
def four(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(threads, "processors", lambda: 4)
    threads._threads.cache_clear()
    yield
    threads._threads().shutdown()
    threads._threads.cache_clear()


@pytest.mark.parametrize(
    ("length", "least", "count"), [(0, 1, 1), (3, 1, 3), (100, 30, 3), (100, 1, 4), (9, 0, 4)]
)
def test_parts_cover_the_length_once(length: int, least: int, count: int) -> None:
    found = parts(length, least)
    assert len(found) == count
    assert [k for run in found for k in range(length)[run]] == list(range(length))
    assert all(run.stop - run.start >= min(least, length) for run in found)


def test_the_work_is_done_at_once_and_its_results_are_in_order() -> None:
    met = threading.Barrier(4, timeout=10)  # passes only when four threads wait at it

    def work(run: slice) -> int:
        met.wait()
        return run.start

    assert share(work, parts(8, 1)) == [0, 2, 4, 6]


def test_the_error_state_of_numpy_goes_along() -> None:
    zeros = np.zeros(8)
    with np.errstate(all="ignore"):
        found = share(lambda run: zeros[run] / zeros[run], parts(8, 1))
    assert np.isnan(found).all()
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        share(lambda run: zeros[run] / zeros[run], parts(8, 1))


@pytest.mark.parametrize("bad", range(4))
def test_what_fails_fails_after_the_others_have_ended(bad: int) -> None:
    ended = []

    def work(run: slice) -> None:
        if run.start == bad:
            raise ValueError(bad)
        ended.append(run.start)

    with pytest.raises(ValueError, match=str(bad)):
        share(work, parts(4, 1))
    assert sorted(ended) == [k for k in range(4) if k != bad]


def test_shares_of_a_share_stay_in_its_thread() -> None:
    def inner(_: slice) -> str:
        return threading.current_thread().name

    names = share(lambda _: {*share(inner, parts(8, 1))}, parts(8, 1))
    assert all(len(name) == 1 for name in names)


def test_no_more_threads_than_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    threads.processors.cache_clear()
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert threads.processors() == 1
    assert parts(100, 1) == [slice(0, 100)]
    monkeypatch.setenv("OMP_NUM_THREADS", "many")
    threads.processors.cache_clear()
    assert threads.processors() >= 1
    monkeypatch.undo()
    threads.processors.cache_clear()
