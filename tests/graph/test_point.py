"""What a point may be, and what is refused, in words."""

from __future__ import annotations

from collections import OrderedDict
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import read_point, read_wrt
from diffcompare.graph.variable import Variable
from tests.building import graph_of

XY = graph_of(lambda x, y: x * y, "x", "y")


def refusal(call: Any, *args: Any, **kwargs: Any) -> tuple[str, str]:
    with pytest.raises(DiffcompareError) as caught:
        call(*args, **kwargs)
    return caught.value.kind, str(caught.value)


@pytest.mark.parametrize(
    "three",
    [3, 3.0, np.float64(3), np.float32(3), np.float16(3), np.int8(3), np.uint64(3), np.array(3),
     np.array(3.0), np.longdouble(3)],
)  # fmt: skip
def test_real_numbers_become_floats(three: Any) -> None:
    point = read_point(XY, {"y": three, "x": -0.0})
    assert list(point) == ["x", "y"]
    assert (type(point["y"]), point["y"]) == (np.float64, 3.0)
    assert np.signbit(point["x"])


def test_any_mapping_will_do() -> None:
    assert read_point(XY, OrderedDict(x=1, y=2)) == {"x": 1.0, "y": 2.0}
    assert read_point(Graph.empty(), {}) == {}


@pytest.mark.parametrize("limit", [2**53, -(2**53), np.int64(2**53)])
def test_integers_up_to_what_a_float_holds(limit: Any) -> None:
    assert read_point(XY, {"x": limit, "y": 0})["x"] == float(limit)
    kind, text = refusal(read_point, XY, {"x": int(limit) + (1 if limit > 0 else -1), "y": 0})
    assert kind == "type"
    assert text.startswith(
        "input x needs an integer that float64 holds exactly (up to 2**53), got "
    )


def test_a_huge_integer_is_not_printed() -> None:
    assert refusal(read_point, XY, {"x": 1 << 100_000, "y": 0})[1].endswith("got a huge integer")


# fmt: off
NOT_REAL = [
    (True, "True"), (np.bool_(False), "np.False_"), ("3", "'3'"), (None, "None"), (3j, "3j"),
    (np.complex128(3), "np.complex128(3+0j)"), (b"3", "b'3'"), (Decimal(3), "Decimal('3')"),
    (Fraction(1, 2), "Fraction(1, 2)"), ([3.0], "[3.0]"), (np.array([3.0]), "array([3.])"),
    (object, "<class 'object'>"), (np.array("3"), "np.str_('3')"),
]
# fmt: on


@pytest.mark.parametrize(("value", "got"), NOT_REAL)
def test_what_is_no_real_number_is_refused(value: Any, got: str) -> None:
    assert refusal(read_point, XY, {"x": 1.0, "y": value}) == (
        "type", f"input y needs a real number, got {got}",
    )  # fmt: skip


def test_a_masked_number_is_refused() -> None:
    kind, text = refusal(read_point, XY, {"x": np.ma.array(1.0, mask=True), "y": 1})
    assert kind == "type" and text.startswith("input x needs a real number, got masked_array")


@pytest.mark.parametrize(("value", "got"), [(np.nan, "nan"), (np.inf, "inf"), (-np.inf, "-inf")])
def test_nonfinite_numbers_travel_only_where_allowed(value: float, got: str) -> None:
    assert refusal(read_point, XY, {"x": value, "y": 1}) == (
        "input",
        f"input x needs a finite number, got {got}; allow_nonfinite=True (--allow-nonfinite) lets it travel",
    )
    travelled = read_point(XY, {"x": value, "y": 1}, allow_nonfinite=True)["x"]
    assert np.array_equal(travelled, value, equal_nan=True)


@pytest.mark.parametrize(
    ("at", "kind", "text"),
    [
        ({"x": 1}, "input", "the point needs a value for y, got x"),
        ({}, "input", "the point needs a value for x, y, got none"),
        ({"x": 1, "y": 1, "z": 1}, "input", "the point needs only x, y, got also z"),
        (
            {"x": 1, "y": 1, 2: 1},
            "type",
            "a point needs names as text, got 2; of a SymPy symbol write its name",
        ),
        ([1, 2], "type", "a point needs numbers by name, got [1, 2]"),
        (None, "type", "a point needs numbers by name, got None"),
    ],
)
def test_names_are_checked(at: Any, kind: str, text: str) -> None:
    assert refusal(read_point, XY, at) == (kind, text)


