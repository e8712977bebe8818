"""Tree sizes, and those of derivatives before they are built."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings

from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.numbers.dual import Dual
from diffcompare.numbers.treesize import (
    Lean,
    TreeSize,
    derivative_tree_size,
    derivative_tree_sizes,
    tree_sizes,
)  # fmt: skip
from diffcompare.ops.choice import max_, where
from diffcompare.ops.elementary import cos, exp, log, sin
from diffcompare.ops.leaf import Constant
from diffcompare.ops.operand import ZERO
from diffcompare.ops.powers import power
from tests.building import derivatives as sweeps
from tests.building import graph_of, logistic, product
from tests.strategies import Sample, samples


def written(graph: Graph, index: int) -> str:
    """The formula of a node, written out with a sign for each node."""
    args = graph.args[index]
    return "o" + "".join(written(graph, a) for a in args)


@settings(max_examples=200, deadline=None)
@given(samples(most=6))
def test_it_is_the_length_of_the_formula(sample: Sample) -> None:
    graph = sample.graph
    assert tree_sizes(graph) == [len(written(graph, i)) for i in graph.outputs]
    every = range(len(graph.ops))
    assert tree_sizes(graph, every) == [len(written(graph, i)) for i in every]
    sizes = graph.evaluate({name: TreeSize() for name in graph.inputs}, lambda c: TreeSize(1, c))
    assert [size.size for size in sizes] == tree_sizes(graph, every)


def test_arguments_of_an_n_ary_op_all_count() -> None:
    x, y = TreeSize(), TreeSize(5)
    assert max_(x, y, x, 3.0).size == 9
    assert where(x > 0, y, 0) == TreeSize(10)
    assert repr(sin(y)) == "TreeSize(6)" and hash(sin(y)) == hash(TreeSize(6))
    assert TreeSize(6) != 6


@pytest.mark.parametrize("n", [1, 2, 3, 10, 60])
def test_the_logistic_map(n: int) -> None:
    """By the recurrences of its product rule, worked out by hand."""
    f, folded, unfolded = 1, 1, 1
    for step in range(1, n):
        # (4 l) (1 − l) and, with the first l′ = 1 folded, 4 (1 − l) − 4 l, then
        # 4 l′ (1 − l) − 4 l l′; with nothing folded (0 l + 4 l′) (1 − l) + 4 l (0 − l′).
        folded = 9 if step == 1 else 9 + 2 * f + 2 * folded
        unfolded = 14 + 3 * f + 2 * unfolded
        f = 5 + 2 * f
    graph = logistic(n)
    (output,) = graph.outputs
    assert tree_sizes(graph) == [f] == [6 * 2 ** (n - 1) - 5]
    assert derivative_tree_size(graph, output, "x") == folded
    assert derivative_tree_size(graph, output, "x", folding=False) == unfolded


# fmt: off
BY_HAND = [
    (lambda x: x, 1, 1),                                 # 1
    (lambda x: 7 + 0 * x, 1, 9),                         # 0·1 = 0; 0 + (0 x + 0·1)
    (lambda x: x + x, 1, 3),                             # 2; 1 + 1
    (lambda x: x * x, 3, 7),                             # x + x; 1 x + x 1
    (lambda x: 3 * x, 1, 7),                             # 3; 0 x + 3·1
    (lambda x: x / 10, 3, 9),                            # 1 / 10; (1 − (x/10)·0)/10
    (sin, 2, 4),                                         # cos x; 1 cos x
    (cos, 3, 5),                                         # −sin x; 1 (−sin x)
    (log, 3, 5),                                         # 1/x; 1 (1/x)
    (lambda x: -log(x), 4, 6),                           # −(1/x); −(1 (1/x))
    (lambda x: exp(exp(x)), 6, 8),                       # e^x e^e^x; (1 e^x) e^e^x
    (lambda x: power(x, 3), 4, 6),                       # 3 x²; 1 (3 x²)
    (lambda x: x - Fraction(1, 3), 1, 3),                # 1; 1 − 0
    (lambda x: x > 0, 1, 1),                             # 0
]
# fmt: on


@pytest.mark.parametrize(("function", "folded", "unfolded"), BY_HAND)
def test_by_hand(function: Any, folded: int, unfolded: int) -> None:
    graph = graph_of(function, "x")
    found = [derivative_tree_size(graph, graph.outputs[0], "x", fold) for fold in (True, False)]
    assert found == [folded, unfolded]


@settings(max_examples=300, deadline=None)
@given(samples())
def test_it_is_the_size_of_what_forward_mode_builds(sample: Sample) -> None:
    graph = sample.graph
    forward, _ = sweeps(graph)
    rows = derivative_tree_sizes(graph)
    assert [size for row in rows for size in row] == tree_sizes(forward.jacobian_graph)
    first = next(iter(graph.inputs))
    assert derivative_tree_size(graph, graph.outputs[0], first) == rows[0][0]


def in_full(graph: Graph, name: str) -> Graph:
    """The derivatives with every 0 and 1 written out: the rules run on a graph that folds nothing."""
    work = Graph.empty()
    nodes = [
        Variable(work, work.node(op, args)) for op, args in zip(graph.ops, graph.args, strict=True)
    ]
    zero, one = (Variable.input(work, leaf) for leaf in ("0", "1"))
    dots: list[Any] = []
    for index, (op, args) in enumerate(zip(graph.ops, graph.args, strict=True)):
        if args:
            dot = op.jvp(nodes[index], [nodes[a] for a in args], [dots[a] for a in args])
            dots.append(zero if dot is ZERO else dot)
        else:
            dots.append(one if index == graph.inputs[name] else zero)
    work.outputs = tuple(dots[i].index for i in graph.outputs)
    return work


@settings(max_examples=200, deadline=None)
@given(samples())
def test_unfolded_it_is_the_size_with_every_zero_and_one(sample: Sample) -> None:
    graph = sample.graph
    names = tuple(graph.inputs)
    columns = [tree_sizes(in_full(graph, name)) for name in names]
    rows = derivative_tree_sizes(graph, names, folding=False)
    assert rows == [list(row) for row in zip(*columns, strict=True)]


def test_by_no_input() -> None:
    assert derivative_tree_sizes(product(5), ()) == [[]]


def test_a_deep_graph() -> None:
    graph = logistic(10_000)
    assert tree_sizes(graph) == [6 * 2**9_999 - 5]
    size = derivative_tree_size(graph, graph.outputs[0], "x")
    assert 10_000 < size.bit_length() < 10_020


def test_sizes_can_be_duals() -> None:
    y = sin(Dual(TreeSize(), TreeSize()) * 2)
    assert (y.primal, y.tangent) == (TreeSize(4), TreeSize(8))  # cos(x·2) (1·2)
    lean = sin(Dual(Lean(), Lean(1, Fraction(1))) * 2)
    assert lean.tangent == TreeSize(6)  # 2 cos(x·2)


def test_constants_are_known() -> None:
    graph = graph_of(lambda x: 2**x, "x")
    assert any(isinstance(op, Constant) for op in graph.ops)
    assert derivative_tree_sizes(graph) == [[6]]  # 2ˣ ln 2
