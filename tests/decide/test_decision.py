"""The choice: ranked by what is predicted, held against what is done."""

import json
import math
from pathlib import Path

import pytest

import diffcompare as dc
from diffcompare.decide.calibration import Calibration
from diffcompare.decide.candidate import Candidate, Work
from diffcompare.decide.decision import decide_among
from diffcompare.ops.cost import Cost

GRAPHS = Path(__file__).parents[2] / "graphs"
PRICES = Calibration(
    call=1e-7, add=1e-8, mul=1e-8, div=3e-8, function=5e-8, compare=1e-8,
    kernel=1e-6, layer=3e-5, flop=1e-9, node=1e-5, sympy=1e-4,
)  # fmt: skip
CASES = ("trace", "speelpenning", "lighthouse", "arrowhead", "logistic_05", "net_conv_3x3")


@pytest.mark.parametrize("name", CASES)
def test_the_operation_regret_is_zero(name):
    """Operations are tallied while the programs run, by another way than they are predicted."""
    case = dc.read_case(GRAPHS / f"{name}.toml")
    found = dc.decide(case, case.point, wrt=case.wrt, calibrated=False)
    assert found.operation_regret == 0
    assert all(
        o.measured.operations == o.operations for o in found.options if o.measured is not None
    )


def test_one_output_of_many_inputs_is_for_reverse_and_the_other_way_round():
    many = {f"x{k}": 1.0 + k for k in range(6)}
    found = dc.decide("*".join(many), many, measure=False, calibrated=False)
    ops = {o.name: o.operations.total for o in found.options}
    assert ops["reverse"] < ops["forward"]
    found = dc.decide("sin(x), cos(x), exp(x), x*x", {"x": 1}, measure=False, calibrated=False)
    ops = {o.name: o.operations.total for o in found.options}
    assert found.goal == "jacobian"
    assert ops["forward"] < ops["reverse"]


def two(once, more):
    """One that is made at once and is dear, one the other way round: 100 and 10 operations."""
    works = dc.parse("x + x")
    dear = Candidate("dear", (Work(works, 100),), Cost(add=100), 8, once)
    cheap = Candidate("cheap", (Work(works, 10),), Cost(add=10), 80, more)
    return [dear, cheap]


def test_how_often_decides():
    often = decide_among(two(1, 10_001), "gradient", 10**6, prices=PRICES)
    seldom = decide_among(two(1, 10_001), "gradient", 1, prices=PRICES)
    assert (often.choice.name, seldom.choice.name) == ("cheap", "dear")
    # 10 000 nodes at 1e-5 s against 90 runs of 1e-7 + 1e-8 s
    expected = math.ceil(10_000 * 1e-5 / (90 * 1.1e-7))
    assert often.choice.break_even == expected
    at = decide_among(two(1, 10_001), "gradient", expected, prices=PRICES)
    before = decide_among(two(1, 10_001), "gradient", expected - 1, prices=PRICES)
    assert (at.choice.name, before.choice.name) == ("cheap", "dear")


def test_what_needs_too_much_memory_is_out():
    found = decide_among(two(1, 2), "gradient", 1, memory=50)
    assert found.choice.name == "dear"
    assert found.options[1].declined == "needs 80 bytes, at most 50 given"


def test_regret_is_of_all_evaluations():
    found = dc.decide("sin(x)*y", {"x": 1, "y": 2}, evaluations=10**9, calibrated=PRICES)
    assert found.unit == "seconds"
    assert 0 <= found.regret < math.inf
    spent = {o.name: o.measured.seconds for o in found.options if o.measured}
    assert found.regret == pytest.approx(
        spent[found.choice.name] / min(spent.values()) - 1, abs=0.1
    )


def test_text_and_json():
    found = dc.decide("sin(x)*y + y*y", {"x": 1, "y": 2}, calibrated=False)
    text = dc.decision_text(found)
    assert text.startswith("Which way to the gradient")
    assert "Regret of the choice, measured: 0 % in operations" in text
    assert all(len(line) <= 100 for line in text.splitlines())
    record = json.loads(dc.decision_json(found))
    assert record["choice"] == found.choice.name
    assert record["operation_regret"] == 0
    assert {o["name"] for o in record["options"]} >= {"forward", "reverse", "symbolic tree"}


@pytest.mark.parametrize("goal", ["hessian", "hvp"])
def test_second_order(goal):
    found = dc.decide("x**2*y**2*z**2", {"x": 1, "y": 2, "z": 3}, goal=goal, calibrated=False)
    assert found.operation_regret == 0


@pytest.mark.parametrize(
    ("text", "settings", "message"),
    [
        ("x*y", {"goal": "best"}, "decide needs a goal among gradient, jacobian, hessian, hvp, got 'best'"),
        ("x, y", {"goal": "gradient"}, "decide needs one output, a number, for the gradient, got 2 outputs or an array"),
        ("x*y", {"evaluations": 0}, "decide needs evaluations above 0, got 0"),
        ("x*y", {"memory": -1}, "decide needs memory above 0, got -1"),
    ],
)  # fmt: skip
def test_refusals(text, settings, message):
    with pytest.raises(dc.DiffcompareError) as caught:
        dc.decide(text, {"x": 1, "y": 2}, **settings)
    assert message in str(caught.value)
