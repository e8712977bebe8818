"""In which precision a point is, who decides it, and what it does not hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import conversions, read_point
from diffcompare.graph.variable import Variable

SINGLE, DOUBLE, HALF = np.float32, np.float64, np.float16
ONES = np.ones((2, 3))


def two_arrays() -> Graph:
    """Two arrays and a number."""
    graph = Graph.empty()
    w, x = (Variable.input(graph, name, (2, 3)) for name in "wx")
    graph.outputs = (((w * x) * Variable.input(graph, "t")).index,)
    return graph


@pytest.mark.parametrize(
    ("w", "x", "kind", "told"),
    [
        (ONES, ONES, DOUBLE, ()),
        (SINGLE(ONES), SINGLE(ONES), SINGLE, ()),
        (SINGLE(ONES), ONES, DOUBLE, ("w converted from float32 to float64",)),
        (HALF(ONES), SINGLE(ONES), SINGLE, ("w converted from float16 to float32",)),
        (HALF(ONES), HALF(ONES), SINGLE, ("w, x converted from float16 to float32",)),
        (np.longdouble(ONES), SINGLE(ONES), DOUBLE, None),
        (SINGLE(ONES), ONES.tolist(), SINGLE, ()),
        (ONES.tolist(), ONES.tolist(), DOUBLE, ()),
        (SINGLE(ONES), np.int64(ONES), SINGLE, ("x converted from int64 to float32",)),
        (np.uint8(ONES), np.int64(ONES), DOUBLE,
         ("w converted from uint8 to float64", "x converted from int64 to float64")),
        (ONES.astype(">f8"), ONES, DOUBLE, ()),
    ],
)  # fmt: skip
def test_arrays_decide_on_the_precision(w: Any, x: Any, kind: Any, told: Any) -> None:
    at = {"w": w, "x": x, "t": 0.1}
    point = read_point(two_arrays(), at)
    assert {type(point["t"]), point["w"].dtype.type, point["x"].dtype.type} == {kind}
    assert point["t"] == kind(0.1)
    if told is not None:
        assert conversions(at, point) == told


@pytest.mark.parametrize("t", [0.1, 3, np.float64(0.1), np.float32(0.1), np.array(0.1)])
def test_numbers_follow_the_arrays(t: Any) -> None:
    point = read_point(two_arrays(), {"w": SINGLE(ONES), "x": SINGLE(ONES), "t": t})
    assert type(point["t"]) is SINGLE and point["t"] == SINGLE(t)
    point = read_point(two_arrays(), {"w": ONES, "x": ONES, "t": t})
    assert type(point["t"]) is DOUBLE and point["t"] == DOUBLE(t)


def test_an_array_is_copied() -> None:
    for kind in (SINGLE, DOUBLE):
        given = kind(ONES)
        point = read_point(two_arrays(), {"w": given, "x": given, "t": 1})
        given[:] = 7
        assert (point["w"] == 1).all()


@pytest.mark.parametrize(
    ("name", "value", "kind", "text"),
    [
        ("t", 2**24 + 1, "type",
         "input t needs an integer that float32 holds exactly (up to 2**24), got 16777217"),
        ("t", 1e300, "input", "input t needs a number that float32 holds, got 1e+300"),
        ("t", -1e39, "input", "input t needs a number that float32 holds, got -1e+39"),
        ("x", np.full((2, 3), -(2**24) - 1), "type",
         "input x needs integers that float32 holds exactly, got larger ones"),
        ("x", [[1, 1, 1], [1, 1e39, 1]], "input",
         "input x needs numbers that float32 holds, got 1e+39 at [1, 1]"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("allow", [False, True])
def test_what_float32_does_not_hold_is_refused(
    name: str, value: Any, kind: str, text: str, allow: bool
) -> None:
    at = {"w": SINGLE(ONES), "x": SINGLE(ONES), "t": 1.0, name: value}
    with pytest.raises(DiffcompareError) as caught:
        read_point(two_arrays(), at, allow)
    assert (caught.value.kind, str(caught.value)) == (kind, text)


def test_float32_holds_integers_up_to_its_last_place() -> None:
    at = {"w": SINGLE(ONES), "x": np.full((2, 3), -(2**24)), "t": 2**24}
    point = read_point(two_arrays(), at)
    assert (point["t"], point["x"][0, 0]) == (2.0**24, -(2.0**24))


def test_a_nonfinite_float32_travels_where_allowed() -> None:
    wide = SINGLE(ONES)
    wide[0, 2] = np.inf
    at = {"w": wide, "x": SINGLE(ONES), "t": np.nan}
    with pytest.raises(DiffcompareError) as caught:
        read_point(two_arrays(), at)
    assert str(caught.value) == (
        "input w needs finite numbers, got inf at [0, 2]; allow_nonfinite=True (--allow-nonfinite) lets it travel"
    )
    point = read_point(two_arrays(), at, allow_nonfinite=True)
    assert point["w"][0, 2] == np.inf and np.isnan(point["t"])
