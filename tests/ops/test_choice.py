"""The one convention at ties and kinks, op by op; in whole graphs it is held in tests/graph."""

from __future__ import annotations

import math
from itertools import permutations
from itertools import product as every
from typing import Any

import numpy as np
import pytest

from diffcompare.ops.choice import (
    abs_,
    ceil,
    clip,
    equal,
    floor,
    greater,
    greater_equal,
    less,
    less_equal,
    max_,
    min_,
    mod,
    not_equal,
    relu,
    sign,
    where,
)  # fmt: skip
from diffcompare.ops.operand import ZERO
from tests.ops.checks import check_adjoint, partial, settled

COMPARISONS = [
    (less, lambda a, b: a < b), (less_equal, lambda a, b: a <= b),
    (greater, lambda a, b: a > b), (greater_equal, lambda a, b: a >= b),
    (equal, lambda a, b: a == b), (not_equal, lambda a, b: a != b),
]  # fmt: skip


@pytest.mark.parametrize(("op", "python"), COMPARISONS, ids=lambda f: getattr(f, "name", ""))
def test_comparisons_are_the_numbers_one_and_zero(op: Any, python: Any) -> None:
    for a, b in every((math.nan, math.inf, -0.0, 0.0, 1.5, -2.0), repeat=2):
        assert op(a, b) == (1.0 if python(a, b) else 0.0)
        assert type(op(a, b)) is np.float64
        assert op.edge(a, b) == ("jump" if a == b else None)
        assert partial(op, 0, (a, b)) == partial(op, 1, (a, b)) == 0.0
    assert op(np.array([1.0, 2.0]), 1.5).dtype == float


@pytest.mark.parametrize("op", [max_, min_])
def test_k_tied_arguments_take_one_kth_each(op: Any) -> None:
    low, high = (1.0, 2.0) if op is max_ else (2.0, 1.0)
    for tied in (1, 2, 3, 4):
        for x in set(permutations([high] * tied + [low] * (4 - tied))):
            slopes = [partial(op, k, x) for k in range(4)]
            assert slopes == [1 / tied if v == high else 0.0 for v in x]
            assert op.edge(*x) == ("kink" if tied > 1 else None)
            assert op.selects(high, x) == [v == high for v in x]
            check_adjoint(op, x)


def test_zeros_of_either_sign_are_tied() -> None:
    assert [partial(max_, k, (0.0, -0.0)) for k in (0, 1)] == [0.5, 0.5]
    assert abs_.edge(-0.0) == relu.edge(-0.0) == "kink"


@pytest.mark.parametrize("x", [0.0, -0.0])
def test_at_the_kink_of_one_argument(x: float) -> None:
    for op in (relu, abs_, sign):
        assert op(x) == 0.0
        assert partial(op, 0, (x,)) == 0.0
    assert (relu.edge(x), abs_.edge(x), sign.edge(x)) == ("kink", "kink", "jump")


def test_steps_have_slope_zero_on_and_off_their_jumps() -> None:
    for op in (floor, ceil, sign):
        for x in (-2.0, -1.5, 0.0, 0.5, 3.0):
            assert partial(op, 0, (x,)) == 0.0
    assert [floor.edge(x) for x in (2.0, 2.5, math.inf)] == ["jump", None, None]
    assert [ceil(x) for x in (-1.5, 1.5)] == [-1.0, 2.0]


# fmt: off
MOD = [
    # a      b     a mod b  ∂b    edge
    (7.5,   2.0,   1.5,   -3.0,  None),
    (-7.5,  2.0,   0.5,    4.0,  None),
    (7.5,  -2.0,  -0.5,    4.0,  None),
    (6.0,   2.0,   0.0,   -3.0,  "jump"),
    (0.0,   3.0,   0.0,   -0.0,  "jump"),
]
# fmt: on


@pytest.mark.parametrize(("a", "b", "value", "slope", "edge"), MOD)
def test_mod_is_floored(a: float, b: float, value: float, slope: float, edge: str | None) -> None:
    assert mod(a, b) == a % b == value
    assert (partial(mod, 0, (a, b)), partial(mod, 1, (a, b))) == (1.0, slope)
    assert mod.edge(a, b) == edge


def test_mod_by_zero_is_undefined() -> None:
    with np.errstate(all="ignore"):
        assert math.isnan(mod(1.0, 0.0))
    assert mod.edge(1.0, 0.0) == "undefined"


def test_a_clipped_edge_takes_half() -> None:
    assert [clip(x, 0.0, 1.0) for x in (-3.0, 0.25, 7.0)] == [0.0, 0.25, 1.0]


@pytest.mark.parametrize("junk", [math.nan, math.inf, -math.inf])
def test_the_branch_not_taken_never_enters(junk: float) -> None:
    for condition, a, b in ((1.0, 2.0, junk), (0.0, junk, 2.0), (-3.5, 2.0, junk)):
        assert where(condition, a, b) == 2.0
        assert where.jvp(2.0, (condition, a, b), (ZERO, a, b)) == 2.0
        shares = where.vjp(2.0, (condition, a, b), 5.0, [True] * 3)
        taken = [settled(s) for s in shares]
        assert taken == [0.0, 5.0 if condition else 0.0, 0.0 if condition else 5.0]
        assert where.selects(2.0, (condition, a, b)) == [True, bool(condition), not condition]


def test_where_on_arrays() -> None:
    chosen = where(np.array([1.0, 0.0]), np.array([1.0, np.nan]), np.array([np.nan, 2.0]))
    assert chosen.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("op", [max_, min_, relu, abs_, sign, floor, ceil])
def test_nan_travels(op: Any) -> None:
    with np.errstate(all="ignore"):
        assert math.isnan(op(math.nan))
        if op.arity[1] is None:
            assert math.isnan(op(1.0, math.nan, 3.0))
            assert math.isnan(partial(op, 0, (1.0, math.nan)))
            assert op.selects(math.nan, (1.0, math.nan)) == [False, True]


def test_extrema_cost_a_comparison_less_than_arguments() -> None:
    assert [max_.cost([()] * n).compare for n in (1, 2, 5)] == [0, 1, 4]
