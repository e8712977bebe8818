"""Elimination orders side by side: forward, reverse, Markowitz, published, and what we find.

    python benchmarks/elimination.py [--seconds 60] [--seed 0] [FILE or CASE ...]

Multiplications, those by ±1 included; of small graphs by the exact solver, of others by the search.
A file is an edge list, a case a name in `graphs/`; without any, the gallery's cases. These are our
own graphs of the named functions: sharing, and how a formula is written, give other vertices than
the published graphs have, so their numbers differ.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import diffcompare as dc
from diffcompare.modes.elimination.edge_list import read_edge_list as read
from diffcompare.modes.elimination.eliminate import Elimination, eliminate
from diffcompare.modes.elimination.linearise import linearise
from diffcompare.modes.elimination.linearised import Linearised

GALLERY = Path(__file__).resolve().parents[1] / "graphs"
CASES = (
    "roe_flux",
    "robot_arm",
    "heart_dipole",
    "propane_combustion",
    "lighthouse",
    "speelpenning",
)
PUBLISHED = {
    "RoeFlux_1d": 320, "RobotArm_6DOF": 231, "HumanHeartDipole": 148, "PropaneCombustion": 88, "g": 416,
}  # fmt: skip
"""By J. Lohoff, E. Neftci, AlphaGrad, NeurIPS 2024."""
HEAD = (
    "graph",
    "vertices",
    "forward",
    "reverse",
    "Markowitz",
    "published",
    "ours",
    "bound",
    "seconds",
    "moves",
)
ENDLESS = 10**12
SMALL = 20
"""Vertices up to which the exact solver is asked."""


def graph_of(source: str) -> Linearised:
    case = GALLERY / f"{source}.toml"
    return linearise(dc.read_case(case).graph()) if case.exists() else read(source)


def shown(moves: int, best: int, seconds: float) -> None:
    print(f"\r  {seconds:5.1f} s  {moves:,} moves  best {best:,}", end="", file=sys.stderr)


def row(source: str, seconds: float, seed: int) -> tuple[str, ...]:
    graph = graph_of(source)
    plain = [eliminate(graph, name).cost for name in ("forward", "reverse", "markowitz")]
    start = time.perf_counter()
    solver = "exact" if len(graph.inner) <= SMALL else "search"
    found: Elimination = eliminate(
        graph, solver, seconds=seconds, moves=ENDLESS, seed=seed,
        progress=shown if sys.stderr.isatty() else None,
    )  # fmt: skip
    took = time.perf_counter() - start
    name = Path(source).stem
    cells = (len(graph.inner), *plain, PUBLISHED.get(name, "–"), found.cost)
    bound = "optimal" if found.proved else str(found.lower_bound)
    return (name, *map(str, cells), bound, f"{took:.1f}", f"{found.moves:,}")


def table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(w) if k else cell.ljust(w)
            for k, (cell, w) in enumerate(zip(cells, widths, strict=True))
        )
        for cells in rows
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sources", nargs="*", default=CASES, metavar="FILE or CASE")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    rows = [row(source, given.seconds, given.seed) for source in given.sources]
    print(table([HEAD, *rows]))


if __name__ == "__main__":
    main()
