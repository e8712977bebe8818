"""SymPy in a process of its own, with a memory limit and a kill timer.

What SymPy takes cannot be predicted from sizes alone, and its recursion needs a deep stack.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.graph.listing import from_listing, to_listing
from diffcompare.modes.bridge import Derived, derive

_STACK = 512 << 20


def over(need: str, got: str) -> DiffcompareError:
    """The refusal of a symbolic leg that is over its budget."""
    return DiffcompareError("limit", "the symbolic derivative", need=need, got=got)


def run(graph: Graph, wrt: Sequence[str], budget: Budget, simplify: bool = False) -> Derived:
    """SymPy's derivative, from a worker process; killed when the budget's time is over.

    The counts that the worker had finished by then are kept; with `simplify` that of the
    simplified derivative too.
    """
    order = {
        "listing": to_listing(graph), "wrt": list(wrt), "memory": int(budget.memory),
        "simplify": simplify,
    }  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = subprocess.Popen(
        [sys.executable, "-m", __name__],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env=environment, encoding="utf-8",
    )  # fmt: skip
    late = False
    try:
        answer, _ = process.communicate(json.dumps(order), timeout=budget.seconds)
    except subprocess.TimeoutExpired:
        late = True
        process.kill()
        answer, _ = process.communicate()
    finally:
        process.kill()
    lines = [json.loads(line) for line in answer.splitlines() if line.endswith("}")]
    if not lines:
        raise (
            over(f"at most {budget.seconds:g} s", "more")
            if late
            else over(
                f"at most {budget.memory / 2**30:.3g} GiB of memory and a bounded depth", "more"
            )
        )
    if "need" in lines[-1]:
        raise over(lines[-1]["need"], lines[-1]["got"])
    result = next(line["listing"] for line in lines if "listing" in line)
    return Derived(from_listing(result), lines[-1].get("sympy_ops", {}))


def main() -> None:
    """Answer one order from standard input, a JSON line for each stage."""
    order = json.load(sys.stdin)
    try:
        import resource  # noqa: PLC0415  not on every system

        resource.setrlimit(resource.RLIMIT_AS, (order["memory"] + _STACK,) * 2)
    except (ImportError, ValueError, OSError):
        pass
    sys.setrecursionlimit(10**6)
    threading.stack_size(_STACK)
    thread = threading.Thread(target=_answer, args=(order,))
    thread.start()
    thread.join()


def _answer(order: dict[str, object]) -> None:
    graph, wrt = from_listing(str(order["listing"])), order["wrt"]
    assert isinstance(wrt, list)
    told: Graph | None = None
    try:
        for stage in derive(graph, wrt, bool(order["simplify"])):
            line: dict[str, object] = {"sympy_ops": stage.sympy_ops}
            if told is None:
                told = stage.graph
                line["listing"] = to_listing(told)
            _say(line)
    except DiffcompareError as error:
        _say({"need": error.need, "got": error.got})


def _say(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
