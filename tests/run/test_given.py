"""Programs called with what does not fit: a refusal in the one form, from every way to call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.run.backends import MAKERS
from diffcompare.run.native.engine import installed

ONES = np.ones
NUMBERS = "x*y + 1"
SHAPES = {"x": (3,), "c": (3,), "t": ()}
ARRAYS = dc.parse("sum(x*c)*t", shapes=SHAPES)
CONV = dc.parse("sum(conv2d(x, w))", shapes={"x": (1, 1, 3, 3), "w": (1, 1, 2, 2)})
BANDED = dc.parse(", ".join(f"x{k}*x{k + 1}" for k in range(40)))


def gradient(*x: Any) -> Any:
    return dc.differentiate(CONV, "reverse").compile()(*x)


def jacobian(*x: Any) -> Any:
    return dc.compile_jacobian(dc.parse("x*y, x + y"))(*x)


def sparse(x: Any) -> Any:
    return dc.compile_sparse_jacobian(BANDED)(x)


def arrays(*x: Any) -> Any:
    return ARRAYS.compile()(*x)


def batch(*x: Any) -> Any:
    return ARRAYS.compile().batch(*x)


REFUSED: list[tuple[Callable[..., Any], tuple[Any, ...], str]] = [
    (gradient, (ONES((1, 1, 4, 4)), ONES((1, 1, 2, 2))), "a program needs x 1×1×3×3, got 1×1×4×4"),
    (gradient, (ONES((1, 1, 3, 3)), ONES((4,))), "a program needs w 1×1×2×2, got 4"),
    (arrays, (ONES(3), ONES((3, 1)), 2.0), "a program needs c 3, got 3×1"),
    (arrays, (ONES(3), 1.0, 2.0), "a program needs c 3, got a number"),
    (arrays, (ONES(3), ONES(3), ONES(1)), "a program needs t as one number, got 1"),
    (arrays, (ONES(3), ONES(3)), "a program needs a value for each of 'x, c, t', got 2"),
    (batch, (ONES((4, 3)), ONES((5, 3)), ONES(4)), "a batch needs as many points in each column, got "),
    (batch, (ONES((4, 2)), ONES((4, 3)), ONES(4)), "a program needs x 3, got 2"),
    (batch, (ONES((4, 3)),), "a batch needs a column for each of 3 inputs, got 1"),
    (batch, (1.0, 2.0, 3.0), "a batch needs as many points in each column, got 1.0 and 2.0 and 3.0"),
    (jacobian, (1.0,), "a program needs a value for each of 'x, y', got 1"),
    (jacobian, ("a", 2.0), "a program needs floats, or arrays where its inputs are, got 'a', 2.0"),
    (jacobian, (None, 2.0), "a program needs floats, or arrays where its inputs are, got None, 2.0"),
    (jacobian, (ONES(3), 2.0), "a program needs x as one number, got 3"),
    (sparse, (ONES(3),), "a sparse Jacobian's program needs a vector of 41 real numbers, got "),
    (sparse, (ONES(41) * 1j,), "a sparse Jacobian's program needs a vector of 41 real numbers, got "),
    (sparse, ([[1], 2],), "a sparse Jacobian's program needs a vector of 41 real numbers, got [[1], 2]"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "x", "text"), REFUSED)
def test_refusals(call: Callable[..., Any], x: tuple[Any, ...], text: str) -> None:
    with pytest.raises(dc.DiffcompareError) as refused:
        call(*x)
    assert str(refused.value).startswith(text)


@pytest.mark.parametrize("backend", MAKERS)
@pytest.mark.parametrize("x", [1j, "a", None, [1.0, 2.0], np.ones(2)], ids=repr)
def test_numbers_alone_are_numbers_for_every_backend(backend: str, x: Any) -> None:
    if backend in ("native", "interpreted") and not installed():
        pytest.skip("llvmlite is not installed")
    program = dc.compile(dc.parse(NUMBERS), backend=backend)
    assert program(np.float32(2), True) == (3.0,)
    with pytest.raises(dc.DiffcompareError, match="a program needs"):
        program(x, 2.0)


def test_a_batch_of_no_points() -> None:
    graph = dc.parse("x*c", shapes={"x": (3,), "c": (3,)})
    (found,) = graph.compile().batch(np.empty((0, 3)), np.empty((0, 3)))
    assert found.shape == (0, 3)


def test_other_shapes_after_the_right_ones_are_refused_too() -> None:
    program = ARRAYS.compile()
    assert program(ONES(3), ONES(3), 2.0) == (6.0,)
    with pytest.raises(dc.DiffcompareError, match="needs x 3, got 4"):
        program(ONES(4), ONES(3), 2.0)
    assert program([1, 2, 3], ONES(3), 2) == (12.0,)
