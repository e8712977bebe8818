"""A function with every kind of instruction, and the same written with `math`."""

from __future__ import annotations

import math
from typing import Any

import diffcompare as dc


def swirl(x: Any, y: Any) -> Any:
    """Every kind of instruction, a test that is read far from where it is made."""
    below = dc.sigmoid(x) * dc.exp(-y) + x % y
    return dc.where(x > y, below, dc.sin(x) * dc.cos(x)), dc.max(x, y, below), x, 2.5, below


def wavy(x: float, y: float) -> tuple[float, ...]:
    """The same, written with `math`."""
    below = 1 / (1 + math.exp(-x)) * math.exp(-y) + x % y
    return below if x > y else math.sin(x) * math.cos(x), max(x, y, below), x, 2.5, below
