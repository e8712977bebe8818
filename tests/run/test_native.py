"""Machine code gives what the graph gives: IEEE results, of every backend that is built by LLVM."""

from __future__ import annotations

import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import diffcompare as dc
from diffcompare.run.instructions import instructions
from tests.building import graph_of, logistic
from tests.run.test_program import check
from tests.strategies import samples

pytest.importorskip("llvmlite", reason="the extra native is not installed")

BACKENDS = ("native", "interpreted")
by_both = pytest.mark.parametrize("backend", BACKENDS)
FEW = settings(max_examples=20, deadline=None)


@FEW
@given(samples())
def test_random_graphs(sample: Any) -> None:
    check(*sample, "native")
    if not instructions(sample.graph).calls:
        check(*sample, "interpreted")


@FEW
@given(samples(outputs=1))
def test_random_gradients(sample: Any) -> None:
    joint = dc.differentiate(sample.graph, "reverse").joint_graph
    check(joint, sample.point, "native")
    if not instructions(joint).calls:
        check(joint, sample.point, "interpreted")


@by_both
def test_products_are_rounded_before_they_are_added(backend: str) -> None:
    program = dc.compile(graph_of(lambda x, y, z: x * y + z, *"xyz"), backend)
    x = 1 + 2.0**-30
    z = -(1 + 2.0**-29)
    assert Fraction(x) * Fraction(x) + Fraction(z) == Fraction(1, 2**60)  # what a fused one gives
    assert program(x, x, z) == (0.0,)
    assert program.batch([x] * 20, x, z)[0].tolist() == [0.0] * 20


@by_both
@pytest.mark.parametrize("y", [3.0, -3.0, 0.0, -0.0, math.inf, -math.inf, math.nan])
@pytest.mark.parametrize("x", [7.5, -7.5, 6.0, -6.0, 0.0, -0.0, math.inf, math.nan, 5e-324])
def test_the_remainder_has_the_sign_of_the_divisor(x: float, y: float, backend: str) -> None:
    program = dc.compile(graph_of(lambda x, y: x % y, "x", "y"), backend)
    with np.errstate(all="ignore"):
        true = np.mod(x, y)
    for got in (program(x, y)[0], program.batch([x] * 9, y)[0][8]):
        assert got == true or (math.isnan(got) and math.isnan(true))
        assert math.isnan(true) or math.copysign(1, got) == math.copysign(1, true)


@by_both
def test_programs_without_inputs_or_operations(backend: str) -> None:
    assert dc.compile(graph_of(lambda: 2.5), backend)() == (2.5,)
    identity = dc.compile(graph_of(lambda x: (x, x), "x"), backend)
    assert identity(-0.0) == (0.0, 0.0)
    assert math.copysign(1, identity(-0.0)[1]) == -1
    assert identity.batch([1.0, 2.0])[1].tolist() == [1.0, 2.0]


@by_both
def test_large_graphs_are_right(backend: str) -> None:
    """A thousand inputs: more numbers than a call keeps on the stack."""
    names = [f"x{k}" for k in range(1500)]
    program = dc.compile(graph_of(lambda *x: (sum(x), x[0] * x[-1]), *names), backend)
    assert program(*range(1500)) == (1500 * 1499 / 2, 0.0)
    assert program(*[2.0] * 1500) == (3000.0, 4.0)


@by_both
def test_a_call_takes_numbers_as_python_does(backend: str) -> None:
    program = dc.compile(graph_of(lambda x, y: x / y, "x", "y"), backend)
    assert program(1, True) == (1.0,)
    assert program(np.float32(0.5), np.int64(2)) == (0.25,)
    assert program(-1.0, 1.0) == (-1.0,)  # what the C interface returns for an error, too
    with pytest.raises(TypeError, match="a program of 2 numbers was called with 1"):
        program.function(1.0)
    with pytest.raises(TypeError, match="must be real number, not str"):
        program.function(1.0, "a")
    with pytest.raises(TypeError, match="must be real number"):
        program.function(1 + 2j, 1.0)
    with pytest.raises(OverflowError):
        program.function(10**400, 1.0)


@by_both
def test_threads_may_call_a_function_and_a_batch_at_once(backend: str) -> None:
    program = dc.compile(logistic(600), backend)
    starts = np.linspace(0.01, 0.99, 64)
    alone, batch = [program(x) for x in starts], program.batch(starts)[0]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(program, starts.tolist() * 8)) == alone * 8
        for found in pool.map(lambda _: program.batch(starts)[0], range(8)):
            np.testing.assert_array_equal(found, batch)


def test_without_llvmlite_the_refusal_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['llvmlite'] = None\n"
        "import diffcompare as dc\n"
        "assert dc.compile(dc.parse('x*x'))(3.0) == (9.0,)\n"
        "try: dc.compile(dc.parse('x*x'), 'native')\n"
        "except dc.DiffcompareError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == (
        "the native backend needs the extra native, llvmlite 0.46, got none; "
        "pip install 'diffcompare[native]'\n"
    )
