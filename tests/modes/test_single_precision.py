"""Networks in float32, in every mode: no float64 on the way, and right to a bound on the rounding."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.graph.expand import entry_labels, expand, scalar_point
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import Point, read_point
from diffcompare.measure.sample import sample
from diffcompare.modes.derivative import Sweep, flat
from diffcompare.modes.differences import COMPLEX_STEP, STEP, differences
from diffcompare.numbers.dual import Dual
from diffcompare.numbers.rounding import rounding_error
from diffcompare.ops.operand import ZERO
from tests.ops.layers.point import random, strays

SINGLE, IMAGE = np.float32, (2, 2, 3, 4)
KERNELS = {"image": IMAGE, "w": (2, 2, 2, 2)}
# fmt: off
NETS: dict[str, tuple[str, dict[str, tuple[int, ...]]]] = {
    "pooled": ("log_loss(softmax(dense(flatten(max_pool2d(relu(conv2d(image, w)), window=2, stride=1)), v, b)), label)",
               {**KERNELS, "v": (3, 4), "b": (3,)}),
    "fused": ("softmax_log_loss(dense(flatten(avg_pool2d(tanh(conv2d(image, w, pad=1)), window=3, pad=1, count_include_pad=False)), v), label)",
              {**KERNELS, "v": (3, 8)}),
    "normalised": ("sum(lrn(conv2d(image, w), group=2, kappa=1, alpha=0.3, beta=0.75)**2)", KERNELS),
    "batch": ("mean(sigmoid(batch_norm(image, g, b)) + leaky_relu(image, slope=0.1))", {"image": IMAGE, "g": (2,), "b": (2,)}),
    "local": ("sum(softplus(locally_connected2d(image, w, stride=2)))", {"image": IMAGE, "w": (1, 2, 2, 2, 1, 2)}),
    "style": ("sum((gram(conv2d(image, w)) - gram(image)/3)**2)", KERNELS),
    "scaled": ("sum(max_over(image, axes=1)*0.1) + sum(logsumexp(image)/3)*pi", {"image": IMAGE}),
}
# fmt: on


@cache
def net(name: str) -> tuple[Graph, tuple[str, ...], Point]:
    """The graph, what it is differentiated by, and a point in float32."""
    text, shapes = NETS[name]
    sizes = {**shapes, "label": (2,)} if "label" in text else shapes
    at: dict[str, Any] = {
        n: SINGLE(random(shape, 7 + k)) for k, (n, shape) in enumerate(shapes.items())
    }
    if "label" in text:
        at["label"] = np.array([2, 0])
    graph = dc.parse(text, shapes=sizes)
    return graph, tuple(shapes), read_point(graph, at)


def double(point: Mapping[str, Any]) -> Point:
    """The same point in float64."""
    return {name: np.float64(x) for name, x in point.items()}


def bounds(graph: Graph, wrt: tuple[str, ...], point: Point, mode: str) -> np.ndarray:
    """Bounds on the rounding of every Jacobian entry, from the network written out in numbers."""
    fine = expand(graph)
    names = [n for name in wrt for n in entry_labels(name, graph.shapes[graph.inputs[name]])]
    jacobian = dc.differentiate(fine, mode, names).jacobian_graph
    found = rounding_error(jacobian, scalar_point(point))
    return np.array(found).reshape(-1, len(names))


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("name", NETS)
def test_a_network_stays_in_float32(name: str, mode: str) -> None:
    graph, wrt, point = net(name)
    derivative = dc.differentiate(graph, mode, wrt)
    assert not strays(derivative, list(point.values()))
    found = derivative.at(point)
    assert found.matrix.dtype == found.value.dtype == SINGLE
    true = derivative.at(double(point))
    assert true.matrix.dtype == np.float64
    assert (np.float32(true.matrix) != found.matrix).any()  # nothing was computed in float64
    # Written out, a sum is added up in another order, which errs as much.
    allowed = 2 * bounds(graph, wrt, point, mode)
    assert (np.abs(found.matrix - true.matrix) <= allowed).all()
    assert allowed.max() < 1e-3 * np.abs(true.matrix).max()


@pytest.mark.parametrize("name", NETS)
def test_its_value_too(name: str) -> None:
    graph, _, point = net(name)
    got, true = (
        flat([graph.evaluate(p)[i] for i in graph.outputs]) for p in (point, double(point))
    )
    fine = expand(graph)
    allowed = rounding_error(fine, scalar_point(point))
    assert (np.abs(got - true) <= allowed).all()


@pytest.mark.parametrize("sampled", [False, True])
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_seeds_do_not_widen_a_pass(
    mode: str, sampled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a pass gives, before it is stored in a matrix of float32."""
    graph, wrt, point = net("pooled")
    derivative, kinds, run = dc.differentiate(graph, mode, wrt), set(), Sweep.run

    def watched(self: Sweep, *args: Any) -> list[Any]:
        results = run(self, *args)
        found = [getattr(r, "array", r) for r in results if r is not ZERO]
        numbers = (getattr(array, "value", array) for array in found)  # also with its error
        kinds.update(np.asarray(number).dtype for number in numbers)
        return results

    monkeypatch.setattr(Sweep, "run", watched)
    if sampled:
        assert isinstance(derivative, Sweep)
        sample(derivative, point, 2)
    else:
        derivative.at(point)
    assert kinds == {np.dtype(SINGLE)}


