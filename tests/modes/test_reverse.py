"""Reverse mode: traces, passes, accumulation, and the branches that are not taken."""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pytest

from diffcompare.graph.graph import Graph
from diffcompare.modes import reverse
from diffcompare.modes.forward import tangent_graph
from diffcompare.modes.guards import Guards
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.ops.choice import floor, max_, min_, relu, where
from diffcompare.ops.elementary import cos, exp, log, sin, sqrt
from diffcompare.ops.index import choose
from tests.building import cost, derivatives, graph_of, product, same

NAN = math.nan


def test_the_lectures_adjoint_trace() -> None:
    graph = graph_of(lambda x1, x2: log(x1) + x1 * x2 - sin(x2), "x1", "x2")
    derivative = adjoint_graph(graph, ("x1", "x2"))
    assert (derivative.mode, derivative.passes, derivative.seeds) == ("reverse", 1, ("y_bar",))
    values = graph.evaluate({"x1": np.float64(2), "x2": np.float64(5)})
    swept = derivative.graph.evaluate({"y_bar": 1.0}, start=values)
    adjoints = [swept[role.node] for role in derivative.roles]
    assert adjoints == pytest.approx([5.5, 1.716, 1, 1, -1, 1, 1], abs=5e-4)
    assert repr(derivative) == "Derivative(reverse, by x1, x2, passes=1)"


def test_a_pass_for_each_output() -> None:
    graph = graph_of(lambda a, b: (a * b, a / b, a + b), "a", "b")
    derivative = adjoint_graph(graph, ("a", "b"))
    assert (derivative.passes, derivative.seeds) == (3, ("y0_bar", "y1_bar", "y2_bar"))
    assert derivative.at({"a": 3, "b": 2}).matrix.tolist() == [[2, 3], [0.5, -0.75], [1, 1]]


@pytest.mark.parametrize(("m", "n"), [(40, 1), (1, 40), (7, 3)])
def test_m_passes_forward_and_n_in_reverse(m: int, n: int) -> None:
    graph = graph_of(lambda *x: tuple(sum(x[1:], x[0]) * k for k in range(1, n + 1)),
                     *(f"x{i}" for i in range(m)))  # fmt: skip
    forward, backward = derivatives(graph)
    assert (forward.passes, backward.passes) == (m, n)
    point = dict.fromkeys(graph.inputs, 1.0)
    assert same(forward.at(point).matrix, backward.at(point).matrix)


@pytest.mark.parametrize("n", [3, 4, 6, 10, 40])
def test_speelpennings_product(n: int) -> None:
    graph = product(n)
    gradient = cost(adjoint_graph(graph, tuple(graph.inputs)).jacobian_graph)
    assert cost(graph).to_dict()["mul"] == cost(graph).total == n - 1
    assert gradient.to_dict()["mul"] == gradient.total == 3 * n - 6
    x = [1 + k / 8 for k in range(n)]
    found = adjoint_graph(graph, tuple(graph.inputs)).at(dict(zip(graph.inputs, x, strict=True)))
    assert list(found.values()) == pytest.approx([math.prod(x) / v for v in x], rel=1e-14)


@pytest.mark.parametrize("k", [1, 2, 5, 17])
def test_a_value_used_k_times_adds_up_k_adjoints(k: int) -> None:
    def uses(x: Any) -> tuple[Any, ...]:
        return tuple(x * x.like(c) for c in range(2, k + 2))

    graph = graph_of(lambda x: uses(sin(x)), "x")
    derivative = adjoint_graph(graph, ("x",))
    sweep = cost(derivative.graph, derivative.sweep_start)
    assert (sweep.add, sweep.mul) == (k - 1, k + 1)


def test_no_adjoint_for_what_is_not_asked_or_constant() -> None:
    graph = graph_of(lambda x, y: x * exp(y) * exp(x.like(2)), "x", "y")
    derivative = adjoint_graph(graph, ("x",))
    asked = graph.depends_on([graph.inputs["x"]])
    assert [role.node is not None for role in derivative.roles] == asked
    assert cost(derivative.graph, derivative.sweep_start).total == 2


