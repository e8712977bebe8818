"""Compressed derivatives against the dense ones of the other modes."""

from __future__ import annotations

import sys
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import diffcompare as dc
from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.modes import products
from diffcompare.modes.derivative import Sweep
from diffcompare.modes.sparsity.coloring import Coloring, coloring
from diffcompare.modes.sparsity.compressed import (
    compress,
    compress_hessian,
    sparse_hessian,
    sparse_jacobian,
)  # fmt: skip
from diffcompare.modes.sparsity.pattern import sparsity
from tests.strategies import ALL, UNGUARDED, Sample, samples

WAYS = st.sampled_from(["columns", "rows", "both"])


def same(a: Any, b: Any) -> bool:
    return bool(np.array_equal(a, b, equal_nan=True))


@pytest.mark.parametrize("name", ["arrowhead", "broyden_tridiagonal", "brusselator", "robot_arm"])
@pytest.mark.parametrize("direction", ["columns", "rows", "both"])
def test_gallery_jacobians(name: str, direction: str) -> None:
    case = dc.read_case(f"graphs/{name}.toml")
    found = compress(case.graph(), colors=direction).sparse(case.point).dense()
    dense = dc.differentiate(case.graph(), "reverse").at(case.point).matrix
    np.testing.assert_allclose(found, dense, rtol=1e-13, atol=1e-13)


def test_the_numbers_of_the_gallery_cases() -> None:
    """The expected Jacobians of the cases are by mpmath."""
    for name, passes in (("arrowhead", (2, 1)), ("broyden_tridiagonal", (3, 0))):
        case = dc.read_case(f"graphs/{name}.toml")
        derivative = compress(case.graph())
        assert (derivative.coloring.forward, derivative.coloring.reverse) == passes
        assert derivative.passes == derivative.coloring.bound == 3
        found = derivative.at(case.point)
        for wrt in case.point:
            assert found[wrt].tolist() == list(case.jacobian[wrt])


@settings(max_examples=150, deadline=None)
@given(samples(ALL, outputs=4), WAYS)
def test_any_graph(sample: Sample, direction: str) -> None:
    """Columns bit for bit as forward, rows as reverse; the vectors change no rounding."""
    found = compress(sample.graph, colors=direction).at(sample.point).matrix
    forward, reverse = (
        dc.differentiate(sample.graph, mode).at(sample.point).matrix
        for mode in ("forward", "reverse")
    )
    same_as_one = (found == forward) | (found == reverse) | np.isnan(found)
    assert same_as_one.all()
    if direction != "both":
        assert same(found, forward if direction == "columns" else reverse)


@settings(max_examples=150, deadline=None)
@given(samples(UNGUARDED, outputs=4, finite=False), WAYS)
def test_undefined_values_spoil_no_entry_beside_them(sample: Sample, direction: str) -> None:
    found = compress(sample.graph, colors=direction).sparse(sample.point).dense()
    mode = "reverse" if direction == "rows" else "forward"
    if direction != "both":
        assert same(found, dc.differentiate(sample.graph, mode).at(sample.point).matrix)


def test_an_infinite_slope_stays_in_its_entry() -> None:
    """√x has an infinite slope at 0; as 0·∞ it would make its neighbours nan."""
    found = sparse_jacobian(dc.parse("sqrt(x) + y, y*z, z*u"), {"x": 0, "y": 2, "z": 3, "u": 5})
    assert found.values.tolist() == [np.inf, 1, 3, 2, 5, 3]


def test_undefined_outputs_are_nan() -> None:
    graph = dc.parse("log(x) + y, y*y")
    found = sparse_jacobian(graph, {"x": -1, "y": 2})
    assert same(found.dense(), [[np.nan, np.nan], [0.0, 4.0]])
    assert same(found.dense(), dc.differentiate(graph, "forward").at({"x": -1, "y": 2}).matrix)


@settings(max_examples=100, deadline=None)
@given(samples(outputs=1))
def test_hessians(sample: Sample) -> None:
    found = compress_hessian(sample.graph).sparse(sample.point).dense()
    dense = dc.hessian(sample.graph).at(sample.point).matrix
    assert same(found, found.T)
    scale = np.max(np.abs(dense), initial=1.0, where=np.isfinite(dense))
    np.testing.assert_allclose(found, dense, rtol=1e-9, atol=1e-12 * scale)


def test_hessian_of_the_references() -> None:
    found = sparse_hessian(dc.parse("x**2*y**2*z**2"), {"x": 1, "y": 2, "z": 3})
    assert found.dense().tolist() == [[72, 72, 48], [72, 18, 24], [48, 24, 8]]


def test_hessian_of_rosenbrock_takes_three_products() -> None:
    """Σ 100 (x₊ − x²)² + (1 − x)²: ∂² = 1200 x² − 400 x₊ + 202, 1200 x² − 400 x₊ + 2 first, 200 last."""
    n = 40
    graph = Graph.empty()
    x = [Variable.input(graph, f"x{k}") for k in range(n)]
    terms = [100 * (b - a * a) * (b - a * a) + (1 - a) * (1 - a) for a, b in pairwise(x)]
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    graph.outputs = (total.index,)
    at = np.linspace(-1, 2, n)
    derivative = compress_hessian(graph)
    assert derivative.passes == derivative.coloring.bound == 3
    expected = np.diag(-400 * at[:-1], 1) + np.diag(-400 * at[:-1], -1)
    expected += np.diag(
        np.r_[1200 * at[:-1] ** 2 - 400 * at[1:] + 2, 0] + np.r_[0, np.full(n - 1, 200.0)]
    )
    found = derivative.sparse({f"x{k}": number for k, number in enumerate(at)})
    np.testing.assert_allclose(found.dense(), expected, rtol=1e-12, atol=1e-11)


