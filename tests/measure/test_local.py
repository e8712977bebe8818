"""Local Jacobians against dense ones, and the Kronecker identities of the proofs against NumPy's kron."""

import json

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.measure.local import local_jacobians, pattern
from diffcompare.modes.sparsity.compressed import sparse_jacobian
from diffcompare.modes.sparsity.pattern import sparsity
from diffcompare.render.local import local_json, local_text, matrix_text
from tests.ops.layers.checks import random


def at_random(graph):
    return {name: random(graph.shapes[i], k) for k, (name, i) in enumerate(graph.inputs.items())}


def dense(graph, name, point=None):
    """The Jacobian by one array, entries in row-major order."""
    found = dc.differentiate(graph, "reverse", name).at(point or at_random(graph))
    return found.matrix


# fmt: off
LAYERS = [
    ("sigmoid(x)", {"x": (3, 2)}),
    ("x*z", {"x": (3,), "z": (3,)}),
    ("matmul(x, z)", {"x": (2, 3), "z": (3, 4)}),
    ("dense(x, w, b)", {"x": (2, 3), "w": (4, 3), "b": (4,)}),
    ("conv2d(x, w, stride=2, pad=(1, 0, 2, 1))", {"x": (2, 2, 4, 5), "w": (3, 2, 3, 2)}),
    ("conv2d(x, w, groups=2, dilation=2)", {"x": (1, 4, 5, 4), "w": (2, 2, 2, 2)}),
    ("locally_connected2d(x, w)", {"x": (1, 2, 3, 4), "w": (2, 2, 2, 2, 2, 3)}),
    ("im2row(x, kernel=(2, 3), stride=2, pad=1)", {"x": (2, 1, 4, 5)}),
    ("row2im(x, to=(1, 2, 3, 3), kernel=2, pad=1)", {"x": (16, 8)}),
    ("reshape(x, to=(6, 1))", {"x": (2, 3)}),
    ("transpose(x)", {"x": (2, 3)}),
    ("concat(x, z)", {"x": (1, 2, 2, 2), "z": (1, 1, 2, 2)}),
    ("avg_pool2d(x, window=2, stride=1, pad=1)", {"x": (1, 2, 3, 3)}),
    ("softmax(x)", {"x": (2, 4)}),
]
STEPS = [
    ("lrn(x)", {"x": (1, 7, 1, 2)}),
    ("gram(x)", {"x": (1, 2, 2, 2)}),
    ("conv2d(x, w, b)", {"x": (1, 1, 3, 3), "w": (2, 1, 2, 2), "b": (2,)}),
    ("sum(concat(x*s, x))", {"x": (1, 2, 2, 2), "s": ()}),
]
# fmt: on


@pytest.mark.parametrize(("text", "shapes"), LAYERS)
def test_sizes_and_nonzeros_of_single_layers(text, shapes):
    graph = dc.parse(text, shapes=shapes)
    found = {j.argument: j for j in local_jacobians(graph)}
    assert set(found) == set(shapes)
    for name in shapes:
        matrix = dense(graph, name)
        assert (found[name].rows, found[name].columns) == matrix.shape
        assert found[name].nonzeros == np.count_nonzero(matrix)
        assert found[name].sparsity == pytest.approx(1 - np.count_nonzero(matrix) / matrix.size)
        assert found[name].dense_bytes == matrix.nbytes


@pytest.mark.parametrize(("text", "shapes"), LAYERS + STEPS)
def test_rules_against_following_the_entries(text, shapes):
    """What shapes say is what the entries of the op written out in numbers depend on."""
    graph = dc.parse(text, shapes=shapes)
    for op, args in zip(graph.ops, graph.args, strict=True):
        if not args or op.elementwise:
            continue
        alone = dc.Graph.empty()
        x = [dc.Variable.input(alone, f"x{k}", graph.shapes[a]) for k, a in enumerate(args)]
        alone.outputs = (alone.node(op, tuple(v.index for v in x)),)
        for slot, arg in enumerate(args):
            rule = pattern(op, [graph.shapes[a] for a in args], slot)
            if rule is not None and graph.shapes[arg]:
                assert rule[1] == sparsity(alone, f"x{slot}").nonzeros, (op, slot)


def test_selections_have_a_one_for_each_window():
    graph = dc.parse("max_pool2d(x, window=2, stride=1, pad=1)", shapes={"x": (1, 2, 3, 4)})
    (found,) = local_jacobians(graph)
    matrix = dense(graph, "x")
    assert (found.structure, found.nonzeros) == ("selection S", np.count_nonzero(matrix))
    assert set(matrix.sum(axis=1)) == {1.0}


