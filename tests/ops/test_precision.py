"""float32 through every op of the tables: no float64 on the way, and as exact as float32 can be."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest

from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.numbers.dual import Dual
from diffcompare.ops.op import Op, Shape
from diffcompare.ops.operand import OPS, ZERO
from diffcompare.ops.parts import Stack
from diffcompare.ops.powers import Power
from diffcompare.ops.precision import precision, shrinkage
from tests.building import SWEEPS
from tests.ops.samples import CALL_ULPS, FAMILY_SAMPLES, SAMPLES

SINGLE = np.finfo(np.float32)
MP = mpmath.MPContext()
MP.dps = 60


def usual(x: tuple[float, ...]) -> bool:
    """Whether float32 holds such numbers, so that one point of float64 is one of float32."""
    return all(v == 0 or 1e-6 < abs(v) < 1e6 for v in x)


SAMPLED = [(OPS[name], x) for name, points in SAMPLES.items() for x in points if usual(x)]
SAMPLED += [(op, x) for rows in FAMILY_SAMPLES.values() for op, xs in rows for x in xs if usual(x)]


def test_every_op_is_sampled() -> None:
    assert {op.name for op, _ in SAMPLED} == {*SAMPLES, *FAMILY_SAMPLES}


@pytest.mark.parametrize("shape", [(), (2, 3)])
@pytest.mark.parametrize(("op", "x"), SAMPLED, ids=str)
def test_no_node_of_a_sweep_is_float64(op: Op, x: tuple[float, ...], shape: Shape) -> None:
    graph = Graph.empty()
    inputs = [Variable.input(graph, f"x{k}", shape) for k in range(len(x))]
    graph.outputs = (op(*inputs).index,)
    point = {f"x{k}": np.full(shape, v, np.float32)[()] for k, v in enumerate(x)}
    for build in SWEEPS:
        sweep = build(graph, tuple(graph.inputs))
        seeds = {s: np.full(shape, 0.75, np.float32)[()] for s in sweep.seeds}
        prepared = sweep.prepare(point, graph.evaluate(point))
        for node, value in zip(
            sweep.graph.ops, sweep.graph.evaluate(seeds, start=prepared), strict=True
        ):
            assert value is ZERO or value.dtype == np.float32, (sweep.mode, node)


@pytest.mark.parametrize(("op", "x"), SAMPLED, ids=str)
def test_values_are_right_to_some_units_in_the_last_place(op: Op, x: tuple[float, ...]) -> None:
    given = [np.float32(v) for v in x]
    with np.errstate(all="ignore"):
        y = op.value(*given)
    true = op.precise(MP, *[MP.mpf(float(v)) for v in given])
    if abs(true) > float(SINGLE.max):
        assert np.isinf(y)
        return
    units = CALL_ULPS.get(op.name, 4)
    assert abs(MP.mpf(float(y)) - true) <= units * float(max(np.spacing(abs(y)), SINGLE.tiny))


@pytest.mark.parametrize("exponent", [Fraction(1, 10), Fraction(-7, 10), Fraction(7, 3)])
@pytest.mark.parametrize("x", [1e-12, 3e-5, 0.3, 7.5, 1e9, 3e14])
def test_a_power_keeps_what_its_exponent_loses_as_float32(exponent: Fraction, x: float) -> None:
    given = np.float32(x)
    y = Power(exponent)(given)
    true = MP.mpf(float(given)) ** (MP.mpf(exponent.numerator) / exponent.denominator)
    assert abs(MP.mpf(float(y)) - true) <= 4 * float(np.spacing(y))


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([], "float64"), ([0.5, 3], "float64"), ([np.arange(3)], "float64"),
        ([np.float32(1)], "float32"), ([np.float16(1)], "float32"), ([np.complex64(1)], "float32"),
        ([0.5, np.float32(1), np.arange(3)], "float32"),
        ([np.float32(1), np.float64(1)], "float64"), ([np.longdouble(1)], "float64"),
        ([np.complex128(1), np.float32(1)], "float64"), ([Dual(np.float32(1), 1.0)], "float32"),
    ],
)  # fmt: skip
def test_precision(numbers: list[Any], expected: str) -> None:
    assert precision(numbers).__name__ == expected


def test_shrinkage() -> None:
    assert [shrinkage(np.zeros(1, kind)) for kind in (np.float64, np.float32)] == [1.0, 2.0**29]


def test_plain_numbers_beside_a_float32_dual_follow() -> None:
    for primal in (np.float32(2), np.full(3, 2, np.float32)):
        y = 0.1 * Dual(primal, 1.0) + 3 - 1 / Dual(primal, 2)
        assert y.primal.dtype == y.tangent.dtype == np.float32
    assert (Dual(np.float32(2), 1.0) * np.float64(3)).primal.dtype == np.float64


def test_zeros_of_pythons_do_not_widen_a_stack() -> None:
    assert Stack((2,)).value(0.0, np.float32(1)).dtype == np.float32
    assert Stack((2,)).value(0.0, 1.0).dtype == np.float64
    assert Stack((2,)).value(0.0, np.complex64(1j)).dtype == np.complex64
