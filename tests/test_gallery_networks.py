"""The networks of the gallery: every mode against the others, closed formulas, and drawings.

``REWRITE_GOLDEN=1 python -m pytest tests/test_gallery_networks.py -k golden`` draws them anew.
"""

import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import sympy

import diffcompare as dc

GRAPHS = Path(__file__).parents[1] / "graphs"
NAMES = sorted(path.stem for path in GRAPHS.glob("net_*.toml"))
SMALL = ["net_conv_3x3", "net_linear_layer", "net_two_layers", "net_shared_weight_pooled"]

EXPANDED = {"net_conv_3x3": 2, "net_shared_weight_pooled": 1}
"""Networks that are also drawn opened, and how far: each layer as a cluster."""


@cache
def case_of(name):
    return dc.read_case(GRAPHS / f"{name}.toml")


@cache
def derivative(name, mode):
    return dc.differentiate(case_of(name).graph(), mode, case_of(name).wrt)


@cache
def jacobian(name, mode="reverse"):
    return derivative(name, mode).at(case_of(name).point)


def value(name, formula, **more):
    """A formula of the case's point, in NumPy."""
    point = {n: np.asarray(x, dtype=float) for n, x in case_of(name).point.items()}
    return formula(**point, **more)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "net_lenet"])
def test_forward_agrees_with_reverse(name):
    assert derivative(name, "forward").passes == sum(derivative(name, "forward").blocks.shape[1:])
    forward, reverse = jacobian(name, "forward").matrix, jacobian(name).matrix
    assert forward == pytest.approx(reverse, rel=1e-12, abs=1e-12 * np.abs(reverse).max())


@pytest.mark.parametrize("name", SMALL)
def test_symbolic_agrees_with_reverse(name):
    reverse = jacobian(name).matrix
    symbolic = jacobian(name, "symbolic").matrix
    assert symbolic == pytest.approx(reverse, rel=1e-12, abs=1e-12 * np.abs(reverse).max())


