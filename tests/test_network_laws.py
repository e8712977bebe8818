"""What is true of networks, by formulas of their own in NumPy: gradients of the gallery's cases."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
import sympy

import diffcompare as dc
from diffcompare.errors import DiffcompareError
from diffcompare.graph.expand import scalar_point
from diffcompare.measure.granularity import granularities
from tests.ops.layers import loops
from tests.test_gallery_networks import case_of, jacobian, value

PAD = {"pad": (1, 1, 1, 1)}


def gradient(text: str, point: dict[str, Any], wrt: str) -> Any:
    shapes = {name: np.shape(x) for name, x in point.items()}
    return dc.differentiate(dc.parse(text, shapes=shapes), "reverse", wrt).at(point)


def random(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape)


def test_linear_activations_collapse_as_a_formula() -> None:
    """W2 (W1 x + b1) + b2 − (W2 W1 x + W2 b1 + b2) is 0, term by term."""
    shapes = {"x": (3, 1), "w1": (4, 3), "b1": (4, 1), "w2": (2, 4), "b2": (2, 1)}
    two, one = (
        dc.expand(dc.parse(text, inputs=list(shapes), shapes=shapes))
        for text in (
            "matmul(w2, matmul(w1, x) + b1) + b2",
            "matmul(matmul(w2, w1), x) + matmul(w2, b1) + b2",
        )
    )
    symbols = {name: sympy.Symbol(name, real=True) for name in two.inputs}
    nets = [
        [net.evaluate(symbols, lift=sympy.Rational)[i] for i in net.outputs] for net in (two, one)
    ]
    assert len(nets[0]) == 2
    for left, right in zip(*nets, strict=True):
        assert left != right
        assert sympy.expand(left) == sympy.expand(right)


def test_zero_residual_blocks_can_be_left_out() -> None:
    """With w = b = 0 and h ≥ 0 two more layers change neither the loss nor any other gradient."""
    block = "relu(conv2d(relu(conv2d({0}, w, pad=1) + b), w, pad=1) + b + {0})"
    h = "relu(conv2d(image, w1))"
    point = {"image": random(1, 2, 5, 6), "w1": random(3, 2, 2, 3, seed=1)}
    more = point | {"w": np.zeros((3, 3, 3, 3)), "b": np.zeros((3, 1, 1))}
    short = gradient(f"sum({h}**2)", point, "image")
    long = gradient(f"h = {h}\nsum({block.format('h')}**2)", more, "image")
    assert long.value == short.value
    np.testing.assert_array_equal(long["image"], short["image"])


def test_gradients_through_the_branches_of_inception_add_up() -> None:
    case = case_of("net_inception")
    *lines, last = case.formula[0].strip().splitlines()
    assert last == "mean(concat(one, three, five, pool)**2)"
    total, count = np.zeros(case.shapes["image"]), (2 + 4 + 2 + 2) * 6 * 7
    for branch in ("one", "three", "five", "pool"):
        text = "\n".join([*lines, f"sum({branch}**2)/{count}"])
        graph = dc.parse(text, inputs=list(case.point), shapes=case.shapes)
        total += dc.differentiate(graph, "reverse", "image").at(case.point)["image"]
    assert jacobian("net_inception")["image"] == pytest.approx(total, rel=1e-12, abs=1e-16)


def test_gradient_of_the_style_loss_by_the_image() -> None:
    """F̄ = (Ḡ + Ḡᵀ) F/d with Ḡ = G − A, and the content's, back through both convolutions."""

    def style(maps: Any, goal: Any, divisor: int) -> Any:
        flat = maps.reshape(len(maps[0]), -1)
        off = flat @ flat.T / divisor - goal[0]
        return ((off + off.T) @ flat / divisor).reshape(maps.shape)

    def by_hand(image: Any, w1: Any, w2: Any, g1: Any, g2: Any, content: Any) -> Any:
        a1 = loops.conv2d(image, w1, **PAD)[0]
        f1 = np.maximum(a1, 0)
        pooled = f1.reshape(1, 4, 3, 2, 4, 2).mean((3, 5))
        a2 = loops.conv2d(pooled, w2, **PAD)[0]
        f2 = np.maximum(a2, 0)
        f2_bar = style(f2, g2, 12) + 0.1 * (f2 - content)
        pooled_bar = loops.conv2d(pooled, w2, f2_bar * (a2 > 0), **PAD)[1]
        f1_bar = style(f1, g1, 48) + np.repeat(np.repeat(pooled_bar, 2, 2), 2, 3) / 4
        return loops.conv2d(image, w1, f1_bar * (a1 > 0), **PAD)[1]

    expected = value("net_style", by_hand)
    assert jacobian("net_style")["image"] == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_only_the_winners_of_a_shared_weight_count() -> None:
    """∂L/∂w = −Σ_o (t_o − ŷ_o) Σ w²_ijo σ′(a_ij) I_ij over those (i, j) that max-pooling took."""

    def by_hand(image: Any, w1: Any, w2: Any, t: Any) -> Any:
        patch = {(i, j): image[0, 0, i : i + 2, j : j + 2] for i in range(4) for j in range(4)}
        s = {at: 1 / (1 + np.exp(-(p * w1[0, 0]).sum())) for at, p in patch.items()}
        corners = product((0, 2), (0, 2))
        won = [max(product((i, i + 1), (j, j + 1)), key=s.__getitem__) for i, j in corners]
        total = np.zeros((2, 2))
        for weights, goal in zip(w2, t[0], strict=True):
            guess = sum(w * s[at] for w, at in zip(weights, won, strict=True))
            for w, at in zip(weights, won, strict=True):
                total -= (goal - guess) * w * s[at] * (1 - s[at]) * patch[at]
        return total

    expected = value("net_shared_weight_pooled", by_hand)
    assert jacobian("net_shared_weight_pooled")["w1"][0, 0] == pytest.approx(expected, rel=1e-12)


