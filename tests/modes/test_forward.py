"""Forward mode: traces, passes, counts and published numbers."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from diffcompare.graph.graph import Graph
from diffcompare.modes.derivative import Sweep
from diffcompare.modes.forward import tangent_graph
from diffcompare.numbers.dual import Dual
from diffcompare.numbers.precise import truth
from diffcompare.numbers.rounding import rounding_error
from diffcompare.ops.elementary import exp, log, sin, tanh
from diffcompare.ops.operand import ZERO
from tests.building import SWEEPS, cost, derivatives, graph_of, logistic, same

both = pytest.mark.parametrize("sweep", SWEEPS, ids=lambda sweep: sweep.__name__)


def lecture() -> Graph:
    return graph_of(lambda x1, x2: log(x1) + x1 * x2 - sin(x2), "x1", "x2")


def test_the_lectures_trace() -> None:
    graph = lecture()
    assert [op.name for op in graph.ops] == ["input", "input", "log", "mul", "sin", "add", "sub"]
    values = graph.evaluate({"x1": np.float64(2), "x2": np.float64(5)})
    assert values == pytest.approx([2, 5, 0.693, 10, -0.959, 10.693, 11.652], abs=5e-4)
    forward = tangent_graph(graph, ("x1",))
    swept = forward.graph.evaluate({"x1_dot": 1.0}, start=values)
    tangents = [0.0 if role.node is None else swept[role.node] for role in forward.roles]
    assert tangents == [1, 0, 0.5, 5, 0, 5.5, 5.5]


@both
def test_the_survey_example(sweep: Any) -> None:
    found = sweep(lecture(), ("x1", "x2")).at({"x1": 2, "x2": 5})
    assert found.value[0] == pytest.approx(11.652071455223084, rel=1e-15)
    assert dict(found) == pytest.approx({"x1": 5.5, "x2": 1.7163378145367738}, rel=1e-15)


def test_a_pass_for_each_input() -> None:
    graph = graph_of(lambda a, b, c: (a * b, b * c), "a", "b", "c")
    forward = tangent_graph(graph, ("a", "b", "c"))
    assert (forward.mode, forward.passes, forward.seeds) == (
        "forward",
        3,
        ("a_dot", "b_dot", "c_dot"),
    )
    assert tangent_graph(graph, ("c",)).passes == 1
    assert forward.at({"a": 2, "b": 3, "c": 5}).matrix.tolist() == [[3, 2, 0], [0, 5, 3]]


def test_the_graph_begins_with_the_primal_then_what_all_passes_share() -> None:
    graph = lecture()
    forward = tangent_graph(graph, ("x1", "x2"))
    size = len(graph.ops)
    assert forward.graph.ops[:size] == graph.ops
    assert forward.graph.args[:size] == graph.args
    assert forward.graph.outputs[0] == graph.outputs[0]
    seeds = [forward.graph.inputs[seed] for seed in forward.seeds]
    seeded = forward.graph.depends_on(seeds)
    assert not any(seeded[: forward.sweep_start])
    assert all(seeded[forward.sweep_start :])
    assert [op.name for op in forward.graph.ops[size : forward.sweep_start]] == ["cos"]
    assert repr(forward) == "Derivative(forward, by x1, x2, passes=2)"


def test_a_seed_does_not_take_the_name_of_an_input() -> None:
    graph = graph_of(lambda x, x_dot: x * x_dot, "x", "x_dot")
    forward = tangent_graph(graph, ("x", "x_dot"))
    assert forward.seeds == ("x_dot_", "x_dot_dot")
    assert dict(forward.at({"x": 2, "x_dot": 7})) == {"x": 7, "x_dot": 2}


def test_one_pass_gives_the_derivative_along_a_direction() -> None:
    forward = tangent_graph(lecture(), ("x1", "x2"))
    point = {"x1": np.float64(2), "x2": np.float64(5)}
    prepared = forward.prepare(point, forward.primal.evaluate(point))
    (along,) = forward.run({"x1_dot": 3.0, "x2_dot": -2.0}, prepared)
    assert along == pytest.approx(3 * 5.5 - 2 * 1.7163378145367738, rel=1e-15)
    assert forward.run({}, prepared) == [ZERO]


def test_dual_numbers_compute_the_same() -> None:
    slope = tangent_graph(lecture(), ("x2",)).at({"x1": 2, "x2": 5})["x2"]
    x1, x2 = Dual(2.0), Dual(5.0, 1.0)
    y = log(x1) + x1 * x2 - sin(x2)
    assert float(y.tangent) == slope


@pytest.mark.parametrize("n", [2, 3, 4, 5, 10, 50])
@both
def test_counts_of_the_logistic_map(sweep: Any, n: int) -> None:
    """Shared, f has 3(n − 1) operations and its derivative 7n − 10."""
    graph = logistic(n)
    assert cost(graph).total == 3 * (n - 1)
    assert cost(sweep(graph, ("x",)).jacobian_graph).total == 7 * n - 10


# fmt: off
LOGISTIC = [
    (2, 2.4), (3, -2.688), (4, 9.0660864), (5, 15.302555848409088), (10, -246.07692890735666),
    (20, 593458.74065050473), (30, 379828163.22534311),
]
# fmt: on


@pytest.mark.parametrize(("n", "slope"), LOGISTIC)
@both
def test_values_of_the_logistic_map(sweep: Any, n: int, slope: float) -> None:
    """As close as rounding and the distance of the float 0.2 from 1/5 allow."""
    derivative = sweep(logistic(n), ("x",))
    got = derivative.at({"x": 0.2})["x"]
    graph = derivative.jacobian_graph
    (true,) = truth(graph, {"x": 0.2})
    (bound,) = rounding_error(graph, {"x": 0.2})
    assert abs(float(true - got)) <= bound
    shift = abs(float(true - truth(graph, {"x": Fraction(1, 5)})[0]))
    assert abs(got - slope) <= bound + 2 * shift + 1e-15 * abs(slope)
    assert n > 10 or got == pytest.approx(slope, rel=1e-12)


@pytest.mark.parametrize("x", [4.0, 6.0, 14.0, 20.0])
@both
def test_tanh_keeps_its_digits(sweep: Any, x: float) -> None:
    slopes = {4: 1.3409506830258969e-3, 6: 2.4576547405332701e-5,
              14: 2.7657600427722565e-12, 20: 1.6993417021166356e-17}  # fmt: skip
    assert sweep(graph_of(tanh, "x"), ("x",)).at({"x": x})["x"] == pytest.approx(
        slopes[int(x)], rel=1e-15
    )


@both
def test_what_float64_loses_the_truth_has_and_the_bound_admits(sweep: Any) -> None:
    derivative = sweep(graph_of(lambda x: (x + 1e20 * x) - 1e20 * x, "x"), ("x",))
    graph = derivative.jacobian_graph
    assert truth(graph, {"x": 1.0}) == [1]
    assert abs(derivative.at({"x": 1.0})["x"] - 1) <= rounding_error(graph, {"x": 1.0})[0]


def test_the_jacobian_graph_has_no_seeds_and_no_dead_code() -> None:
    for derivative in derivatives(lecture()):
        graph = derivative.jacobian_graph
        assert list(graph.inputs) == ["x1", "x2"]
        assert len(graph.outputs) == 2
        assert all(graph.live(graph.outputs))
        values = graph.evaluate({"x1": np.float64(2), "x2": np.float64(5)})
        assert [values[i] for i in graph.outputs] == pytest.approx([5.5, 1.7163378145367738])


# fmt: off
ODD = [
    ("an input itself",     lambda x, y: x,                [[1, 0]]),
    ("an unused input",     lambda x, y: x * x,            [[6, 0]]),
    ("a constant",          lambda x, y: 0 * x.like(7),    [[0, 0]]),
    ("the same twice",      lambda x, y: (x * y, x * y),   [[2, 3], [2, 3]]),
    ("inputs and nodes",    lambda x, y: (y, x, x / y, 5), [[0, 1], [1, 0], [0.5, -0.75], [0, 0]]),
    ("one use, two slots",  lambda x, y: x * x + y / y,    [[6, 0]]),
]
# fmt: on


@pytest.mark.parametrize(
    ("function", "matrix"), [row[1:] for row in ODD], ids=[row[0] for row in ODD]
)
@both
def test_odd_graphs(sweep: Any, function: Any, matrix: Any) -> None:
    graph = graph_of(function, "x", "y")
    point = {"x": 3, "y": 2}
    derivative = sweep(graph, ("x", "y"))
    assert same(derivative.at(point).matrix, matrix)
    values = derivative.jacobian_graph.evaluate({k: np.float64(v) for k, v in point.items()})
    assert same([values[i] for i in derivative.jacobian_graph.outputs], np.ravel(matrix))
    assert sweep(graph, ()).at(point).matrix.shape == (len(matrix), 0)


@both
def test_a_derivative_can_be_differentiated_again(sweep: Any) -> None:
    graph, value = graph_of(lambda x: exp(2 * x) + x**5, "x"), 0.5
    for order in range(1, 6):
        derivative: Sweep = sweep(graph, ("x",))
        graph = derivative.jacobian_graph
        rest = math.perm(5, order) * value ** (5 - order)
        assert derivative.at({"x": value})["x"] == pytest.approx(
            2**order * math.e + rest, rel=1e-14
        )


@both
def test_a_long_chain_is_walked_not_recursed(sweep: Any) -> None:
    def chain(x: Any) -> Any:
        for _ in range(100_000):
            x = sin(x)
        return x

    graph = graph_of(chain, "x")
    derivative = sweep(graph, ("x",))
    x, slope = 0.75, 1.0
    for _ in range(100_000):
        x, slope = math.sin(x), slope * math.cos(x)
    assert derivative.at({"x": 0.75})["x"] == pytest.approx(slope, rel=1e-9)
    assert len(derivative.graph.ops) < 4 * len(graph.ops)


@both
def test_deep_nesting_of_one_function(sweep: Any) -> None:
    def nest(x: Any) -> Any:
        for _ in range(2_000):
            x = tanh(x)
        return x

    x, slope = 1.25, 1.0
    for _ in range(2_000):
        slope /= math.cosh(x) ** 2
        x = math.tanh(x)
    derivative = sweep(graph_of(nest, "x"), ("x",))
    assert derivative.at({"x": 1.25})["x"] == pytest.approx(slope, rel=1e-11)
    assert derivative.jacobian_graph.outputs
