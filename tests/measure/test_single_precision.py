"""What is measured in float32: agreement, samples, bounds on rounding, memory, truth."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest

import diffcompare as dc
from diffcompare.graph.expand import expand, scalar_point
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import Point, read_point
from diffcompare.measure.accuracy import true_jacobian
from diffcompare.measure.agreement import Run, agreement, relative
from diffcompare.measure.granularity import granularities
from diffcompare.measure.memory import memory, peak
from diffcompare.measure.sample import dot_products, sample, told
from diffcompare.modes.jacobian import Jacobian
from diffcompare.numbers.precise import truth
from diffcompare.numbers.rounding import Rounded, rounding_error

SINGLE, EPS = np.float32, 2.0**-23


def network(text: str = "sum(sin(conv2d(x, w))*t)") -> tuple[Graph, Point]:
    shapes = {"x": (1, 1, 3, 4), "w": (1, 1, 2, 2)}
    rng = np.random.default_rng(5)
    at: dict[str, Any] = {name: SINGLE(rng.normal(size=shape)) for name, shape in shapes.items()}
    graph = dc.parse(text, shapes=shapes)
    return graph, read_point(graph, {**at, "t": 0.75})


def compared(modes: tuple[str, str], scale: float) -> Any:
    """Two modes, the Jacobian of the second one scaled."""
    graph, point = network()
    first, second = (dc.differentiate(graph, mode) for mode in modes)
    found = second.at(point)
    wrong = Jacobian(found.blocks, found.matrix * SINGLE(scale), found.value)
    columns = [str(k) for k in range(found.matrix.shape[1])]
    made = [Run(first, first.at(point)), Run(second, wrong)]
    return agreement(made, point, ["y"], columns, []).pairs[0]


@pytest.mark.parametrize(
    ("modes", "seen", "unseen"),
    [
        (("forward", "reverse"), 3e-3, 1e-6),
        (("complex step", "reverse"), 3e-3, 1e-6),
        (("central differences", "reverse"), 0.2, 1e-4),
    ],
)
def test_agreement_is_to_the_units_that_float32_has(
    modes: tuple[str, str], seen: float, unseen: float
) -> None:
    assert not compared(modes, 1 + seen).ok
    assert compared(modes, 1 + unseen).ok


def test_units_in_the_last_place_are_those_of_float32() -> None:
    pair = compared(("forward", "reverse"), 1 + 2.0**-10)
    assert 2**13 * 0.99 < pair.ulps < 2**14 * 1.01


@pytest.mark.parametrize("scale", [1 + 1e-6, -1.0])
def test_the_complex_step_refutes_in_float64(scale: float) -> None:
    graph = dc.parse("exp(x)*sin(x)")
    step, reverse = (dc.differentiate(graph, mode) for mode in ("complex step", "reverse"))
    found = reverse.at({"x": 1})
    wrong = Jacobian(found.blocks, found.matrix * scale, found.value)
    runs = [Run(step, step.at({"x": 1})), Run(reverse, wrong)]
    assert not agreement(runs, {"x": np.float64(1)}, ["y"], ["x"], []).pairs[0].ok


def test_what_modes_agree_to() -> None:
    assert relative(np.zeros(1)) == 1e-12
    assert relative(np.zeros(1, SINGLE)) == 1e-12 * 2**29


@pytest.mark.parametrize("scale", [1.0, 1 + 3e-3])
def test_samples(scale: float) -> None:
    graph, point = network()
    forward, reverse = (dc.differentiate(graph, mode) for mode in ("forward", "reverse"))
    found, jacobian = sample(forward, point), reverse.at(point)
    assert found.products.dtype == SINGLE
    jacobian.matrix[:] *= SINGLE(scale)
    columns = [f"x{k}" for k in range(jacobian.matrix.shape[1])]
    pairs = dot_products([found], [Run(reverse, jacobian)], ["y"], columns)
    assert pairs[0].ok is (scale == 1)
    assert pairs[0].ulps < 100 or scale > 1
    assert ("DISAGREE" in told(found, pairs)) is (scale > 1)
    both = dot_products([found, sample(reverse, point)], [], ["y"], columns)
    assert both[0].ok and both[0].relative < 10 * EPS


def test_memory_is_half() -> None:
    graph, _ = network()
    assert peak(graph, each=4) * 2 == peak(graph)
    for mode in ("forward", "reverse", "central differences"):
        derivative = dc.differentiate(graph, mode)
        assert memory(derivative, 4) * 2 == memory(derivative)
    for single, double in zip(granularities(graph, each=4), granularities(graph), strict=True):
        assert {mode: 2 * size for mode, size in single.memory.items()} == double.memory


def test_the_truth_takes_float32_as_it_is() -> None:
    """∂(x³)/∂x at the float32 next to 0.1, which is not 0.1."""
    tenth = SINGLE(0.1)
    exact = mpmath.mpf(float(tenth))
    assert abs(exact - mpmath.mpf("0.1")) > 1e-9
    true = true_jacobian(dc.parse("x**3"), {"x": tenth}, ["x"])
    assert true is not None and true[0, 0] == float(3 * exact**2)
    assert truth(dc.parse("x*x"), {"x": tenth}) == [exact**2]


@pytest.mark.parametrize(
    "text", ["sum(sin(conv2d(x, w))*t)", "sum(exp(conv2d(x, w)/3)**(1/3))*pi*t"]
)
def test_bounds_on_rounding_hold(text: str) -> None:
    graph, point = network(text)
    fine, numbers = expand(graph), scalar_point(point)
    numbers = {name: numbers[name] for name in fine.inputs}
    values = fine.evaluate(numbers)
    nodes = range(len(fine.ops))
    bounds = rounding_error(fine, numbers, nodes)
    true = truth(fine, numbers, nodes)
    gaps = [float(abs(mpmath.mpf(float(v)) - t)) for v, t in zip(values, true, strict=True)]
    assert {v.dtype.type for v in values} == {SINGLE}
    assert all(gap <= bound for gap, bound in zip(gaps, bounds, strict=True))
    last = fine.outputs[0]
    assert 0 < bounds[last] < 500 * EPS * abs(values[last])


@pytest.mark.parametrize(
    ("number", "error"), [(0.1, EPS / 32), (0.5, 0.0), (2**24 + 1, 1.0), (3, 0.0)]
)
def test_constants_round_to_float32(number: Any, error: float) -> None:
    got = Rounded.of(number, SINGLE)
    assert got.value.dtype == SINGLE
    assert abs(float(got.value) - number) <= got.error <= error


def test_underflow_is_not_hidden() -> None:
    tiny = Rounded(SINGLE(1e-30))
    product = tiny * tiny
    assert product.value == 0 and product.error >= 1e-60
