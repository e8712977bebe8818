"""Sizes as trees and as shared graphs."""

from pathlib import Path

import pytest

import diffcompare as dc
from diffcompare.graph.expand import expand
from diffcompare.measure import swell as module
from diffcompare.measure.swell import Sizes, sizes, swell
from diffcompare.numbers import treearrays

GRAPHS = Path(__file__).parents[2] / "graphs"
SMALL = {"image": (1, 1, 6, 6), "w": (2, 1, 3, 3), "v": (3, 8), "label": (1,)}
NET = "softmax_log_loss(dense(flatten(max_pool2d(tanh(conv2d(image, w)), window=2)), v), label)"


def logistic(n):
    lines = ["l1 = x", *(f"l{k} = 4*l{k - 1}*(1 - l{k - 1})" for k in range(2, n + 1))]
    return dc.parse("\n".join(lines))


@pytest.mark.parametrize("n", [2, 3, 5, 9])
def test_tree_of_the_logistic_map(n):
    """A tree of 4·l·(1 − l): T(n) = 2 T(n−1) + 5, T(1) = 1; a graph of 3(n−1) operations."""
    tree = 1
    for _ in range(n - 1):
        tree = 2 * tree + 5
    assert sizes(logistic(n)).tree == tree
    assert sizes(logistic(n)).dag == 3 * (n - 1) + 3  # and x, 4, 1


def test_trees_swell_and_graphs_do_not():
    measured = {n: swell(logistic(n), None, {}) for n in (10, 11)}
    assert measured[11].predicted > 2 * measured[10].predicted
    built, _ = dc.differentiate_all(logistic(11), budget=dc.Budget(symbolic_tree=10))
    grown = swell(logistic(11), None, built)
    assert grown.derivatives["reverse"].dag < 4 * grown.f.dag


def test_exact_at_any_depth():
    assert sizes(logistic(1000)).tree == 6 * 2**999 - 5
    assert swell(logistic(1000), None, {}).predicted > 2**999


def test_predicted_is_the_forward_tree_and_unfolded_is_longer():
    graph = dc.parse("sin(x)*exp(x*y)")
    forward = dc.differentiate(graph, "forward")
    measured = swell(graph, None, {"forward": forward})
    assert measured.predicted == measured.derivatives["forward"].tree
    assert measured.unfolded > measured.predicted


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("x + 1", 1),
        ("abs(x)*relu(y)", 4),
        ("max(x, y, x*y)", 3),
        ("where(x > 0, x, 0) + where(x > 0, x, 0)", 2),
        ("Piecewise((x, x < 0), (x**2, x < 1), (1, True))", 3),
    ],
)
def test_cases(text, count):
    assert dc.cases(dc.parse(text)) == count


def test_piecewise_functions_multiply_cases():
    piece = "Piecewise(({0}/2, {0} < 0), ({0}**2, {0} < 1), (2*{0} - 1, True))"
    for depth in (1, 2, 3, 8):
        lines = ["a0 = x", *(f"a{k + 1} = {piece.format(f'a{k}')}" for k in range(depth))]
        assert dc.cases(dc.parse("\n".join(lines))) == 3**depth


def test_a_small_network_is_written_out():
    graph = dc.parse(NET, shapes=SMALL)
    measured = swell(graph, ["w", "v"], {})
    fine = expand(graph)
    assert measured.basis == "scalars" and measured.f == sizes(fine)
    assert measured.unfolded > measured.predicted > measured.f.tree


def test_a_large_network_is_counted(monkeypatch):
    """The same sizes as those of its expansion."""
    graph = dc.parse(NET, shapes=SMALL)
    written = swell(graph, ["w", "v"], {})
    monkeypatch.setattr(module, "_FINE", dc.Budget(nodes=10))
    counted = swell(graph, ["w", "v"], {})
    assert counted.basis == "counted" and counted.predicted is None
    assert (counted.f.tree, counted.unfolded) == (written.f.tree, written.unfolded)
    reverse = dc.differentiate(graph, "reverse", ["w", "v"])
    sweep = expand(reverse.graph)
    sweep.outputs = sweep.outputs[1:]  # what is swept, without f
    assert counted.derivatives["reverse"].tree == sizes(sweep).tree
    for found, exact in ((counted.f, written.f), (counted.derivatives["reverse"], sizes(sweep))):
        assert exact.dag <= found.dag + 5 <= 1.1 * exact.dag


def test_lenet_is_counted():
    case = dc.read_case(GRAPHS / "net_lenet.toml")
    measured = swell(case.graph(), case.wrt, {})
    assert measured.f == Sizes(20_129_035_256_424, 905_434)
    assert measured.unfolded > 10**6 * measured.f.tree
    assert 2 < measured.derivatives["reverse"].dag / measured.f.dag < 3


def test_many_outputs_have_no_reverse_graph_without_seeds():
    graph = dc.parse("matmul(a, b)", shapes={"a": (30, 30), "b": (30, 30)})
    measured = swell(graph, None, {})
    assert measured.basis == "counted" and measured.derivatives == {}
    assert measured.f.tree == 900 * (4 * 30 - 1)
    assert measured.unfolded == 1800 * 900 * (8 * 30 - 1)


def test_what_is_too_large_even_to_count(monkeypatch):
    monkeypatch.setattr(treearrays, "ENTRIES", 100)
    graph = dc.parse("matmul(a, b)", shapes={"a": (30, 30), "b": (30, 30)})
    measured = swell(graph, None, {})
    assert measured.basis == "arrays" and measured.f == Sizes(3, 3)
    assert measured.predicted is None and measured.unfolded is None


def test_the_symbolic_mode_tells_the_sizes():
    case = dc.read_case(GRAPHS / "net_lenet.toml")
    need = "a tree of at most 5,000,000 nodes, got 20,129,035,256,424 in f alone"
    with pytest.raises(dc.DiffcompareError, match=need):
        dc.differentiate(case.graph(), "symbolic", case.wrt)