SMOOTH = "sum(tanh(conv2d(image, w))*exp(t))"


def smooth() -> tuple[Graph, Point]:
    shapes = {"image": (1, 1, 3, 3), "w": (1, 1, 2, 2)}
    at = {n: SINGLE(random(shape, 3)) for n, shape in shapes.items()}
    graph = dc.parse(SMOOTH, shapes=shapes)
    return graph, read_point(graph, {**at, "t": 0.5})


@pytest.mark.parametrize(
    ("mode", "relative"),
    [("symbolic", 1e-6), ("forward", 1e-6), ("reverse", 1e-6), ("complex step", 1e-6),
     ("central differences", 1e-3), ("forward differences", 2e-2)],
)  # fmt: skip
def test_every_mode(mode: str, relative: float) -> None:
    """Exact modes to some units of 1.2e-7; differences to 1.2e-7/h and h², or h, of the largest."""
    graph, point = smooth()
    found = dc.differentiate(graph, mode).at(point).matrix
    true = dc.differentiate(graph, "reverse").at(double(point)).matrix
    assert found.dtype == SINGLE
    assert np.abs(found - true).max() <= relative * np.abs(true).max()


def test_steps_suit_the_precision() -> None:
    graph, point = smooth()
    for scheme, steps in (("central", STEP), ("complex", COMPLEX_STEP)):
        derivative = differences(graph, ("t",), scheme)
        assert derivative.step_at(point) == steps[SINGLE]
        assert derivative.step_at(double(point)) == steps[np.float64]
        assert derivative.with_step(0.25).step_at(point) == 0.25


@pytest.mark.parametrize("inner", ["forward", "reverse"])
def test_second_derivatives(inner: str) -> None:
    graph, point = smooth()
    move = {name: random(np.shape(x), 9) for name, x in point.items()}  # float64, rounded
    if inner == "forward":  # has no gradient graph of arrays
        fine = expand(graph)
        point, move = scalar_point(point), scalar_point(move)
        values = dc.hessian(fine, inner=inner).jacobian_graph.evaluate(point)
        assert {v.dtype.type for v in values} == {SINGLE}
        return
    found = dc.hvp(graph, point, move)
    true = dc.hvp(graph, double(point), {n: SINGLE(x) for n, x in move.items()})
    for name, x in found.items():
        assert np.asarray(x).dtype == (SINGLE if np.ndim(x) else np.float64)
        np.testing.assert_allclose(
            x, true[name], rtol=0, atol=2e-6 * np.abs(flat(list(true.values()))).max()
        )


def test_dual_numbers() -> None:
    graph, point = smooth()
    dot = {name: SINGLE(random(np.shape(x), 5)) for name, x in point.items()}
    values = graph.evaluate({name: Dual(x, dot[name]) for name, x in point.items()})
    parts = [p for v in values if isinstance(v, Dual) for p in (v.primal, v.tangent)]
    assert {np.asarray(p).dtype.type for p in parts} == {SINGLE}
    true = dc.differentiate(graph, "forward").at(double(point)).matrix @ flat(list(dot.values()))
    assert values[graph.outputs[0]].tangent == pytest.approx(true[0], rel=1e-6)


def test_a_scalar_graph_has_no_arrays_that_decide() -> None:
    found = dc.differentiate(dc.parse("x*y"), "reverse").at({"x": SINGLE(2), "y": SINGLE(3)})
    assert found.matrix.dtype == found.value.dtype == np.float64