@pytest.mark.parametrize("name", NAMES)
def test_central_differences_along_a_direction(name):
    case, graph = case_of(name), case_of(name).graph()
    point = {n: np.asarray(x, dtype=float) for n, x in case.point.items()}
    rng, h = np.random.default_rng(3), 1e-5
    move = {n: rng.choice([-1.0, 1.0], size=point[n].shape) for n in case.wrt or point}

    def f(step):
        at = {n: x + step * move.get(n, 0.0) for n, x in point.items()}
        values = graph.evaluate(at)
        return np.concatenate([np.ravel(values[i]) for i in graph.outputs])

    quotient = (f(h) - f(-h)) / (2 * h)
    along = jacobian(name).matrix @ np.concatenate([np.ravel(m) for m in move.values()])
    assert along == pytest.approx(quotient, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize(
    ("name", "ending", "depth"),
    [*((name, "dot", 0) for name in NAMES), *((n, "expanded.dot", k) for n, k in EXPANDED.items())],
)
def test_golden_drawing(name, ending, depth):
    golden, drawn = GRAPHS / f"{name}.{ending}", dc.to_dot(case_of(name).graph(), depth=depth)
    if os.environ.get("REWRITE_GOLDEN"):
        golden.write_text(drawn, encoding="utf-8", newline="\n")
    assert golden.read_bytes() == drawn.encode()


@pytest.mark.parametrize("name", [name for name in NAMES if case_of(name).jacobian])
def test_expected_numbers(name):
    case = case_of(name)
    assert jacobian(name).value == pytest.approx(np.ravel(case.value), rel=1e-15)
    for label, expected in case.jacobian.items():
        assert jacobian(name)[label] == pytest.approx(np.array(expected), rel=1e-14)


def test_linear_layer():
    """∂L/∂x = Wᵀ ∂L/∂a and ∂L/∂W = ∂L/∂a xᵀ, each the size of its variable."""
    x = jacobian("net_linear_layer")["x"]
    w = jacobian("net_linear_layer")["w"]
    assert x == pytest.approx(value("net_linear_layer", lambda w, x: w.T @ w @ x), rel=1e-14)
    assert w == pytest.approx(value("net_linear_layer", lambda w, x: w @ x @ x.T), rel=1e-14)
    assert (x.shape, w.shape) == ((4, 1), (3, 4))


def test_parameters_of_two_layers():
    """20 weights and 6 biases: 26 parameters, so 26 passes forward and 1 reverse."""
    assert derivative("net_two_layers", "forward").passes == 26
    assert derivative("net_two_layers", "reverse").passes == 1


def test_linear_activations_collapse():
    """W2 (W1 x + b1) + b2 = W2 W1 x + W2 b1 + b2."""
    shapes = {"x": (3, 1), "w1": (4, 3), "b1": (4, 1), "w2": (2, 4), "b2": (2, 1)}
    rng = np.random.default_rng(1)
    point = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    texts = (
        "matmul(w2, matmul(w1, x) + b1) + b2",
        "matmul(matmul(w2, w1), x) + matmul(w2, b1) + b2",
    )
    jacobians = [
        dc.differentiate(dc.parse(text, inputs=list(shapes), shapes=shapes), "reverse").at(point)
        for text in texts
    ]
    assert jacobians[0].matrix == pytest.approx(jacobians[1].matrix, rel=1e-12, abs=1e-13)


def test_linear_activations_collapse_symbolically():
    """The two-layer net without activations, entry by entry, is W2 W1 x + W2 b1 + b2 in SymPy."""
    shapes = {"x": (3, 1), "w1": (4, 3), "b1": (4, 1), "w2": (2, 4), "b2": (2, 1)}
    numbers = dc.expand(dc.parse("matmul(w2, matmul(w1, x) + b1) + b2", shapes=shapes))
    symbols = {name: sympy.Symbol(name) for name in numbers.inputs}
    values = numbers.evaluate(symbols, sympy.Rational)
    x, w1, b1, w2, b2 = (
        sympy.Matrix(*shape, lambda i, j, name=name: symbols[f"{name}[{i},{j}]"])
        for name, shape in shapes.items()
    )
    collapsed = (w2 * w1) * x + w2 * b1 + b2
    written = [sympy.expand(values[i]) for i in numbers.outputs]
    assert written == [sympy.expand(entry) for entry in collapsed]


def test_residual_block_is_the_identity_where_its_weights_are_zero():
    shapes = {"h": (1, 2, 3, 4), "w": (2, 2, 3, 3)}
    graph = dc.parse("relu(conv2d(relu(conv2d(h, w, pad=1)), w, pad=1) + h)", shapes=shapes)
    h = np.random.default_rng(2).uniform(0.5, 1.5, shapes["h"])
    found = dc.differentiate(graph, "reverse", "h").at({"h": h, "w": np.zeros(shapes["w"])})
    assert found.value.tolist() == h.ravel().tolist()
    assert found.matrix.tolist() == np.eye(h.size).tolist()


def test_shared_weight_is_a_sum_over_its_uses():
    """∂L/∂w = −Σ_o (t_o − ŷ_o) Σ_ij w²_ijo σ′(a_ij) I_ij."""

    def by_hand(image, w1, w2, t):
        gradient = np.zeros((2, 2))
        patches = {(i, j): image[0, 0, i : i + 2, j : j + 2] for i in range(3) for j in range(3)}
        s = {at: 1 / (1 + np.exp(-(patch * w1[0, 0]).sum())) for at, patch in patches.items()}
        weights = w2.reshape(2, 3, 3)
        for o in range(2):
            guess = sum(weights[o][at] * s[at] for at in s)
            for at, patch in patches.items():
                slope = s[at] * (1 - s[at])
                gradient -= (t[0, o] - guess) * weights[o][at] * slope * patch
        return gradient

    expected = value("net_shared_weight", by_hand)
    assert jacobian("net_shared_weight")["w1"][0, 0] == pytest.approx(expected, rel=1e-12)


def test_pointwise_convolution_is_a_matrix_product_over_channels():
    def by_product(image, w):
        y = np.einsum("nchw,kc->nkhw", image, w[:, :, 0, 0])
        y_bar = 2 * np.maximum(y, 0) / y.size
        return np.einsum("nkhw,nchw->kc", y_bar, image)[:, :, None, None]

    assert jacobian("net_pointwise")["w"] == pytest.approx(value("net_pointwise", by_product))


def test_filters_find_edges_and_blur():
    """[−1 0 1]×3 answers on the left and right edge of the square; the box takes the mean."""
    edges, blurred = jacobian("net_filters").value.reshape(2, 5, 5)
    rows = np.array([1, 2, 3, 2, 1])
    assert edges.tolist() == np.outer(rows, [9, 9, 0, -9, -9]).tolist()
    assert blurred.tolist() == np.outer(rows, [1, 2, 3, 2, 1]).tolist()


@pytest.mark.parametrize("batch", [3, 2, 1])
def test_the_smallest_network_learns(batch):
    """Gradient descent, on all patterns at once or on mini-batches of them, lowers the loss."""
    case = case_of("net_smallest")
    data = {n: np.asarray(case.point[n], dtype=float) for n in ("patterns", "label")}
    shapes = {"patterns": (batch, 3, 3), "label": (batch,), "w": (3, 9), "b": (3,)}
    graph = dc.parse(case.formula[0], shapes=shapes)
    gradient = dc.differentiate(graph, "reverse", ["w", "b"])
    w, b = np.zeros((3, 9)), np.zeros(3)
    losses = []
    for step in range(60):
        rows = [(step * batch + k) % 3 for k in range(batch)]
        point = {"patterns": data["patterns"][rows], "label": data["label"][rows], "w": w, "b": b}
        found = gradient.at(point)
        w, b = w - 0.5 * found["w"], b - 0.5 * found["b"]
        losses.append(found.value[0])
    assert losses[0] == pytest.approx(np.log(3), rel=1e-15)
    assert max(losses[-3:]) < 0.1
