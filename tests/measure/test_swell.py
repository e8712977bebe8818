"""Sizes as trees and as shared graphs."""

import pytest

import diffcompare as dc
from diffcompare.measure.swell import sizes, swell


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
