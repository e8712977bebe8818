"""Patterns: structural, the union over branches, linear in the graph."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

import diffcompare as dc
from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.modes.sparsity import reach
from diffcompare.modes.sparsity.pattern import Pattern, hessian_sparsity, sparsity
from diffcompare.modes.sparsity.reach import flows
from diffcompare.ops.choice import floor, greater, max_, mod, relu, where
from diffcompare.ops.operand import OPS
from diffcompare.ops.parts import Stack
from tests.modes.sparsity.patterns import arrow, band
from tests.strategies import Sample, samples


def same(a: Pattern, b: Pattern) -> bool:
    return a.shape == b.shape and np.array_equal(a.dense(), b.dense())


def test_gallery_patterns() -> None:
    assert same(sparsity(dc.read_case("graphs/arrowhead.toml").graph()), arrow(8))
    assert same(sparsity(dc.read_case("graphs/broyden_tridiagonal.toml").graph()), band(8))


def test_places_are_row_major_and_by_the_inputs_asked_for() -> None:
    graph = dc.parse("b*c, a + c, c")
    pattern = sparsity(graph, ["c", "b"])
    assert pattern.shape == (3, 2)
    assert list(zip(pattern.rows.tolist(), pattern.columns.tolist(), strict=True)) == [
        (0, 0), (0, 1), (1, 0), (2, 0),
    ]  # fmt: skip
    assert pattern.rows.dtype == pattern.columns.dtype == np.int64


@settings(max_examples=150, deadline=None)
@given(samples())
def test_no_derivative_lies_outside(sample: Sample) -> None:
    """And the pattern is just what depends on each seed in the tangent graph."""
    pattern = sparsity(sample.graph)
    matrix = dc.differentiate(sample.graph, "forward").at(sample.point).matrix
    assert not matrix[~pattern.dense()].any()
    tangents = dc.differentiate(sample.graph, "forward")
    size = len(sample.graph.outputs)
    for column, seed in enumerate(tangents.seeds):
        reached = tangents.graph.depends_on([tangents.graph.inputs[seed]])
        assert [reached[i] for i in tangents.graph.outputs[size:]] == pattern.dense()[
            :, column
        ].tolist()


@settings(max_examples=100, deadline=None)
@given(samples(outputs=1))
def test_no_second_derivative_lies_outside(sample: Sample) -> None:
    pattern = hessian_sparsity(sample.graph)
    assert pattern.symmetric
    matrix = dc.hessian(sample.graph).at(sample.point).matrix
    assert not np.nan_to_num(matrix, nan=1.0)[~pattern.dense()].any()


def test_tangents_pass_where_the_rule_says() -> None:
    assert flows(where, ((), (), ())) == (1, 2)
    assert flows(mod, ((), ())) == (0, 1)
    assert flows(relu, ((),)) == (0,)
    assert flows(floor, ((),)) == flows(greater, ((), ())) == ()
    assert flows(max_, ((),) * 5) == (0, 1, 2, 3, 4)
    assert flows(OPS["choose"], ((),) * 4) == (1, 2, 3)
    assert flows(OPS["argmax"], ((),) * 4) == ()
    assert flows(Stack((3,)), ((),) * 3) == (0, 1, 2)


def test_branches_are_united_and_told() -> None:
    graph = dc.parse("where(x > 0, y, z), max(x, y), x*floor(z), relu(2)*y")
    pattern = sparsity(graph)
    assert pattern.dense().astype(int).tolist() == [[0, 1, 1], [1, 1, 0], [1, 0, 0], [0, 1, 0]]
    chosen = [graph.nodes[name]["op"] for name in pattern.depends_on_point]
    assert sorted(chosen) == ["max", "where"]
    at = {"x": 1.0, "y": 2.0, "z": 3.0}
    for x, places in ((1.0, [0, 1, 0]), (-1.0, [0, 0, 1])):
        row = dc.differentiate(graph, "forward").at({**at, "x": x}).matrix[0]
        assert (row != 0).astype(int).tolist() == places


def test_smooth_graphs_depend_on_no_point() -> None:
    assert sparsity(dc.parse("sin(x)*y, x**y, abs(x)")).depends_on_point == ()
    assert hessian_sparsity(dc.parse("x*y*z")).depends_on_point == ()
    assert sparsity(dc.parse("where(x > 0, y, z)"), "x").depends_on_point == ()


def test_the_branch_of_a_hessian_is_told() -> None:
    graph = dc.parse("where(x > 0, y*z, y)")
    pattern = hessian_sparsity(graph, ["y", "z"])
    assert [graph.nodes[name]["op"] for name in pattern.depends_on_point] == ["where"]
    assert pattern.dense().astype(int).tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize("name", ["net_pooling", "net_conv_3x3", "net_smallest", "net_im2row"])
def test_arrays_have_the_pattern_of_their_derivatives(name: str) -> None:
    case = dc.read_case(f"graphs/{name}.toml")
    graph = case.graph()
    pattern = sparsity(graph)
    derivative = dc.differentiate(graph, "reverse")
    assert pattern.shape == derivative.blocks.shape
    assert not derivative.at(case.point).matrix[~pattern.dense()].any()


def test_entries_of_arrays_are_told_apart() -> None:
    graph = dc.parse("x*y", shapes={"x": (2, 2), "y": ()})
    columns = [0, 1, 2, 3]
    expected = np.zeros((4, 5), dtype=bool)
    expected[columns, columns] = expected[:, 4] = True
    assert np.array_equal(sparsity(graph).dense(), expected)
    pooled = dc.parse("max_pool2d(x, window=2)", shapes={"x": (1, 1, 2, 4)})
    assert sparsity(pooled).row_counts.tolist() == [4, 4]
    assert sparsity(pooled).depends_on_point


def test_hessians_join_what_meets_in_a_nonlinear_operation() -> None:
    graph = dc.parse("sin(a + b) + c*d + 3*f + (g - 1)**2")
    expected = np.zeros((6, 6), dtype=bool)
    expected[:2, :2] = expected[2, 3] = expected[3, 2] = expected[5, 5] = True
    assert np.array_equal(hessian_sparsity(graph).dense(), expected)


def test_long_sums_are_not_quadratic(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sum of n terms copies next to nothing; running sums kept as outputs copy all of them."""
    graph = Graph.empty()
    x = [Variable.input(graph, f"x{k}") for k in range(2000)]
    sums = [x[0]]
    for term in x[1:]:
        sums.append(sums[-1] + term)
    graph.outputs = (sums[-1].index,)
    monkeypatch.setattr(reach, "MOST", 10_000)
    assert sparsity(graph).nonzeros == 2000
    graph.outputs = tuple(total.index for total in sums)
    with pytest.raises(DiffcompareError, match="sparsity needs at most 10,000 nonzeros") as error:
        sparsity(graph)
    assert error.value.kind == "limit"


def test_patterns_of_places() -> None:
    assert same(Pattern.of([1, 0, 1], [0, 1, 0], (2, 2)), Pattern.of([0, 1], [1, 0], (2, 2)))
    assert Pattern.of([], [], (0, 3)).dense().shape == (0, 3)
    with pytest.raises(DiffcompareError, match="a pattern needs places in 2×2, got rows to 2"):
        Pattern.of([2], [0], (2, 2))
    with pytest.raises(DiffcompareError, match="as many rows as columns"):
        Pattern.of([1, 0], [0], (2, 2))


def test_bad_input_is_refused() -> None:
    graph = dc.parse("x*y")
    with pytest.raises(DiffcompareError, match="sparsity needs a Graph"):
        dc.sparsity("x*y")  # type: ignore[arg-type]
    with pytest.raises(DiffcompareError, match="wrt needs names among x, y, got 'z'"):
        sparsity(graph, "z")
    with pytest.raises(DiffcompareError, match="a sparse Hessian needs one output, got 2"):
        hessian_sparsity(dc.parse("x, x*x"))
    with pytest.raises(DiffcompareError, match="a Graph"):
        dc.sparsity(dc.differentiate(graph, "forward"))  # type: ignore[arg-type]
