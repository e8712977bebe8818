"""Reports as data and JSON."""

import dataclasses
import json
import math

import pytest

import diffcompare as dc
from diffcompare.measure.swell import Sizes, Swell
from diffcompare.render.data import report_dict, report_json, strict, swell_json


def refuse(name):
    raise AssertionError(f"{name} is not JSON")


def load(text):
    return json.loads(text, parse_constant=refuse)


def test_keys(reports):
    record = report_dict(reports["lecture"])
    assert list(record) == [
        "source", "point", "wrt", "dtype", "notes", "outputs", "value", "memory", "modes", "agreement",
        "swell", "flags", "granularity", "advice",
    ]  # fmt: skip
    assert record["source"] == "log(x1) + x1*x2 - sin(x2)"
    assert record["value"] == pytest.approx(11.652071455223084, rel=1e-15)
    assert record["point"] == {"x1": 2.0, "x2": 5.0}
    assert (record["dtype"], record["notes"]) == ("float64", [])
    reverse = record["modes"]["reverse"]
    assert set(reverse) == {
        "passes", "directions", "jacobian", "operations", "seconds", "memory", "scratch", "error", "expressions",
        "declined", "notes",
    }  # fmt: skip
    assert reverse["jacobian"] == pytest.approx({"x1": 5.5, "x2": 1.7163378145367738}, rel=1e-15)
    assert reverse["operations"]["value"] == {
        "add": 2,
        "mul": 1,
        "div": 0,
        "call": 2,
        "compare": 0,
        "total": 5,
    }
    assert list(reverse["operations"]) == [
        "value",
        "shared",
        "per_pass",
        "total",
        "specialised",
        "joint",
    ]
    assert set(record["agreement"]) == {"ok", "worst", "pairs"}
    assert record["agreement"]["ok"] is True
    assert record["swell"]["f"] == {"tree": 9, "dag": 7}


def test_several_outputs_are_lists(reports):
    record = report_dict(reports["outputs"])
    assert record["value"][0] == 1.5**2 * -2e-10
    assert record["modes"]["forward"]["jacobian"]["z"] == [0.0, 0.0, -0.0]
    assert len(record["value"]) == len(record["outputs"]) == 3


@pytest.mark.parametrize(
    "case", ["lecture", "edges", "outputs", "swelling", "inputs", "constant", "names", "arrays"]
)
def test_json_is_the_same_data(reports, case):
    report = reports[case]
    assert load(report_json(report)) == json.loads(json.dumps(strict(report_dict(report))))
    assert report_json(report) == report_json(report)


def test_what_was_declined(reports):
    leg = load(report_json(reports["swelling"]))["modes"]["symbolic"]
    assert leg["jacobian"] is leg["operations"] is leg["error"] is leg["passes"] is None
    assert "at most 5,000,000 nodes" in leg["declined"]


def test_numbers_that_json_has_not():
    record = load(dc.compare("log(x) + 0/y", at={"x": 0, "y": 0}).to_json())
    assert record["value"] == "nan"
    assert strict([math.inf, -math.inf, math.nan, 1.5]) == ["inf", "-inf", "nan", 1.5]
    assert strict({"a": [True, None, 2**70]}) == {"a": [True, None, 2**70]}


def test_integers_of_any_size():
    swell = Swell(Sizes(2**200, 3), {}, 10**5000)
    record = load(swell_json(swell, {"symbolic": "too large"}))
    assert record["f"]["tree"] == 2**200
    assert record["predicted"] == "1" + "0" * 5000
    assert record["declined"] == {"symbolic": "too large"}


def test_text_is_text(reports):
    evil = '"\\\n\x00\ud800</script>'
    record = load(report_json(dataclasses.replace(reports["lecture"], source=evil)))
    assert record["source"] == evil
