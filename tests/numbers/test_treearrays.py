"""Tree sizes of networks, against those of their scalar expansions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import diffcompare as dc
from diffcompare.graph.expand import entry_labels, expand
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.numbers import treearrays
from diffcompare.numbers.treearrays import array_tree_sizes, jacobian_tree_total
from diffcompare.numbers.treesize import tree_sizes
from diffcompare.numbers.treetotal import derivative_tree_total
from diffcompare.ops import op as registry
from diffcompare.ops.choice import max_
from diffcompare.ops.indexed import Gather, ScatterAdd
from diffcompare.ops.labels import PutLabel
from diffcompare.ops.layers.gram import GramBack, GramMixed
from diffcompare.ops.layers.pool import MaxPoolIndex
from diffcompare.ops.parts import Pick, Place, Put, Slice, Stack
from tests.ops.layers import test_conv, test_local, test_pool, test_rows
from tests.ops.layers.composed import graph_of
from tests.ops.layers.functions import SAMPLES, Sample
from tests.ops.layers.point import Case

GRAPHS = Path(__file__).parents[2] / "graphs"
CASES = [*test_conv.CASES, *test_local.CASES, *test_pool.CASES, *test_rows.CASES]

# fmt: off
MOVES: list[tuple[Any, tuple[Any, ...]]] = [
    (Gather(1, (2, 0, 0)), ((2, 3),)),
    (ScatterAdd(0, (2, 0, 0), 4), ((3, 2),)),
    (Slice((0, 1), (2, 4), (1, 2)), ((2, 5),)),
    (Place((4, 3), (1, 0), (2, 1)), ((2, 2),)),
    (Pick((1, 2)), ((2, 3),)),
    (Put((2, 3), (1, 0)), ((),)),
    (Stack((2, 2)), ((), (), (), ())),
    (PutLabel(1, 3), ((2,), (2,))),
    (GramMixed(24), ((2, 3, 4), (2, 3, 4))),
    (GramBack(24), ((2, 3, 3), (2, 3, 4))),
    (MaxPoolIndex((3, 2), (2, 1), (1, 1, 0, 1)), ((1, 2, 4, 5),)),
    (lambda x, y: max_(x, y, x * y), ((2, 3), (3,))),
    (lambda x, y: 2**x - x**y + y**x, ((2,), (2, 2))),
    (lambda x: -x * (x % 2) + 3, ((2, 2),)),
]
# fmt: on


def check(graph: Graph, wrt: list[str] | None = None) -> None:
    """Every entry of the outputs, and the whole Jacobian."""
    scalars = expand(graph)
    entries = [n for sizes in array_tree_sizes(graph) for n in sizes.tolist()]
    assert entries == tree_sizes(scalars)
    names = list(graph.inputs) if wrt is None else wrt
    labels = [n for name in names for n in entry_labels(name, graph.shapes[graph.inputs[name]])]
    total = derivative_tree_total(scalars, labels, folding=False)
    assert jacobian_tree_total(graph, names) == total


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_functions(sample: Sample) -> None:
    check(graph_of(sample, *sample.x), [f"x{k}" for k in sample.wrt])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_layers(case: Case) -> None:
    check(case.layer)


@pytest.mark.parametrize(("function", "shapes"), MOVES)
def test_moves(function: Any, shapes: Any) -> None:
    check(graph_of(function, *(np.zeros(shape) for shape in shapes)))


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_adjoint_graphs(sample: Sample) -> None:
    """Every entry of every node of a graph, not of its outputs alone."""
    reverse = adjoint_graph(graph_of(sample, *sample.x), tuple(f"x{k}" for k in sample.wrt)).graph
    reverse.outputs = tuple(range(len(reverse.ops)))
    entries = [n for sizes in array_tree_sizes(reverse) for n in sizes.tolist()]
    assert entries == tree_sizes(expand(reverse))


def test_every_op_on_arrays_was_met() -> None:
    layers = {name for name, op in registry.FAMILIES.items() if not op.elementwise}
    graphs = [graph_of(sample, *sample.x) for sample in SAMPLES]
    graphs += [case.layer for case in CASES]
    graphs += [graph_of(f, *(np.zeros(s) for s in shapes)) for f, shapes in MOVES]
    graphs += [adjoint_graph(graph, tuple(graph.inputs)).graph for graph in graphs]
    assert layers <= {op.name for graph in graphs for op in graph.ops}


@st.composite
def networks(draw: Any) -> Graph:
    """Layers after one another, each with settings of its own, on an image."""
    graph = Graph.empty()
    x: Any = Variable.input(graph, "image", (draw(st.integers(1, 2)), 2, 5, 4))
    for depth in range(draw(st.integers(1, 4))):
        channels, height, width = x.shape[1:]
        kind = draw(st.sampled_from(["conv2d", "max_pool2d", "avg_pool2d", "lrn", "tanh", "add"]))
        pad = tuple(draw(st.integers(0, 1)) for _ in range(4))
        if kind == "conv2d":
            size = (2 * draw(st.integers(1, 2)), channels, min(2, height), min(3, width))
            w = Variable.input(graph, f"w{depth}", size)
            x = dc.ops.conv2d(x, w, stride=draw(st.integers(1, 2)), pad=pad)
        elif kind in ("max_pool2d", "avg_pool2d"):
            sides = 1 if min(height, width) < 2 else pad
            stride = draw(st.integers(1, 2))
            x = getattr(dc.ops, kind)(x, window=2, stride=stride, pad=sides)
        elif kind == "lrn":
            x = dc.ops.lrn(x, group=draw(st.integers(1, 3)))
        elif kind == "tanh":
            x = dc.tanh(x)
        else:
            x = x + Variable.input(graph, f"b{depth}", (channels, 1, 1))
    graph.outputs = (x.index,)
    return graph


@settings(max_examples=30, deadline=None)
@given(networks())
def test_networks(graph: Graph) -> None:
    check(graph)


def test_by_hand() -> None:
    """y = Σ w x of k taps: k products of 3 nodes and k − 1 sums; padding takes part in none."""
    shapes = {"x": (1, 1, 3, 3), "w": (1, 1, 3, 3)}
    graph = dc.parse("conv2d(x, w, pad=1)", shapes=shapes)
    (sizes,) = array_tree_sizes(graph)
    taps = [4, 6, 4, 6, 9, 6, 4, 6, 4]
    assert sizes.tolist() == [4 * k - 1 for k in taps]
    # The tangent of w x is w_dot x + w x_dot, 7 nodes; 18 of them, one for each input.
    assert jacobian_tree_total(graph, ("x", "w")) == 18 * sum(8 * k - 1 for k in taps)


def test_larger_than_can_be_expanded() -> None:
    """LeNet: k products of x and w are k (x + 2) + k − 1 nodes; a bias adds 2, tanh 1, a mean 2."""

    def products(k: int, x: int) -> int:
        return k * (x + 2) + k - 1

    case = dc.read_case(GRAPHS / "net_lenet.toml")
    graph = case.graph()
    c1 = products(25, 1) + 3
    c2 = products(150, 4 * c1 + 3 + 2) + 3
    f1 = products(400, 4 * c2 + 3 + 2) + 3
    score = products(84, products(120, f1) + 3) + 2
    loss = (10 * score + 1) + 1 + (2 + 10 * score)  # logaddexp − the one at the label
    assert array_tree_sizes(graph)[0].tolist() == [loss]
    # By `derivative_tree_size(…, folding=False)` on the expansion, in a minute.
    assert jacobian_tree_total(graph, case.wrt) == 61_706 * 1_538_896_733_573_462


def test_of_any_depth() -> None:
    """A fully connected layer of m by m: T = m (T₀ + 3) − 1 nodes, from T₀ of its inputs."""
    m, depth = 2000, 40
    lines = ["h0 = x", *(f"h{k + 1} = dense(h{k}, w)" for k in range(depth))]
    graph = dc.parse("\n".join(lines), shapes={"x": (1, m), "w": (m, m)})
    size = 1
    for _ in range(depth):
        size = m * (size + 3) - 1
    assert array_tree_sizes(graph)[0].tolist() == [size] * m


def test_too_many_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(treearrays, "ENTRIES", 7)
    graph = dc.parse("x*x + x", shapes={"x": (4,)})
    with pytest.raises(dc.DiffcompareError, match="at most 7 entries, got 8"):
        array_tree_sizes(graph)
    assert array_tree_sizes(graph, [0])[0].tolist() == [1] * 4


def test_a_maximum_that_the_expansion_merges_is_counted_in_full() -> None:
    graph = dc.parse("max(reshape(max(x, 0), to=(2, 1)), 0)", shapes={"x": (2,)})
    assert array_tree_sizes(graph)[0].tolist() == [5, 5]
    assert tree_sizes(expand(graph)) == [3, 3]
