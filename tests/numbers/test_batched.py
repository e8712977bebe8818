"""Many directions at once: every op does the same as for one direction after the other."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.numbers.batched import Batched
from diffcompare.ops.layers.pool import MaxPoolIndex
from diffcompare.ops.op import Op
from diffcompare.ops.operand import OPS, ZERO
from tests.ops.layers.checks import Case, case, close, random
from tests.ops.samples import FAMILY_SAMPLES
from tests.ops.samples import SAMPLES as TABLE_SAMPLES
from tests.ops.test_families import SAMPLES as FAMILIES

ON_ARRAYS = [*FAMILIES, case(MaxPoolIndex((2, 3), (2, 1), (1, 0, 0, 1)), (2, 3, 5, 4))]
BY_ENTRY = [
    *((OPS[name], points) for name, points in TABLE_SAMPLES.items()),
    *(row for rows in FAMILY_SAMPLES.values() for row in rows),
]
DIRECTIONS = 3


def directions(case: Case, slot: int) -> np.ndarray:
    """An argument in several directions; labels and indices are permuted along their last axis."""
    x = case.x[slot]
    if slot in case.wrt:
        return np.stack([x, *(random(x.shape, 500 + k) for k in range(DIRECTIONS - 1))])
    return np.stack([np.roll(x, k, axis=-1) for k in range(DIRECTIONS)])


def stacked(op: Op, x: list[Any], batched: tuple[bool, ...]) -> np.ndarray:
    """What the op gives in each direction, one after the other."""
    with np.errstate(all="ignore"):
        return np.stack([
            op.value(*(a[k] if has else a for a, has in zip(x, batched, strict=True)))
            for k in range(DIRECTIONS)
        ])  # fmt: skip


def together(op: Op, x: list[Any], batched: tuple[bool, ...]) -> Any:
    with np.errstate(all="ignore"):
        return op(*(Batched(a) if has else a for a, has in zip(x, batched, strict=True)))


def some(count: int) -> list[tuple[bool, ...]]:
    """Which arguments are of many directions: each set of them but none."""
    return [found for found in product((False, True), repeat=count) if any(found)]


@pytest.mark.parametrize("sample", ON_ARRAYS, ids=str)
@pytest.mark.parametrize("kind", [np.float64, np.float32], ids=["float64", "float32"])
def test_array_ops(sample: Case, kind: Any) -> None:
    for batched in some(len(sample.x)):
        x = [
            (directions(sample, slot) if has else sample.x[slot]).astype(kind)
            for slot, has in enumerate(batched)
        ]
        x = [a if a.ndim else a[()] for a in x]
        found, true = together(sample.op, x, batched), stacked(sample.op, x, batched)
        assert found.array.dtype == true.dtype
        assert found.shape == true.shape[1:] and found.count == DIRECTIONS
        close(found.array, true, 1e-12 if kind is np.float64 else 2e-5)


@pytest.mark.parametrize("sample", FAMILIES, ids=str)
def test_array_ops_in_a_graph(sample: Case) -> None:
    """The rules are ops themselves: on Variables they give a graph of the same values."""
    for slot in sample.wrt:
        graph, x = Graph.empty(folding=True), list(sample.x)
        x[slot] = directions(sample, slot)
        handles: list[Any] = [Variable.input(graph, f"x{k}", a.shape) for k, a in enumerate(x)]
        handles[slot] = Batched(handles[slot])
        found = sample.op(*handles)
        values = graph.evaluate(dict(zip(graph.inputs, x, strict=True)))
        batched = tuple(k == slot for k in range(len(x)))
        close(values[found.array.index], stacked(sample.op, x, batched))


@pytest.mark.parametrize(("op", "points"), BY_ENTRY, ids=lambda x: getattr(x, "name", ""))
def test_ops_by_entry(op: Op, points: list[tuple[float, ...]]) -> None:
    """Exactly what the op gives for arrays of the same numbers."""
    columns = [np.array(column) for column in zip(*points, strict=True)]
    for batched in some(len(columns)):
        x = [c if has else np.float64(c[0]) for c, has in zip(columns, batched, strict=True)]
        found = together(op, x, batched)
        with np.errstate(all="ignore"):
            true = op.value(*np.broadcast_arrays(*x))
        array = found.array if isinstance(found, Batched) else np.full(len(points), found)
        np.testing.assert_array_equal(array, true)


def test_numbers_beside_arrays_get_their_axes() -> None:
    slopes, image = np.array([2.0, 3.0]), random((2, 3), 1)
    found = OPS["mul"](Batched(slopes), image)
    np.testing.assert_array_equal(found.array, np.stack([2 * image, 3 * image]))
    mixed = OPS["add"](Batched(slopes), Batched(np.stack([image, image])))
    np.testing.assert_array_equal(mixed.array, np.stack([image + 2, image + 3]))


def test_structural_zeros_stay() -> None:
    tangents = Batched(random((4, 2, 3), 1))
    assert OPS["mul"](ZERO, tangents) is ZERO
    assert OPS["add"](ZERO, tangents) is tangents
    kept = OPS["where"](np.array([[1.0, 0, 1], [0, 1, 0]]), tangents, ZERO)
    assert np.count_nonzero(kept.array) == 12


def test_a_branch_without_directions_is_one_number() -> None:
    assert OPS["where"](0.0, Batched(np.ones(3)), 5.0) == 5.0


def test_directions_have_to_be_as_many() -> None:
    with pytest.raises(
        dc.DiffcompareError, match="as many directions in each argument, got 2 and 3"
    ):
        Batched(np.ones(2)) + Batched(np.ones(3))
