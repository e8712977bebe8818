"""Passes run at once: the same as one by one, also where numbers are not finite."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.graph.point import read_point
from diffcompare.modes import products
from diffcompare.modes.derivative import Sweep
from diffcompare.modes.forward import tangent_graph
from diffcompare.modes.products import Products
from diffcompare.modes.reverse import adjoint_graph
from tests.ops.layers.checks import close, random

GALLERY = sorted(Path(__file__).parents[2].glob("graphs/*.toml"))
MOST_VISITS = 100_000
SWEEPS = [tangent_graph, adjoint_graph]


def prepared(sweep: Sweep, at: Mapping[str, Any]) -> Products:
    point = read_point(sweep.primal, at)
    return Products(sweep, point, sweep.primal.evaluate(point))


def one_by_one(found: Products) -> np.ndarray:
    units = np.eye(found.sweep.passes, dtype=found.kind)
    with np.errstate(all="ignore"):
        return np.concatenate([found.of(unit[:, np.newaxis]) for unit in units], axis=1)


def at_once(found: Products) -> np.ndarray:
    return np.concatenate([results for _, results in found.all()], axis=1)


@pytest.mark.parametrize("make", SWEEPS)
@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_gallery(path: Path, make: Any) -> None:
    """Bit for bit where only numbers are computed with, to rounding where NumPy adds up arrays."""
    case = dc.read_case(path)
    graph = case.graph()
    sweep = make(graph, tuple(case.wrt or graph.inputs))
    if sweep.passes * len(sweep.graph.ops) > MOST_VISITS or sweep.passes > 400:
        pytest.skip("too many passes to run one by one")
    found = prepared(sweep, case.point)
    if found.scalar:
        np.testing.assert_array_equal(at_once(found), one_by_one(found))
    else:
        close(at_once(found), one_by_one(found))


INFINITE = [
    ("sqrt(x)*y, y*z, x + z", {"x": 0.0, "y": 2.0, "z": 3.0}),  # an infinite slope beside others
    ("where(x > 0, log(x), y)*z", {"x": 0.0, "y": 2.0, "z": 3.0}),  # a branch that is not taken
    ("log(x) + y, x*y", {"x": -1.0, "y": 2.0}),
    ("sqrt(x**2 + y**2)*z, z", {"x": 0.0, "y": 0.0, "z": 3.0}),
]


@pytest.mark.parametrize("make", SWEEPS)
@pytest.mark.parametrize(("text", "at"), INFINITE, ids=[text for text, _ in INFINITE])
def test_a_slope_that_is_not_finite_spoils_no_other_pass(text: str, at: Any, make: Any) -> None:
    graph = dc.parse(text)
    found = prepared(make(graph, tuple(graph.inputs)), at)
    np.testing.assert_array_equal(at_once(found), one_by_one(found))


def test_the_jacobian_beside_an_infinite_slope() -> None:
    graph = dc.parse("sqrt(x)*y, y*z, x + z")
    found = dc.differentiate(graph, "forward").at({"x": 0, "y": 2, "z": 3}).matrix
    assert found.tolist() == [[np.inf, 0, 0], [0, 3, 2], [1, 0, 1]]


@pytest.mark.parametrize("make", SWEEPS)
def test_arrays_with_slopes_that_are_not_finite(make: Any) -> None:
    graph = dc.parse("sqrt(x)*sum(y), where(x > 0, log(x), y)", shapes={"x": (3,), "y": (3,)})
    at = {"x": np.array([0.0, 4.0, 1.0]), "y": np.array([1.0, 2.0, 3.0])}
    found = prepared(make(graph, ("x", "y")), at)
    alone = one_by_one(found)
    assert not np.isfinite(alone).all()
    np.testing.assert_array_equal(at_once(found), alone)


@pytest.mark.parametrize("make", SWEEPS)
@pytest.mark.parametrize("least", [1, 5])
def test_runs_keep_within_memory(make: Any, least: int, monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = {"x": (3, 4), "w": (2, 4)}
    sweep = make(dc.parse("tanh(dense(x, w))", shapes=shapes), ("x", "w"))
    at = {name: random(shape, 3) for name, shape in shapes.items()}
    whole = at_once(prepared(sweep, at))
    each = 8 * sum(int(np.prod(s)) for s in sweep.graph.shapes[sweep.sweep_start :])
    monkeypatch.setattr(products, "_MEMORY", least * each)
    runs = [which for which, _ in prepared(sweep, at).all()]
    assert [which.stop - which.start for which in runs][:-1] == [least] * (len(runs) - 1)
    assert runs[-1].stop == sweep.passes
    close(at_once(prepared(sweep, at)), whole)


@pytest.mark.parametrize("make", SWEEPS)
def test_single_precision_stays(make: Any) -> None:
    shapes = {"x": (3, 4), "w": (2, 4)}
    sweep = make(dc.parse("softmax(dense(x, w))*0.1", shapes=shapes), ("x", "w"))
    at = {name: np.float32(random(shape, 3)) for name, shape in shapes.items()}
    found = prepared(sweep, at)
    assert found.kind is np.float32 and at_once(found).dtype == np.float32
    close(at_once(found), one_by_one(found), 2e-6)