def test_long_lists_of_names_are_cut() -> None:
    names = [f"x{i}" for i in range(1000)]
    graph = graph_of(lambda *x: sum(x[1:], x[0]), *names)
    _, missing = refusal(read_point, graph, {})
    assert missing.endswith("x10, x11, … (1000 in all), got none")
    _, extra = refusal(read_point, graph, {**dict.fromkeys(names, 0), "spam": 0})
    assert extra.endswith("x10, x11, … (1000 in all), got also spam")


def test_wrt() -> None:
    assert read_wrt(XY, None) == ("x", "y")
    assert read_wrt(XY, "y") == ("y",)
    assert read_wrt(XY, ["y", "x"]) == ("y", "x")
    assert read_wrt(XY, ()) == ()
    assert read_wrt(XY, {"y": 1.0}.keys()) == ("y",)


@pytest.mark.parametrize(
    ("wrt", "kind", "text"),
    [
        ("z", "input", "wrt needs names among x, y, got 'z'"),
        (["x", "x"], "input", "wrt needs each name once, got x, x"),
        ([["x"]], "input", "wrt needs names among x, y, got ['x']"),
        ([0], "input", "wrt needs names among x, y, got 0"),
        (5, "type", "wrt needs a name or a list of names, got 5"),
        ({"x"}, "type", "wrt needs a name or a list of names, got {'x'}"),
    ],
)
def test_wrt_is_checked(wrt: Any, kind: str, text: str) -> None:
    assert refusal(read_wrt, XY, wrt) == (kind, text)


def arrays() -> Graph:
    graph = Graph.empty()
    graph.outputs = (Variable.input(graph, "w", (2, 3)).index,)
    return graph


def test_arrays_are_converted_and_checked() -> None:
    read = read_point(arrays(), {"w": [[1, 2, 3], [4, 5, 6]]})["w"]
    assert (read.dtype, read.shape) == (np.float64, (2, 3))
    assert refusal(read_point, arrays(), {"w": [[1, 2], [3, 4]]}) == (
        "shape", "input w needs the shape 2×3, got 2×2",
    )  # fmt: skip
    assert refusal(read_point, arrays(), {"w": 1.0})[0] == "shape"
    for junk in ([[1, 2, 3], [4, 5]], "spam", None, np.ones((2, 3), dtype=bool), np.ones((2, 3)) * 1j,
                 np.ma.ones((2, 3)), np.ones((2, 3), dtype=object)):  # fmt: skip
        assert refusal(read_point, arrays(), {"w": junk})[0] == "type"
    wide = np.zeros((2, 3))
    wide[1, 2] = np.nan
    assert refusal(read_point, arrays(), {"w": wide}) == (
        "input", "input w needs finite numbers, got nan at [1, 2]; allow_nonfinite=True (--allow-nonfinite) lets it travel",
    )  # fmt: skip
    assert np.isnan(read_point(arrays(), {"w": wide}, allow_nonfinite=True)["w"][1, 2])
    big = np.full((2, 3), 2**53 + 1)
    assert refusal(read_point, arrays(), {"w": big})[0] == "type"
    least = np.full((2, 3), -(2**63))  # larger than its absolute value in int64
    assert refusal(read_point, arrays(), {"w": least}) == (
        "type", "input w needs integers that float64 holds exactly, got larger ones",
    )  # fmt: skip


def test_labels_are_not_differentiated_by_unless_asked():
    net = "softmax_log_loss(dense(x, w), label)"
    shapes = {"x": (2, 3), "w": (4, 3), "label": (2,)}
    graph = dc.parse(net, shapes=shapes)
    assert read_wrt(graph, None) == ("x", "w")
    assert read_wrt(graph, "label") == ("label",)
    assert not any("label" in name for name in read_wrt(dc.expand(graph), None))
    both = dc.parse("log_loss(softmax(x), label) + sum(label)", shapes={"x": (2, 3), "label": (2,)})
    assert read_wrt(both, None) == ("x", "label")
    one = dc.parse("softmax_log_loss(x, label)", shapes={"x": (1, 3)})  # reshaped
    assert read_wrt(one, None) == ("x",)
    assert read_wrt(dc.parse("floor(x)*y"), None) == ("x", "y")
    at = {"x": np.ones((2, 3)), "w": np.eye(4, 3), "label": [1, 0]}
    assert dc.compare(net, at).agreement.ok