def test_without_sharing_a_weight_has_one_term() -> None:
    """Σ of the separate gradients over the positions is the shared one; each is a single product."""
    image, w2, t = random(1, 1, 4, 4), random(2, 9, seed=1), random(1, 2, seed=2)
    kernel = random(1, 1, 2, 2, seed=3)
    apart = np.broadcast_to(kernel[..., None, None], (1, 1, 2, 2, 3, 3))
    net = "squared_error(dense(flatten(sigmoid({}(image, w1))), w2), t)"
    rest = {"image": image, "w2": w2, "t": t}
    single = gradient(net.format("locally_connected2d"), rest | {"w1": apart}, "w1")["w1"]
    shared = gradient(net.format("conv2d"), rest | {"w1": kernel}, "w1")["w1"]
    assert single.sum((4, 5)) == pytest.approx(shared, rel=1e-12)
    patches = {(i, j): image[0, 0, i : i + 2, j : j + 2] for i in range(3) for j in range(3)}
    s = np.array([[1 / (1 + np.exp(-(patches[i, j] * kernel).sum())) for j in range(3)]
                  for i in range(3)])  # fmt: skip
    missing = t[0] - w2 @ s.ravel()
    for (i, j), patch in patches.items():
        factor = -(missing @ w2[:, 3 * i + j]) * s[i, j] * (1 - s[i, j])
        assert single[0, 0, :, :, i, j] == pytest.approx(factor * patch, rel=1e-12)


def test_back_through_softmax_vectorising_and_relu() -> None:
    def by_hand(image: Any, weights: Any) -> Any:
        powers = np.exp(np.maximum(image, 0).reshape(2, 6))
        y = powers / powers.sum(1, keepdims=True)
        flat = y * (weights - (weights * y).sum(1, keepdims=True))
        return flat.reshape(image.shape) * (image > 0)

    expected = value("net_softmax", by_hand)
    assert 0 < np.count_nonzero(expected) < expected.size
    assert jacobian("net_softmax")["image"] == pytest.approx(expected, rel=1e-12, abs=1e-17)


@pytest.mark.parametrize(("image", "filters"), [((2, 256, 2, 3), 64), ((1, 5, 3, 4), 7)])
def test_a_pointwise_convolution_is_a_product_over_channels(image: Any, filters: int) -> None:
    """Also its gradients: it touches no neighbours."""
    x, w = random(*image), random(filters, image[1], 1, 1, seed=1)
    y_bar = random(image[0], filters, *image[2:], seed=2)
    found = gradient("sum(y_bar*conv2d(x, w))", {"x": x, "w": w, "y_bar": y_bar}, "w")["w"]
    expected = np.einsum("nkij,ncij->kc", y_bar, x)
    assert found[..., 0, 0] == pytest.approx(expected, rel=1e-12, abs=1e-12)
    found = gradient("sum(y_bar*conv2d(x, w))", {"x": x, "w": w, "y_bar": y_bar}, "x")["x"]
    expected = np.einsum("nkij,kc->ncij", y_bar, w[..., 0, 0])
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-12)


