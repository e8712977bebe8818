"""What a program is called with, refused where it does not fit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from numbers import Real
from typing import Any, TypeVar

import numpy as np

from diffcompare.errors import DiffcompareError, shorten

R = TypeVar("R")


def guarded(names: Collection[str], run: Callable[..., R], x: Sequence[Any]) -> R:
    """The result of a call with an argument for each name, or a refusal of what does not fit.

    Examples
    --------
    >>> guarded(["x", "y"], lambda x, y: x / y, [1.0, 2.0])
    0.5
    >>> guarded(["x", "y"], lambda x, y: x / y, [1.0])
    Traceback (most recent call last):
        ...
    diffcompare.errors.DiffcompareError: a program needs a value for each of 'x, y', got 1
    """
    if len(x) != len(names):
        need = f"a value for each of {shorten(', '.join(names))}"
        raise DiffcompareError("arity", "a program", need=need, got=str(len(x)))
    try:
        return run(*x)
    except DiffcompareError:
        raise
    except (TypeError, ValueError, OverflowError):
        raise _unfit(x) from None


def check_numbers(x: Sequence[Any]) -> None:
    """Refuse arrays, and what is no real number.

    Examples
    --------
    >>> check_numbers([1, 2.0, np.float32(3)])
    """
    if np.ndarray in map(type, x):
        raise DiffcompareError("type", "a program", need="a number for each input", got="an array",
                               hint="batch takes arrays of them")  # fmt: skip
    if not all(isinstance(value, Real) for value in x):
        raise _unfit(x)


def _unfit(x: Sequence[Any]) -> DiffcompareError:
    need, got = "floats, or arrays where its inputs are", ", ".join(map(shorten, x))
    return DiffcompareError("type", "a program", need=need, got=got[:120])


def check_columns(columns: Sequence[Any], inputs: int) -> None:
    """Refuse more or fewer columns than inputs.

    Examples
    --------
    >>> check_columns([[1.0], [2.0]], 2)
    """
    if len(columns) != inputs:
        raise DiffcompareError("arity", "a batch", need=f"a column for each of {inputs} inputs",
                               got=str(len(columns)))  # fmt: skip


def rows(names: Collection[str], columns: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Points of a batch of arrays, which lie along the first axis of each column.

    Examples
    --------
    >>> rows(["x", "t"], [[[1.0, 2.0], [3.0, 4.0]], [5.0, 6.0]])[1]
    (array([3., 4.]), np.float64(6.0))
    """
    check_columns(columns, len(names))
    try:
        arrays = [np.asarray(column) for column in columns]
        return list(zip(*arrays, strict=True))
    except (TypeError, ValueError):
        got = " and ".join(shorten(column) for column in columns)
        raise DiffcompareError("type", "a batch", need="as many points in each column",
                               got=got[:120]) from None  # fmt: skip


def vector(names: Collection[str], x: Any) -> np.ndarray:
    """One vector of a real number for each name.

    Examples
    --------
    >>> vector(["x", "y"], [1, 2])
    array([1., 2.])
    """
    try:
        found = np.asarray(x)
    except ValueError:  # lists of unequal lengths
        found = np.empty((), object)
    if found.dtype.kind not in "fiu" or found.shape != (len(names),):
        need = f"a vector of {len(names)} real numbers"
        raise DiffcompareError("type", "a sparse Jacobian's program", need=need, got=shorten(x))
    return found.astype(float, copy=False)
