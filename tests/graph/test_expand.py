"""One function at three granularities."""

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.graph.expand import entry_labels, expand, expansion, scalar_point
from diffcompare.ops.parts import Pick

TEXT = "h = max_pool2d(relu(conv2d(image, w)), window=2)\nsoftmax_log_loss(dense(flatten(h), v), label)"
SHAPES = {"image": (1, 2, 5, 5), "w": (2, 2, 2, 2), "v": (3, 8), "label": (1,)}
WRT = ("image", "w", "v")


@pytest.fixture(scope="module")
def net():
    return dc.parse(TEXT, shapes=SHAPES)


@pytest.fixture(scope="module")
def point():
    rng = np.random.default_rng(7)
    return {**{n: rng.normal(size=SHAPES[n]) for n in WRT}, "label": np.array([2.0])}


@pytest.fixture(scope="module")
def gradient(net, point):
    return dc.differentiate(net, "reverse", WRT).at(point).matrix


def test_after_to_scalar_no_array_and_no_layer_remains(net):
    fine = expand(net)
    assert not any(fine.shapes)
    assert all(op.elementwise for op in fine.ops)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_scalars_have_the_same_derivatives(net, point, gradient, mode):
    fine = expand(net)
    labels = [label for name in WRT for label in entry_labels(name, SHAPES[name])]
    found = dc.differentiate(fine, mode, labels).at(scalar_point(point)).matrix
    assert found == pytest.approx(gradient, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_tensor_operations_have_the_same_derivatives(net, point, gradient, mode):
    coarse = expand(net, to="tensor")
    assert "conv2d" in {op.name for op in net.ops}
    assert "conv2d" not in {op.name for op in coarse.ops}
    found = dc.differentiate(coarse, mode, WRT).at(point).matrix
    assert found == pytest.approx(gradient, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("name", ["conv2d", "dense", "relu"])
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_one_layer_alone(net, point, gradient, name, mode):
    mixed = expand(net, only=lambda graph, index: graph.ops[index].name == name)
    assert name == "relu" or name not in {op.name for op in mixed.ops}
    assert list(mixed.inputs) == list(net.inputs)
    found = dc.differentiate(mixed, mode, WRT).at(point).matrix
    assert found == pytest.approx(gradient, rel=1e-12, abs=1e-14)


def test_multiplications_of_a_layer_are_those_of_its_expansion():
    layer = dc.parse("conv2d(x, w, pad=1, stride=2)", shapes={"x": (1, 2, 5, 4), "w": (3, 2, 3, 3)})
    assert dc.count(layer) == dc.count(expand(layer))
    # Taps inside the image: rows 2, 3, 2 of a 3-tap window at −1, 1, 3; columns 2, 3.
    assert dc.count(layer).mul == 3 * 2 * (2 + 3 + 2) * (2 + 3)


def test_entries_are_named_by_place():
    assert entry_labels("w", (1, 2)) == ["w[0,0]", "w[0,1]"]
    assert entry_labels("x", ()) == ["x"]


def test_what_is_refused(net):
    with pytest.raises(dc.DiffcompareError, match="expand needs at most 100 nodes, got "):
        expand(net, budget=dc.Budget(nodes=100))
    with pytest.raises(dc.DiffcompareError, match="expand needs to=tensor or scalar, got 'atoms'"):
        expand(net, to="atoms")
    with pytest.raises(dc.DiffcompareError, match="expand needs a Graph, got 'x'"):
        dc.expand("x")


def test_a_graph_of_numbers_stays_as_it_is():
    graph = dc.parse("sin(x)*y + 2")
    assert dc.to_listing(expand(graph)) == dc.to_listing(graph)


@pytest.mark.parametrize("to", ["tensor", "scalar"])
def test_nodes_know_their_origin_and_values_their_place(net, point, to):
    """Each node of the expansion is built for one coarse node, whose value stands in its images."""
    fine, origins, images = expansion(net, to)
    assert len(origins) == len(fine.ops)
    at = scalar_point(point) if to == "scalar" else point
    values, coarse = fine.evaluate(at), net.evaluate(point)
    for index, image in enumerate(images):
        assert len(image) == (np.size(coarse[index]) if to == "scalar" else 1)
        found = np.concatenate([np.ravel(values[node]) for node in image])
        assert found == pytest.approx(np.ravel(coarse[index]).astype(float), rel=1e-12)
    named = {origin: fine.ops[node].name for node, origin in enumerate(origins)}
    layer = next(i for i, op in enumerate(net.ops) if op.name == "conv2d")
    assert named[layer] == {"tensor": "transpose", "scalar": "add"}[to]


@pytest.fixture
def part():
    """exp of a vector, its first entry's exponential again, and that alone as the output."""
    graph = dc.Graph.empty()
    x = dc.Variable.input(graph, "x", (2,))
    whole, first = dc.exp(x), dc.exp(Pick((0,))(x))
    graph.outputs = ((Pick((0,))(whole) * first).index,)
    return graph, whole.index, first.index


def test_what_is_shared_has_the_first_origin(part):
    graph, whole, first = part
    found = expansion(graph, "scalar", keep=[whole])
    assert found.images[first] == found.images[whole][:1]
    assert [found.origins[node] for node in found.images[whole]] == [whole, whole]


def test_what_nothing_needs_has_no_image(part):
    graph, whole, _ = part
    needed, lost = expansion(graph, "scalar").images[whole]
    assert needed is not None
    assert lost is None


def test_opened_nodes_pass_numbers_on(net):
    """Between two of them nothing is stacked and picked again."""
    chosen = {"conv2d", "relu"}
    mixed = expand(net, only=lambda graph, index: graph.ops[index].name in chosen)
    stacks = [i for i, op in enumerate(mixed.ops) if op.name == "stack"]
    picked = {mixed.args[i][0] for i, op in enumerate(mixed.ops) if op.name == "pick"}
    assert len(stacks) == 1
    assert not picked & set(stacks)
