"""Costs of the same derivatives at every granularity."""

from pathlib import Path

import diffcompare as dc
from diffcompare.measure.granularity import granularities

GRAPHS = Path(__file__).parents[2] / "graphs"


def test_a_layer_costs_what_its_numbers_cost():
    case = dc.read_case(GRAPHS / "net_shared_weight.toml")
    layer, tensor, scalar = granularities(case.graph(), case.wrt)
    assert [grain.level for grain in (layer, tensor, scalar)] == ["layer", "tensor", "scalar"]
    assert layer.f == scalar.f
    assert layer.passes == tensor.passes == scalar.passes == {"forward": 22, "reverse": 1}
    assert layer.nodes < tensor.nodes < scalar.nodes
    assert layer.per_pass["forward"].mul == scalar.per_pass["forward"].mul


def test_sigmoid_of_a_product_as_layers_and_as_numbers():
    shapes = {"w": (2, 3), "x": (3, 1), "b": (2, 1)}
    layer, _, scalar = granularities(dc.parse("sum(sigmoid(matmul(w, x) + b))", shapes=shapes))
    assert (layer.f.mul, layer.f.call) == (scalar.f.mul, scalar.f.call) == (6, 2)


def test_a_level_over_the_budget_is_declined_with_its_size():
    graph = dc.read_case(GRAPHS / "net_lenet.toml").graph()
    _, _, scalar = granularities(graph, budget=dc.Budget(nodes=1_000))
    assert scalar.f is None
    assert "expand needs at most 1,000 nodes, got" in scalar.declined
    text = dc.grains_text([scalar])
    assert "not built" in text


def test_a_graph_of_numbers_has_one_cost():
    grains = granularities(dc.parse("sin(x)*y"))
    assert len({(grain.nodes, grain.f) for grain in grains}) == 1
