"""Which machine code a program gets: its own, or the interpreter's."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

import diffcompare as dc
from diffcompare.run.instructions import instructions
from diffcompare.run.native.call import function
from diffcompare.run.native.kernel import LEAST, OUTGROWN, native_kernel
from tests.building import graph_of

pytest.importorskip("llvmlite", reason="the extra native is not installed")


def _wide(count: int) -> Callable[[Any], Any]:
    """Σ sin(k x), by twos."""

    def run(x: Any) -> Any:
        terms = [dc.sin(k * x) for k in range(2, count + 2)]
        while len(terms) > 1:
            odd = terms[-1:] if len(terms) % 2 else []
            terms = [a + b for a, b in zip(terms[::2], terms[1::2], strict=False)] + odd
        return terms[0]

    return run


FACTORS = [3.5 + k / 16 for k in range(8)]


def _deep(steps: int) -> Callable[[Any], Any]:
    """Logistic maps side by side."""

    def run(x: Any) -> Any:
        values = [x] * len(FACTORS)
        for _ in range(steps):
            values = [r * y * (1 - y) for r, y in zip(FACTORS, values, strict=True)]
        return sum(values)

    return run


@pytest.mark.parametrize(("count", "own"), [(LEAST // 4, True), (LEAST, False)])
def test_a_wide_program_is_interpreted_where_it_is_large(count: int, own: bool) -> None:
    kernel, text = native_kernel(instructions(graph_of(_wide(count), "x")))
    assert ("define" in text) == own
    true = math.fsum(math.sin(k * 0.3) for k in range(2, count + 2))
    assert function(kernel)(0.3)[0] == pytest.approx(true, rel=1e-10, abs=1e-10)


@pytest.mark.parametrize(("size", "own"), [(LEAST + 100, True), (OUTGROWN, False)])
def test_a_deep_program_is_interpreted_where_its_code_would_not_fit(size: int, own: bool) -> None:
    steps = -(-size // 24) + 100
    kernel, text = native_kernel(instructions(graph_of(_deep(steps), "x")))
    assert ("define" in text) == own
    assert function(kernel)(0.3) == (_deep(steps)(0.3),)


def test_what_the_interpreter_has_not_is_compiled_at_any_size() -> None:
    graph = graph_of(lambda x: _wide(LEAST)(x) + dc.gamma(x), "x")
    kernel, text = native_kernel(instructions(graph))
    assert "define" in text
    true = math.fsum(math.sin(k * 3.0) for k in range(2, LEAST + 2)) + 2
    assert function(kernel)(3.0)[0] == pytest.approx(true, rel=1e-10)
