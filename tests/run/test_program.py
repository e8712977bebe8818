"""Programs give what the graph gives, at every kind of point, by every backend."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given

import diffcompare as dc
from diffcompare.numbers.rounding import rounding_error
from diffcompare.run.instructions import instructions
from tests.building import graph_of, logistic
from tests.ops.test_tables import TABLE
from tests.strategies import samples

GRAPHS = Path(__file__).parents[2] / "graphs"
ODD = (math.nan, math.inf, -math.inf, 0.0, -0.0, -1.0, 1.0, 2.0, -745.0, 800.0)
ULPS = 8 * 2.0**-53
NATIVE = pytest.mark.skipif(
    importlib.util.find_spec("llvmlite") is None, reason="the extra native is not installed"
)
BACKENDS = [
    "python",
    "numpy",
    "levels",
    pytest.param("native", marks=NATIVE),
    pytest.param("interpreted", marks=NATIVE),
]
by_every_backend = pytest.mark.parametrize("backend", BACKENDS)
ROWS = [pytest.param(op, points, id=repr(op)) for op, points in TABLE]


def spoilt(points: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
    """The points, and the first with each argument odd."""
    x = points[0]
    odd = [(*x[:k], bad, *x[k + 1 :]) for k in range(len(x)) for bad in ODD]
    return [*points, *(at for at in odd if at != (-math.inf, 0.5))]  # NumPy's power: a square root


def close(got: Any, true: Any) -> bool:
    return bool(np.allclose(got, true, rtol=ULPS, atol=2.0**-1022, equal_nan=True))


def compiled(graph: Any, backend: str) -> Any:
    """The program; skips where the interpreter says that it has not an op."""
    calls = instructions(graph).calls
    if backend == "interpreted" and calls:
        with pytest.raises(dc.DiffcompareError, match="needs ops with an expression"):
            dc.compile(graph, backend)
        pytest.skip("refused")
    return dc.compile(graph, backend)


@by_every_backend
@pytest.mark.parametrize(("op", "points"), ROWS)
def test_every_op_at_ordinary_and_at_odd_points(op: Any, points: Any, backend: str) -> None:
    names = [f"x{k}" for k in range(len(points[0]))]
    graph = graph_of(op, *names)
    program, at = compiled(graph, backend), spoilt(points)
    many = program.batch(*np.array(at).T)[0]
    for x, batched in zip(at, many, strict=True):
        true = graph.evaluate(dict(zip(names, map(np.float64, x), strict=True)))[graph.outputs[0]]
        assert close(program(*x)[0], true), (op, x, program(*x), true)
        assert close(batched, true), (op, x, batched, true)


def check(graph: Any, point: dict[str, float], backend: str = "auto") -> None:
    """The program gives what the graph gives, but for rounding, of one point and of many."""
    values = graph.evaluate({name: np.float64(v) for name, v in point.items()})
    true = [float(values[i]) for i in graph.outputs]
    allowed = [4 * e + 1e-300 for e in rounding_error(graph, point)]
    program = dc.compile(graph, backend)
    batched = [column[1] for column in program.batch(*(np.full(3, v) for v in point.values()))]
    for found in (program(*point.values()), batched):
        for got, want, error in zip(found, true, allowed, strict=True):
            same = got == want or (math.isnan(got) and math.isnan(want))
            assert same or abs(got - want) <= error


@given(samples())
def test_random_graphs(sample: Any) -> None:
    check(*sample)


@given(samples(outputs=1))
def test_random_gradients(sample: Any) -> None:
    for mode in ("forward", "reverse"):
        joint = dc.differentiate(sample.graph, mode).joint_graph
        check(joint, sample.point)


def test_where_math_raises_the_point_is_evaluated_by_numpy() -> None:
    program = dc.compile(dc.parse("log(x) + sin(x)/x + exp(x)"))
    assert np.isnan(program(-1.0)[0])
    assert np.isnan(program(0.0)[0])
    assert program(1000.0)[0] == math.inf
    program = dc.compile(dc.parse("where(x > 0, log(x), x)"))
    assert program(-2.0) == (-2.0,)  # log(-2) is never evaluated


@pytest.mark.parametrize("backend", ["python", pytest.param("native", marks=NATIVE)])
def test_names_from_outside_never_reach_the_source(backend: str) -> None:
    graph = graph_of(lambda a, b: a * b, "__import__('os')", "x0); exit((")
    program = dc.compile(graph, backend)
    assert program.inputs == ("__import__('os')", "x0); exit((")
    assert "import" not in program.source
    assert "exit" not in program.source
    assert program(2.0, 3.0) == (6.0,)


def test_a_shared_subexpression_is_computed_once_and_dead_code_never() -> None:
    graph = graph_of(lambda x: (dc.sin(x) * dc.sin(x), dc.cos(x))[0], "x")
    assert dc.compile(graph).source.count("sin(") == 1
    assert "cos" not in dc.compile(graph).source


@by_every_backend
def test_a_deep_graph(backend: str) -> None:
    graph = logistic(3000)
    x = 0.2
    for _ in range(2999):
        x = 4 * x * (1 - x)
    program = dc.compile(graph, backend)
    assert program(0.2)[0] == pytest.approx(x, abs=1)  # chaotic: in range is all it is
    assert program.batch([0.25, 0.75])[0].tolist() == [0.75, 0.75]


def test_the_same_program_for_the_same_graph() -> None:
    graph = dc.parse("x*x")
    assert graph.compile() is dc.compile(graph)
    derivative = dc.differentiate(graph, "reverse")
    assert derivative.compile() is dc.compile(derivative)


@pytest.mark.parametrize("name", ["net_conv_3x3", "net_shared_weight_pooled", "net_style"])
def test_networks(name: str) -> None:
    case = dc.read_case(GRAPHS / f"{name}.toml")
    derivative = dc.differentiate(case.graph(), "reverse", case.wrt)
    program = dc.compile(derivative)
    assert program.backend == "numpy"
    point = {n: np.asarray(case.point[n], dtype=float) for n in program.inputs}
    value, *blocks = program(*point.values())
    found = derivative.at(case.point)
    assert value == found.value[0]
    for wrt, block in zip(derivative.wrt, blocks, strict=True):
        np.testing.assert_array_equal(block, found[wrt])
    twice = program.batch(*(np.stack([x, x]) for x in point.values()))
    np.testing.assert_array_equal(twice[0], [value, value])


@pytest.mark.parametrize(
    ("source", "backend", "text"),
    [
        ("x", "auto", "compile needs a Graph or a Derivative, got 'x'"),
        (
            dc.parse("x"),
            "fortran",
            "compile needs a backend among auto, python, numpy, levels, native, interpreted",
        ),
        (
            dc.parse("sum(x)", shapes={"x": (2,)}),
            "python",
            "the python backend needs numbers on every edge, got an array",
        ),
    ],
)
def test_refusals(source: Any, backend: str, text: str) -> None:
    with pytest.raises(dc.DiffcompareError) as caught:
        dc.compile(source, backend)
    assert text in str(caught.value)


def test_how_often_decides_on_the_backend() -> None:
    pytest.importorskip("llvmlite", reason="the extra native is not installed")
    graph = dc.parse("sin(x)*y + x**5")
    assert dc.compile(graph, evaluations=1).backend == "python"
    assert dc.compile(graph, evaluations=10**7).backend == "native"
    assert dc.compile(graph).backend == "python"


def test_it_decides_without_llvmlite_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diffcompare.run.program.installed", lambda: False)
    narrow = dc.parse("sin(x)*y + x**5")
    wide = graph_of(lambda *x: tuple(dc.sin(u) * u for u in x), *(f"x{k}" for k in range(600)))
    for evaluations in (1, 10**7):
        assert dc.compile(narrow, evaluations=evaluations).backend == "python"
    assert dc.compile(wide, evaluations=10**7).backend == "levels"


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda p: p(1.0), "a program needs a value for each of 'x, y', got 1"),
        (lambda p: p(1.0, 2.0, 3.0), "a program needs a value for each of 'x, y', got 3"),
        (
            lambda p: p("a", 1.0),
            "a program needs floats, or arrays where its inputs are, got 'a', 1.0",
        ),
        (lambda p: p.batch([1.0]), "a batch needs a column for each of 2 inputs, got 1"),
        (
            lambda p: p.batch([1.0], [2.0], [3.0]),
            "a batch needs a column for each of 2 inputs, got 3",
        ),
        (lambda p: p.batch(), "a batch needs a column for each of 2 inputs, got 0"),
        (lambda p: p.batch(["a"], ["b"]), "a batch needs columns of real numbers of one length"),
        (lambda p: p.batch([1.0, 2.0], [1.0, 2.0, 3.0]), "a batch needs columns of real numbers"),
    ],
)
@pytest.mark.parametrize("backend", ["python", "levels", "native", "interpreted"])
def test_wrong_arguments(backend: str, call: Any, text: str) -> None:
    if backend in ("native", "interpreted"):
        pytest.importorskip("llvmlite", reason="the extra native is not installed")
    program = dc.differentiate(dc.parse("x*sin(y)"), "reverse").compile(backend)
    with pytest.raises(dc.DiffcompareError) as caught:
        call(program)
    assert text in str(caught.value)


def test_a_program_of_numbers_takes_no_arrays() -> None:
    program = dc.compile(dc.parse("x*x"))
    with pytest.raises(
        dc.DiffcompareError, match="a program needs a number for each input, got an array; batch"
    ):
        program(np.array([1.0, 2.0]))


@pytest.mark.parametrize("evaluations", ["a", -1, 0, 2.5, True])
def test_evaluations_are_counted(evaluations: Any) -> None:
    for graph in (dc.parse("x*y"), dc.parse("2*x", shapes={"x": (3,)})):
        with pytest.raises(
            dc.DiffcompareError, match="compile needs evaluations, a whole number of 1 or more"
        ):
            graph.compile(evaluations=evaluations)
    assert dc.parse("x*y").compile(evaluations=np.int64(1))(2.0, 3.0) == (6.0,)


@pytest.mark.parametrize("backend", ["python", "native"])
def test_a_short_column_is_not_stretched(backend: str) -> None:
    if backend == "native":
        pytest.importorskip("llvmlite", reason="the extra native is not installed")
    program = dc.parse("x*y").compile(backend)
    for columns in (([1.0, 2.0], [1.0]), ([1.0], [1.0, 2.0]), (np.ones(0), [1.0])):
        with pytest.raises(dc.DiffcompareError, match="columns of real numbers of one length"):
            program.batch(*columns)
    assert program.batch([1.0, 2.0], 3.0)[0].tolist() == [3.0, 6.0]
    assert program.batch([2.0], [3.0])[0].tolist() == [6.0]
