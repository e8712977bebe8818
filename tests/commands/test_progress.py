"""What a terminal shows while a command works: nothing in the first second, then one line."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from diffcompare import __main__
from diffcompare.commands import command, progress
from diffcompare.commands.command import Command, write
from diffcompare.commands.progress import working


class Terminal(io.StringIO):
    """A stream that says it is one."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    found = Terminal()
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=found))
    monkeypatch.setattr(progress, "_EVERY", 0.001)
    return found


def until(true: Callable[[], Any]) -> None:
    """Wait, ten seconds at most."""
    for _ in range(10_000):
        if true():
            return
        time.sleep(0.001)
    raise AssertionError("it never came")


def test_a_line_that_is_gone_at_the_end(terminal: Terminal, monkeypatch: Any) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    with working("decide"):
        until(lambda: "decide, 0 s" in terminal.getvalue())
        progress.progress("depth 3")
        until(lambda: "depth 3, 0 s" in terminal.getvalue())
    assert terminal.getvalue().endswith("\r\x1b[K")
    assert "\n" not in terminal.getvalue()


def test_text_is_written_where_no_line_stands(terminal: Terminal, monkeypatch: Any) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    monkeypatch.setattr(command, "sys", SimpleNamespace(stdout=terminal))
    with working("gallery"):
        until(lambda: "gallery" in terminal.getvalue())
        write("a row")
    assert "\x1b[Ka row\n" in terminal.getvalue()


def test_nothing_in_the_first_second(terminal: Terminal) -> None:
    with working("decide"):
        time.sleep(0.05)
    assert terminal.getvalue() == ""


def test_nothing_where_there_is_no_terminal(monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    assert __main__.main(["checkpoints", "4*x*(1 - x)", "--times", "20"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("slow", __main__.COMMANDS, ids=lambda slow: slow.name)
def test_every_command_shows_it(terminal: Terminal, monkeypatch: Any, slow: Command) -> None:
    """By its name, as soon as it takes long; here from the start."""
    monkeypatch.setattr(progress, "PATIENCE", 0.0)

    def run(_: Any) -> int:
        until(lambda: f"{slow.name}, 0 s" in terminal.getvalue())
        return 0

    monkeypatch.setattr(__main__, "COMMANDS", (slow._replace(run=run),))
    assert __main__.main([slow.name, *([] if slow.name == "gallery" else ["x*y"])]) == 0
