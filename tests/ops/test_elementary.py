"""Accuracy traps and edges of the elementary functions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from diffcompare.ops.elementary import (
    acosh,
    asin,
    asinh,
    atan2,
    atanh,
    erfc,
    expm1,
    hypot,
    log,
    log1p,
    sigmoid,
    softplus,
    sqrt,
    tanh,
)  # fmt: skip
from tests.ops.checks import partial, value

INF, NAN = math.inf, math.nan


@pytest.mark.parametrize(
    ("x", "slope"),
    [(4.0, 1.3409506830258969e-3), (6.0, 2.4576547405332701e-5),
     (14.0, 2.7657600427722565e-12), (20.0, 1.6993417021166356e-17)],
)  # fmt: skip
def test_tanh_keeps_its_digits(x: float, slope: float) -> None:
    for sign in (1, -1):
        assert partial(tanh, 0, (sign * x,)) == pytest.approx(slope, rel=1e-15)


def test_nodes_stay_finite_where_their_formulas_overflow() -> None:
    assert (sigmoid(800.0), sigmoid(-800.0)) == (1.0, 0.0)
    assert (softplus(800.0), softplus(-800.0)) == (800.0, 0.0)
    assert partial(sigmoid, 0, (-800.0,)) == 0.0
    assert [partial(softplus, 0, (x,)) for x in (-800.0, 0.0, 800.0)] == [0.0, 0.5, 1.0]
    assert softplus(-40.0) == pytest.approx(4.248354255291589e-18, rel=1e-15)


def test_no_slope_over_or_underflows_on_the_way() -> None:
    third = pytest.approx(1e-200 / 3, rel=1e-15)
    assert partial(asinh, 0, (3e200,)) == third
    assert partial(acosh, 0, (3e200,)) == third
    assert partial(hypot, 0, (3e-200, 4e-200)) == pytest.approx(0.6, rel=1e-15)
    assert partial(atan2, 0, (3e200, 4e200)) == pytest.approx(0.16e-200, rel=1e-15)
    assert partial(atan2, 1, (3e-200, 4e-200)) == pytest.approx(-0.12e200, rel=1e-15)


def test_small_arguments_keep_their_digits() -> None:
    assert (expm1(1e-300), log1p(1e-300)) == (1e-300, 1e-300)
    assert erfc(20.0) == pytest.approx(5.3958656116079009e-176, rel=1e-14)
    assert partial(asin, 0, (1 - 2.0**-53,)) == pytest.approx(6.7108864e7, rel=1e-15)


# fmt: off
EDGES = [
    # op     x             value         slope         edge
    (sqrt,  (0.0,),        0.0,          INF,          "singular"),
    (sqrt,  (-1.0,),       NAN,          NAN,          "undefined"),
    (log,   (0.0,),        -INF,         INF,          "singular"),
    (log,   (-1.0,),       NAN,          -1.0,         "undefined"),
    (log1p, (-1.0,),       -INF,         INF,          "singular"),
    (asin,  (1.0,),        math.pi / 2,  INF,          "singular"),
    (asin,  (2.0,),        NAN,          NAN,          "undefined"),
    (acosh, (1.0,),        0.0,          INF,          "singular"),
    (acosh, (-2.0,),       NAN,          NAN,          "undefined"),
    (atanh, (-1.0,),       -INF,         INF,          "singular"),
    (hypot, (0.0, 0.0),    0.0,          NAN,          "undefined"),
    (atan2, (0.0, 0.0),    0.0,          NAN,          "undefined"),
    (atan2, (0.0, -1.0),   math.pi,      -1.0,         "jump"),
    (atan2, (-0.0, -1.0),  -math.pi,     -1.0,         "jump"),
    (atan2, (0.0, 1.0),    0.0,          1.0,          None),
]
# fmt: on


@pytest.mark.parametrize(("op", "x", "result", "slope", "edge"), EDGES)
def test_edges(op: Any, x: tuple[float, ...], result: float, slope: float, edge: Any) -> None:
    assert value(op, x) == pytest.approx(result, rel=1e-15, nan_ok=True)
    assert partial(op, 0, x) == pytest.approx(slope, rel=1e-15, nan_ok=True)
    assert op.edge(*x) == edge


@pytest.mark.parametrize("op", [sigmoid, softplus, tanh, log, hypot, atan2], ids=repr)
def test_nan_travels(op: Any) -> None:
    assert np.isnan(value(op, (NAN, 1.0)[: op.arity[0]]))
