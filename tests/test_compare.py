"""The main job, end to end."""

import json
import math
import warnings

import pytest
import sympy

import diffcompare as dc

TEXT, POINT = "log(x1) + x1*x2 - sin(x2)", {"x1": 2, "x2": 5}


@pytest.fixture(scope="module")
def report():
    return dc.compare(TEXT, at=POINT)


def test_survey_example(report):
    assert report.value == pytest.approx((11.652071455223084,), rel=1e-15)
    for mode in ("symbolic", "forward", "reverse"):
        jacobian = report[mode].jacobian
        assert jacobian["x1"] == pytest.approx(5.5, rel=1e-15)
        assert jacobian["x2"] == pytest.approx(1.7163378145367738, rel=1e-15)
        assert report[mode].error < 1e-15
    assert [leg.passes for leg in report.legs.values()] == [0, 2, 1, 4]
    assert report.agreement.ok
    assert report.flags == ()


def test_report_is_frozen_and_short(report):
    with pytest.raises(AttributeError):
        report.value = ()
    assert len(repr(report)) < 100
    assert all(len(line) <= 100 for line in str(report).splitlines())


def test_json_is_strict_also_for_nan_and_inf():
    text = dc.compare("sqrt(x) + 0/x", at={"x": 0}).to_json()

    def refuse(name):
        raise AssertionError(name)

    record = json.loads(text, parse_constant=refuse)
    assert set(record) >= {"source", "value", "modes", "agreement", "swell"}
    assert record["modes"]["reverse"]["jacobian"]["x"] == "nan"


def test_every_rendering_is_text(report):
    for name in ("markdown", "latex", "html", "json"):
        assert "5.5" in getattr(report, f"to_{name}")()
    assert "5.5" in report.trace("reverse")
    assert report._repr_html_() == report.to_html()


def test_a_symbolic_leg_over_budget_is_shown_beside_the_others():
    lines = ["l1 = x", *(f"l{k} = 4*l{k - 1}*(1 - l{k - 1})" for k in range(2, 40))]
    report = dc.compare("\n".join(lines), at={"x": 0.2})
    assert (
        "symbolic derivative needs a tree of at most 5,000,000 nodes" in report["symbolic"].declined
    )
    assert report["symbolic"].jacobian is None
    assert report.agreement.ok
    assert "symbolic" in str(report)
    assert report.swell.predicted > 2**39


def test_point_names_make_e_and_pi_inputs():
    report = dc.compare("E - e*sin(E) - M", at={"E": 1.5, "e": 0.25, "M": 1.0})
    assert report["forward"].jacobian["e"] == pytest.approx(-math.sin(1.5))


def test_sources_of_every_kind_agree():
    x, y = sympy.symbols("x y")
    sources = [
        "x*sin(y)",
        x * sympy.sin(y),
        lambda x, y: x * dc.sin(y),
        dc.parse("x*sin(y)").copy(),
    ]
    gradients = [dict(dc.compare(s, at={"x": 2, "y": 1})["reverse"].jacobian) for s in sources]
    assert all(gradient == gradients[0] for gradient in gradients)


@pytest.mark.parametrize(
    ("text", "point", "kind"),
    [("relu(x)", 0, "kink"), ("floor(x)", 2, "jump"), ("sqrt(x)", 0, "singular"),
     ("x/x", 0, "undefined"), ("1/(1 + exp(-x))", -800, "singular"),
     ("sqrt(x**2)", 0, "undefined"), ("sigmoid(x)", -800, None)],
)  # fmt: skip
def test_edges_are_flagged_and_quiet(text, point, kind, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = dc.compare(text, at={"x": point})
    assert (report.flags[0].kind if report.flags else None) == kind
    assert report.agreement.ok
    assert capsys.readouterr().err == ""
    if kind:
        assert kind in str(report)


def test_a_wrong_rule_is_seen(monkeypatch):
    """A partial that is off by 1e-9 makes the modes disagree."""
    from diffcompare.ops.elementary import cos, sin  # noqa: PLC0415

    monkeypatch.setattr(sin, "partials", (lambda y, x: (1 + 1e-9) * cos(x),))
    report = dc.compare("sin(x)*exp(x)", at={"x": 0.5})
    assert not report.agreement.ok
    assert report.agreement.worst.relative == pytest.approx(5e-10, rel=0.5)


def test_no_inputs_no_harm():
    assert dc.compare("3", at={}).value == (3.0,)


@pytest.mark.parametrize(
    ("at", "text"),
    [
        ({"x": 1}, "the point needs a value for y, got x"),
        ({"x": 1, "y": 2, "z": 3}, "the point needs only x, y, got also z"),
        ({"x": 1, "y": None}, "input y needs a real number, got None"),
        ({"x": 1, "y": "2"}, "input y needs a real number, got '2'"),
        ({"x": 1, "y": True}, "input y needs a real number, got True"),
        ({"x": 1, "y": 2**53 + 1}, "needs an integer that float64 holds exactly"),
        ({"x": 1, "y": math.nan}, "input y needs a finite number, got nan; allow_nonfinite=True"),
        ({sympy.Symbol("x"): 1, "y": 2}, "a point needs names as text, got x; of a SymPy symbol"),
    ],
)  # fmt: skip
def test_bad_points(at, text):
    with pytest.raises(dc.DiffcompareError) as caught:
        dc.compare("x*y", at=at)
    assert text in str(caught.value)


def test_nonfinite_points_travel_when_asked():
    report = dc.compare("x*y", at={"x": math.inf, "y": 2}, allow_nonfinite=True)
    assert report.value == (math.inf,)
    assert report["reverse"].jacobian["y"] == math.inf


def test_unknown_modes_and_wrt():
    with pytest.raises(dc.DiffcompareError, match="modes needs names among"):
        dc.compare("x", at={"x": 1}, modes=["sideways"])
    with pytest.raises(dc.DiffcompareError, match="wrt needs names among x, got 'y'"):
        dc.compare("x", at={"x": 1}, wrt="y")
