"""Every way gives the same derivative, and its programs do the operations that are counted."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

import diffcompare as dc
from diffcompare.decide.candidates import candidates
from diffcompare.decide.decision import DECISION
from diffcompare.decide.passes import split
from diffcompare.measure.tally import tallied
from diffcompare.modes.forward import tangent_graph
from diffcompare.modes.reverse import adjoint_graph
from tests.strategies import samples

GRAPHS = Path(__file__).parents[2] / "graphs"
MAPPING = "x1*x2*sin(x3), x1/x2 + x3, exp(x1)*x2"
POINT = {"x1": 0.5, "x2": 2.0, "x3": -1.5}


def ways(text, goal, at=None):
    graph = dc.parse(text)
    return {way.name: way for way in candidates(graph, tuple(graph.inputs), goal, DECISION)}


@pytest.mark.parametrize("goal", ["jacobian", "hessian", "hvp"])
def test_the_operations_counted_are_the_operations_done(goal):
    text = MAPPING if goal == "jacobian" else "x1*x2*sin(x3) + exp(x1*x3)"
    for name, way in ways(text, goal).items():
        assert way.declined is None, (name, way.declined)
        done = sum(
            (tallied(w.graph, w.written_out) * w.times for w in way.works), dc.count(dc.parse("x"))
        )
        assert done == way.operations, name


def entries(way, count):
    """The derivative that one program gives, the outputs of f left out."""
    (work,) = way.works
    point = [POINT.get(name, 1.0) for name in work.graph.inputs]
    return dc.compile(work.graph)(*point)[count:]


def test_every_program_gives_the_jacobian():
    true = dc.differentiate(dc.parse(MAPPING), "reverse").at(POINT).matrix.ravel()
    found = ways(MAPPING, "jacobian")
    for name in ("vector reverse", "vector forward", "elimination", "symbolic shared"):
        np.testing.assert_allclose(entries(found[name], 3), true, rtol=1e-14, err_msg=name)


def test_every_program_gives_the_hessian_and_its_product():
    text = "x1*x2*sin(x3) + exp(x1*x3)"
    hessian = dc.hessian(dc.parse(text)).at(POINT).matrix
    for name, way in ways(text, "hessian").items():
        if name != "compressed":
            np.testing.assert_allclose(entries(way, 3), hessian.ravel(), rtol=1e-14, atol=1e-15)
    for name, way in ways(text, "hvp").items():
        np.testing.assert_allclose(entries(way, 0), hessian.sum(1), rtol=1e-14, err_msg=name)


@given(samples())
def test_a_split_sweep_is_the_sweep(sample):
    graph, point = sample
    x = {name: np.float64(v) for name, v in point.items()}
    for make in (tangent_graph, adjoint_graph):
        sweep = make(graph, tuple(graph.inputs))
        prepare, one_pass = split(sweep)
        values = prepare.evaluate(x)
        shared = [values[i] for i in prepare.outputs][len(graph.outputs) :]
        for seed in sweep.seeds:
            given = {s: np.float64(s == seed) for s in sweep.seeds}
            whole = sweep.graph.evaluate({**x, **given})
            inputs = dict(zip([n for n in one_pass.inputs if n not in given], shared, strict=True))
            part = one_pass.evaluate({**inputs, **given})
            true = [whole[i] for i in sweep.swept]
            np.testing.assert_array_equal([part[i] for i in one_pass.outputs], true)


def test_what_arrays_do_not_have_is_declined():
    case = dc.read_case(GRAPHS / "net_conv_3x3.toml")
    found = {w.name: w for w in candidates(case.graph(), ("x", "w"), "gradient", DECISION)}
    assert "needs numbers on every edge, got an array" in found["elimination"].declined
    assert found["reverse"].passes == 1
    assert found["forward"].passes == 13
