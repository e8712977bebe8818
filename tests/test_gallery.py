"""Every case of the gallery: held against an independent truth, and every mode against the case.

``REWRITE_GOLDEN=1 python -m pytest tests/test_gallery.py -k golden`` draws the graphs anew.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import mpmath
import numpy as np
import pytest

import diffcompare as dc
from diffcompare.graph.edges import flags, worst
from diffcompare.graph.point import read_point
from diffcompare.measure.ledger import ledger
from diffcompare.modes.differentiate import EXACT
from diffcompare.parse.casefile import Case, read_case

TESTS = Path(__file__).parent
GRAPHS = TESTS.parent / "graphs"
NAMES = sorted(path.stem for path in GRAPHS.glob("*.toml") if not path.stem.startswith("net_"))
BUDGET = dc.Budget(seconds=20)


def _truths() -> ModuleType:
    folder = TESTS / "gallery_truth"
    spec = importlib.util.spec_from_file_location(
        "gallery_truth", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


gallery_truth = _truths()


@cache
def case_of(name: str) -> Case:
    return read_case(GRAPHS / f"{name}.toml")


@cache
def derivative_of(name: str, mode: str) -> Any:
    """The derivative, or None where the case says that the symbolic one is declined."""
    case = case_of(name)
    try:
        derivative = dc.differentiate(case.graph(), mode, case.wrt, BUDGET)
    except dc.DiffcompareError as error:
        assert (mode, error.kind, case.symbolic) == ("symbolic", "limit", "declined")
        return None
    assert mode != "symbolic" or case.symbolic is None, "built all the same"
    return derivative


def close(expected: Any, tolerance: float) -> Any:
    return pytest.approx(expected, rel=tolerance, abs=0, nan_ok=True)


def matrix_of(case: Case) -> np.ndarray:
    """The expected Jacobian, outputs × inputs."""
    return np.array([np.atleast_1d(column) for column in case.jacobian.values()]).T


def test_every_case_has_a_truth() -> None:
    assert sorted(gallery_truth.TRUTH) == NAMES


def test_closeness_sees_the_ninth_digit() -> None:
    assert close(1.0, 1e-12) != 1 + 1e-9
    assert close(0.0, 1e-12) != 1e-30
    assert close(1.0, 1e-12) == 1 + 1e-13


@pytest.mark.parametrize("name", NAMES)
def test_numbers_are_the_truth(name: str) -> None:
    case = case_of(name)
    truth = gallery_truth.TRUTH[name](case.point)
    assert np.array(case.value) == close(np.array(truth.value), 1e-15)
    assert list(case.jacobian) == list(truth.jacobian) == list(case.point)
    for label, column in truth.jacobian.items():
        assert np.array(case.jacobian[label]) == close(np.array(column), 1e-15), label
    if truth.hessian is not None:
        assert np.array(case.hessian) == close(np.array(truth.hessian), 1e-15)
    else:
        assert case.hessian is None


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("logistic")])
def test_slope_of_the_logistic_map(name: str) -> None:
    case = case_of(name)
    slope = gallery_truth.logistic_slope(int(name[-2:]), case.point["x"])
    assert case.jacobian["x"] == close(slope, 1e-15)


@pytest.mark.parametrize("name", gallery_truth.PUBLISHED)
def test_numbers_in_print(name: str) -> None:
    case = case_of(name)
    for label, printed in gallery_truth.PUBLISHED[name].items():
        found = np.atleast_1d(case.value if label is None else case.jacobian[label])
        for number, digits in zip(found, np.atleast_1d(printed), strict=True):
            assert abs(number - float(digits)) <= gallery_truth.half_a_digit(str(digits)), label


@pytest.mark.parametrize("mode", EXACT)
@pytest.mark.parametrize("name", NAMES)
def test_mode(name: str, mode: str) -> None:
    case, derivative = case_of(name), derivative_of(name, mode)
    if derivative is None or case.cancels:
        return
    found = derivative.at(case.point)
    assert found.value == close(np.atleast_1d(case.value), case.tolerance)
    assert found.wrt == tuple(case.jacobian)
    assert found.matrix == close(matrix_of(case), case.tolerance)


@pytest.mark.parametrize("mode", EXACT)
@pytest.mark.parametrize("name", NAMES)
def test_mode_in_high_precision(name: str, mode: str) -> None:
    """The derivative's graph run in 60 digits: what is left is no rounding but the formula."""
    case, derivative = case_of(name), derivative_of(name, mode)
    if derivative is None or case.flag in ("singular", "undefined"):
        return
    matrix = matrix_of(case)
    values = high_precision(derivative.primal, case.point)
    assert values == close(np.ravel(case.value), 1e-15)
    entries = high_precision(derivative.jacobian_graph, case.point)
    assert np.reshape(entries, matrix.shape) == close(matrix, 1e-15)


def high_precision(graph: dc.Graph, point: dict[str, float]) -> list[float]:
    """The outputs, computed in mpmath and rounded; what is left of a zero is zero."""
    mp = mpmath.MPContext()
    mp.dps = 60
    values: list[Any] = []
    for op, args in zip(graph.ops, graph.args, strict=True):
        options = op.options()
        if args:
            try:
                values.append(op.precise(mp, *[values[a] for a in args]))
            except ZeroDivisionError:  # in a branch not taken
                values.append(mp.nan)
        elif "label" in options:
            values.append(mp.mpf(repr(point[options["label"]])))
        else:
            values.append(exactly(mp, options["number"]))
    return [float(values[i]) if abs(values[i]) > 1e-30 else 0.0 for i in graph.outputs]


def exactly(mp: Any, number: Any) -> Any:
    if hasattr(number, "precise"):
        return number.precise(mp)
    return mp.mpf(number.numerator) / number.denominator


@pytest.mark.parametrize("name", [name for name in NAMES if case_of(name).hessian])
def test_hessian(name: str) -> None:
    case = case_of(name)
    for outer in ("forward", "reverse"):
        found = dc.hessian(case.graph(), outer=outer, budget=BUDGET).at(case.point)
        assert found.matrix == close(np.array(case.hessian), case.tolerance), outer


@pytest.mark.parametrize("name", NAMES)
def test_flag(name: str) -> None:
    case, graph = case_of(name), case_of(name).graph()
    values = graph.evaluate(read_point(graph, case.point))
    assert worst(flags(graph, values)) == case.flag


@pytest.mark.parametrize("name", [name for name in NAMES if case_of(name).count])
def test_counts(name: str) -> None:
    expected = case_of(name).count
    sweeps = {mode: derivative_of(name, mode) for mode in ("forward", "reverse")}
    costs = {mode: ledger(sweep) for mode, sweep in sweeps.items()}
    found = {
        "value": costs["reverse"].value.total,
        "value_mul": costs["reverse"].value.mul,
        "reverse_mul": costs["reverse"].specialised.mul,
        **{mode: cost.specialised.total for mode, cost in costs.items()},
        **{f"{mode}_passes": sweep.passes for mode, sweep in sweeps.items()},
    }
    symbolic = derivative_of(name, "symbolic")
    if symbolic is not None:
        found.update({f"sympy_{key}": ops for key, ops in symbolic.sympy_ops.items()})
    assert {key: found[key] for key in expected} == expected


@pytest.mark.parametrize("name", NAMES)
def test_golden_drawing(name: str) -> None:
    golden = GRAPHS / f"{name}.dot"
    drawn = dc.to_dot(case_of(name).graph())
    if os.environ.get("REWRITE_GOLDEN"):
        golden.write_text(drawn, encoding="utf-8", newline="\n")
    assert golden.read_bytes() == drawn.encode()
