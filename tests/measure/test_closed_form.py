"""Closed forms: recognised from terms that are written by loops here, and refused when one is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import diffcompare as dc
from diffcompare.graph.expand import entry_labels
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.measure.closed_form import ClosedForm, recognise
from diffcompare.ops.choice import where
from diffcompare.ops.elementary import sin
from diffcompare.ops.index import IndexIs, argmax
from tests.ops.layers import loops

Term = tuple[tuple[int, ...], Fraction | int, str | None, tuple[int, ...], tuple[int, ...]]
"""∂L/∂x[place] has coefficient · other[there] · y_bar[adjoint]."""


def entries(arrays: dict[str, Any], terms: Iterable[Term]) -> Graph:
    """The graph of such a derivative by x."""
    graph = Graph.empty()
    names = {
        n: dict(zip(np.ndindex(s), entry_labels(n, s), strict=True)) for n, s in arrays.items()
    }
    leaf = {n: {k: Variable.input(graph, t) for k, t in of.items()} for n, of in names.items()}
    sums: dict[tuple[int, ...], Any] = {}
    for place, coefficient, other, there, adjoint in terms:
        term = leaf["y_bar"][adjoint]
        term = term if other is None else leaf[other][there] * term
        term = term if coefficient == 1 else coefficient * term
        sums[place] = sums[place] + term if place in sums else term
    zero = Variable.constant(graph, 0)
    graph.outputs = tuple(sums.get(place, zero).index for place in names["x"])
    return graph


def found(arrays: dict[str, Any], terms: Iterable[Term]) -> ClosedForm | None:
    return recognise(entries(arrays, terms), arrays, "x")


def damaged(terms: list[Term], at: int = 0) -> dict[str, list[Term]]:
    """The terms with one mistake each."""
    place, coefficient, *rest = terms[at]
    others = [term for k, term in enumerate(terms) if k != at]
    return {
        "a term dropped": others,
        "a sign turned": [*others, (place, -coefficient, *rest)],
        "a factor doubled": [*others, (place, 2 * coefficient, *rest)],
    }


def convolution(
    image: Any, weights: Any, turned: bool = False, **options: Any
) -> tuple[dict[str, Any], list[Term], list[Term]]:
    """The shapes, and the terms of ∂L/∂w and of ∂L/∂(image), by loops."""
    groups = image[1] // weights[1]
    size = loops.output_size(image[2:], weights[2:], **options)
    by_w, by_x = [], []
    for (i, j), (p, q), pixel in loops.meetings(image[2:], weights[2:], **options):
        tap = (weights[2] - 1 - p, weights[3] - 1 - q) if turned else (p, q)
        for n, k, depth in np.ndindex(image[0], *weights[:2]):
            c = k // (weights[0] // groups) * weights[1] + depth
            at_x, at_w, at_y = (n, c, *pixel), (k, depth, *tap), (n, k, i, j)
            by_w.append((at_w, 1, "o", at_x, at_y))
            by_x.append((at_x, 1, "o", at_w, at_y))
    return {"y_bar": (image[0], weights[0], *size)}, by_w, by_x


# fmt: off
GEOMETRIES = [
    ((1, 1, 3, 3), (1, 1, 2, 2), {}),
    ((2, 3, 4, 5), (2, 3, 2, 3), {}),
    ((1, 2, 6, 5), (2, 2, 3, 2), {"stride": (2, 1), "pad": (1, 0, 2, 1)}),
    ((1, 1, 6, 7), (2, 1, 2, 3), {"dilation": (3, 2)}),
    ((1, 4, 4, 3), (2, 2, 3, 2), {"pad": (1, 1, 0, 1)}),
    ((2, 1, 5, 7), (2, 1, 2, 2), {"stride": (2, 3), "dilation": (2, 1), "pad": (0, 3, 1, 2)}),
]
# fmt: on


@pytest.mark.parametrize(("image", "weights", "options"), GEOMETRIES)
def test_correlation_and_full_convolution(image: Any, weights: Any, options: Any) -> None:
    seed, by_w, by_x = convolution(image, weights, **options)
    settings_ = {
        "stride": options.get("stride", (1, 1)), "dilation": options.get("dilation", (1, 1)),
        "pad": options.get("pad", (0, 0, 0, 0))[::2], "groups": image[1] // weights[1], "shared": True,
    }  # fmt: skip
    for arrays, terms, kind, factors in (
        ({"x": weights, "o": image, **seed}, by_w, "correlation", ("o", "y_bar")),
        ({"x": image, "o": weights, **seed}, by_x, "full convolution", ("y_bar", "o")),
    ):
        form = found(arrays, terms)
        assert form and (form.kind, form.factors) == (kind, factors)
        assert dict(form.settings) == settings_
        for mistake, wrong in damaged(terms, len(terms) // 2).items():
            other = found(arrays, wrong)
            assert other is None or "o" not in other.factors, mistake


@pytest.mark.parametrize(("image", "weights", "options"), GEOMETRIES)
def test_a_kernel_that_is_turned_the_wrong_way(image: Any, weights: Any, options: Any) -> None:
    """∂L/∂x with the kernel as it is, not turned by 180°, and a ∂L/∂w that comes out turned."""
    seed, by_w, by_x = convolution(image, weights, turned=True, **options)
    for arrays, terms, usual in (
        ({"x": image, "o": weights, **seed}, by_x, ("full convolution", ("y_bar", "o"))),
        ({"x": weights, "o": image, **seed}, by_w, ("correlation", ("o", "y_bar"))),
    ):
        form = found(arrays, terms)
        assert form is None or (form.kind, form.factors) != usual


def test_without_turning_the_kernel_it_is_a_correlation_with_padding() -> None:
    """Σ w[i] ȳ[p] over a = p + 1 − i is corr(ȳ, w) of an image with a border of 1."""
    seed, _, by_x = convolution((1, 1, 3, 3), (1, 1, 2, 2), turned=True)
    form = found({"x": (1, 1, 3, 3), "o": (1, 1, 2, 2), **seed}, by_x)
    assert form and (form.kind, form.factors) == ("correlation", ("y_bar", "o"))
    assert dict(form.settings)["pad"] == (1, 1)


def test_entries_that_changed_places() -> None:
    seed, by_w, by_x = convolution((1, 1, 3, 3), (1, 1, 2, 2))
    for shape, other, terms in (
        ((1, 1, 2, 2), (1, 1, 3, 3), by_w),
        ((1, 1, 3, 3), (1, 1, 2, 2), by_x),
    ):
        swap = {(0, 0, 0, 0): (0, 0, 0, 1), (0, 0, 0, 1): (0, 0, 0, 0)}
        wrong = [(swap.get(place, place), *rest) for place, *rest in terms]
        assert found({"x": shape, "o": other, **seed}, wrong) is None  # type: ignore[arg-type]


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_any_convolution_is_recognised(data: Any) -> None:
    """What is found explains the terms: they are those of the geometry that it states."""

    def draw(low: int, high: int, many: int = 1) -> Any:
        return tuple(data.draw(st.integers(low, high)) for _ in range(many))

    options = {"stride": draw(1, 2, 2), "pad": draw(0, 2, 4), "dilation": draw(1, 2, 2)}
    size, kernel, (c, k) = draw(1, 5, 2), draw(1, 3, 2), draw(1, 2, 2)
    image, weights = (1, c, *size), (k, c, *kernel)
    if not all(loops.output_size(size, kernel, **options)):
        return
    seed, by_w, by_x = convolution(image, weights, **options)
    if not by_w:
        return
    for shape, other, terms in ((weights, image, by_w), (image, weights, by_x)):
        arrays = {"x": shape, "o": other, **seed}
        form = found(arrays, terms)
        assert form is not None and form.kind in ("correlation", "full convolution")
        if form.factors == (("o", "y_bar") if terms is by_w else ("y_bar", "o")):
            told = dict(form.settings)
            pad = tuple(k for side in told["pad"] for k in (side, 9))
            again = set(_again(image, weights, told, pad, seed["y_bar"][2:]))
            assert again == {(t[0], t[3], t[4]) for t in by_x}


def _again(image: Any, weights: Any, told: Any, pad: Any, size: Any) -> Iterable[Any]:
    """Meetings of the geometry that is told, as far as there are positions."""
    meetings = loops.meetings(image[2:], weights[2:], told["stride"], pad, told["dilation"])
    for position, tap, pixel in meetings:
        if all(a < b for a, b in zip(position, size, strict=True)):
            for k, c in np.ndindex(weights[:2]):
                yield (0, c, *pixel), (k, c, *tap), (0, k, *position)


# fmt: off
PRODUCTS: list[tuple[str, dict[str, Any], Callable[..., Iterable[Term]], str, tuple[str, ...], dict[str, Any]]] = [
    ("Wᵀ ȳ", {"x": (3, 4), "o": (2, 3), "y_bar": (2, 4)},
     lambda: (((k, j), 1, "o", (i, k), (i, j)) for i, k, j in np.ndindex(2, 3, 4)),
     "matrix product", ("o", "y_bar"), {"transposed": (True, False)}),
    ("ȳ xᵀ", {"x": (2, 3), "o": (3, 4), "y_bar": (2, 4)},
     lambda: (((i, k), 1, "o", (k, j), (i, j)) for i, k, j in np.ndindex(2, 3, 4)),
     "matrix product", ("y_bar", "o"), {"transposed": (False, True)}),
    ("square", {"x": (2, 2), "o": (2, 2), "y_bar": (2, 2)},
     lambda: (((k, j), 1, "o", (i, k), (i, j)) for i, k, j in np.ndindex(2, 2, 2)),
     "matrix product", ("o", "y_bar"), {"transposed": (True, False)}),
    ("ȳ xᵀ of a column", {"x": (2, 3), "o": (3, 1), "y_bar": (2, 1)},
     lambda: (((i, k), 1, "o", (k, 0), (i, 0)) for i, k in np.ndindex(2, 3)),
     "outer product", ("y_bar", "o"), {"transposed": (False, True)}),
    ("elementwise", {"x": (2, 3), "o": (2, 3), "y_bar": (2, 3)},
     lambda: ((k, 1, "o", k, k) for k in np.ndindex(2, 3)),
     "elementwise product", ("o", "y_bar"), {}),
    ("a batch of products", {"x": (2, 3), "o": (5, 2, 3), "y_bar": (5, 2)},
     lambda: (((i, k), 1, "o", (n, i, k), (n, i)) for n, i, k in np.ndindex(5, 2, 3)),
     "contraction", ("o", "y_bar"), {"letters": ((2, 0, 1), (2, 0), (0, 1))}),
]
# fmt: on


@pytest.mark.parametrize(
    ("arrays", "terms", "kind", "factors", "told"), [row[1:] for row in PRODUCTS],
    ids=[row[0] for row in PRODUCTS],
)  # fmt: skip
def test_products(arrays: Any, terms: Any, kind: str, factors: Any, told: Any) -> None:
    right = list(terms())
    form = found(arrays, right)
    assert form and (form.kind, form.factors, dict(form.settings)) == (kind, factors, told)
    for mistake, wrong in damaged(right).items():
        other = found(arrays, wrong)
        assert other is None or "o" not in other.factors, mistake


def _rows(image: Any, kernel: Any, **options: Any) -> tuple[tuple[int, int], list[Term]]:
    height, width = loops.output_size(image[2:], kernel, **options)
    shape = image[0] * height * width, image[1] * kernel[0] * kernel[1]
    terms: list[Term] = [
        ((n, c, *pixel), 1, None, (),
         (int(np.ravel_multi_index((n, *at), (image[0], height, width))),
          int(np.ravel_multi_index((c, *tap), (image[1], *kernel)))))
        for at, tap, pixel in loops.meetings(image[2:], kernel, **options)
        for n, c in np.ndindex(image[:2])
    ]  # fmt: skip
    return shape, terms


def _pooled(image: Any, window: Any, counted: bool, **options: Any) -> tuple[Any, list[Term]]:
    size = loops.output_size(image[2:], window, **options)
    met = [(at, pixel) for at, _, pixel in loops.meetings(image[2:], window, **options)]
    inside = {at: sum(1 for other, _ in met if other == at) for at, _ in met}
    area = window[0] * window[1]
    return (*image[:2], *size), [
        ((n, c, *pixel), Fraction(1, area if counted else inside[at]), None, (), (n, c, *at))
        for n, c in np.ndindex(image[:2])
        for at, pixel in met
    ]


IMAGE = (1, 2, 4, 5)
PADDED = {"stride": (2, 1), "pad": (1, 0, 1, 1)}
# fmt: off
CONSTANT: list[tuple[str, dict[str, Any], list[Term]]] = [
    ("identity", {"x": (2, 2), "y_bar": (2, 2)}, [(k, -1, None, (), k) for k in np.ndindex(2, 2)]),
    ("reshape", {"x": (2, 3), "y_bar": (6,)}, [((k // 3, k % 3), 1, None, (), (k,)) for k in range(6)]),
    ("transpose", {"x": (2, 3), "y_bar": (3, 2)}, [((i, j), 1, None, (), (j, i)) for i, j in np.ndindex(2, 3)]),
    ("sum", {"x": (3,), "y_bar": (2, 3)}, [((j,), 1, None, (), (i, j)) for i, j in np.ndindex(2, 3)]),
    ("repeat", {"x": (2, 3), "y_bar": ()}, [(k, Fraction(1, 6), None, (), ()) for k in np.ndindex(2, 3)]),
    ("part", {"x": (2,), "y_bar": (5,)}, [((k,), 1, None, (), (k + 3,)) for k in range(2)]),
    ("selection", {"x": (5,), "y_bar": (3,)}, [((k,), 1, None, (), (n,)) for n, k in enumerate((4, 1, 4))]),
    ("row2im", {"x": IMAGE, "y_bar": _rows(IMAGE, (2, 3), **PADDED)[0]}, _rows(IMAGE, (2, 3), **PADDED)[1]),
    ("im2row", {"x": _rows(IMAGE, (2, 3), **PADDED)[0], "y_bar": IMAGE},
     [(there, 1, None, (), here) for here, _, _, _, there in _rows(IMAGE, (2, 3), **PADDED)[1]]),
    ("spread", {"x": IMAGE, "y_bar": _pooled(IMAGE, (2, 2), True)[0]}, _pooled(IMAGE, (2, 2), True)[1]),
    ("spread", {"x": IMAGE, "y_bar": _pooled(IMAGE, (2, 3), True, **PADDED)[0]}, _pooled(IMAGE, (2, 3), True, **PADDED)[1]),
    ("spread", {"x": IMAGE, "y_bar": _pooled(IMAGE, (2, 3), False, **PADDED)[0]}, _pooled(IMAGE, (2, 3), False, **PADDED)[1]),
]
# fmt: on


@pytest.mark.parametrize(("kind", "arrays", "terms"), CONSTANT)
def test_constant_coefficients(kind: str, arrays: Any, terms: list[Term]) -> None:
    form = found(arrays, terms)
    assert form and (form.kind, form.factors) == (kind, ("y_bar",))
    for mistake, wrong in damaged(terms).items():
        other = found(arrays, wrong)
        assert other is None or (other.kind == "diagonal" and kind == "identity"), mistake


def test_the_window_of_a_spread_is_told() -> None:
    shape, terms = _pooled(IMAGE, (2, 3), True, **PADDED)
    form = found({"x": IMAGE, "y_bar": shape}, terms)
    assert form and dict(form.settings) == {"window": (2, 3), "stride": (2, 1), "pad": (1, 1)}


def pooling(positions: tuple[int, ...], order: tuple[int, ...]) -> ClosedForm | None:
    """Of three entries two windows, (0, 1) and (1, 2): conditions by position, goals by order."""
    graph = Graph.empty()
    x = [Variable.input(graph, f"x[{k}]") for k in range(3)]
    y_bar = [Variable.input(graph, f"y_bar[{k}]") for k in range(2)]
    sums: list[Any] = [Variable.constant(graph, 0)] * 3
    for number, (position, goal) in enumerate(zip(positions, order, strict=True)):
        window = number // 2
        here = IndexIs(position)(argmax(x[window], x[window + 1]))
        sums[goal] = sums[goal] + where(here, y_bar[window], Variable.constant(graph, 0))
    graph.outputs = tuple(total.index for total in sums)
    return recognise(graph, {"x": (3,), "y_bar": (2,)}, "x")


def test_the_selection_matrix_of_max_pooling() -> None:
    form = pooling((0, 1, 0, 1), (0, 1, 1, 2))
    assert form and form.kind == "winners"
    assert pooling((0, 1, 1, 0), (0, 1, 1, 2)) is None  # to the smaller one
    assert pooling((0, 1, 0), (0, 1, 1)) is None  # a window that may lose its adjoint
    assert pooling((0, 1), (0, 1)) is None  # a window that loses it always
    assert pooling((0, 1, 0, 0), (0, 1, 1, 2)) is None  # to both


def test_a_diagonal_matrix() -> None:
    def scaled(places: tuple[int, ...]) -> ClosedForm | None:
        graph = Graph.empty()
        x = [Variable.input(graph, f"x[{k}]") for k in range(2)]
        y_bar = [Variable.input(graph, f"y_bar[{k}]") for k in range(2)]
        graph.outputs = tuple((sin(x[k]) * y_bar[p]).index for k, p in enumerate(places))
        return recognise(graph, {"x": (2,), "y_bar": (2,)}, "x")

    form = scaled((0, 1))
    assert form and form.kind == "diagonal"
    assert scaled((1, 0)) is None
    assert scaled((0, 0)) is None


@pytest.mark.parametrize(
    "text", ["y_bar*y_bar", "sin(y_bar)", "y_bar + 1", "1/y_bar", "where(y_bar > 0, y_bar, 0)"]
)
def test_what_is_not_linear_in_the_adjoint(text: str) -> None:
    assert recognise(dc.parse(text), {"x": (), "y_bar": ()}, "x") is None


def test_the_other_way_of_writing_it() -> None:
    """The terms are looked at, not how they are written: factored, doubled and halved, in any order."""
    graph = Graph.empty()
    o = [Variable.input(graph, f"o[{k}]") for k in range(2)]
    y_bar = [Variable.input(graph, f"y_bar[{k}]") for k in range(2)]
    graph.outputs = (
        (((o[0] * 2) * (y_bar[1] + y_bar[0]) - o[0] * y_bar[1] * 2) / 2).index,
        (-(-y_bar[1] * o[1])).index,
    )
    form = recognise(graph, {"x": (2,), "o": (2,), "y_bar": (2,)}, "x")
    assert form == ClosedForm("elementwise product", ("o", "y_bar"))


def test_terms_that_cancel_leave_zero() -> None:
    form = recognise(dc.parse("y_bar - y_bar"), {"x": (), "y_bar": ()}, "x")
    assert form == ClosedForm("zero", ())
