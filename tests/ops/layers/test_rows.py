"""im2row and row2im: each other's transposed matrices, and the matrix form of a convolution."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.ops.layers.conv import Conv2d, Conv2dInput, Conv2dWeight
from diffcompare.ops.layers.rows import Im2Row, Row2Im, im2row, row2im
from tests.ops.layers import loops
from tests.ops.layers.checks import LINEAR_CHECKS, Case, case, matrix, random

# fmt: off
SAMPLES = [
    ((2, 3, 6, 5), ((2, 3),)),
    ((1, 2, 7, 5), ((3, 2), (2, 1), (1, 0, 2, 1), (1, 2))),
    ((1, 2, 3, 5), ((2, 2), (3, 2), (1, 1, 0, 3))),  # pixels that no window meets
    ((1, 2, 1, 1), ((3, 3), (1, 1), (1, 1, 1, 1))),  # one pixel under all taps
    ((1, 1, 2, 2), ((1, 2), (1, 1), (2, 2, 3, 0))),  # windows in the padding alone
]
# fmt: on
CASES = [
    c
    for shape, options in SAMPLES
    for c in (
        case(Im2Row(*options), shape),
        case(Row2Im(shape, *options), Im2Row(*options).shape([shape])),
    )
]


@pytest.mark.parametrize("check", LINEAR_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_layer(case: Case, check: Callable[[Case], None]) -> None:
    check(case)


@pytest.mark.parametrize(("shape", "options"), SAMPLES)
def test_rows_are_the_windows(shape: Any, options: Any) -> None:
    x, (n, c, *size) = random(shape, 1), shape
    height, width = loops.output_size(tuple(size), *options)
    expected = np.zeros((n, height, width, c, *options[0]))
    for (i, j), tap, pixel in loops.meetings(tuple(size), *options):
        expected[(slice(None), i, j, slice(None), *tap)] = x[(..., *pixel)]
    rows = im2row(x, *options)
    np.testing.assert_array_equal(rows, expected.reshape(n * height * width, -1))


def test_the_matrix_has_a_one_in_each_row_and_row2im_is_its_transpose() -> None:
    h = matrix(Im2Row((2, 3)), (1, 2, 4, 5))
    assert set(h.ravel()) == {0.0, 1.0}
    np.testing.assert_array_equal(h.sum(axis=1), np.ones(len(h)))
    x = random((1, 2, 4, 5), 2)
    np.testing.assert_array_equal(h @ x.ravel(), im2row(x, (2, 3)).ravel())
    rows = random((9, 12), 3)
    np.testing.assert_allclose(h.T @ rows.ravel(), row2im(rows, x.shape, (2, 3)).ravel())


def test_a_convolution_is_a_product_of_rows_and_filters() -> None:
    x, w, y_bar = random((2, 3, 5, 4), 4), random((7, 3, 2, 3), 5), random((2, 7, 4, 2), 6)
    phi, filters = im2row(x, (2, 3)), w.reshape(7, -1).T
    z_bar = y_bar.transpose(0, 2, 3, 1).reshape(-1, 7)  # a row for each position
    y = (phi @ filters).reshape(2, 4, 2, 7).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(Conv2d()(x, w), y, rtol=1e-12, atol=1e-13)
    w_bar = (phi.T @ z_bar).T.reshape(w.shape)
    np.testing.assert_allclose(Conv2dWeight((2, 3))(x, y_bar), w_bar, rtol=1e-12, atol=1e-13)
    x_bar = row2im(z_bar @ filters.T, x.shape, (2, 3))
    np.testing.assert_allclose(Conv2dInput((5, 4))(y_bar, w), x_bar, rtol=1e-12, atol=1e-13)


def test_kronecker_identities() -> None:
    phi, filters = random((4, 6), 7), random((6, 3), 8)
    y, down = phi @ filters, lambda a: a.ravel(order="F")  # columns below each other
    np.testing.assert_allclose(down(y), np.kron(np.eye(3), phi) @ down(filters))
    np.testing.assert_allclose(down(y), np.kron(filters.T, np.eye(4)) @ down(phi))


def test_of_variables() -> None:
    graph = Graph.empty()
    x = Variable.input(graph, "x", (1, 2, 4, 4))
    rows = im2row(x, 3, pad=1)
    assert rows.shape == (16, 18) and rows.op == Im2Row((3, 3), (1, 1), (1, 1, 1, 1))
    assert row2im(rows, (1, 2, 4, 4), kernel=3, pad=1).shape == (1, 2, 4, 4)


# fmt: off
REFUSED = [
    (lambda: im2row(np.ones((1, 1, 2, 2)), 3), "shape", "im2row needs a kernel no larger than its padded input, got kernel 3×3 and input 2×2"),
    (lambda: im2row(np.ones((2, 2)), 1), "shape", "im2row needs images N×C×H×W, one or more, got 2×2"),
    (lambda: im2row(np.ones((0, 1, 2, 2)), 1), "shape", "im2row needs images N×C×H×W, one or more, got 0×1×2×2"),
    (lambda: im2row(np.ones((1, 1, 2, 2)), 1, stride=0), "attr", "im2row needs stride as 2 whole numbers, each 1 or more, got (0, 0)"),
    (lambda: row2im(np.ones((4, 5)), (1, 1, 3, 3), 2), "shape", "row2im needs a matrix 4×4, got 4×5"),
    (lambda: row2im(np.ones((4, 4)), (1, 3, 3), 2), "attr", "row2im needs to as 4 whole numbers, each 1 or more, got (1, 3, 3)"),
    (lambda: row2im(np.ones((4, 4)), (1, 1, 3, 0), 2), "attr", "row2im needs to as 4 whole numbers, each 1 or more, got (1, 1, 3, 0)"),
]
# fmt: on


@pytest.mark.parametrize(("call", "kind", "text"), REFUSED)
def test_refused(call: Callable[[], Any], kind: str, text: str) -> None:
    with pytest.raises(DiffcompareError) as error:
        call()
    assert (str(error.value), error.value.kind) == (text, kind)
