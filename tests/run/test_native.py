"""Machine code: IEEE results, chunks, vectors, calls from threads, and what is refused."""

from __future__ import annotations

import gc
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
from diffcompare.run.instructions import TESTS, Instructions, instructions
from diffcompare.run.native import engine
from diffcompare.run.native.batch import NativeBatch
from diffcompare.run.native.call import function
from diffcompare.run.native.interpreter import encoded, interpreted
from diffcompare.run.native.ir import compiled
from tests.building import graph_of, logistic
from tests.run.test_program import check
from tests.strategies import samples

pytest.importorskip("llvmlite", reason="the extra native is not installed")

BACKENDS = ("native", "interpreted")
by_both = pytest.mark.parametrize("backend", BACKENDS)
LANES = engine.machine().lanes
FEW = settings(max_examples=20, deadline=None)


def swirl(x: Any, y: Any) -> Any:
    """Every kind of instruction, a test that is read far from where it is made."""
    below = dc.sigmoid(x) * dc.exp(-y) + x % y
    return dc.where(x > y, below, dc.sin(x) * dc.cos(x)), dc.max(x, y, below), x, 2.5, below


def wavy(x: float, y: float) -> tuple[float, ...]:
    """The same, written with `math`."""
    below = 1 / (1 + math.exp(-x)) * math.exp(-y) + x % y
    return below if x > y else math.sin(x) * math.cos(x), max(x, y, below), x, 2.5, below


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


@pytest.mark.parametrize("name", ["exp", "log", "sin", "cos", "tan", "sqrt", "tanh", "erf", "cbrt"])
def test_functions_of_vectors_at_the_ends_of_the_line(name: str) -> None:
    """Subnormal, huge and signed: what mpmath says, to 4 ulp, as libmvec promises."""
    ends = (5e-324, 1e-310, 2.3e-308, 1e-20, 0.5, 709.7, 709.8, -708.4, -744.0, 1e22, 1.7e308)
    at = np.array([*ends, *(-x for x in ends), math.inf, -math.inf, math.nan, 0.0, -0.0])
    graph = graph_of(getattr(dc, name), "x")
    with np.errstate(all="ignore"):
        true = np.array([graph.ops[-1].value(np.float64(x)) for x in at], dtype=float)
    found = dc.compile(graph, "native").batch(at)[0]
    np.testing.assert_array_equal(np.isnan(found), np.isnan(true))
    np.testing.assert_array_equal(
        np.signbit(found)[~np.isnan(true)], np.signbit(true)[~np.isnan(true)]
    )
    np.testing.assert_array_max_ulp(found[~np.isnan(true)], true[~np.isnan(true)], 5)


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 500])
def test_chunks_of_every_size(chunk: int) -> None:
    program = instructions(graph_of(swirl, "x", "y"))
    assert TESTS & {*program.names}
    kernel, text = compiled(program, chunk)
    assert text.count("define internal void @chunk") == -(-len(program.names) // chunk)
    call, batch = function(kernel), NativeBatch(program, chunk)
    points = [(0.3, 2.0), (2.0, 0.3), (-1.5, 0.7), (1.0, -3.0)]
    columns = batch(*np.array(points * 5).T)
    for place, x in enumerate(points):
        assert call(*x) == pytest.approx(wavy(*x), rel=1e-14)
        assert [column[place] for column in columns] == pytest.approx(wavy(*x), rel=1e-14)


def test_slots_are_used_again() -> None:
    kernel, _ = compiled(instructions(logistic(2000)), 10)
    assert kernel.slots < 10


@by_both
def test_programs_without_inputs_or_operations(backend: str) -> None:
    assert dc.compile(graph_of(lambda: 2.5), backend)() == (2.5,)
    identity = dc.compile(graph_of(lambda x: (x, x), "x"), backend)
    assert identity(-0.0) == (0.0, 0.0)
    assert math.copysign(1, identity(-0.0)[1]) == -1
    assert identity.batch([1.0, 2.0])[1].tolist() == [1.0, 2.0]


@pytest.mark.parametrize("size", [0, 1, 3, LANES - 1, LANES, LANES + 1, 2 * LANES, 1000, 1003])
def test_batches_of_every_size(size: int) -> None:
    program = dc.compile(graph_of(swirl, "x", "y"), "native")
    rng = np.random.default_rng(size)
    x, y = rng.uniform(-3, 3, size), rng.uniform(0.5, 3, size)
    found = program.batch(x, y)
    assert [column.shape for column in found] == [(size,)] * 5
    for row in range(size):
        want = wavy(x[row], y[row])
        assert [column[row] for column in found] == pytest.approx(want, rel=1e-13)


def test_columns_of_every_make() -> None:
    program = dc.compile(graph_of(lambda x, y: x - 2 * y, "x", "y"), "native")
    x = np.arange(40.0)
    for column in (x[::2], x[::-2], x[:20].astype(int), x[:20].tolist(), x[:20].astype(np.float32),
                   np.broadcast_to(3.0, 20), x[:20].astype(">f8")):  # fmt: skip
        np.testing.assert_array_equal(program.batch(column, 1)[0], np.asarray(column, float) - 2)
    np.testing.assert_array_equal(program.batch(1, x)[0], 1 - 2 * x)
    grid = x.reshape(5, 8).T
    np.testing.assert_array_equal(program.batch(grid, 1.5)[0], grid - 3)
    np.testing.assert_array_equal(program.batch(x[:, None], x)[0], x[:, None] - 2 * x)
    assert program.batch(7.0, 1.0)[0].shape == ()


@by_both
def test_large_graphs_are_right(backend: str) -> None:
    """A thousand inputs: more numbers than a call keeps on the stack."""
    names = [f"x{k}" for k in range(1500)]
    program = dc.compile(graph_of(lambda *x: (sum(x), x[0] * x[-1]), *names), backend)
    assert program(*range(1500)) == (1500 * 1499 / 2, 0.0)
    assert program(*[2.0] * 1500) == (3000.0, 4.0)


def test_runs_hold_instructions_of_one_kind_that_read_what_is_before() -> None:
    program = instructions(
        graph_of(lambda x, y: (dc.sin(x) + dc.cos(y) * dc.sin(y), x * y), "x", "y")
    )
    runs, args, _ = encoded(program)
    assert runs[:, 1].sum() == len(program.names)
    assert len(runs) <= len(program.names)
    assert all(max(row) < program.first + turn for turn, row in enumerate(args.tolist()))


@by_both
def test_a_call_takes_numbers_as_python_does(backend: str) -> None:
    program = dc.compile(graph_of(lambda x, y: x / y, "x", "y"), backend)
    assert program(1, True) == (1.0,)
    assert program(np.float32(0.5), np.int64(2)) == (0.25,)
    assert program(-1.0, 1.0) == (-1.0,)  # what the C interface returns for an error, too
    with pytest.raises(TypeError, match="a program of 2 numbers was called with 1"):
        program(1.0)
    with pytest.raises(TypeError, match="must be real number, not str"):
        program(1.0, "a")
    with pytest.raises(TypeError, match="must be real number"):
        program(1 + 2j, 1.0)
    with pytest.raises(OverflowError):
        program(10**400, 1.0)


def test_an_error_in_a_large_call_frees_its_room() -> None:
    names = [f"x{k}" for k in range(1000)]
    program = dc.compile(graph_of(lambda *x: sum(x), *names), "native")
    for _ in range(100):
        with pytest.raises(TypeError):
            program(*[1.0] * 999, None)
    assert program(*[1.0] * 1000) == (1000.0,)


@by_both
def test_threads_may_call_a_function_and_a_batch_at_once(backend: str) -> None:
    program = dc.compile(logistic(600), backend)
    starts = np.linspace(0.01, 0.99, 64)
    alone, batch = [program(x) for x in starts], program.batch(starts)[0]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(program, starts.tolist() * 8)) == alone * 8
        for found in pool.map(lambda _: program.batch(starts)[0], range(8)):
            np.testing.assert_array_equal(found, batch)


