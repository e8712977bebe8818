"""The collector held: by many at once, as it was before, after errors too."""

from __future__ import annotations

import gc
import threading

import pytest

import diffcompare as dc
from diffcompare.collector import held


def test_held_until_the_last_has_ended() -> None:
    with held():
        with held():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_held_by_several_threads() -> None:
    inside, leave, seen = threading.Event(), threading.Event(), list[bool]()

    def other() -> None:
        with held():
            inside.set()
            leave.wait()
        seen.append(gc.isenabled())

    thread = threading.Thread(target=other)
    thread.start()
    inside.wait()
    with held():
        pass
    assert not gc.isenabled()
    leave.set()
    thread.join()
    assert seen == [True]


def test_who_has_none_keeps_none() -> None:
    gc.disable()
    try:
        with held():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_an_error_lets_it_go() -> None:
    graph = dc.parse("x*y")
    with pytest.raises(dc.DiffcompareError):
        dc.differentiate(graph, "symbolic", budget=dc.Budget(symbolic_tree=1))
    assert gc.isenabled()


def _collections(terms: int) -> int:
    """How often it started while a gradient was built."""
    graph, started = dc.parse(" + ".join(f"sin(x + {k})" for k in range(terms))), list[str]()

    def count(phase: str, info: dict[str, int]) -> None:
        started.append(phase)

    gc.collect()
    gc.callbacks.append(count)
    try:
        dc.compile(dc.differentiate(graph, "reverse"), "python")
    finally:
        gc.callbacks.remove(count)
    return started.count("start")


def test_a_larger_graph_starts_it_no_more_often(monkeypatch: pytest.MonkeyPatch) -> None:
    _collections(10)  # what is imported on first use
    assert _collections(1000) <= 5  # at the end of what holds it
    monkeypatch.setattr(gc, "disable", lambda: None)
    assert _collections(1001) > 10
