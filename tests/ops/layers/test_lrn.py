"""Local response normalisation against its closed formulas, in loops."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from diffcompare.errors import DiffcompareError
from diffcompare.graph.listing import from_listing, to_listing
from diffcompare.ops.cost import Cost
from diffcompare.ops.layers.channels import ChannelSum, LRNSquares
from diffcompare.ops.layers.lrn import LRN, lrn
from tests.ops.layers.checks import (
    CHECKS,
    LINEAR_CHECKS,
    Case,
    case,
    failing,
    random,
)
from tests.ops.layers.composed import check_composed, gradient_of, graph_of, value_of

IMAGE = (2, 5, 3, 1)
REACHES = (0, 0), (1, 1), (1, 2), (2, 0), (3, 3), (6, 4)
SUMS = [case(ChannelSum(*reach), IMAGE) for reach in REACHES]
SQUARES = [case(LRNSquares(*reach), IMAGE) for reach in REACHES]
OPTIONS: list[Any] = [
    (3, 2, 0.5, 0.75), (5, 1, 2, 1), (4, 1, 0.5, 0.5, True), (2, 1, 1.5, 2), (1, 1, 1, -1),
]  # fmt: skip
LAYERS = [
    case(LRN(*options), x=[random(IMAGE, 1), random(IMAGE, 2) ** 2])
    for options in (*OPTIONS, (9, 1, 1, 1.5))
]


@pytest.mark.parametrize("check", LINEAR_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("case", SUMS, ids=str)
def test_channel_sum(case: Case, check: Any) -> None:
    check(case)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("case", SQUARES, ids=str)
def test_squares(case: Case, check: Any) -> None:
    check(case)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_is_its_expansion(options: Any) -> None:
    check_composed(lambda v: lrn(v, *options), random(IMAGE, 3))


def loops(x: Any, y_bar: Any, group: int, kappa: float, alpha: float, beta: float) -> Any:
    """Value and adjoint for channels × anything, by the formulas as they are written."""
    channels = range(len(x))
    near = [range(max(0, k - (group - 1) // 2), min(len(x), k + group // 2 + 1)) for k in channels]
    L = np.array([kappa + alpha * sum(x[t] ** 2 for t in near[k]) for k in channels])
    x_bar = [
        y_bar[d] * L[d] ** -beta
        - 2 * alpha * beta * x[d]
        * sum(y_bar[k] * L[k] ** (-beta - 1) * x[k] for k in channels if d in near[k])
        for d in channels
    ]  # fmt: skip
    return x * L**-beta, np.array(x_bar)


@pytest.mark.parametrize("group", range(1, 8))
@pytest.mark.parametrize("divide", [False, True])
def test_closed_formulas(group: int, divide: bool) -> None:
    x, y_bar = random((1, 6, 2, 3), group), random((1, 6, 2, 3), 50 + group)

    def layer(v: Any) -> Any:
        return lrn(v, group, 1.5, 0.3, 0.75, divide)

    y, x_bar = loops(x[0], y_bar[0], group, 1.5, 0.3 / group if divide else 0.3, 0.75)
    np.testing.assert_allclose(value_of(layer, x)[0], y, rtol=1e-14)
    np.testing.assert_allclose(gradient_of(layer, x, y_bar=y_bar)[0], x_bar, rtol=1e-12, atol=1e-14)


def test_alexnet() -> None:
    x = np.arange(10.0, 70.0, 10.0).reshape(1, 6, 1, 1)
    y_bar = np.arange(1.0, 7.0).reshape(x.shape)
    true = [
        0.52101895503980623, 0.90805303778238235, 1.0636000941169688,
        0.88852688479606772, 1.2040573089153687, 1.6684965186612588,
    ]  # fmt: skip
    got = gradient_of(lrn, x, y_bar=y_bar)
    np.testing.assert_allclose(got.ravel(), true, rtol=1e-14)


def test_counts_by_hand() -> None:
    """On one pixel of 3 channels, group 3: a square each and 3 sums of 2, 3 and 2, the middle one
    of all; then α·, κ +, a power and x· each."""
    assert LRNSquares(1, 1).cost([(1, 3, 1, 1)]) == Cost(mul=3, add=4)
    assert LRN(3, 2, 1, 0.75).cost([(1, 3, 1, 1)] * 2) == 3 * Cost(mul=2, add=1, call=1)


def test_sums_are_taken_once() -> None:
    """A group wider than the channels: all 5 sums are the same, 4 additions a pixel."""
    assert ChannelSum(6, 4).cost([IMAGE]) == Cost(add=2 * 3 * 4)
    assert ChannelSum(1, 1).cost([IMAGE]) == Cost(add=2 * 3 * (1 + 3 * 2 + 1))


def test_tensor_level_is_the_layer() -> None:
    """Lowered to array operations, all costs are those of the scalars."""
    squares = LRNSquares(1, 1)
    check_composed(squares.lower, random(IMAGE, 1))
    np.testing.assert_array_equal(value_of(squares.lower, SQUARES[0].x[0]), SQUARES[1].y)


def test_options_are_exact_and_listed() -> None:
    layer = LRN(5, 2, 1e-4, 0.1)
    assert (layer.alpha, layer.beta) == (Fraction(1, 10000), Fraction(1, 10))
    assert layer == LRN(5, Fraction(2), Fraction(1, 10000), Fraction(1, 10), False)
    text = to_listing(graph_of(layer, np.zeros(IMAGE), np.zeros(IMAGE)))
    assert to_listing(from_listing(text)) == text


def test_wrong_rules_are_seen() -> None:
    class Off(LRN):
        def _slopes(self, x: Any) -> Any:
            straight, back = super()._slopes(x)
            return straight, back * (1 + 1e-9)

    class Mirrored(LRNSquares):
        def vjp(self, y: Any, x: Any, y_bar: Any, wanted: Any) -> list[Any]:
            return [self.sums(y_bar) * (2 * x[0])]

    assert "check_duality" not in failing(Case(LRN(4, 1, 0.5, 0.5), LAYERS[0].x, (0, 1)))
    assert "check_forward" in failing(Case(Off(4, 1, 0.5, 0.5), LAYERS[0].x, (0, 1)))
    assert {"check_duality", "check_reverse"} <= set(
        failing(Case(Mirrored(1, 2), SQUARES[2].x, (0,)))
    )


REFUSED: list[tuple[Any, str, str]] = [
    (lambda x: lrn(x, 0), "attr", "lrn needs a group of 1 or more, got 0"),
    (lambda x: lrn(x, 2.5), "attr", "lrn needs a group of 1 or more, got 2.5"),
    (lambda x: lrn(x, alpha=np.nan), "attr", "lrn needs alpha as a finite number, got nan"),
    (lambda x: lrn(x, beta="1"), "attr", "lrn needs beta as a finite number, got '1'"),
    (lambda x: lrn(x, divide=1), "attr", "lrn needs divide as true or false, got 1"),
    (lambda x: lrn(x[0, 0, 0]), "shape", "lrn needs an array N×C×…, one entry or more, got 1"),
    (lambda x: lrn(x[:0]), "shape", "lrn needs an array N×C×…, one entry or more, got 0×5×3×1"),
    (lambda x: ChannelSum(-1, 0), "attr", "channel_sum needs reaches of 0 or more, got -1"),
    (lambda x: ChannelSum(1, 1).shape([(3,)]), "shape",
     "channel_sum needs an array N×C×…, one entry or more, got 3"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "text"), REFUSED, ids=[row[2] for row in REFUSED])
def test_refusals(call: Any, kind: str, text: str) -> None:
    with pytest.raises(DiffcompareError) as caught:
        call(np.zeros(IMAGE))
    assert (caught.value.kind, str(caught.value)) == (kind, text)
