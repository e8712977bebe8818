"""Print the `[expect]` tables of cases: ``python -m gallery_truth NAME …`` in the folder `tests`."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

from . import TRUTH

GRAPHS = Path(__file__).parents[2] / "graphs"


def _number(x: Any) -> str:
    if isinstance(x, list):
        return f"[{', '.join(map(_number, x))}]"
    return repr(x).removesuffix(".0")


def main(names: list[str]) -> None:
    for name in names:
        point = tomllib.loads((GRAPHS / f"{name}.toml").read_text(encoding="utf-8"))["point"]
        value, jacobian, hessian = TRUTH[name]({label: float(x) for label, x in point.items()})
        print(f"[expect]\nvalue = {_number(value)}")
        if hessian:
            print(f"hessian = {_number(hessian)}")
        print("\n[expect.jacobian]")
        for label, column in jacobian.items():
            print(f"{label} = {_number(column)}")


if __name__ == "__main__":
    main(sys.argv[1:])
