"""NumPy's functions on Variables and Duals give what NumPy gives on floats."""

import numpy as np
import pytest

from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.numbers.dual import Dual
from diffcompare.ops.numpy_functions import _COMPOSED, _ON_ARRAYS
from diffcompare.ops.operand import UFUNCS
from tests.ops.agreement import SHAPES, agrees, settings_of
from tests.ops.layers.checks import random

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


REDUCED = [{}, {"axis": 0}, {"axis": -1}, {"axis": (0, 1)}, {"axis": (-1, 0)}, {"axis": ()},
           {"keepdims": True}, {"axis": 1, "keepdims": True}, {"axis": (0, 0)}]  # fmt: skip
NORMS = [*REDUCED, {"ord": 2}, {"ord": "fro"}, {"ord": 2, "axis": 0}, {"ord": "fro", "axis": (0, 1)},
         {"axis": (0, 1, 2)}]  # fmt: skip
SPREADS = [*REDUCED, {"ddof": 1}, {"axis": 0, "ddof": 1, "keepdims": True}]
AXES = [{}, {"axis": 0}, {"axis": -1}, {"axis": 1}, {"axis": 2}]
LIST = [1.5, -2.0, 0.25]
ONE = {
    np.sum: REDUCED, np.mean: REDUCED, np.prod: REDUCED, np.max: REDUCED, np.min: REDUCED,
    np.var: SPREADS, np.std: SPREADS, np.linalg.norm: NORMS,
    np.reshape: [{"shape": -1}, {"shape": (3, -1)}, {"shape": [-1, 1], "order": "C"}, {"shape": 5}],
    np.ravel: [{}, {"order": "C"}],
    np.transpose: [{}, {"axes": None}, {"axes": (1, 0)}, {"axes": (2, 0, 1)}],
    np.swapaxes: [{"axis1": 0, "axis2": -1}, {"axis1": 1, "axis2": 0}, {"axis1": 2, "axis2": 0}],
    np.expand_dims: [{"axis": 0}, {"axis": -1}, {"axis": (0, 2)}, {"axis": 5}],
    np.squeeze: [{}, {"axis": 0}, {"axis": -1}],
    np.broadcast_to: [{"shape": (2, 3, 3, 3)}, {"shape": 3}, {"shape": (2, 2)}],
    np.take: [{"indices": i, **axis} for i in (1, [0, -1], [[0, 1], [2, 2]]) for axis in AXES],
    np.pad: [{"pad_width": 1}, {"pad_width": (1, 2), "mode": "constant"},
             {"pad_width": ((0, 1), (2, 0))}, {"pad_width": 1, "constant_values": 0}],
    np.diff: [*AXES, {"n": 1}], np.flip: [*AXES, {"axis": (0, -1)}, {"axis": (0, 1)}],
    np.trace: [{}, {"offset": 0, "axis1": 0, "axis2": 1}],
    np.clip: [{"a_min": -0.5, "a_max": 0.5}, {"min": 0}, {"max": [0, 1, 2]}],
    np.sinc: [{}],
}  # fmt: skip
TWO = [np.matmul, np.dot, np.vdot, np.inner, np.outer, np.logaddexp, np.floor_divide,
       np.logical_and, np.logical_or]  # fmt: skip
JOINS = {
    np.concatenate: [*AXES, {"axis": None}], np.stack: AXES, np.hstack: [{}], np.vstack: [{}],
}  # fmt: skip
OTHERS = [np.logical_not, np.where]
STACKED = (np.matmul, np.dot, np.inner)
"""NumPy takes stacks of matrices there, and we do not."""


def test_the_tables_here_are_complete():
    assert {*_ON_ARRAYS, *_COMPOSED} == {*ONE, *TWO, *JOINS, *OTHERS}


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("function", ONE, ids=lambda f: f.__name__)
def test_functions_of_an_array_are_numpys(function, shape):
    """Settings by name, and by place where they are NumPy's first."""
    for settings in ONE[function]:
        spectral = settings == {"ord": 2} and len(shape) == 2
        x = random(shape, 1)
        agrees(lambda x, kw=settings: function(x, **kw), x, refused=spectral)
        if list(settings) == [p.name for p in settings_of(function)[1 : len(settings) + 1]]:
            agrees(lambda x, kw=settings: function(x, *kw.values()), x, refused=spectral)


@pytest.mark.parametrize("left", SHAPES, ids=str)
@pytest.mark.parametrize("function", TWO, ids=lambda f: f.__name__)
def test_functions_of_two_arrays_are_numpys(function, left):
    stacked = function in STACKED and len(left) > 2
    x = random(left, 3)
    for right in SHAPES:
        refused = stacked or (function in STACKED and len(right) > 2)
        both = lambda x, y: function(x, y)  # noqa: E731, PLW0108  traced by its names
        agrees(both, x, random(right, 4), refused=refused)
    agrees(lambda x: function(x, LIST), x, refused=stacked)
    agrees(lambda x: function(LIST, x), x, refused=stacked)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("function", JOINS, ids=lambda f: f.__name__)
def test_arrays_are_joined_as_numpy_joins_them(function, shape):
    x, y = random(shape, 5), random(shape, 6)
    for settings in JOINS[function]:
        agrees(lambda x, y, kw=settings: function([x, y, x], **kw), x, y)
        agrees(lambda x, kw=settings: function([LIST, x], **kw), x)


def test_joins_of_numbers():
    x, y = np.array(2.0), np.array(3.0)
    for join in (np.hstack, np.vstack, np.stack, np.concatenate):
        agrees(lambda x, y, join=join: join([x, y]), x, y)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_lists_beside_a_traced_array(shape):
    for call in (
        lambda x: x * LIST, lambda x: LIST - x, lambda x: x / (1.0, 2.0, 4.0), lambda x: x**LIST,
        lambda x: np.where(x > 0, x, LIST), lambda x: np.maximum(LIST, x), lambda x: x * [1, 2],
    ):  # fmt: skip
        agrees(call, np.abs(random(shape, 7)))
    if len(shape) < 3:
        agrees(lambda x: x @ LIST, random(shape, 7))
        agrees(lambda x: LIST @ x, random(shape, 7))
