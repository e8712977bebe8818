"""Derivatives by differences in 80 digits: no parser, no mode, no rule of the project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import mpmath

mp = mpmath.MPContext()  # a context of our own: mpmath's global precision stays as it is
mp.dps = 80

STEP = mp.mpf(10) ** -20  # truncation about 1e-40, rounding about 1e-60 and, twice, 1e-40


class Truth(NamedTuple):
    """What must come out: one number or one for each output, as float64 rounds them."""

    value: Any
    jacobian: dict[str, Any]
    hessian: list[list[float]] | None = None


TRUTH: dict[str, Callable[[Mapping[str, float]], Truth]] = {}
"""For each case by name: its truth at a point."""


def truth(f: Callable[..., Any]) -> Callable[..., Any]:
    """Enter a function of the case's inputs, in mpmath, returning one number or a list."""
    TRUTH[f.__name__] = lambda point: differentiated(f, point)
    return f


def truth_with_hessian(f: Callable[..., Any]) -> Callable[..., Any]:
    """The same, with second derivatives."""
    TRUTH[f.__name__] = lambda point: differentiated(f, point, second=True)
    return f


def stated(name: str, value: Any, jacobian: dict[str, Any], hessian: Any = None) -> None:
    """Enter numbers that follow from a convention, or that are known in closed form."""
    TRUTH[name] = lambda point: Truth(value, jacobian, hessian)


def differentiated(
    f: Callable[..., Any], point: Mapping[str, float], second: bool = False
) -> Truth:
    """Value and derivatives of `f` by central differences, at the decimals as they are written."""
    at = {name: mp.mpf(repr(number)) for name, number in point.items()}

    def moved(*steps: tuple[str, Any]) -> list[Any]:
        inputs = dict(at)
        for name, step in steps:
            inputs[name] += step
        result = f(**inputs)
        return list(result) if isinstance(result, (list, tuple)) else [result]

    value = f(**at)
    jacobian = {}
    for name in at:
        up, down = moved((name, STEP)), moved((name, -STEP))
        column = [_rounded((a - b) / (2 * STEP)) for a, b in zip(up, down, strict=True)]
        jacobian[name] = column if isinstance(value, (list, tuple)) else column[0]
    hessian = [[_rounded(_mixed(moved, a, b)) for b in at] for a in at] if second else None
    rounded = [_rounded(y) for y in value] if isinstance(value, (list, tuple)) else _rounded(value)
    return Truth(rounded, jacobian, hessian)


def _rounded(number: Any) -> float:
    """The nearest float64; what differences leave of a zero is zero."""
    return float(number) if abs(number) > 1e-30 else 0.0


def _mixed(moved: Callable[..., list[Any]], a: str, b: str) -> Any:
    def corner(i: int, j: int) -> Any:
        return moved((a, i * STEP), (b, j * STEP))[0]

    return (corner(1, 1) - corner(1, -1) - corner(-1, 1) + corner(-1, -1)) / (4 * STEP**2)
