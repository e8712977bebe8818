"""Settings as users write them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.ops.layers.settings import count, pair, sides, sizes

TWO = Variable.constant(Graph.empty(), 2)


@pytest.mark.parametrize("value", [2, np.int64(2), Fraction(2), 2.0, TWO, [2], (2, 2), [TWO, 2]])
def test_pair(value: Any) -> None:
    result = pair("conv2d", "stride", value)
    assert result == (2, 2)
    assert [type(n) for n in result] == [int, int]


def test_sides() -> None:
    assert sides("conv2d", 3) == (3, 3, 3, 3)
    assert sides("conv2d", (1, 2)) == (1, 1, 2, 2)
    assert sides("conv2d", [1, 2, 3, 4]) == (1, 2, 3, 4)


def test_numbers() -> None:
    assert count("conv2d", "groups", Fraction(3)) == 3
    assert sizes("row2im", "to", (1, 2, np.int32(3))) == (1, 2, 3)


@pytest.mark.parametrize("value", [1.5, "2", None, True, (1, 2, 3), (), {1: 2}, np.nan, (1, "2")])
def test_refused(value: Any) -> None:
    for read in (lambda: pair("conv2d", "stride", value), lambda: sides("conv2d", value)):
        with pytest.raises(DiffcompareError) as error:
            read()
        assert error.value.kind == "attr"


def test_texts() -> None:
    with pytest.raises(DiffcompareError) as error:
        pair("conv2d", "stride", (1, 2, 3))
    assert str(error.value) == (
        "conv2d needs stride as a whole number or two: height, width, got (1, 2, 3)"
    )
    with pytest.raises(DiffcompareError) as error:
        sides("conv2d", 0.5)
    assert str(error.value) == (
        "conv2d needs pad as a whole number, two (height, width) or four "
        "(top, bottom, left, right), got 0.5"
    )
    with pytest.raises(DiffcompareError) as error:
        count("conv2d", "groups", (1, 2))
    assert str(error.value) == "conv2d needs groups as a whole number, got (1, 2)"
    with pytest.raises(DiffcompareError) as error:
        sizes("row2im", "to", "big")
    assert str(error.value) == "row2im needs to as whole numbers, got 'big'"
