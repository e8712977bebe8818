"""What a label names: picked, put back, and refused where it names nothing."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.ops.cost import Cost
from diffcompare.ops.labels import PutLabel, TakeLabel, labels_for
from tests.ops.layers.checks import (
    CHECKS,
    Case,
    case,
    check_layout,
    random,
)

LABELS = np.array([[3.0, 0.0, 2.0], [1.0, 1.0, 3.0]])
TAKEN = [
    case(TakeLabel(0), x=[random((5,), 1), np.float64(4)], wrt=[0]),
    case(TakeLabel(1), x=[random((2, 4, 3), 2), LABELS], wrt=[0]),
    case(TakeLabel(2), x=[random((2, 3, 4), 3), LABELS], wrt=[0]),
]
PUT = [
    case(PutLabel(0, 5), x=[random((), 1), np.float64(4)], wrt=[0]),
    case(PutLabel(1, 4), x=[random((2, 3), 2), LABELS], wrt=[0]),
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("case", [*TAKEN, *PUT], ids=str)
def test_pair(case: Case, check: Any) -> None:
    if check is check_layout and not all(case.shapes):
        pytest.skip("a number has no layout")
    check(case)


def test_against_loops() -> None:
    x, y = random((2, 4, 3), 4), random((2, 3), 5)
    taken, put = TakeLabel(1)(x, LABELS), PutLabel(1, 4)(y, LABELS)
    for n, k in np.ndindex(2, 3):
        label = int(LABELS[n, k])
        assert taken[n, k] == x[n, label, k]
        assert put[n, label, k] == y[n, k]
    assert np.count_nonzero(put) == y.size
    assert abs((taken * y).sum() - (x * put).sum()) < 1e-14
    assert TakeLabel(1).cost([x.shape, y.shape]) == PutLabel(1, 4).cost([y.shape] * 2) == Cost()


REFUSED: list[tuple[Any, str, str]] = [
    (lambda x: TakeLabel(1)(x, np.array([0.0, 3.0])), "input", "got 3"),
    (lambda x: TakeLabel(1)(x, np.array([0.0, -1.0])), "input", "got -1"),
    (lambda x: TakeLabel(1)(x, np.array([0.0, 1.5])), "input", "got 1.5"),
    (lambda x: TakeLabel(1)(x, np.array([np.nan, 1.0])), "input", "got nan"),
    (lambda x: PutLabel(1, 3)(x[:, 0], np.array([0, 3])), "input", "got 3"),
    (lambda x: labels_for("log_loss", x, [0, 3], 1), "input", "got 3"),
    (lambda x: labels_for("log_loss", x, [True, False], 1), "input", "got [True, False]"),
    (lambda x: labels_for("log_loss", x, "01", 1), "input", "got '01'"),
    (lambda x: labels_for("log_loss", x, [[0], [1, 2]], 1), "input", "got [[0], [1, 2]]"),
    (lambda x: labels_for("log_loss", x, None, 1), "input", "got None"),
]


@pytest.mark.parametrize(("call", "kind", "got"), REFUSED, ids=[row[2] for row in REFUSED])
def test_labels_refused(call: Any, kind: str, got: str) -> None:
    with pytest.raises(DiffcompareError) as caught:
        call(np.zeros((2, 3)))
    assert caught.value.kind == kind
    assert str(caught.value) == f"a label needs a whole number from 0 to 2, {got}"


SHAPES: list[tuple[Any, str]] = [
    (lambda: TakeLabel(1).shape([(2, 3), (3,)]),
     "take_label needs a label for each sample, classes along axis 1, got 2×3 and 3"),
    (lambda: TakeLabel(2).shape([(2, 3), (2, 3)]),
     "take_label needs classes along axis 2, got 2×3 and 2×3"),
    (lambda: PutLabel(1, 4).shape([(2,), (3,)]), "put_label needs a number for each label, got 2 and 3"),
    (lambda: labels_for("log_loss", np.zeros((2, 3)), [0], 1),
     "log_loss needs a label for each sample, got 2×3 and 1"),
    (lambda: labels_for("log_loss", 0.5, 0, 0),
     "log_loss needs an entry for each class, one sample or more, got a number"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "text"), SHAPES, ids=[row[1] for row in SHAPES])
def test_shapes_refused(call: Any, text: str) -> None:
    with pytest.raises(DiffcompareError) as caught:
        call()
    assert (caught.value.kind, str(caught.value)) == ("shape", text)


def test_constant_labels_become_constants_of_the_graph() -> None:
    graph = Graph.empty()
    x = Variable.input(graph, "x", (2, 3))
    for labels in ([2, 0], (2, 0), np.array([2, 0], dtype=np.int8), np.array([2.0, 0.0])):
        given = labels_for("log_loss", x, labels, 1)
        graph.outputs = (given.index,)
        np.testing.assert_array_equal(graph.evaluate({"x": np.zeros((2, 3))})[given.index], [2, 0])


def test_a_constant_of_the_graph_is_checked_at_once() -> None:
    graph = Graph.empty()
    x, label = Variable.input(graph, "x", (1, 3)), Variable.constant(graph, 3)
    with pytest.raises(DiffcompareError, match="a whole number from 0 to 2, got 3"):
        labels_for("log_loss", x, label, 1)


@pytest.mark.parametrize("label", [2, Fraction(2), 2.0, [2], np.array(2)])
def test_one_label_for_one_sample(label: Any) -> None:
    for x in (random((1, 3), 6), random((3,), 6)):
        axis = x.ndim - 1
        given = labels_for("log_loss", x, label, axis)
        assert np.shape(given) == x.shape[:axis]
        assert TakeLabel(axis)(x, given).item() == x.ravel()[2]