def test_sigmoid_of_a_linear_map():
    """y = σ(W x + b): Jacobians of each step, and the cost of their products instead."""
    shapes = {"w": (20, 30), "x": (30, 1), "b": (20, 1)}
    found = local_jacobians(dc.parse("a = matmul(w, x)\nz = a + b\nsigmoid(z)", shapes=shapes))
    told = {(j.node, j.argument): j for j in found}
    assert {k: (j.rows, j.columns, j.nonzeros) for k, j in told.items()} == {
        ("a", "w"): (20, 600, 600),
        ("a", "x"): (20, 30, 600),
        ("z", "a"): (20, 20, 20),
        ("z", "b"): (20, 20, 20),
        ("v5", "z"): (20, 20, 20),
    }
    by_w, by_x = told["a", "w"], told["a", "x"]
    assert by_w.sparsity == pytest.approx(0.95) and by_x.sparsity == 0
    assert by_w.vjp.mul == 20 * 30 and by_w.vjp.add == 0  # ȳ xᵀ
    assert by_x.vjp.mul == 20 * 30 and by_x.vjp.add == 30 * 19  # Wᵀ ȳ
    assert by_w.dense_bytes == 8 * 20 * 600
    assert by_w.vjp_bytes == 8 * (20 + 30 + 600 + 30)  # ȳ, x, the result, xᵀ on the way
    assert told["z", "b"].vjp.total == 0


def test_a_linear_map():
    """y = W x: the rows of ∂y/∂W are x beside zeros, ∂y/∂x is W."""
    graph = dc.parse("matmul(w, x)", shapes={"w": (2, 3), "x": (3, 1)})
    point = at_random(graph)
    np.testing.assert_allclose(dense(graph, "x", point), point["w"])
    np.testing.assert_allclose(dense(graph, "w", point), np.kron(np.eye(2), point["x"].T))


def test_arguments_that_are_one_node_are_told_apart():
    graph = dc.parse("x*x", shapes={"x": (3,)})
    assert [(j.op, j.argument, j.nonzeros) for j in local_jacobians(graph)] == [("mul", "x", 3)] * 2


def test_what_has_no_slope_is_left_out():
    graph = dc.parse("floor(x) + s", shapes={"x": (3,)})
    found = [(j.op, j.argument) for j in local_jacobians(graph)]
    assert found == [("broadcast", "s"), ("add", "v2"), ("add", "v3")]


def test_text_and_json():
    graph = dc.parse("sigmoid(matmul(w, x))", shapes={"w": (2, 3), "x": (3, 1)})
    found = local_jacobians(graph)
    lines = local_text(found).splitlines()
    assert len(lines) == 2 + len(found) and "never forms them" in lines[-1]
    assert lines[1].split()[:4] == ["v2", "w", "matmul", "2×6"]
    (first, *_) = json.loads(local_json(found))
    assert (first["rows"], first["entries"], first["dense_bytes"]) == (2, 12, 96)
    assert first["vjp"]["mul"] == 6


# The proofs' identities. Arrays are vectors row by row: vec(A X B) = (A ⊗ Bᵀ) vec X; column by
# column it is (Bᵀ ⊗ A) vec X.

KRON = {"a": (2, 3), "x": (3, 4), "b": (4, 5)}


def test_vec_of_a_product_of_three():
    graph = dc.parse("matmul(matmul(a, x), b)", shapes=KRON)
    point = at_random(graph)
    a, x, b = (point[name] for name in "axb")
    by_rows = dense(graph, "x", point)
    np.testing.assert_allclose(by_rows, np.kron(a, b.T), rtol=1e-13)
    np.testing.assert_allclose(by_rows @ x.ravel(), (a @ x @ b).ravel(), rtol=1e-12)

    def turned(rows, columns):
        """The permutation that takes a matrix row by row to the same column by column."""
        return np.eye(rows * columns)[np.arange(rows * columns).reshape(rows, columns).ravel("F")]

    by_columns = turned(2, 5) @ by_rows @ turned(3, 4).T
    np.testing.assert_allclose(by_columns, np.kron(b.T, a), rtol=1e-13)


def test_kronecker_forms_that_are_told():
    """I ⊗ Bᵀ and A ⊗ I of a product, I ⊗ W of a dense layer."""
    graph = dc.parse("matmul(a, x)", shapes={"a": (2, 3), "x": (3, 4)})
    point = at_random(graph)
    told = {j.argument: j.structure for j in local_jacobians(graph)}
    assert told == {"a": "I ⊗ Bᵀ", "x": "A ⊗ I"}
    np.testing.assert_allclose(dense(graph, "a", point), np.kron(np.eye(2), point["x"].T))
    np.testing.assert_allclose(dense(graph, "x", point), np.kron(point["a"], np.eye(4)))
    graph = dc.parse("dense(x, w)", shapes={"x": (2, 3), "w": (4, 3)})
    point = at_random(graph)
    np.testing.assert_allclose(dense(graph, "x", point), np.kron(np.eye(2), point["w"]))
    assert {j.argument: j.structure for j in local_jacobians(graph)} == {
        "x": "I ⊗ W",
        "w": "rows of x",
    }


