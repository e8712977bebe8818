"""Every op of the tables, at its sample points, by every check: a new op is tested by existing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from diffcompare.ops.op import FAMILIES, Op
from diffcompare.ops.operand import OPS
from tests.ops import checks
from tests.ops.samples import FAMILY_SAMPLES, LEAVES, SAMPLES, Points

SCALAR_OPS = [op for op in OPS.values() if op.elementwise]
TABLE: list[tuple[Op, Points]] = [
    *((op, SAMPLES.get(op.name, [])) for op in SCALAR_OPS),
    *(row for name in FAMILIES if name not in LEAVES for row in FAMILY_SAMPLES.get(name, [])),
]
ROWS = [pytest.param(op, points, id=repr(op)) for op, points in TABLE]
POINTS = [pytest.param(op, x, id=f"{op!r}{x}") for op, points in TABLE for x in points]


def test_every_op_has_samples() -> None:
    assert set(SAMPLES) == {op.name for op in SCALAR_OPS}
    assert {*FAMILY_SAMPLES, *LEAVES} == {n for n, cls in FAMILIES.items() if cls.elementwise}
    assert all(points for _, points in TABLE)


@pytest.mark.parametrize("check", checks.POINT_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize(("op", "x"), POINTS)
def test_at_point(op: Op, x: tuple[float, ...], check: Callable[[Any, Any], None]) -> None:
    check(op, x)


@pytest.mark.parametrize(("op", "points"), ROWS)
def test_arrays(op: Op, points: Points) -> None:
    checks.check_arrays(op, points)


@pytest.mark.parametrize(("op", "points"), ROWS)
def test_cost(op: Op, points: Points) -> None:
    checks.check_cost(op, len(points[0]))
