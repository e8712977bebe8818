"""A long straight-line function as several, so that no one is too long for Python's compiler."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

PART: Final = 5000
"""The most lines that a function is written in."""
_NAME: Final = re.compile(r"\b[tv]\d+\b")


def in_parts(
    lines: Sequence[str], results: Sequence[str], inputs: str, size: int = PART
) -> tuple[list[str], list[str]]:
    """Functions that take assignments `v… = …` or `t… = …` in turns, and the lines that call them.

    What is read later is handed on in a list r. The last lines give the values in `results` their
    names again.

    Examples
    --------
    >>> functions, calls = in_parts(["v1 = x0 + 1.0", "v2 = v1 * v1", "v3 = v2 - v1"], ["v3"], "x0", 2)
    >>> print(*functions, *calls, sep="\\n")
    def part0(r, x0):
        v1 = x0 + 1.0
        v2 = v1 * v1
        r[0] = v1
        r[1] = v2
    def part1(r, x0):
        v2 = r[1]
        v1 = r[0]
        v3 = v2 - v1
        r[2] = v3
    r = [0.0] * 3
    part0(r, x0)
    part1(r, x0)
    v3 = r[2]
    """
    parts = [lines[start : start + size] for start in range(0, len(lines), size)]
    read = [_NAME.findall("\n".join(text)) for text in (*parts, results)]
    last = {name: number for number, names in enumerate(read) for name in names}
    slots: dict[str, int] = {}
    functions, calls = [], []
    for number, part in enumerate(parts):
        text = [f"def part{number}(r, {inputs}):"]
        before = [name for name in dict.fromkeys(read[number]) if name in slots]
        text += [f"{name} = r[{slots[name]}]" for name in before]
        text += part
        for name in dict.fromkeys([line.split(" ", 1)[0] for line in part]):
            if last[name] > number:
                slots.setdefault(name, len(slots))
                text.append(f"r[{slots[name]}] = {name}")
        functions.append("\n    ".join(text))
        calls.append(f"part{number}(r, {inputs})")
    named = [f"{name} = r[{slots[name]}]" for name in dict.fromkeys(read[-1])]
    return functions, [f"r = [0.0] * {len(slots)}", *calls, *named]