SLIDING = {
    "conv2d(x, w, stride={1}, pad={2})": (1, 1),
    "max_pool2d(x, window=(1, {0}), stride={1}, pad=(0, {2}))": (1, 1),
    "avg_pool2d(x, window=(1, {0}), stride={1}, pad=(0, {2}))": (1, 1),
    "im2row(x, kernel=(1, {0}), stride={1}, pad=(0, {2}))": None,
}


@pytest.mark.parametrize("text", SLIDING, ids=lambda text: text.partition("(")[0])
def test_sizes(text: str) -> None:
    """w′ = ⌊(w + 2p − w_f)/δ⌋ + 1; a filter wider than the padded image is refused."""
    for width, kernel, stride, pad in product((1, 2, 5, 6, 9), (1, 2, 3, 5), (1, 2, 3), (0, 1, 2)):
        shapes = {"x": (1, 1, 1, width)} | ({"w": (1, 1, 1, kernel)} if "w," in text else {})
        pool = "pool" in text
        formula = text.format(kernel, stride, f"(0, {pad})" if "conv" in text else pad)
        if pool and pad >= kernel:
            continue  # a window in the padding alone has no pixel
        if width + 2 * pad < kernel:
            with pytest.raises(DiffcompareError, match="a kernel no larger than its padded input"):
                dc.parse(formula, shapes=shapes)
            continue
        expected = (width + 2 * pad - kernel) // stride + 1
        graph = dc.parse(formula, shapes=shapes)
        shape = graph.shapes[graph.outputs[0]]
        assert shape == ((expected, kernel) if SLIDING[text] is None else (1, 1, 1, expected))


def test_a_neuron_layer_at_every_granularity() -> None:
    """Same value, derivatives and operations; more and smaller nodes."""
    case = case_of("net_sigmoid_layer")
    graph = case.graph()
    layer, tensor, scalar = (graph, dc.expand(graph, to="tensor"), dc.expand(graph))
    assert [op.name for op in layer.ops if op.name in ("dense", "sigmoid")] == ["dense", "sigmoid"]
    assert {"matmul", "add", "sigmoid"} <= {op.name for op in tensor.ops}
    assert {op.name for op in scalar.ops} == {"input", "mul", "add", "sigmoid"}
    expected = np.hstack([np.reshape(case.jacobian[name], (2, -1)) for name in graph.inputs])
    for finer, point in ((layer, case.point), (tensor, case.point),
                         (scalar, scalar_point(case.point))):  # fmt: skip
        for mode in ("symbolic", "forward", "reverse"):
            found = dc.differentiate(finer, mode).at(point)
            assert found.matrix == pytest.approx(expected, rel=1e-14, abs=0)
            assert found.value == pytest.approx(case.value, rel=1e-15)
    grains = granularities(graph)
    assert [grain.nodes for grain in grains] == sorted({grain.nodes for grain in grains})
    assert len({grain.f for grain in grains}) == 1
    assert {grain.passes["forward"] for grain in grains} == {3 + 6 + 2}
    assert {grain.passes["reverse"] for grain in grains} == {2}


@pytest.mark.parametrize(("inputs", "outputs"), [(12, 1), (1, 12), (7, 3)])
def test_passes(inputs: int, outputs: int) -> None:
    """Forward one for each number that goes in, reverse one for each that comes out."""
    shapes = {"w": (outputs, inputs), "x": (inputs, 1)}
    graph = dc.parse("tanh(matmul(w, x))", shapes=shapes)
    passes = {m: dc.differentiate(graph, m, "x").passes for m in ("forward", "reverse")}
    assert passes == {"forward": inputs, "reverse": outputs}
    loss = dc.parse("sum(tanh(matmul(w, x))**2)", shapes=shapes)
    assert dc.differentiate(loss, "reverse").passes == 1
    assert dc.differentiate(loss, "forward").passes == inputs * outputs + inputs
