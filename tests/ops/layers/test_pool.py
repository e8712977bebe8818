"""Max-pooling: the first largest entry of each window, and what goes by its index."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from diffcompare.errors import DiffcompareError
from diffcompare.graph.edges import flags
from diffcompare.graph.expand import expand, scalar_point
from diffcompare.ops.cost import Cost
from diffcompare.ops.layers.pool import MaxPoolIndex, max_pool2d
from diffcompare.ops.layers.routing import PoolRoute, PoolSelect
from tests.ops.layers.checks import CHECKS, Case, case, failing, random
from tests.ops.layers.composed import check_composed, gradient_of, graph_of, value_of, work

Settings = tuple[Any, ...]
IMAGE = (2, 3, 5, 4)
WINDOWS: list[Settings] = [
    ((2, 2), (2, 2)),
    ((3, 2), (1, 2)),
    ((2, 3), (1, 1), (0, 1, 1, 0)),
    ((3, 3), (2, 1), (1, 0, 2, 1)),
    ((2, 1), (3, 2), (1, 1, 0, 0)),
    ((5, 4), (1, 1)),
    ((1, 1), (2, 3)),
    ((6, 7), (1, 2), (3, 2, 4, 3)),
]


def plain(x: Any, window: Any, stride: Any, pad: Any = (0, 0, 0, 0)) -> tuple[Any, Any]:
    """Value and tap by loops: padding −∞, the first largest in row-major order, nan above all."""
    top, bottom, left, right = pad
    height = (x.shape[2] + top + bottom - window[0]) // stride[0] + 1
    width = (x.shape[3] + left + right - window[1]) // stride[1] + 1
    y, index = np.empty((*x.shape[:2], height, width)), np.empty((*x.shape[:2], height, width))
    for n, c, a, b in np.ndindex(y.shape):
        best = None
        for p, q in np.ndindex(*window):
            i, j = a * stride[0] + p - top, b * stride[1] + q - left
            if 0 <= i < x.shape[2] and 0 <= j < x.shape[3]:
                entry = x[n, c, i, j]
                if best is None or entry > best or (np.isnan(entry) and not np.isnan(best)):
                    best, tap = entry, p * window[1] + q
        y[n, c, a, b], index[n, c, a, b] = best, tap
    return y, index


def routed(y_bar: Any, index: Any, shape: Any, window: Any, stride: Any, pad: Any) -> Any:
    x_bar = np.zeros(shape)
    for n, c, a, b in np.ndindex(y_bar.shape):
        p, q = divmod(int(index[n, c, a, b]), window[1])
        x_bar[n, c, a * stride[0] + p - pad[0], b * stride[1] + q - pad[2]] += y_bar[n, c, a, b]
    return x_bar


@pytest.mark.parametrize("settings", WINDOWS, ids=str)
def test_against_loops(settings: Settings) -> None:
    x = np.random.default_rng(1).integers(0, 4, size=IMAGE).astype(float)  # ties in plenty
    y, index = plain(x, *settings)
    np.testing.assert_array_equal(max_pool2d(x, *settings), y)
    np.testing.assert_array_equal(MaxPoolIndex(*settings).value(x), index)
    y_bar = np.random.default_rng(2).integers(-8, 8, size=y.shape).astype(float)
    x_bar = gradient_of(lambda v: max_pool2d(v, *settings), x, y_bar=y_bar)
    pad = settings[2] if len(settings) > 2 else (0, 0, 0, 0)
    np.testing.assert_array_equal(x_bar, routed(y_bar, index, IMAGE, *settings[:2], pad))


@pytest.mark.parametrize("settings", WINDOWS, ids=str)
def test_layer_is_its_expansion(settings: Settings) -> None:
    check_composed(lambda v: max_pool2d(v, *settings), random(IMAGE, 3))


def cases() -> list[Case]:
    found = []
    for settings in WINDOWS:
        index = MaxPoolIndex(*settings).value(random(IMAGE, 4)).astype(float)
        found += [
            case(PoolSelect(*settings), x=[random(IMAGE, 5), index], wrt=[0]),
            case(PoolRoute(IMAGE, *settings), x=[random(index.shape, 6), index], wrt=[0]),
        ]
    return found


CASES = cases()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_routing(case: Case, check: Any) -> None:
    check(case)


@pytest.mark.parametrize("settings", WINDOWS, ids=str)
def test_work(settings: Settings) -> None:
    """Comparisons are one less than a window has pixels; moving them is free."""
    index = MaxPoolIndex(*settings)
    pooled = index.shape([IMAGE])
    if settings[0] != (6, 7):  # where windows that hold the same pixels are compared once
        assert index.cost([IMAGE]) == work(index, [IMAGE])
    assert PoolSelect(*settings).cost([IMAGE, pooled]) == Cost()
    route = PoolRoute(IMAGE, *settings)
    assert route.cost([pooled, pooled]) == work(route, [pooled, pooled])


def test_textbook_counts() -> None:
    assert MaxPoolIndex((2, 2), (2, 2)).cost([(1, 1, 4, 6)]) == Cost(compare=3 * 6)
    assert PoolRoute((1, 1, 1, 3), (1, 2), (1, 1)).cost([(1, 1, 1, 2)] * 2) == Cost(add=1)


def test_first_of_tied() -> None:
    x = np.array([[[[1.0, 2.0, 2.0], [2.0, 0.0, 2.0], [2.0, 2.0, 1.0]]]])
    index = MaxPoolIndex((2, 2), (1, 1)).value(x)
    np.testing.assert_array_equal(index, [[[[1, 0], [0, 1]]]])
    x_bar = gradient_of(lambda v: max_pool2d(v, 2, 1), x)
    np.testing.assert_array_equal(x_bar, [[[[0, 2, 0], [1, 0, 1], [0, 0, 0]]]])


def test_signed_zeros_tie() -> None:
    assert MaxPoolIndex((1, 2), (1, 1)).value(np.array([[[[-0.0, 0.0]]]])) == 0


def test_padding_never_wins() -> None:
    x = np.full((1, 1, 2, 2), -np.inf)
    y, index = max_pool2d(x, 2, 1, 1), MaxPoolIndex((2, 2), (1, 1), (1, 1, 1, 1)).value(x)
    np.testing.assert_array_equal(y, np.full((1, 1, 3, 3), -np.inf))
    np.testing.assert_array_equal(index, [[[[3, 2, 2], [1, 0, 0], [1, 0, 0]]]])
    assert max_pool2d(np.array([[[[-5.0]]]]), 3, 1, 1).item() == -5.0


@pytest.mark.parametrize("place", range(4))
def test_nan_travels(place: int) -> None:
    """At every granularity, wherever in the window it is."""
    x = np.array([1.0, np.inf, -1.0, 3.0])
    x[place] = np.nan
    x = x.reshape(1, 1, 2, 2)
    graph = graph_of(lambda v: max_pool2d(v, 2), x)
    scalar = expand(graph)
    values = scalar.evaluate(scalar_point({"x0": x}))
    assert np.isnan(value_of(lambda v: max_pool2d(v, 2), x)).all()
    assert np.isnan(values[scalar.outputs[0]])
    assert MaxPoolIndex((2, 2), (1, 1)).value(x) == place


@pytest.mark.parametrize(("numbers", "tie"), [((1, 2, 2, 0), True), ((1, 1, 2, 0), False)])
def test_ties_are_flagged(numbers: Any, tie: bool) -> None:
    x = np.array(numbers, dtype=float).reshape(1, 1, 2, 2)
    graph = graph_of(lambda v: max_pool2d(v, 2), x)
    found = flags(graph, graph.evaluate({"x0": x}))
    assert [(flag.op, flag.kind) for flag in found] == [("max_pool_index", "kink")] * tie
    scalar = expand(graph)
    found = flags(scalar, scalar.evaluate(scalar_point({"x0": x})))
    assert [flag.kind for flag in found] == ["kink"] * tie


def test_tied_by_window() -> None:
    x = np.array([[[[1.0, 1.0, 0.0, 2.0]]]])
    np.testing.assert_array_equal(MaxPoolIndex((1, 2), (1, 2)).tied(x), [[[[True, False]]]])


def test_float32_and_views() -> None:
    x = random((2, 3, 8, 6), 7).astype(np.float32)[:, ::-1, ::2, 1:]
    y = max_pool2d(x, (2, 3), 1)
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y, plain(x, (2, 3), (1, 1))[0].astype(np.float32))


def test_a_wrong_rule_is_seen() -> None:
    class Reversed(PoolSelect):
        def value(self, *x: Any) -> Any:
            return super().value(x[0][:, :, ::-1], x[1])

    good = CASES[0]
    assert failing(good) == []
    assert "check_value" in failing(Case(Reversed(*WINDOWS[0]), good.x, good.wrt))


REFUSED = [
    ((1, 4, 4), (2,), "shape", "max_pool2d needs images N×C×H×W, one or more, got 1×4×4"),
    ((0, 1, 4, 4), (2,), "shape", "max_pool2d needs images N×C×H×W, one or more, got 0×1×4×4"),
    ((1, 1, 4, 4), ((0, 2),), "attr",
     "max_pool2d needs window as 2 whole numbers, each 1 or more, got (0, 2)"),
    ((1, 1, 4, 4), (2.5,), "attr",
     "max_pool2d needs window as a whole number or two: height, width, got 2.5"),
    ((1, 1, 4, 4), (2, 0), "attr",
     "max_pool2d needs stride as 2 whole numbers, each 1 or more, got (0, 0)"),
    ((1, 1, 4, 4), (2, 1, -1), "attr",
     "max_pool2d needs pad as 4 whole numbers, each 0 or more, got (-1, -1, -1, -1)"),
    ((1, 1, 2, 4), (3,), "shape",
     "max_pool2d needs a kernel no larger than its padded input, got kernel 3×3 and input 2×4"),
    ((1, 1, 4, 4), (2, 1, 2), "shape",
     "max_pool2d needs a pixel of the image in each window, "
     "got a window 2×2 that lies in the padding (2, 2, 2, 2)"),
]  # fmt: skip


@pytest.mark.parametrize(("shape", "settings", "kind", "text"), REFUSED)
def test_refusals(shape: Any, settings: Any, kind: str, text: str) -> None:
    with pytest.raises(DiffcompareError) as caught:
        max_pool2d(np.zeros(shape), *settings)
    assert (caught.value.kind, str(caught.value)) == (kind, text)


def test_misfits() -> None:
    with pytest.raises(DiffcompareError, match="pool_select needs an index 1×1×2×2, got 1×1×2×3"):
        PoolSelect((2, 2), (2, 2)).shape([(1, 1, 4, 4), (1, 1, 2, 3)])
    with pytest.raises(DiffcompareError, match="pool_route needs an array and an index 1×1×2×2"):
        PoolRoute((1, 1, 4, 4), (2, 2), (2, 2)).shape([(1, 1, 2, 2), (1, 1, 2, 3)])