# fmt: off
BRANCHES = [
    # function                                                            at         ∂x, ∂y
    (lambda x, y: where(x > 0, log(x), y),                                (0, 1),    (0, 1)),
    (lambda x, y: where(x > 0, log(x) * y, 3 * y),                        (-1, 1),   (0, 3)),
    (lambda x, y: where(x > 0, 0, log(x) * y) + y,                        (1, 1),    (0, 1)),
    (lambda x, y: where(x > 0, y, where(y > 0, x / y, sqrt(y))),          (-1, 0),   (0, math.inf)),
    (lambda x, y: where(x > 0, where(y > 0, y / x, log(y)), log(x)),      (1, 1),    (-1, 1)),
    (lambda x, y: where(x > 0, where(y > 0, y / x, log(y)), log(x)),      (0, -1),   (math.inf, 0)),
    (lambda x, y: max_(log(x), y) + min_(sqrt(y), x),                     (0, 4),    (1, 1)),
    (lambda x, y: relu(-relu(1 / x)) + x * y,                             (0, 2),    (2, 0)),
    (lambda x, y: where(y > 0, 1 / x, x) + where(y > 0, 2 / x, 3 * x),    (0, -1),   (4, 0)),
    (lambda x, y: where(y > 0, sqrt(x), 1) * where(y > 0, log(x), y),     (0, -2),   (0, 1)),
]
# fmt: on


@pytest.mark.parametrize(("function", "at", "slopes"), BRANCHES)
def test_the_branch_not_taken_never_meets_the_zero(function: Any, at: Any, slopes: Any) -> None:
    graph = graph_of(function, "x", "y")
    for derivative in derivatives(graph):
        assert same(derivative.at({"x": at[0], "y": at[1]}).matrix, [slopes]), derivative.mode


def test_guards_say_under_which_conditions_an_adjoint_counts() -> None:
    graph = graph_of(lambda x: where(x > 1, sin(x), relu(cos(x))), "x")
    derivative = adjoint_graph(graph, ("x",))
    named = {graph.ops[i].name: role for i, role in enumerate(derivative.roles)}
    above = derivative.graph.args[graph.outputs[0]][0]
    assert list(named["sin"].guards) == [(above, True)]
    (outer, inner) = list(named["cos"].guards)
    assert outer == (above, False)
    assert derivative.graph.ops[inner[0]].name == "greater" and inner[1]
    assert list(named["where"].guards) == list(named["input"].guards) == []
    copied = pickle.loads(pickle.dumps(named["cos"].guards))
    assert isinstance(copied, Guards) and list(copied) == [outer, inner]
    assert repr(copied) == f"Guards({outer}, {inner})"


def chain(depth: int, weights: bool) -> Graph:
    """h ← relu(h + w), with a weight for each layer or one for all."""
    names = [f"w{k}" for k in range(depth if weights else 1)]

    def run(h: Any, *w: Any) -> Any:
        for k in range(depth):
            h = relu(h + w[k % len(w)])
        return h

    return graph_of(run, "h", *names)


@pytest.mark.parametrize("weights", [False, True])
def test_nested_guards_take_space_that_is_linear_in_their_depth(weights: bool) -> None:
    graph = chain(2_000, weights)
    derivative = adjoint_graph(graph, tuple(graph.inputs))
    assert len(derivative.graph.ops) < 5 * len(graph.ops)
    point = {"h": 1.0, **dict.fromkeys(list(graph.inputs)[1:], 0.25)}
    slopes = derivative.at(point).matrix[0]
    assert same(slopes, [1] * 2001 if weights else [1, 2000])


