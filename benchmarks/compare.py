"""Our programs and every installed peer on the same graphs, in one run.

    python -m benchmarks.compare [--quick] [--only large,trace] [--json FILE] [--markdown FILE]

Each system works in a process of its own on the same cores. All results agree before anything is
timed; times are medians of rounds in which every system has its turn.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.comparison import Effort, Figures, Row, compared, installed
from benchmarks.peers import SYSTEMS
from benchmarks.table import markdown, summary, text
from benchmarks.tasks import GROUPS, TASKS, Task
from benchmarks.where import machine, versions
from diffcompare.files import write_atomic

FULL, QUICK = Effort(9, 0.2, 60.0), Effort(3, 0.02, 10.0)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tasks asked for, and write what was found."""
    given = _arguments().parse_args(argv)
    pythons = dict(pair.split("=", 1) for pair in given.python)
    tasks = _chosen(given.only)
    wanted = given.systems.split(",") if given.systems else list(SYSTEMS)
    for name in wanted:
        if name not in SYSTEMS:
            raise SystemExit(f"no system {name!r}; there are {', '.join(SYSTEMS)}")
    asked = {name: getattr(given, name) for name in ("rounds", "seconds", "limit")}
    effort = replace(QUICK if given.quick else FULL, **{k: v for k, v in asked.items() if v})
    systems = installed(wanted, pythons)
    where = machine(given.threads, effort)
    print("\n".join(f"{name}: {value}" for name, value in where.items()), flush=True)
    rows: list[Row] = []
    slow: dict[tuple[str, str], Figures] = {}
    for task in tasks:
        able = [name for name in systems if (name, task.family) not in slow]
        rows.append(row := compared(task, able, effort, given.threads, pythons))
        given_up = {name: f for name, f in row.figures.items() if f.over and task.family}
        row.figures |= {n: f for (n, family), f in slow.items() if family == task.family}
        slow |= {(name, task.family): f for name, f in given_up.items()}
        print("\n" + text(row), flush=True)
    where["versions"] = versions(rows)
    print(f"\n{summary(rows)}\nversions: {where['versions']}")
    if given.json:
        report = {"machine": where, "tasks": [row.to_dict() for row in rows]}
        write_atomic(Path(given.json), json.dumps(report, indent=1) + "\n")
    if given.markdown:
        write_atomic(Path(given.markdown), markdown(rows, where))
    return 0


def _chosen(only: str) -> list[Task]:
    """Tasks by group or key."""
    names = only.split(",") if only else list(GROUPS)
    for name in names:
        if name not in GROUPS and name not in TASKS:
            raise SystemExit(f"no task {name!r}; there are {', '.join([*GROUPS, *TASKS])}")
    return [task for task in TASKS.values() if task.group in names or task.key in names]


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.compare", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument("--only", default="", help=f"of {','.join(GROUPS)}, or keys of tasks")
    parser.add_argument("--systems", default="", help="names of columns, by commas")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, help="of all systems in turn")
    parser.add_argument("--seconds", type=float, help="of each system's turn")
    parser.add_argument("--limit", type=float, help="seconds that a system may build")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--markdown", metavar="FILE")
    parser.add_argument("--python", metavar="SYSTEM=EXECUTABLE", action="append", default=[],
                        help="another interpreter for a system, as PyTensor=/usr/bin/python3")  # fmt: skip
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
