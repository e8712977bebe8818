"""Subscripts, array methods and NumPy's functions on Variables: what NumPy gives on arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.errors import DiffcompareError
from diffcompare.numbers.dual import Dual
from diffcompare.ops.subscript import gather, pad, scatter_add, slice_, stack, subscript
from tests.ops.layers.checks import random

X = random((3, 4, 2), 1)
KEYS: list[Any] = [
    0, -1, (1, 2), (1, -2, 1), slice(1, 3), slice(None, None, -1), slice(2, None, -2), slice(-2, None),
    (slice(None), 1), (slice(0, 2), slice(1, None, 2), 0), (..., 0), (0, ...), (..., slice(None, 1), 1),
    None, (None, 0, slice(None), None), [2, 0, 2], (slice(1, None), [3, 1]), np.array([1, 1]),
    (..., np.array([True, False])), (), ..., slice(0, 0),
]  # fmt: skip


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_subscripts_are_numpys(key: Any) -> None:
    """On arrays, on Variables and, with the tangent, on dual numbers."""
    true = X[key]
    np.testing.assert_array_equal(subscript(X, key), true)
    graph = dc.parse(lambda x: x[key], shapes={"x": X.shape})
    assert graph.shapes[graph.outputs[0]] == true.shape
    found = graph.evaluate({"x": X})[graph.outputs[0]]
    np.testing.assert_array_equal(found, true)
    dual = Dual(X, 2 * X)[key]
    np.testing.assert_array_equal(dual.tangent, 2 * true)


REFUSED: list[tuple[Any, str, str]] = [
    (3, "shape", "a subscript needs an index from -3 to 2, got 3"),
    ((0, 0, 0, 0), "shape", "a subscript needs an index for each axis at most, got one with 4 of an array of 3 axes"),
    ((..., ...), "shape", "a subscript needs an index for each axis at most, got two ..."),
    (1.0, "type", "a subscript needs whole numbers, slices, ..., None, or a list of indices, got 1.0"),
    (True, "type", "a subscript needs whole numbers, slices, ..., None, or a list of indices, got True"),
    ("a", "type", "a subscript needs whole numbers, slices, ..., None, or a list of indices, got 'a'"),
    (slice(0, 2, 0), "type", "a subscript needs slices of whole numbers, steps not 0, got slice(0, 2, 0)"),
    ([0, 5], "shape", "a subscript needs an index from -3 to 2, got 5"),
    ([], "type", "a subscript needs whole numbers, slices, ..., None, or a list of indices, got []"),
    ((0, slice(None), [1]), "type", "a subscript needs one list of indices at most, beside slices, got (0, slice(None, None, None), [1])"),
    (([0], [1]), "type", "a subscript needs one list of indices at most, beside slices, got ([0], [1])"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "kind", "text"), REFUSED)
def test_other_keys_are_refused(key: Any, kind: str, text: str) -> None:
    with pytest.raises(DiffcompareError) as refused:
        subscript(X, key)
    assert (refused.value.kind, str(refused.value)) == (kind, text)


def test_a_traced_value_is_no_index() -> None:
    with pytest.raises(DiffcompareError, match=r"a subscript needs whole numbers.*\n.*lambda"):
        dc.parse(lambda x: x[x[0] > 0], shapes={"x": (3,)})


A, B, V, W = random((3, 3), 2), random((3, 3), 3), random((3,), 4), random((3,), 5)
FUNCTIONS: dict[str, tuple[Any, ...]] = {
    "a.T": (lambda a: a.T, A),
    "methods": (lambda a: a.sum() + a.mean() * a.max() - a.min() + a[0].prod(), A),
    "along axes": (lambda a: a.sum(0) + a.mean(axis=1) + a.max(0) + a.min(-1) + a.prod(1), A),
    "kept axes": (lambda a: a - a.mean(axis=1, keepdims=True), A),
    "shapes": (lambda a: a.reshape(1, 9).ravel().reshape((9, 1)).transpose(), A),
    "products": (lambda a, b: a @ b + a.dot(b), A, B),
    "vectors": (lambda a, v, w: (a @ v) @ w + v @ a @ w + np.dot(v, w), A, V, W),
    "numpy products": (lambda a, v, w: np.dot(a, v) + np.matmul(a, w) + np.outer(v, w)[0], A, V, W),
    "np reductions": (lambda a: np.sum(a, axis=0) + np.mean(a) + np.max(a, axis=1) + np.min(a), A),
    "np.prod": (lambda v: np.prod(v) + 0, V),
    "np.concatenate": (lambda v, w: np.concatenate([v, w]), V, W),
    "np.stack": (lambda v, w: np.stack([v, w], axis=1), V, W),
    "np.pad": (lambda a: np.pad(a, ((1, 0), (0, 2))), A),
    "np.take": (lambda a: np.take(a, [2, 0], axis=1)[:, 0] + np.take(a, [0, 5, 8]), A),
    "np.reshape": (lambda a: np.reshape(a, (9,)) + np.ravel(np.transpose(a)), A),
    "np.swapaxes": (lambda a: np.swapaxes(a, 0, 1), A),
    "new axes": (lambda v: np.squeeze(np.expand_dims(v, 0)) + np.broadcast_to(v[0], (3,)), V),
    "np.diff": (lambda v: np.diff(v) + 0, V),
    "np.trace": (lambda a: np.trace(a) + np.linalg.norm(a), A),
    "np.flip": (lambda v: np.flip(v) + 0, V),
    "matrices": (lambda a: np.diff(a)[:, 0] + np.flip(a)[0] + np.linalg.norm(a, "fro"), A),
    "norms of rows": (lambda a: np.linalg.norm(a, axis=1) + np.linalg.norm(a[0], 2), A),
    "spreads": (lambda a: np.var(a, axis=0) + a.std(1, ddof=1) + np.inner(a, a)[0], A),
    "joined": (lambda a, v: np.hstack([v, [1.0], v]).sum() * np.vstack([a, v])[3], A, V),
    "lists": (lambda a, v: v * [1, 2, 3] + [3, 2, 1] @ a + np.dot(a, [1.0, 0.0, 2.0]), A, V),
    "clipped": (lambda v: v.copy().clip(-0.25, 0.25) + v.astype(float), V),
    "loops": (lambda v: sum(k * x for k, x in enumerate(v)) + len(v), V),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_numpys(name: str) -> None:
    """The value is that of the same function on arrays, and all modes agree on its derivative."""
    function, *x = FUNCTIONS[name]
    names = function.__code__.co_varnames[: len(x)]
    at = dict(zip(names, x, strict=True))
    report = dc.compare(function, at)
    np.testing.assert_allclose(report.value, np.ravel(function(*x)), rtol=1e-14)
    assert report.agreement.ok and len(report.legs) == 4


def test_functions_by_name() -> None:
    text = "sum(slice(pad(x, width=1), start=(0, 1), stop=(2, 4))*gather(x, index=(1, 0)))"
    graph, x = dc.parse(text, shapes={"x": (2, 3)}), random((2, 3), 6)
    true = (np.pad(x, 1)[0:2, 1:4] * x[[1, 0]]).sum()
    np.testing.assert_allclose(graph.evaluate({"x": x})[graph.outputs[0]], true)


BAD: list[tuple[Any, str]] = [
    (lambda: pad(X, -1), "pad needs a width of 0 or more, (before, after), or a pair for each axis, got -1"),
    (lambda: pad(X, (1, 2, 3)), "pad needs a width of 0 or more, (before, after), or a pair for each axis, got (1, 2, 3)"),
    (lambda: slice_(X, (0, 0), (1, 1)), "slice needs an array of 2 axes, as start and stop say, got 3×4×2"),
    (lambda: slice_(X, 0, 1, axis=3), "slice needs an axis from -3 to 2, got axis 3"),
    (lambda: gather(X, 7), "a subscript needs an index from -3 to 2, got 7"),
    (lambda: scatter_add(X, [0, 1], 5), "scatter_add needs 2 entries along axis 0, got 3×4×2"),
    (lambda: scatter_add(X, [0, 1, 2], 0), "scatter_add needs a size of 1 or more, got 0"),
    (lambda: stack(X, X[0]), "stack needs one array or more, all of one shape, got 3×4×2 and 4×2"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "text"), BAD)
def test_what_does_not_fit_is_refused(call: Any, text: str) -> None:
    with pytest.raises(DiffcompareError) as refused:
        call()
    assert str(refused.value) == text


def test_numbers_have_no_length() -> None:
    graph = dc.parse(lambda x: x[0], shapes={"x": (2,)})
    with pytest.raises(DiffcompareError, match="len needs an array, got a number"):
        len(Dual(1.0))
    with pytest.raises(DiffcompareError, match="a traced value needs to be used as one number"):
        dc.parse(lambda x: sum(x) + 1)
    assert len(graph.outputs) == 1