@pytest.mark.parametrize("backend", ["python", *BACKENDS])
def test_a_buffered_call_reads_and_writes_its_arrays(backend: str) -> None:
    x, out = np.array([0.3, 2.0]), np.zeros(5)
    call = dc.compile(graph_of(swirl, "x", "y"), backend).buffered(x, out)
    assert call() is None
    assert out == pytest.approx(wavy(0.3, 2.0), rel=1e-14)
    x[:] = 2.0, 0.3
    call()
    assert out == pytest.approx(wavy(2.0, 0.3), rel=1e-14)


BOTH = np.zeros(2)


@pytest.mark.parametrize(
    ("x", "out", "text"),
    [
        ([1.0], np.zeros(1), "x needs to be an array of floats, got [1.0]"),
        (np.zeros(1, int), np.zeros(1), "x needs to be an array of floats, got dtype('int64')"),
        (np.zeros(2), np.zeros(1), "x needs shape (1,), contiguous and writeable, got shape (2,)"),
        (np.zeros(1), np.zeros((1, 1)), "out needs shape (1,)"),
        (np.zeros(1), np.broadcast_to(0.0, 1), "out needs shape (1,)"),
        (BOTH[:1], BOTH[:1], "needs x and out apart, got shared memory"),
    ],
)
def test_other_arrays_are_refused(x: Any, out: Any, text: str) -> None:
    program = dc.compile(dc.parse("x*x"), "native")
    with pytest.raises(dc.DiffcompareError) as caught:
        program.buffered(x, out)
    assert text in str(caught.value)


def test_machine_code_lives_as_long_as_the_function_that_runs_it() -> None:
    def made(k: int) -> Any:
        program = dc.compile(graph_of(lambda x: x * k + dc.gamma(x), "x"), "native")
        return program.function, program.buffered(np.array([3.0]), np.zeros(1)), program.batch

    kept = [made(k) for k in range(1, 20)]
    gc.collect()
    for k, (call, trigger, batch) in enumerate(kept, 1):
        trigger()
        assert call(3.0) == (3 * k + 2,)
        assert batch([3.0])[0] == [3 * k + 2]


def test_the_interpreter_says_what_it_has_not() -> None:
    with pytest.raises(dc.DiffcompareError) as caught:
        dc.compile(dc.parse("gamma(x)"), "interpreted")
    assert str(caught.value) == (
        "the interpreted backend needs ops with an expression, got gamma; take native or python"
    )
    odd = Instructions(1, [], ["haversine"], [(0,)], {}, (1,))
    with pytest.raises(dc.DiffcompareError, match="got haversine"):
        interpreted(odd)


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


def test_without_libmvec_functions_are_called_lane_by_lane(monkeypatch: Any) -> None:
    here = engine.machine()
    plain = engine.Machine(here.name, here.features, here.lanes, "")
    monkeypatch.setattr("diffcompare.run.native.functions.machine", lambda: plain)
    program = instructions(graph_of(lambda x, y: dc.sin(x) + dc.atan2(x, y) + dc.tanh(y), "x", "y"))
    x, y = np.linspace(-3, 3, 50), np.linspace(5, 7, 50)
    true = [math.sin(a) + math.atan2(a, b) + math.tanh(b) for a, b in zip(x, y, strict=True)]
    np.testing.assert_allclose(NativeBatch(program)(x, y)[0], true, rtol=1e-14)
