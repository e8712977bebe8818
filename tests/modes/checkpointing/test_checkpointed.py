"""Gradients of chains with few stored states are those of plain reverse mode."""

from pathlib import Path

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.modes.checkpointing.chain import chain
from tests.building import graph_of

GRAPHS = Path(__file__).parents[3] / "graphs"


def test_the_cuts_are_what_every_path_passes():
    graph = dc.parse("y = sin(x)*x; z = exp(y); z*z + cos(z)".replace("; ", "\n"))
    links = chain(graph)
    assert [graph.ops[i].name for i in links.cuts] == ["input", "mul", "exp", "add"]
    assert [len(stage.graph.inputs) for stage in links.stages] == [1, 1, 1]


def test_other_inputs_come_in_on_the_way():
    links = chain(dc.parse("exp(sin(x)*a) + a"))
    assert links.through == "x"
    assert [list(stage.graph.inputs) for stage in links.stages] == [
        ["x"], ["state", "a"], ["state"], ["state", "a"],
    ]  # fmt: skip


def test_an_input_may_be_called_state():
    links = chain(graph_of(lambda x, state: dc.sin(x) * state, "x", "state"), through="x")
    assert [stage.state for stage in links.stages] == ["x", "state_"]


@pytest.mark.parametrize("stored", [1, 2, 3, 7, 100])
def test_logistic_map(stored):
    graph = dc.iterate(dc.parse("r*x*(1 - x)"), 12, through="x")
    at = {"r": 3.7, "x": 0.3}
    plain = dc.differentiate(graph, "reverse").at(at)
    found = dc.checkpoint(graph, stored).at(at)
    np.testing.assert_allclose(found.matrix, plain.matrix, rtol=1e-14)
    assert found.value == plain.value


@pytest.mark.parametrize("name", ["net_conv_3x3", "net_shared_weight_pooled", "net_residual"])
def test_networks(name):
    case = dc.read_case(GRAPHS / f"{name}.toml")
    graph = case.graph()
    if len(graph.outputs) > 1 or graph.shapes[graph.outputs[0]]:
        graph = dc.parse(f"sum({case.formula})", shapes=case.shapes)
    plain = dc.differentiate(graph, "reverse", case.wrt).at(case.point)
    for stored in (1, 2):
        found = dc.checkpoint(graph, stored, case.wrt).at(case.point)
        np.testing.assert_allclose(found.matrix, plain.matrix, rtol=1e-13, atol=1e-15)


def test_no_more_states_are_held_than_said():
    derivative = dc.checkpoint(dc.iterate(dc.parse("sin(x)"), 30), 4)
    held = most = 0
    for action in derivative.plan:
        held += (action.kind == "store") - (action.kind == "drop")
        most = max(most, held)
    assert most == 4


@pytest.mark.parametrize(
    ("graph", "stored", "message"),
    [
        (dc.parse("x, x*x"), 2, "chain needs one output, got 2"),
        (dc.parse("sin(x)"), 0, "checkpointing needs 1 or more stored states, got 0"),
        (
            dc.parse("2*x", shapes={"x": (2,)}),
            2,
            "checkpoint needs an output that is a number, got an array",
        ),
    ],
)
def test_refusals(graph, stored, message):
    with pytest.raises(dc.DiffcompareError, match=message):
        dc.checkpoint(graph, stored)


def test_an_output_that_depends_on_nothing():
    with pytest.raises(dc.DiffcompareError, match="chain needs an output that depends on an input"):
        chain(graph_of(lambda x: 0 * x.like(1) + 1, "x"), through="x")