def windows_by_hand(image, kernel):
    """H by loops over positions, taps and channels."""
    n, c, height, width = image
    down, along = height - kernel[0] + 1, width - kernel[1] + 1
    matrix = np.zeros((n, down, along, c, *kernel, *image))
    for m, p, q, d, i, j in np.ndindex(n, down, along, c, *kernel):
        matrix[m, p, q, d, i, j, m, d, p + i, q + j] = 1
    return matrix.reshape(n * down * along * c * kernel[0] * kernel[1], -1)


def test_im2row_is_a_matrix_of_zeros_and_ones():
    """vec φ(X) = H vec X, φ* = Hᵀ."""
    shape = (1, 2, 3, 4)
    phi = dc.parse("im2row(x, kernel=2)", shapes={"x": shape})
    h = windows_by_hand(shape, (2, 2))
    x = random(shape, 1)
    np.testing.assert_array_equal(dense(phi, "x"), h)
    np.testing.assert_array_equal(dc.im2row(x, 2).ravel(), h @ x.ravel())
    back = dc.parse("row2im(r, to=(1, 2, 3, 4), kernel=2)", shapes={"r": (6, 8)})
    np.testing.assert_array_equal(dense(back, "r"), h.T)


def test_h_is_drawn():
    phi = dc.parse("im2row(x, kernel=(1, 2))", shapes={"x": (1, 1, 2, 3)})
    point = {"x": np.zeros((1, 1, 2, 3))}
    from_loops = windows_by_hand((1, 1, 2, 3), (1, 2))
    drawn = [
        "  " + " ".join("1" if entry else "·" for entry in row) for row in from_loops.astype(int)
    ]
    assert matrix_text(sparse_jacobian(phi, point)).splitlines() == ["  8 × 6, 8 nonzeros", *drawn]


def test_gradients_of_a_convolution_as_a_product():
    """Y = φ(X) F: dz/dF = φ(X)ᵀ dz/dY and dz/dX = φ*(dz/dY Fᵀ)."""
    shape, kernel = (2, 2, 4, 3), (2, 2)
    graph = dc.parse(
        "y = matmul(im2row(x, kernel=2), f)\nsum(sin(y))", shapes={"x": shape, "f": (8, 3)}
    )
    point = at_random(graph)
    h = windows_by_hand(shape, kernel)
    phi = (h @ point["x"].ravel()).reshape(-1, 8)
    y_bar = np.cos(phi @ point["f"])
    found = dc.differentiate(graph, "reverse").at(point)
    np.testing.assert_allclose(found["f"], phi.T @ y_bar, rtol=1e-12)
    x_bar = h.T @ (y_bar @ point["f"].T).ravel()
    np.testing.assert_allclose(found["x"].ravel(), x_bar, rtol=1e-12, atol=1e-14)
    # vec Y = (I ⊗ Fᵀ) H vec X, row by row
    layer = dc.parse("matmul(im2row(x, kernel=2), f)", shapes={"x": shape, "f": (8, 3)})
    rows = len(phi)
    by_x, by_f = dense(layer, "x", point), dense(layer, "f", point)
    np.testing.assert_allclose(by_x, np.kron(np.eye(rows), point["f"].T) @ h, rtol=1e-12)
    np.testing.assert_allclose(by_f, np.kron(phi, np.eye(3)), rtol=1e-12)


def test_large_matrices_are_listed_and_short_of_a_picture():
    graph = dc.parse("2*x", shapes={"x": (70,)})
    lines = matrix_text(sparse_jacobian(graph, {"x": np.ones(70)})).splitlines()
    assert lines[:2] == ["  70 × 70, 70 nonzeros", "  (0, 0) 2"] and lines[-1] == "  … 30 more"


@pytest.mark.parametrize(("size", "zeros"), [(3, "66.7 %"), (9, "88.9 %"), (2000, "99.9 %")])
def test_percentages_are_rounded_but_not_up_to_all(size, zeros):
    """A diagonal of n numbers leaves n² − n zeros: 6/9, 72/81, 99.95 %."""
    assert zeros in local_text(local_jacobians(dc.parse("2*x", shapes={"x": (size,)})))
