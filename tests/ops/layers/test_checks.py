"""The checks of layers can see: every rule made slightly wrong turns the right ones red."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from diffcompare.ops.cost import ADD
from diffcompare.ops.layers.conv import Conv2d
from diffcompare.ops.layers.rows import Im2Row, Row2Im
from diffcompare.ops.linalg import matmul
from diffcompare.ops.moves import Broadcast, Reshape, SumTo, Transpose
from diffcompare.ops.op import Op
from diffcompare.ops.operand import ZERO
from diffcompare.ops.parts import Place, Slice
from tests.ops.layers.checks import case, check_shape, check_transposed, failing

OFF = 1 + 1e-9
SHAPES = (1, 2, 4, 5), (3, 2, 2, 3)
OPTIONS: dict[str, Any] = {"stride": (2, 1), "pad": (1, 0, 0, 2)}


def red(**rules: Any) -> set[str]:
    """The checks that fail for a convolution with some rules replaced."""
    mutant = type("Mutant", (Conv2d,), rules)
    return {name.removeprefix("check_") for name in failing(case(mutant(**OPTIONS), *SHAPES))}


def test_the_rules_as_they_are() -> None:
    assert red() == set()


@pytest.mark.parametrize("factor", [OFF, 1 - 1e-9, -1.0])
def test_values(factor: float) -> None:
    def value(self: Any, *x: Any) -> Any:
        y = Conv2d.value(self, *x)
        y[0, 1, 1, 2] *= y.dtype.type(factor)
        return y

    assert {"value", "layout"} & red(value=value) == {"value"}


@pytest.mark.parametrize("factor", [OFF, 1 - 1e-9, -1.0])
@pytest.mark.parametrize("slot", [0, 1])
def test_tangents(slot: int, factor: float) -> None:
    def jvp(self: Any, y: Any, x: Any, x_dot: Any) -> Any:
        dots = list(x_dot)
        dots[slot] = dots[slot] if dots[slot] is ZERO else dots[slot] * factor
        return Conv2d.jvp(self, y, x, dots)

    assert {"forward", "duality"} <= red(jvp=jvp)


def test_a_tangent_that_is_left_out() -> None:
    found = red(jvp=lambda self, y, x, x_dot: self(x_dot[0], x[1]))
    assert {"forward", "duality", "differences", "sweep_costs"} <= found


@pytest.mark.parametrize("factor", [OFF, 1 - 1e-9, -1.0])
@pytest.mark.parametrize("slot", [0, 1])
def test_adjoints(slot: int, factor: float) -> None:
    def vjp(self: Any, y: Any, x: Any, y_bar: Any, wanted: Any) -> Any:
        shares = Conv2d.vjp(self, y, x, y_bar, wanted)
        shares[slot] = shares[slot] if shares[slot] is ZERO else shares[slot] * factor
        return shares

    assert {"reverse", "duality", "second", "sweep_costs"} <= red(vjp=vjp)


def test_swapped_operands() -> None:
    square = (2, 2)
    mutant = type("Mutant", (type(matmul),), {"value": lambda self, a, b: b @ a})
    assert "check_value" in failing(case(mutant(), square, square))


def test_an_adjoint_that_depends_on_what_else_is_wanted() -> None:
    def vjp(self: Any, y: Any, x: Any, y_bar: Any, wanted: Any) -> Any:
        shares = Conv2d.vjp(self, y, x, y_bar, wanted)
        return shares if all(wanted) else [s if s is ZERO else s * 2.0 for s in shares]

    assert red(vjp=vjp) == {"wanted"}


def test_costs_and_shapes() -> None:
    assert "cost" in red(cost=lambda self, shapes: Conv2d.cost(self, shapes) + ADD)
    mutant = type("Mutant", (Conv2d,), {"value": lambda self, *x: Conv2d.value(self, *x)[None]})
    with pytest.raises(AssertionError):
        check_shape(case(mutant(), *SHAPES))


def test_memory_and_precision() -> None:
    def in_memory_order(self: Any, *x: Any) -> Any:
        return Conv2d.value(self, x[0].ravel(order="K").reshape(x[0].shape), x[1])

    assert red(value=in_memory_order) == {"layout"}
    assert red(value=lambda self, *x: Conv2d.value(self, *x) * np.float64(1.0)) == {"single"}


def test_duals_that_are_not_transposed() -> None:
    mutant = type("Mutant", (Im2Row,), {"adjoint": lambda self, shape: Row2Im(shape, (3, 2))})
    with pytest.raises(AssertionError):
        check_transposed(case(mutant((2, 3)), (1, 2, 4, 4)))


@pytest.mark.parametrize(("op", "shapes"), [
    (matmul, [(2, 3), (3, 4)]), (SumTo((2, 1, 4)), [(2, 3, 4)]), (Reshape((4, 3)), [(2, 6)]),
    (Broadcast((3, 4)), [(3, 1)]), (Transpose((2, 0, 1)), [(2, 3, 4)]),
    (Slice((0, 1), (2, 6), (1, 2)), [(2, 7)]), (Place((5, 9), (1, 1), (1, 2)), [(2, 3)]),
])  # fmt: skip
def test_array_operations_pass(op: Op, shapes: Any) -> None:
    assert failing(case(op, *shapes)) == []
    if len(shapes) == 1:
        check_transposed(case(op, *shapes))
