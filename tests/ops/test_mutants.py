"""The checks of the tables can see: every rule made slightly wrong turns one of them red."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from diffcompare.ops.op import Op
from diffcompare.ops.operand import ZERO
from tests.ops import checks
from tests.ops.samples import NO_SYMPY_DERIVATIVE, Points
from tests.ops.test_tables import ROWS

OFF = 1 + 1e-9
SYMMETRIC = (
    "add",
    "mul",
    "equal",
    "not_equal",
    "max",
    "min",
    "hypot",
    "level",
    "log_sum",
    "logaddexp",
)


class Mutant:
    """An op with a rule replaced; all else is the op's own."""

    partial = Op.partial

    def __init__(self, op: Op, **rules: Callable[..., Any]) -> None:
        self.op = op
        vars(self).update(rules)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.op, name)


def red(check: Callable[[Any, Any], None], op: Any, x: Sequence[float]) -> bool:
    try:
        check(op, x)
    except AssertionError:
        return True
    return False


def telling(op: Op, points: Points, slot: int) -> tuple[float, ...] | None:
    """The first point where the op has a slope by an argument."""
    slopes = ((x, checks.partial(op, slot, x)) for x in points)
    return next((x for x, slope in slopes if 1e-200 < abs(slope) < 1e200), None)


def with_tangent(op: Op, change: Callable[[list[Any]], list[Any]]) -> Mutant:
    """The op with the tangents of its arguments changed on the way in."""
    return Mutant(op, jvp=lambda y, x, x_dot: op.jvp(y, x, change(list(x_dot))))


def scaled(numbers: list[Any], slot: int, factor: float) -> list[Any]:
    return [n * factor if k == slot and n is not ZERO else n for k, n in enumerate(numbers)]


@pytest.mark.parametrize("factor", [OFF, 1 - 1e-9, -1.0, 0.0])
@pytest.mark.parametrize(("op", "points"), ROWS)
def test_partials(op: Op, points: Points, factor: float) -> None:
    for slot in range(len(points[0])):
        x = telling(op, points, slot)
        if x is not None:
            mutant = with_tangent(op, lambda dots, slot=slot: scaled(dots, slot, factor))  # type: ignore[misc]
            assert red(checks.check_partials_by_differences, mutant, x)
            assert red(checks.check_partials_by_sympy, mutant, x) or op.name in NO_SYMPY_DERIVATIVE
            assert red(checks.check_adjoint, mutant, x)


@pytest.mark.parametrize(("op", "points"), ROWS)
def test_a_slope_where_there_is_none(op: Op, points: Points) -> None:
    def steep(y: Any, x: Sequence[Any], x_dot: Sequence[Any]) -> Any:
        return op.jvp(y, x, x_dot) + sum(dot * 1e-9 for dot in x_dot if dot is not ZERO)

    mutant = Mutant(op, jvp=steep)
    assert any(red(checks.check_partials_by_differences, mutant, x) for x in points[:2])


@pytest.mark.parametrize("factor", [OFF, -1.0, 0.0])
@pytest.mark.parametrize(("op", "points"), ROWS)
def test_adjoints(op: Op, points: Points, factor: float) -> None:
    for slot in range(len(points[0])):

        def vjp(y: Any, x: Any, y_bar: Any, wanted: Any, slot: int = slot) -> list[Any]:
            shares = [checks.settled(s) for s in op.vjp(y, x, y_bar, wanted)]
            return scaled(shares, slot, factor)

        x = telling(op, points, slot)
        if x is not None:
            assert red(checks.check_adjoint, Mutant(op, vjp=vjp), x)


@pytest.mark.parametrize(("op", "points"), ROWS)
def test_swapped_operands(op: Op, points: Points) -> None:
    if len(points[0]) > 1 and op.name not in SYMMETRIC:
        mutant = Mutant(op, value=lambda *x: op.value(*x[::-1]))
        assert any(red(checks.check_value, mutant, x) for x in points)
        if any(telling(op, points, slot) for slot in range(len(points[0]))):
            mutant = with_tangent(op, lambda dots: dots[::-1])
            assert any(red(checks.check_partials_by_differences, mutant, x) for x in points)


@pytest.mark.parametrize(("op", "points"), ROWS)
def test_values(op: Op, points: Points) -> None:
    mutant = Mutant(op, value=lambda *x: op.value(*x) * OFF)
    for x in points:
        assert red(checks.check_value, mutant, x) == (abs(checks.value(op, x)) > 1e-280), x


def test_costs() -> None:
    op = ROWS[0].values[0]
    with pytest.raises(AssertionError):
        checks.check_cost(Mutant(op, cost=lambda shapes: op.cost([()] * len(shapes))), 2)
