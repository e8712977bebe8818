"""Parameter counts of the lecture's networks, from shapes alone: no array of them is made."""

import math

import pytest

import diffcompare as dc
from diffcompare.measure.local import local_jacobians
from diffcompare.measure.memory import memory, peak
from diffcompare.measure.parameters import Parameters, parameters
from diffcompare.render.local import parameters_text

IMAGE = (1, 1, 200, 200)
# fmt: off
ROWS = [
    ("fully connected", "dense(flatten(image), w)", {"image": IMAGE, "w": (40_000, 40_000)}, 1_600_000_000),
    ("locally connected", "locally_connected2d(image, w, pad=(5, 4, 5, 4))", {"image": IMAGE, "w": (1, 1, 10, 10, 200, 200)}, 4_000_000),
    ("one convolution", "conv2d(image, w, b)", {"image": IMAGE, "w": (1, 1, 10, 10), "b": (1,)}, 101),
    ("twenty filters", "conv2d(image, w)", {"image": IMAGE, "w": (20, 1, 10, 10)}, 2_000),
    ("a 4×4 neuron", "sigmoid(dense(flatten(image), w, b))", {"image": (1, 4, 4), "w": (1, 16), "b": (1,)}, 17),
    ("a 3×3 neuron", "sigmoid(dense(flatten(image), w, b))", {"image": (1, 3, 3), "w": (1, 9), "b": (1,)}, 10),
]
# fmt: on


@pytest.mark.parametrize(
    ("text", "shapes", "total"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_parameter_counts(text, shapes, total):
    graph = dc.parse(text, shapes=shapes)
    weights = [name for name in shapes if name != "image"]
    found = parameters(graph, weights)
    assert found.total == total
    assert found.numbers == {name: math.prod(shapes[name]) for name in weights}


def test_forty_thousand_hidden_units():
    """All four of the 200×200 rows have a unit for each pixel, save where windows do not fit."""
    for _, text, shapes, _ in ROWS[:2]:
        graph = dc.parse(text, shapes=shapes)
        assert math.prod(graph.shapes[graph.outputs[0]]) == 40_000


def test_two_layers():
    """6 neurons, 20 weights, 26 parameters."""
    graph = dc.read_case("graphs/net_two_layers.toml").graph()
    assert parameters(graph, ["w1", "w2"]).total == 20
    assert parameters(graph, ["w1", "b1", "w2", "b2"]).total == 26
    neurons = [i for i, op in enumerate(graph.ops) if op.name == "sigmoid"]
    assert sum(math.prod(graph.shapes[i]) for i in neurons) == 6


def test_a_network_that_is_too_large_to_run_is_counted_all_the_same():
    """1.6·10⁹ weights: operations, memory and local Jacobians follow from the shapes."""
    _, text, shapes, weights = ROWS[0]
    graph = dc.parse(f"sum({text})", shapes=shapes)
    assert dc.count(graph).mul == weights
    assert peak(graph) == 8 * (weights + 40_000 + 40_000 + 40_000)
    sweep = dc.differentiate(graph, "reverse", "w")
    assert sweep.passes == 1
    assert memory(sweep) > 2 * 8 * weights  # the weights and their adjoint
    by_w = next(j for j in local_jacobians(graph) if j.argument == "w")
    assert by_w.entries == 40_000 * weights and by_w.nonzeros == weights
    assert by_w.vjp.mul == weights
    grains = dc.granularities(graph, "w")
    assert [grain.declined is None for grain in grains] == [True, True, False]


def test_an_axis_that_is_too_long_is_refused():
    with pytest.raises(dc.DiffcompareError, match="input x needs at most 2,147,483,648 bytes"):
        dc.parse("sum(x)", shapes={"x": (10**12,)})


def test_a_case_file_does_not_fill_arrays_that_are_too_large():
    text = 'title = "large"\nformula = "sum(x)"\n[shapes]\nx = [100000, 100000]\n'
    with pytest.raises(
        dc.DiffcompareError, match="input x needs at most 2,147,483,648 bytes, got 80,000,000,000"
    ):
        dc.read_case(text)


def test_all_inputs_by_default_and_unknown_ones_refused():
    graph = dc.parse("x*y", shapes={"x": (2, 3), "y": (2, 3)})
    assert parameters(graph) == Parameters({"x": 6, "y": 6})
    with pytest.raises(dc.DiffcompareError, match="wrt needs names among x, y, got 'z'"):
        parameters(graph, "z")
    assert parameters_text(parameters(graph, "x")).splitlines() == ["  x      6", "  total  6"]
