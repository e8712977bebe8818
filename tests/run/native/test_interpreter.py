"""What the interpreter refuses."""

from __future__ import annotations

import pytest

import diffcompare as dc
from diffcompare.run.instructions import Instructions
from diffcompare.run.native.interpreter import interpreted

pytest.importorskip("llvmlite", reason="the extra native is not installed")


def test_the_interpreter_says_what_it_has_not() -> None:
    with pytest.raises(dc.DiffcompareError) as caught:
        dc.compile(dc.parse("gamma(x)"), "interpreted")
    assert str(caught.value) == (
        "the interpreted backend needs ops with an expression, got gamma; take native or python"
    )
    odd = Instructions(1, [], ["haversine"], [(0,)], {}, (1,))
    with pytest.raises(dc.DiffcompareError, match="got haversine"):
        interpreted(odd)
