"""Layers kept or expanded: priced, chosen, and the derivatives the same."""

from pathlib import Path

import numpy as np
import pytest

import diffcompare as dc

GRAPHS = Path(__file__).parents[2] / "graphs"
DEAR = dc.Calibration(*[1e-8] * 6, kernel=1e-6, layer=1.0, flop=1e-9, node=0, sympy=0)
CHEAP = dc.Calibration(*[1e-3] * 6, kernel=1e-3, layer=1e-9, flop=1e-12, node=0, sympy=0)


@pytest.mark.parametrize("name", ["net_conv_3x3", "net_shared_weight", "net_two_layers"])
def test_dear_layers_are_expanded_and_cheap_ones_kept(name):
    case = dc.read_case(GRAPHS / f"{name}.toml")
    graph = case.graph()
    expanded = dc.choose_granularity(graph, case.point, DEAR, case.wrt)
    assert expanded.choice == "numbers"
    assert not any(expanded.graph.shapes)
    kept = dc.choose_granularity(graph, case.point, CHEAP, case.wrt)
    assert (kept.choice, kept.graph, kept.difference) == ("layers", graph, 0)
    assert expanded.difference < 1e-13
    assert {layer.operations for layer in kept.layers} == {
        layer.operations for layer in expanded.layers
    }


def test_a_small_layer_is_expanded_and_a_large_one_kept():
    text = "sum(softmax(s)) + sum(conv2d(x, w))"
    shapes = {"s": (2,), "x": (1, 3, 20, 20), "w": (4, 3, 5, 5)}
    graph, rng = dc.parse(text, shapes=shapes), np.random.default_rng(0)
    point = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    prices = dc.Calibration(*[1e-8] * 6, kernel=1e-6, layer=1e-4, flop=1e-11, node=0, sympy=0)
    found = dc.choose_granularity(graph, point, prices)
    chosen = {layer.op: layer.expanded < layer.kept for layer in found.layers}
    assert chosen["softmax"] and not chosen["conv2d"]
    assert "expand" in dc.choice_text(found)
    assert found.seconds["mixed"] < found.seconds["layers"]
