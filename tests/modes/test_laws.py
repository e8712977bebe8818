"""Laws that hold for every graph: the modes agree, adjoints are transposes, Hessians symmetric."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffcompare.graph.edges import flags
from diffcompare.graph.graph import Graph
from diffcompare.modes.derivative import Sweep
from diffcompare.modes.forward import tangent_graph
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.numbers.dual import Dual
from diffcompare.numbers.precise import truth
from diffcompare.numbers.rounding import rounding_error
from diffcompare.ops import elementary
from diffcompare.ops.elementary import Elementary
from diffcompare.ops.op import FAMILIES
from diffcompare.ops.operand import OPS, ZERO
from tests.building import derivatives, graph_of
from tests.ops.samples import LEAVES
from tests.strategies import (
    ANALYTIC,
    FAMILY_GUARDS,
    GUARDS,
    SMOOTH,
    UNGUARDED,
    Sample,
    samples,
    values,
)  # fmt: skip

EPSILON = 2.0**-53
quick = settings(max_examples=150, deadline=None)


def floats(point: dict[str, float]) -> dict[str, Any]:
    return {name: np.float64(x) for name, x in point.items()}


def bounds(derivative: Sweep, point: dict[str, float]) -> np.ndarray:
    """How far rounding may take each entry of a Jacobian: to first order, and a little more."""
    errors = rounding_error(derivative.jacobian_graph, point)
    shape = (len(derivative.primal.outputs), len(derivative.wrt))
    return 2 * np.array(errors).reshape(shape) + 1e-300


def agree(a: Sweep, b: Sweep, point: dict[str, float]) -> bool:
    """Whether two modes give the same Jacobian to rounding."""
    left, right = a.at(point).matrix, b.at(point).matrix
    room = bounds(a, point) + bounds(b, point) + 4 * EPSILON * np.abs(left)
    return bool(np.all((left == right) | (np.abs(left - right) <= room) | np.isnan(room)))


def test_every_op_takes_part() -> None:
    assert set(GUARDS) == {op.name for op in OPS.values() if op.elementwise}
    families = {name for name, cls in FAMILIES.items() if cls.elementwise} - {*LEAVES}
    assert {op.name for op, _ in FAMILY_GUARDS} == families


@quick
@given(samples())
def test_forward_is_reverse(sample: Sample) -> None:
    forward, backward = derivatives(sample.graph)
    assert agree(forward, backward, sample.point)


@quick
@given(samples(SMOOTH))
def test_both_are_the_truth(sample: Sample) -> None:
    for derivative in derivatives(sample.graph):
        true = np.array([float(t) for t in truth(derivative.jacobian_graph, sample.point)])
        got = derivative.at(sample.point).matrix
        room = bounds(derivative, sample.point) + 4 * EPSILON * np.abs(got)
        assert np.all((np.abs(got - true.reshape(got.shape)) <= room) | np.isnan(room))


@quick
@given(samples(SMOOTH))
def test_the_truths_of_both_graphs_are_one(sample: Sample) -> None:
    forward, backward = derivatives(sample.graph)
    for a, b in zip(truth(forward.jacobian_graph, sample.point),
                    truth(backward.jacobian_graph, sample.point), strict=True):  # fmt: skip
        assert abs(a - b) <= 1e-25 * abs(a) + 1e-300


@quick
@given(samples(), st.randoms(use_true_random=False))
def test_the_adjoint_is_the_transpose(sample: Sample, random: Any) -> None:
    """ȳ·(J ẋ) = (Jᵀ ȳ)·ẋ, each side one pass."""
    forward, backward = derivatives(sample.graph)
    point = floats(sample.point)
    primal = sample.graph.evaluate(point)
    x_dot = {seed: random.uniform(-1, 1) for seed in forward.seeds}
    y_bar = {seed: random.uniform(-1, 1) for seed in backward.seeds}
    along = forward.run(x_dot, forward.prepare(point, primal))
    back = backward.run(y_bar, backward.prepare(point, primal))
    left = [s * number(t) for s, t in zip(y_bar.values(), along, strict=True)]
    right = [s * number(t) for s, t in zip(x_dot.values(), back, strict=True)]
    room = float(np.sum(bounds(forward, sample.point) + bounds(backward, sample.point)))
    size = sum(map(abs, left)) + sum(map(abs, right))
    assert abs(sum(left) - sum(right)) <= room + 1e-13 * size + 1e-150 or math.isnan(room)


def number(result: Any) -> float:
    return 0.0 if result is ZERO else float(result)


@quick
@given(samples(ANALYTIC, outputs=1))
def test_the_complex_step_agrees(sample: Sample) -> None:
    """Im f(x + ih)/h has no cancellation, and is made without any derivative rule."""
    graph, point = sample
    derivative = adjoint_graph(graph, tuple(point))
    found = derivative.at(point)
    room = bounds(derivative, point)[0]
    for k, name in enumerate(point):
        inputs = {other: np.complex128(x) for other, x in point.items()}
        inputs[name] += 1e-100j
        stepped = graph.evaluate(inputs, np.complex128)[graph.outputs[0]]
        quotient = stepped.imag / 1e-100
        assert abs(quotient - found[name]) <= 1e-10 * abs(quotient) + 100 * room[k] + 1e-150


@quick
@given(samples(SMOOTH, most=8))
def test_dual_numbers_give_the_pass(sample: Sample) -> None:
    graph, point = sample
    forward = tangent_graph(graph, tuple(point))
    found = forward.at(point).matrix
    for column, name in enumerate(point):
        inputs = {n: Dual(x, 1.0 if n == name else ZERO) for n, x in point.items()}
        nodes = graph.evaluate(inputs, np.float64)
        tangents = [number(getattr(nodes[i], "tangent", ZERO)) for i in graph.outputs]
        room = bounds(forward, point)[:, column] + 4 * EPSILON * np.abs(found[:, column])
        assert np.all(np.abs(tangents - found[:, column]) <= room)


@settings(max_examples=80, deadline=None)
@given(samples(SMOOTH, most=6, outputs=1))
def test_hessians_are_symmetric_in_every_combination(sample: Sample) -> None:
    graph, point = sample
    names = tuple(point)
    sizes = []
    for inner in (tangent_graph, adjoint_graph):
        for outer in (tangent_graph, adjoint_graph):
            second = outer(inner(graph, names).jacobian_graph, names)
            hessian, room = second.at(point).matrix, bounds(second, point)
            scale = EPSILON * 8 * np.abs(hessian)
            assert np.all((np.abs(hessian - hessian.T) <= room + room.T + scale) | np.isnan(room))
            sizes.append((hessian, room + scale))
    for (a, room_a), (b, room_b) in pairwise(sizes):
        assert np.all((np.abs(a - b) <= room_a + room_b) | np.isnan(room_a + room_b))


@quick
@given(samples())
def test_passes_and_sizes(sample: Sample) -> None:
    graph = sample.graph
    forward, backward = derivatives(graph)
    assert (forward.passes, backward.passes) == (len(graph.inputs), len(graph.outputs))
    for derivative in (forward, backward):
        assert derivative.graph.ops[: len(graph.ops)] == graph.ops
        assert len(derivative.graph.ops) <= 24 * len(graph.ops)
        assert len(derivative.roles) == len(graph.ops)


@quick
@given(samples())
def test_the_jacobian_graph_gives_what_the_passes_give(sample: Sample) -> None:
    for derivative in derivatives(sample.graph):
        graph, found = derivative.jacobian_graph, derivative.at(sample.point).matrix
        nodes = values(graph, sample.point)
        written = nodes[list(graph.outputs)].reshape(found.shape)
        room = bounds(derivative, sample.point) + 4 * EPSILON * np.abs(found)
        assert np.all((np.abs(written - found) <= room) | np.isnan(room))
        assert set(graph.inputs) == set(sample.graph.inputs)


@quick
@given(samples(UNGUARDED, finite=False))
def test_off_the_edges_undefined_branches_disturb_no_mode(sample: Sample) -> None:
    """Logs and roots of anything in branches that are not taken: nan there, nowhere else."""
    graph, point = sample
    if not flags(graph, graph.evaluate(floats(point))):
        forward, backward = derivatives(graph)
        left, right = forward.at(point).matrix, backward.at(point).matrix
        assert np.isfinite(left).all() and np.isfinite(right).all()
        assert agree(forward, backward, point)


@quick
@given(samples(UNGUARDED, finite=False))
def test_at_kinks_the_modes_agree_too(sample: Sample) -> None:
    graph, point = sample
    kinds = {flag.kind for flag in flags(graph, graph.evaluate(floats(point)))}
    if kinds <= {"kink", "jump"}:
        forward, backward = derivatives(graph)
        assert np.isfinite(forward.at(point).matrix).all()
        assert agree(forward, backward, point)


def clone(op: Elementary, partial: Callable[..., Any]) -> Callable[..., Any]:
    """A function that puts in place of an op one with another partial."""

    def jvp(y: Any, x: Any, x_dot: Any) -> Any:
        return ZERO if x_dot[0] is ZERO else x_dot[0] * partial(y, *x)

    return jvp


@pytest.mark.parametrize("factor", [1 + 1e-9, -1.0])
def test_a_rule_that_is_slightly_wrong_is_seen(
    monkeypatch: pytest.MonkeyPatch, factor: float
) -> None:
    """By the comparison of the modes if one has it, by the truth and the complex step if both."""
    graph: Graph = graph_of(lambda x: elementary.exp(elementary.sin(x) * x), "x")
    point = {"x": 0.75}
    honest = derivatives(graph)
    sin = elementary.sin
    monkeypatch.setattr(sin, "jvp", clone(sin, lambda y, x: elementary.cos(x) * factor))
    wrong, right = derivatives(graph)
    assert agree(*honest, point)
    assert not agree(wrong, right, point)
