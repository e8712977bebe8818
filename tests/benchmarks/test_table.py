"""What the benchmark prints for a README, and that the README has it."""

from __future__ import annotations

from pathlib import Path

from benchmarks.comparison import Figures, Row
from benchmarks.table import brief
from benchmarks.tasks import Goal, Task, formula

ROOT = Path(__file__).resolve().parents[2]
FAST, BUILD = Goal(("python",), 1.0, ("SymPy",)), Goal(("python",), 2.0, ("JAX jit",), "build")


def row(key: str, ours: float | None, theirs: float, family: str = "random") -> Row:
    task = Task(key, f"the {key}", "large", "gradient", lambda: formula("x"), (FAST, BUILD), family)
    figures = {"python": Figures(build=3.0, evaluation=ours), "SymPy": Figures(evaluation=theirs)}
    return Row(task, 1, {**figures, "JAX jit": Figures(build=1.0)})


def test_alike_rows_are_one_line() -> None:
    found = brief([row("a", 1.0, 2.0), row("b", 3.0, 2.0), row("c", None, 2.0, family="")])
    assert found[2:] == [
        "| gradients of random graphs, 1 000, 10 000 and 100 000 operations | evaluation ≤ 1× SymPy "
        "| 0.500×, 1.50× (python : SymPy) | yes, no by 1.50× |",
        "|  | build ≤ 2× JAX jit | 3.00×, 3.00× (python : JAX jit) | no by 1.50× |",
        "| the c | evaluation ≤ 1× SymPy | – | not measured |",
        "|  | build ≤ 2× JAX jit | 3.00× (python : JAX jit) | no by 1.50× |",
    ]


def test_many_are_a_range() -> None:
    rows = [
        row(key, value, 1.0) for key, value in zip("abcd", (0.5, 0.25, 2.0, 0.125), strict=True)
    ]
    assert "| 0.125 … 2.00× (python : SymPy) | yes, yes, no by 2.00×, yes |" in brief(rows)[2]


def test_the_readme_has_the_table_of_the_last_run() -> None:
    lines = (ROOT / "benchmarks/results/peers.md").read_text().splitlines()
    table = lines[2 : lines.index("", 2)]
    assert table[0].startswith("| work | goal")
    readme = (ROOT / "README.md").read_text()
    assert "\n".join(table) in readme
