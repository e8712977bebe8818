"""One policy at kinks, jumps, singular and undefined points: the same numbers and flags in every mode."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from diffcompare.graph.edges import Flag, flags, worst
from diffcompare.graph.graph import Graph
from diffcompare.ops.choice import abs_, ceil, clip, floor, max_, min_, relu, sign, where
from diffcompare.ops.elementary import (
    acosh,
    asin,
    atan2,
    cbrt,
    cos,
    exp,
    expm1,
    gamma,
    hypot,
    lgamma,
    log,
    log1p,
    sigmoid,
    sin,
    softplus,
    sqrt,
    tanh,
)  # fmt: skip
from tests.building import derivatives, graph_of

INF, NAN = math.inf, math.nan
HALF_PI = math.pi / 2


class Case(NamedTuple):
    """A function at an edge, and what has to come out."""

    name: str
    function: Callable[..., Any]
    point: dict[str, float]
    value: float
    slopes: dict[str, float]
    kind: str | None


def at(*x: float) -> dict[str, float]:
    """A point in x, y, z."""
    return dict(zip("xyz", x, strict=False))


def sinc(x: Any) -> Any:
    return where(x == 0, 1, sin(x) / x)


def max3(x: Any) -> Any:
    return max_(x, exp(x) - 1, ((x + 1) ** 2 - 1) / 2)


# fmt: off
CASES = [
    Case("relu", relu, at(0), 0, at(0), "kink"),
    Case("relu of -0", relu, at(-0.0), 0, at(0), "kink"),
    Case("relu(x) - relu(-x)", lambda x: relu(x) - relu(-x), at(0), 0, at(0), "kink"),
    Case("two tied", max_, at(2, 2), 2, at(.5, .5), "kink"),
    Case("two of three tied", min_, at(1, 5, 1), 1, at(.5, 0, .5), "kink"),
    Case("nested maxima are one", lambda x, y, z: max_(max_(x, y), z), at(3, 3, 3), 3, at(1/3, 1/3, 1/3), "kink"),
    Case("max of three at a smooth point", max3, at(0), 0, at(1), "kink"),
    Case("max(x, 0) is not relu", lambda x: max_(x, 0), at(0), 0, at(.5), "kink"),
    Case("max(x, x)", lambda x: max_(x, x), at(1), 1, at(1), None),
    Case("softplus by parts", lambda x: max_(x, 0) + log(1 + exp(-abs_(x))), at(0), math.log(2), at(.5), "kink"),
    Case("|x|", abs_, at(0), 0, at(0), "kink"),
    Case("|x| at -0", abs_, at(-0.0), 0, at(0), "kink"),
    Case("maximum by |x - y|", lambda x, y: (x + y + abs_(x - y)) / 2, at(4, 4), 4, at(.5, .5), "kink"),
    Case("sign", sign, at(0), 0, at(0), "jump"),
    Case("clip, upper edge", lambda x: clip(x, -1, 1), at(1), 1, at(.5), "kink"),
    Case("clip, lower edge", lambda x: clip(x, -1, 1), at(-1), -1, at(.5), "kink"),
    Case("floor", lambda x: floor(x) * x, at(3), 9, at(3), "jump"),
    Case("ceil", lambda x: ceil(x) * x, at(-2), 4, at(-2), "jump"),
    Case("floor off its jumps", lambda x: floor(x) * x, at(2.5), 5, at(2), None),
    Case("mod", lambda x, y: x % y, at(-6, 3), 0, at(1, 2), "jump"),
    Case("mod off its jumps", lambda x, y: x % y, at(-7, 3), 2, at(1, 3), None),
    Case("a comparison", lambda x: (x > 1) + x, at(1), 1, at(1), "jump"),
    Case("sqrt", sqrt, at(0), 0, at(INF), "singular"),
    Case("x**0.5", lambda x: x**0.5, at(0), 0, at(INF), "singular"),
    Case("cbrt", cbrt, at(0), 0, at(INF), "singular"),
    Case("asin", asin, at(1), HALF_PI, at(INF), "singular"),
    Case("acosh", acosh, at(1), 0, at(INF), "singular"),
    Case("log", log, at(0), -INF, at(INF), "singular"),
    Case("1/x", lambda x: 1 / x, at(0), INF, at(-INF), "singular"),
    Case("1/x at -0", lambda x: 1 / x, at(-0.0), -INF, at(-INF), "singular"),
    Case("sqrt of squares", lambda x, y: sqrt(x * x + y * y), at(0, 0), 0, at(NAN, NAN), "undefined"),
    Case("hypot", hypot, at(0, 0), 0, at(NAN, NAN), "undefined"),
    Case("sqrt of what stands still", lambda x, y: sqrt(x - x) + y, at(3, 1), 1, at(NAN, 1), "undefined"),
    Case("sqrt of a constant zero", lambda x: x + sqrt(0 * sqrt(x * 0 + 4) * 0), at(1), 1, at(NAN), "undefined"),
    Case("sqrt of a square", lambda x: sqrt(x**2), at(0), 0, at(NAN), "undefined"),
    Case("x/x", lambda x: x / x, at(0), NAN, at(NAN), "undefined"),
    Case("sin(x)/x", lambda x: sin(x) / x, at(0), NAN, at(NAN), "undefined"),
    Case("x log x", lambda x: x * log(x), at(0), NAN, at(NAN), "undefined"),
    Case("sqrt(<0)", sqrt, at(-1), NAN, at(NAN), "undefined"),
    Case("log(<0)", log, at(-1), NAN, at(NAN), "undefined"),
    Case("log1p(<-1)", log1p, at(-2), NAN, at(NAN), "undefined"),
    Case("asin(2)", asin, at(2), NAN, at(NAN), "undefined"),
    Case("a root of a negative", lambda x: x**0.5, at(-4), NAN, at(NAN), "undefined"),
    Case("x**0", lambda x: x**0, at(0), 1, at(0), None),
    Case("x**1", lambda x: x**1, at(0), 0, at(1), None),
    Case("x**3 below zero", lambda x: x**3, at(-2), -8, at(12), None),
    Case("x**y, y > 1", lambda x, y: x**y, at(0, 2), 0, at(0, 0), None),
    Case("x**y, y = 1", lambda x, y: x**y, at(0, 1), 0, at(1, 0), None),
    Case("x**y, y < 1", lambda x, y: x**y, at(0, .5), 0, at(INF, 0), "singular"),
    Case("0**0", lambda x, y: x**y, at(0, 0), 1, at(0, NAN), "undefined"),
    Case("an integer power of a negative", lambda x, y: x**y, at(-2, 3), -8, at(12, NAN), "undefined"),
    Case("atan2", atan2, at(0, 0), 0, at(NAN, NAN), "undefined"),
    Case("atan2 on its cut", atan2, at(0, -1), math.pi, at(-1, 0), "jump"),
    Case("where, the seam of equal branches", lambda x: where(x > 0, x, 2 * x), at(0), 0, at(2), "kink"),
    Case("where, a jump", lambda x: where(x > 0, x + 1, x), at(0), 0, at(1), "jump"),
    Case("where, the branch not taken", lambda x: where(x > 0, log(x), 0), at(0), 0, at(0), "jump"),
    Case("sinc by cases", sinc, at(0), 1, at(0), "jump"),
    Case("a guarded division", lambda x: where(x > .5, sin(x) / x, 1 - x**2 / 6), at(0), 1, at(0), None),
    Case("max(log x, 0)", lambda x: max_(log(x), 0), at(0), 0, at(0), None),
    Case("relu of an undefined value", lambda x: relu(-sqrt(x)), at(0), 0, at(0), "kink"),
    Case("gamma at a pole", gamma, at(-1), NAN, at(NAN), "undefined"),
    Case("gamma at 0", gamma, at(0), INF, at(NAN), "singular"),
    Case("gamma overflows", gamma, at(172), INF, at(INF), "singular"),
    Case("lgamma at a pole", lgamma, at(0), INF, at(NAN), "singular"),
    Case("a formula overflows", lambda x: 1 / (1 + exp(-x)), at(-800), 0, at(NAN), "singular"),
    Case("sigmoid does not", sigmoid, at(-800), 0, at(0), None),
    Case("softplus does not", softplus, at(800), 800, at(1), None),
    Case("tanh does not", tanh, at(-800), -1, at(0), None),
    Case("exp overflows", exp, at(1000), INF, at(INF), "singular"),
    Case("underflow is no edge", lambda x: x * x, at(1e-170), 0, at(2e-170), None),
    Case("a smooth point", lambda x, y: log(x) + x * y - sin(y), at(2, 5), 11.652071455223084, at(5.5, 1.7163378145367738), None),
]
# fmt: on


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_policy(case: Case) -> None:
    graph = graph_of(case.function, *case.point)
    for derivative in derivatives(graph):
        found = derivative.at(case.point)
        assert list(found.value) == pytest.approx([case.value], rel=1e-15, nan_ok=True)
        assert dict(found) == pytest.approx(case.slopes, rel=1e-15, nan_ok=True), derivative.mode


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_input_alone_gives_the_same(case: Case) -> None:
    """A nan by one input does not leak into another."""
    graph = graph_of(case.function, *case.point)
    for name, slope in case.slopes.items():
        for derivative in derivatives(graph, [name]):
            found = derivative.at(case.point)
            assert dict(found) == pytest.approx({name: slope}, rel=1e-15, nan_ok=True)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_flags(case: Case) -> None:
    graph = graph_of(case.function, *case.point)
    assert worst(found(graph, case.point)) == case.kind


def found(graph: Graph, point: dict[str, float]) -> list[Flag]:
    return flags(graph, graph.evaluate({name: np.float64(x) for name, x in point.items()}))


def test_a_flag_names_its_node() -> None:
    graph = graph_of(lambda x, y: relu(x) + sqrt(y) + floor(x), "x", "y")
    shown = [(flag.op, flag.kind) for flag in found(graph, at(0, 0))]
    assert sorted(shown) == [("floor", "jump"), ("relu", "kink"), ("sqrt", "singular")]
    for flag in found(graph, at(0, 0)):
        assert graph.ops[flag.node].name == flag.op
        assert graph.nodes[flag.label]["op"] == flag.op


def test_the_first_undefined_node_is_named_and_those_after_it_are_not() -> None:
    (flag,) = found(graph_of(lambda x: exp(log(x)) + 1, "x"), at(-1))
    assert flag.op == "log"


def test_flags_of_branches_not_taken_do_not_count() -> None:
    graph = graph_of(lambda x: where(x > 0, log(x) + floor(x), expm1(x)), "x")
    assert found(graph, at(-1)) == []
    graph = graph_of(lambda x, y: max_(abs_(x), y), "x", "y")
    assert found(graph, at(0, 3)) == []
    assert [flag.op for flag in found(graph, at(0, -3))] == ["abs"]


def test_a_comparison_that_decides_between_equals_is_a_kink_not_a_jump() -> None:
    graph = graph_of(lambda x: where(x >= 0, x * x, -x), "x")
    assert [flag.kind for flag in found(graph, at(0))] == ["kink"]
    graph = graph_of(lambda x: where(x >= 0, x * x, 1 - x), "x")
    assert [flag.kind for flag in found(graph, at(0))] == ["jump"]
    graph = graph_of(lambda x: where(x >= 0, x, -x) + where(x >= 0, 1, 0), "x")
    assert worst(found(graph, at(0))) == "jump"


def test_the_gravest_kind() -> None:
    assert worst([]) is None
    kinds = ("kink", "jump", "singular", "undefined")
    for n, kind in enumerate(kinds):
        assert worst([Flag("v0", 0, "op", k) for k in kinds[: n + 1]]) == kind


def test_an_undefined_value_has_no_slope_by_what_it_depends_on_and_zero_by_the_rest() -> None:
    graph = graph_of(lambda x, y: (log(x), y * 2, cos(y)), "x", "y")
    for derivative in derivatives(graph):
        matrix = derivative.at(at(-1, 0)).matrix
        assert np.array_equal(matrix, [[NAN, 0], [0, 2], [0, 0]], equal_nan=True)


def test_nonfinite_points_travel_where_allowed() -> None:
    graph = graph_of(lambda x, y: x * y, "x", "y")
    for derivative in derivatives(graph):
        found = derivative.at({"x": INF, "y": 2.0}, allow_nonfinite=True)
        assert (found["x"], found["y"]) == (2.0, INF)
        assert found.value.tolist() == [INF]
        found = derivative.at({"x": NAN, "y": 2.0}, allow_nonfinite=True)
        assert np.isnan([found["x"], found["y"]]).all()
