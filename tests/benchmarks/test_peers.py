"""Every installed peer, given our graphs, finds our values and derivatives; the harness tells them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import diffcompare as dc
from benchmarks import compare
from benchmarks.comparison import TOLERANCE, Figures, Row, disagreement
from benchmarks.peers import PEERS, SYSTEMS
from benchmarks.table import markdown, text
from benchmarks.tasks import TASKS, Goal, Task, formula
from benchmarks.worker import AbsentError, Worker

LIMIT = 120.0


def by_walking(task: Task) -> list[np.ndarray]:
    """Values and derivatives by the sweeps themselves, without any program."""
    subject = task.make()
    at = dict(zip(subject.graph.inputs, subject.point, strict=True))
    found = dc.differentiate(subject.graph, "reverse", subject.wrt).at(at)
    return [np.ravel(x) for x in (*found.value, *found.matrix.T)]


def asked(worker: Worker, key: str, kind: str) -> list[np.ndarray]:
    results: list[np.ndarray] = worker.ask(("build", key, kind), LIMIT)["results"]
    return results


@pytest.mark.parametrize("name", PEERS)
def test_a_peer_finds_our_derivatives(name: str) -> None:
    if SYSTEMS[name].installed is None:
        pytest.skip(f"{SYSTEMS[name].package} is a peer, and optional")
    with Worker(name, threads=1) as worker:
        worker.ask(("start",), LIMIT)
        for key in ("trace", "logistic"):
            found = asked(worker, key, "gradient")
            assert disagreement(found, by_walking(TASKS[key])) <= TOLERANCE
            assert asked(worker, key, "value")[0] == pytest.approx(found[0], rel=TOLERANCE)
        try:
            found = asked(worker, "dense100", "jacobian")
        except AbsentError:
            return
        subject = TASKS["dense100"].make()
        a, x = (subject.point[list(subject.graph.inputs).index(n)] for n in ("A", "x"))
        true = [np.ravel(a / np.cosh(a @ x) ** 2)]  # ∂ tanh(A x)/∂x = diag(1/cosh²(A x)) A
        assert disagreement(found, true) <= TOLERANCE


def test_results_agree_by_the_largest_of_their_size() -> None:
    true = [np.array([1.0]), np.array([1e-3, 2.0])]
    assert disagreement(true, true) == 0.0
    assert disagreement([true[0], np.array([1e-3, 2.0 + 1e-11])], true) > TOLERANCE
    assert disagreement([true[0], np.array([np.nan, 2.0])], true) == np.inf
    assert disagreement(true[:1], true) == np.inf


def test_the_command_times_what_agrees_and_writes_it_down(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [tmp_path / "found.json", tmp_path / "found.md"]
    compare.main(["--quick", "--only", "trace", "--systems", "python,SymPy",
                  "--json", str(files[0]), "--markdown", str(files[1])])  # fmt: skip
    out = capsys.readouterr().out
    assert "evaluation ≤ 1× SymPy or SymPy cse" in out
    assert all(len(line) <= 100 for line in out.splitlines())
    report: dict[str, Any] = json.loads(files[0].read_text())
    (task,) = report["tasks"]
    assert list(task["systems"]) == ["python", "SymPy"]
    for figures in task["systems"].values():
        assert figures["evaluation"] > 0 and figures["error"] <= TOLERANCE
    assert {"date", "processor", "versions"} <= set(report["machine"])
    lines = files[1].read_text().splitlines()
    assert lines[2] == "| work | goal | measured | reached |"
    assert "| one evaluation | python | SymPy |" in lines


def test_goals_are_ratios_of_what_was_measured() -> None:
    goal = Goal(("python", "levels"), 2.0, ("SymPy", "JAX jit"))
    build = Goal(("python",), 0.1, ("JAX jit",), "build")
    task = Task("t", "a task", "scalar", "gradient", lambda: formula("x*x"), (goal, build))
    row = Row(task, 1)
    row.figures = {
        "python": Figures(build=1.0, evaluation=3.0, value=2.0),
        "SymPy": Figures(build=4.0, evaluation=1.0),
        "JAX jit": Figures(lost="over 60 s", over=60.0),
    }
    assert row.outcome(goal) == ("python", "SymPy", 3.0)
    assert row.figures["python"].slope == 1.5
    assert "3.00× (python : SymPy), missed by 1.50×" in text(row)
    assert "< 0.0167× (python : JAX jit), reached" in text(row)  # 1 s of more than 60 s
    assert "| over 60 s to build |" in markdown([row], {"date": "today"})
