"""`decide` over the whole gallery: what it chose, predicted and measured, and its regret.

    python benchmarks/decisions.py [--json FILE] [NAME ...]

Without a calibration the choice is in operations, and its operation regret must be 0: the command
fails where it is not. `--calibrate` measures seconds per operation first; then the choice is in
seconds.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

import diffcompare as dc


def main() -> int:
    """Print the table; 1 where a regret in operations is not 0."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--calibrate", action="store_true")
    parser.add_argument("--evaluations", type=int, default=100_000)
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    prices = dc.calibrate() if options.calibrate else False
    head = f"{'case':24} {'choice':21} {'operations':>13} {'measured':>10} {'best by time':21}"
    print(f"{head} {'regret':>8} {'in ops':>7}")
    records: list[dict[str, Any]] = []
    for case in dc.read_gallery():
        if options.names and case.name not in options.names:
            continue
        found = dc.decide(case, case.point, wrt=case.wrt, evaluations=options.evaluations,
                          calibrated=prices)  # fmt: skip
        records.append({"case": case.name, **json.loads(dc.decision_json(found))})
        print(_line(case.name, found), flush=True)
    if options.json:
        dc.write_atomic(options.json, json.dumps(records, indent=2) + "\n")
    regrets = [r["operation_regret"] for r in records]
    print(f"{len(records)} cases; operation regret 0 in {regrets.count(0)}")
    return 0 if prices or not any(regrets) else 1


def _line(name: str, found: Any) -> str:
    measured = {o.name: o.measured.seconds for o in found.options if o.measured}
    best = min(measured, key=measured.__getitem__, default="–")
    choice = found.choice
    operations = choice.operations.total if choice.operations else 0
    time = f"{measured[choice.name]:.2e}" if choice.name in measured else "–"
    regret = "–" if found.regret is None else f"{found.regret:.2f}"
    in_operations = "–" if found.operation_regret is None else f"{found.operation_regret:.2f}"
    return (
        f"{name:24} {choice.name:21} {operations:13,} {time:>10} {best:21} {regret:>8}"
        f" {in_operations:>7}"
    )


if __name__ == "__main__":
    sys.exit(main())
