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


def test_a_level_over_the_budget_has_the_operations_that_its_layers_count():
    graph = dc.read_case(GRAPHS / "net_shared_weight.toml").graph()
    layer, _, scalar = granularities(graph, budget=dc.Budget(nodes=10))
    *_, built = granularities(graph)
    assert (scalar.f, scalar.per_pass["forward"]) == (built.f, built.per_pass["forward"])
    assert scalar.passes == built.passes
    assert scalar.nodes is None and not scalar.memory and layer.memory
    assert "expand needs at most 10 nodes, got" in scalar.declined
    text = dc.grains_text([layer, scalar])
    assert "scalar: counted, not built. expand needs at most 10 nodes" in text


def test_compare_shows_a_network_at_every_granularity_and_a_formula_at_one():
    report = dc.compare("sum(x*x)", at={"x": [1.0, 2.0, 3.0]})
    assert [grain.level for grain in report.grains] == ["layer", "tensor", "scalar"]
    assert "Granularity\n  level" in str(report)
    assert report.to_dict()["granularity"][2]["modes"]["forward"]["passes"] == 3
    assert not dc.compare("x*x", at={"x": 1.0}).grains


def test_a_graph_of_numbers_has_one_cost():
    grains = granularities(dc.parse("sin(x)*y"))
    assert len({(grain.nodes, grain.f) for grain in grains}) == 1