@pytest.mark.parametrize("dead", [0, 1, 5, 9])
def test_one_closed_gate_closes_all_that_lies_before_it(dead: int) -> None:
    graph = chain(10, weights=True)
    point = {"h": 1.0, **{f"w{k}": -1e9 if k == dead else 1.0 for k in range(10)}}
    expected = [0.0] * (dead + 2) + [1.0] * (9 - dead)
    for derivative in derivatives(graph):
        assert same(derivative.at(point).matrix[0], expected)


def test_a_residual_block_with_dead_weights_is_the_identity() -> None:
    graph = graph_of(lambda h, w: relu(w * relu(w * h) + h), "h", "w")
    for derivative in derivatives(graph):
        assert dict(derivative.at({"h": 2, "w": 0})) == {"h": 1, "w": 0}


def test_a_dropped_accumulation_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = graph_of(lambda x: sin(x) * x + exp(x), "x")
    honest = reverse.summed
    monkeypatch.setattr(
        reverse, "summed", lambda parts, *rest, **more: honest(parts[:1], *rest, **more)
    )
    slope = adjoint_graph(graph, ("x",)).at({"x": 0.5})["x"]
    true = tangent_graph(graph, ("x",)).at({"x": 0.5})["x"]
    assert abs(slope / true - 1) > 1e-2


def test_the_same_adjoints_are_added_up_once() -> None:
    """Of three numbers, in whatever order they come: two additions for both inputs."""
    graph = graph_of(lambda x, y: (sin(x + y), cos(y + x), exp(x) * 0 + x + y), "x", "y")
    sweep = adjoint_graph(graph, ("x", "y"))
    sums = [len(args) for op, args in zip(sweep.graph.ops, sweep.graph.args, strict=True)
            if op.name == "add"]  # fmt: skip
    assert max(sums) == 3


def test_what_excludes_each_other_is_chosen_not_added() -> None:
    for function in (
        lambda x, y: where(x > 0, y * 2, y * 3),
        lambda x, y: choose(x, y * 2, y * 3, 0, y),
    ):
        graph = graph_of(function, "x", "y")
        sweep = adjoint_graph(graph, ("x", "y"))
        assert cost(sweep.graph, sweep.sweep_start).add == 0
        slopes = [sweep.at({"x": x, "y": 1.5})["y"] for x in (0, 1, 2, 3)]
        assert slopes == ([3, 2, 2, 2] if graph.ops[-1].name == "where" else [2, 3, 0, 1])


def test_what_only_jumps_has_no_adjoint() -> None:
    graph = graph_of(lambda x: floor(x * 2) * x, "x")
    roles = adjoint_graph(graph, ("x",)).roles
    assert [role.node is None for role in roles] == [
        op.name in ("floor", "mul", "constant") and graph.outputs[0] != k
        for k, op in enumerate(graph.ops)
    ]


# fmt: off
MERGED = [
    # log x is −inf at 0, and reached by two ways of which none is taken
    (lambda x: log(max_(1, log(x))) + relu(log(x)),                           0.0, 0.0),
    (lambda x: where(x > 0, 1 / x, 2) + where(x < 0, 3 / x, x),               0.0, 1.0),
    (lambda x: where(x > 0, sqrt(x), 0) + where(x >= 0, x, -sqrt(x)),         0.0, 1.0),
    (lambda x: relu(sqrt(x) * 2) + relu(-sqrt(x)) + relu(sqrt(x) * 3),        0.0, 0.0),
]
# fmt: on


@pytest.mark.parametrize(("function", "at", "slope"), MERGED)
def test_a_value_reached_only_by_ways_not_taken(function: Any, at: float, slope: float) -> None:
    for derivative in derivatives(graph_of(function, "x")):
        assert derivative.at({"x": at})["x"] == slope


def test_two_branches_of_one_condition_need_no_guard_where_they_meet() -> None:
    graph = graph_of(lambda x, y: where(y > 0, sin(exp(x)), cos(exp(x))), "x", "y")
    derivative = adjoint_graph(graph, ("x",))
    (role,) = (derivative.roles[i] for i, op in enumerate(graph.ops) if op.name == "exp")
    assert list(role.guards) == []
