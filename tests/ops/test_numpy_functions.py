"""NumPy's functions on Variables and Duals give what NumPy gives on floats."""

import numpy as np
import pytest

from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.numbers.dual import Dual
from diffcompare.ops.operand import UFUNCS

POINTS = {1: [(0.375,), (0.0,), (0.875,)], 2: [(0.375, 0.5), (2.25, 0.75), (0.0, 0.25)]}
UFUNCTIONS = sorted(
    (f for f in UFUNCS if isinstance(f, np.ufunc) and f.signature is None),
    key=lambda ufunc: (ufunc.nin, ufunc.__name__),
)


@pytest.mark.parametrize("ufunc", UFUNCTIONS, ids=lambda ufunc: ufunc.__name__)
def test_every_known_ufunc_is_numpys(ufunc):
    for point in POINTS[ufunc.nin]:
        if ufunc is np.arccosh:
            point = (point[0] + 1.5,)  # noqa: PLW2901
        with np.errstate(all="ignore"):
            expected = float(ufunc(*point))
            dual = ufunc(*map(Dual, point))
        graph = Graph.empty()
        names = ["x", "y"][: len(point)]
        result = ufunc(*[Variable.input(graph, name) for name in names])
        found = graph.evaluate(dict(zip(names, map(np.float64, point), strict=True)))[result.index]
        assert float(found) == pytest.approx(expected, rel=1e-14, abs=1e-300, nan_ok=True)
        assert float(dual.primal) == pytest.approx(expected, rel=1e-14, abs=1e-300, nan_ok=True)


@pytest.mark.parametrize("at", [-800.0, -1.0, 0.0, 3.0, 800.0])
def test_logaddexp_stays_finite(at):
    dual = np.logaddexp(Dual(at, 1.0), 2.0)
    assert float(dual.primal) == pytest.approx(np.logaddexp(at, 2.0), rel=1e-14)
    with np.errstate(over="ignore"):
        assert float(dual.tangent) == pytest.approx(1 / (1 + np.exp(2.0 - at)), rel=1e-13)


def test_sinc_at_zero_is_one_with_slope_zero():
    result = np.sinc(Dual(0.0, 1.0))
    assert (result.primal, float(result.tangent)) == (1.0, 0.0)


def test_clip_takes_numpys_names():
    for bounded in (
        np.clip(Dual(7.0), 0, 1), np.clip(Dual(7.0), a_min=0, a_max=1),
        np.clip(Dual(7.0), max=1), np.clip(Dual(0.5), 1, None), np.clip(Dual(7.0), min=0, max=1),
    ):  # fmt: skip
        assert bounded.primal == 1.0


def test_arrays_are_computed_element_by_element():
    graph = Graph.empty()
    x = Variable.input(graph, "x")
    for result in (x * np.array([1.0, 2.0]), np.array([1.0, 2.0]) * x, np.maximum(x, [1.0, 2.0])):
        assert [type(entry) for entry in result] == [Variable, Variable]
    assert (x + np.zeros((2, 1, 3))).shape == (2, 1, 3)
    assert type(x + np.array(1.0)) is Variable


@pytest.mark.parametrize(
    "call",
    [np.isnan, np.signbit, np.cumsum, np.round, np.sort,
     lambda x: np.sin(x, dtype=float), lambda x: np.add.at(x, 0, 1), np.frexp],
)  # fmt: skip
def test_what_is_no_operation_is_refused_by_name(call):
    x = Variable.input(Graph.empty(), "x")
    with pytest.raises(DiffcompareError, match=r"np\."):
        call(x)
