"""Every worked example by every backend: value and derivatives as its sources have them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.modes.jacobian import Blocks, Jacobian
from diffcompare.numbers.rounding import rounding_error
from tests.run.test_program import GRAPHS, ULPS, by_every_backend

WORK = 2_000_000
"""Of SymPy: a larger symbolic derivative is not made here."""


@cache
def case_of(path: Path) -> Any:
    """The case, its graph and its derivatives, made once for all backends."""
    case = dc.read_case(path)
    graph = case.graph()
    built, _ = dc.differentiate_all(graph, case.wrt, dc.Budget(symbolic_work=WORK))
    return case, graph, built


def paths(arrays: bool) -> list[Any]:
    found = sorted(GRAPHS.glob("*.toml"))
    return [
        pytest.param(p, id=p.stem) for p in found if any(dc.read_case(p).graph().shapes) == arrays
    ]


@by_every_backend
@pytest.mark.parametrize("path", paths(arrays=False))
def test_numbers(path: Path, backend: str) -> None:
    """At one point, and at several at once."""
    case, graph, built = case_of(path)
    outputs = len(graph.outputs)
    for derivative in built.values():
        joint = derivative.joint_graph
        program = derivative.compile(
            "python" if backend == "interpreted" and calls(joint) else backend
        )
        x = [float(case.point[name]) for name in program.inputs]
        found = np.array(program(*x))
        values = joint.evaluate({name: np.float64(case.point[name]) for name in joint.inputs})
        true = np.array([float(values[i]) for i in joint.outputs])
        bounds = rounding_error(joint, case.point)  # nan where there is none
        slack = np.where(np.isfinite(bounds), np.multiply(4, bounds), 0) + ULPS * np.abs(true)
        check(found, true, slack)
        for row in np.array(program.batch(*(np.full(3, v) for v in x))).T:
            check(row, true, slack)
        if np.isfinite(found).all() and (derivative.mode != "symbolic" or case.flag is None):
            matrix = found[outputs:].reshape(outputs, -1)
            jacobian = Jacobian(Blocks(graph, derivative.wrt), matrix, found[:outputs])
            assert not case.missed(found[:outputs], jacobian)


def check(found: Any, true: Any, slack: Any) -> None:
    """Equal to rounding, where there is a number."""
    number = np.isfinite(true)
    np.testing.assert_array_equal(found[~number], true[~number])
    assert (np.abs(found[number] - true[number]) <= slack[number]).all(), (found, true)


def calls(joint: Any) -> bool:
    """Whether there are ops that the interpreter says it has not."""
    try:
        joint.compile("interpreted")
    except dc.DiffcompareError as refused:
        assert "needs ops with an expression" in str(refused)
        return True
    return False


@pytest.mark.parametrize("path", paths(arrays=True))
def test_networks(path: Path) -> None:
    """As calls of NumPy, the only backend for arrays."""
    case, graph, built = case_of(path)
    if any(graph.shapes[i] for i in graph.outputs):
        pytest.skip("a program of arrays gives the gradient of one number")
    derivative = built["reverse"]
    program = derivative.compile()
    assert program.backend == "numpy"
    found = derivative.at(case.point)
    value, *blocks = program(*(np.asarray(case.point[n], dtype=float) for n in program.inputs))
    np.testing.assert_allclose(np.ravel(value), found.value, rtol=1e-14)
    for name, block in zip(derivative.wrt, blocks, strict=True):
        np.testing.assert_allclose(
            block, found[name], rtol=1e-11, atol=1e-13 * np.abs(found[name]).max()
        )
    if len(graph.outputs) == 1:
        assert not case.missed(np.ravel(value), dict(zip(derivative.wrt, blocks, strict=True)))