@pytest.mark.parametrize("name", ["net_pooling", "net_conv_3x3", "net_smallest", "net_im2row"])
@pytest.mark.parametrize("direction", ["columns", "rows", "both"])
def test_arrays(name: str, direction: str) -> None:
    case = dc.read_case(f"graphs/{name}.toml")
    found = compress(case.graph(), colors=direction).at(case.point).matrix
    dense = dc.differentiate(case.graph(), "reverse").at(case.point).matrix
    np.testing.assert_allclose(found, dense, rtol=1e-12, atol=1e-13)


def test_a_network_of_neighbours_takes_few_passes() -> None:
    """A 3-tap filter over 30 numbers: three passes in place of 28 or 30."""
    graph = dc.parse("conv2d(x*x, w)", shapes={"x": (1, 1, 1, 30), "w": (1, 1, 1, 3)})
    derivative = compress(graph, "x")
    assert (derivative.passes, derivative.coloring.bound) == (3, 3)
    rng = np.random.default_rng(1)
    at = {"x": rng.normal(size=(1, 1, 1, 30)), "w": rng.normal(size=(1, 1, 1, 3))}
    dense = dc.differentiate(graph, "reverse", "x").at(at).matrix
    np.testing.assert_allclose(derivative.sparse(at).dense(), dense, rtol=1e-14)


def test_passes_run_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many runs as blocks of colors; the numbers are the same."""
    case = dc.read_case("graphs/arrowhead.toml")
    derivative = compress(case.graph(), colors="columns")
    runs: list[int] = []
    run = Sweep.run

    def counted(self: Sweep, seeds: Any, *rest: Any) -> Any:
        runs.append(len(seeds))
        return run(self, seeds, *rest)

    monkeypatch.setattr(Sweep, "run", counted)
    whole = derivative.sparse(case.point)
    assert runs == [8]  # all eight seeds at once
    runs.clear()
    ((sweep, _),) = derivative.sweeps
    swept = len(sweep.graph.ops) - sweep.sweep_start
    monkeypatch.setattr(products, "_MEMORY", 3 * 8 * swept)
    assert same(derivative.sparse(case.point).values, whole.values)
    assert runs == [3, 3, 2]


def test_colorings_of_ones_own_are_proven_first() -> None:
    graph = dc.parse("x*y, y*z")
    pattern = sparsity(graph)
    none = np.array([-1, -1])
    good = Coloring(pattern, "columns", np.array([1, 0, 1]), none, 2)
    assert compress(graph, colors=good).sparse({"x": 2, "y": 3, "z": 5}).values.tolist() == [
        3,
        2,
        5,
        3,
    ]
    bad = Coloring(pattern, "columns", np.array([0, 0, 1]), none, 2)
    with pytest.raises(
        DiffcompareError, match=r"a coloring needs .*, got \(0, 0\) beside \(0, 1\)"
    ):
        compress(graph, colors=bad)
    other = coloring(sparsity(dc.parse("x*y, x*z")), "columns")
    with pytest.raises(DiffcompareError, match="compress needs a coloring of Pattern"):
        compress(graph, colors=other)


def test_bad_input_is_refused() -> None:
    graph = dc.parse("x*y, y*z")
    with pytest.raises(DiffcompareError, match="compress needs both, columns, rows or a Coloring"):
        compress(graph, colors="symmetric")
    with pytest.raises(DiffcompareError, match="compress needs at most 1 passes, got 2"):
        compress(graph, budget=dc.Budget(passes=1))
    with pytest.raises(DiffcompareError, match="compress_hessian needs one output"):
        compress_hessian(graph)
    with pytest.raises(DiffcompareError, match="a value for z"):
        sparse_jacobian(graph, {"x": 1, "y": 2})


def test_scipy_is_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    found = sparse_jacobian(dc.parse("x*y, y*z"), {"x": 2, "y": 3, "z": 5})
    monkeypatch.setitem(sys.modules, "scipy", None)
    monkeypatch.delitem(sys.modules, "scipy.sparse", raising=False)
    with pytest.raises(DiffcompareError, match="to_scipy needs SciPy, got none installed"):
        found.to_scipy()


def test_scipy_gets_values_and_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a stand-in that takes what coo_array takes."""

    def coo_array(given_: Any, shape: Any) -> Any:
        values, (rows, columns) = given_
        return values.tolist(), rows.tolist(), columns.tolist(), shape

    monkeypatch.setitem(sys.modules, "scipy", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "scipy.sparse", SimpleNamespace(coo_array=coo_array))
    found = sparse_jacobian(dc.parse("x*y, y*z"), {"x": 2, "y": 3, "z": 5})
    assert found.to_scipy() == ([3, 2, 5, 3], [0, 0, 1, 1], [0, 1, 1, 2], (2, 3))


def test_scipy_where_it_is_installed() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    found = sparse_jacobian(dc.parse("x*y, y*z"), {"x": 2, "y": 3, "z": 5})
    assert isinstance(found.to_scipy(), sparse.coo_array)
    assert same(found.to_scipy().toarray(), found.dense())


def test_coordinates_are_plain_data() -> None:
    found = sparse_jacobian(dc.parse("x*y, y*y"), {"x": 2, "y": 3})
    assert found.to_dict() == {
        "shape": [2, 2], "rows": [0, 0, 1], "columns": [0, 1, 1], "values": [3.0, 2.0, 6.0],
    }  # fmt: skip
    assert repr(found) == "Coordinates(2 × 2, 3 nonzeros)"
