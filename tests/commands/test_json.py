"""--json of every command: JSON that every reader takes, with the numbers of the library."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import diffcompare as dc
from diffcompare.__main__ import COMMANDS, main
from diffcompare.render.trace import trace_rows

GRAPHS = Path(__file__).parents[2] / "graphs"
LECTURE, POINT = "log(x1) + x1*x2 - sin(x2)", {"x1": 2.0, "x2": 5.0}
AT = ("--at", "x1=2,x2=5")
SLOPES = {"x1": 5.5, "x2": 2 - math.cos(5)}
CONV, SHAPES = "conv2d(x, w)", {"x": (1, 1, 3, 3), "w": (1, 1, 2, 2)}
SHAPED = ("--shape", "x=1,1,3,3", "--shape", "w=1,1,2,2")
LOSS = str(GRAPHS / "net_conv_3x3.toml")
NO_JSON = {"dot"}
"""What it prints is a format for programs already."""

Pair = tuple[Any, Any]


def graph() -> dc.Graph:
    return dc.parse(LECTURE)


def layer() -> dc.Graph:
    return dc.parse(CONV, shapes=SHAPES)


def plain(value: Any) -> Any:
    """As JSON has it."""
    return json.loads(json.dumps(value))


def compared(record: Any) -> Pair:
    return record["modes"]["reverse"]["jacobian"], pytest.approx(SLOPES, rel=1e-15)


def traced(record: Any) -> Pair:
    ((trace),) = record
    rows = trace_rows(graph(), POINT, "reverse")
    assert (trace["mode"], trace["of"]) == ("reverse", "v6")
    found = [[r["node"], r["formula"], r["value"], r["rule"], r["number"], r["shares"],
              [list(p.values()) for p in r["partials"]]] for r in trace["rows"]]  # fmt: skip
    return found, plain(
        [[r.node, r.formula, r.value, r.rule, r.number, r.shares, r.partials] for r in rows]
    )


def paths(record: Any) -> Pair:
    for name, told in record.items():
        listed = [[p["nodes"], p["partials"], p["product"]] for p in told["paths"]]
        found = dc.chain_paths(graph(), POINT, name)
        assert listed == plain([[p.nodes, p.partials, p.product] for p in found])
    return {name: told["sum"] for name, told in record.items()}, pytest.approx(SLOPES, rel=1e-15)


def curve(record: Any) -> Pair:
    found = {name: list(zip(c["h"], c["error"], strict=True)) for name, c in record.items()}
    return found, {name: dc.error_curve(graph(), POINT, name) for name in POINT}


def derived(record: Any) -> Pair:
    assert record["w"]["closed"]["formula"] == "corr(x, ∂L/∂y)"
    assert record["x"]["closed"]["settings"]["stride"] == [1, 1]
    found = {name: (each["entries"], each["shared"]) for name, each in record.items()}
    return found, {name: (w.entries, w.shared) for name, w in dc.derive(layer()).items()}


def grains(record: Any) -> Pair:
    assert record["choice"] is None  # this machine was not measured
    found = [[g["level"], g["nodes"], g["f"], g["modes"]["reverse"]["per_pass"],
              g["modes"]["forward"]["passes"], g["modes"]["reverse"]["memory"]]
             for g in record["levels"]]  # fmt: skip
    return found, [
        [g.level, g.nodes, g.f.to_dict(), g.per_pass["reverse"].to_dict(), g.passes["forward"],
         g.memory["reverse"]] for g in dc.granularities(layer())
    ]  # fmt: skip


def checkpoints(record: Any) -> Pair:
    chain = dc.iterate(dc.parse("sin(x)"), 10)
    assert record["plain"] == dc.memory(dc.differentiate(chain, "reverse"))
    return [list(row.values()) for row in record["rows"]], [
        [row.stored, row.again, row.operations.to_dict(), row.memory]
        for row in dc.checkpoints(chain)
    ]


def swell(record: Any) -> Pair:
    found = dc.swell(graph(), None, dc.differentiate_all(graph())[0])
    return record["reverse"], vars(found.derivatives["reverse"])


def sparsity(record: Any) -> Pair:
    pattern = dc.sparsity(dc.parse("x*y, y*z"))
    return [record["rows"], record["columns"]], [pattern.rows.tolist(), pattern.columns.tolist()]


def parameters(record: Any) -> Pair:
    found = dc.parameters(layer())
    return record, {"numbers": {"x": 9, "w": 4}, "total": found.total}


def gallery(record: Any) -> Pair:
    """The convolution worked out by hand."""
    (shown,) = record
    case = dc.read_case(LOSS)
    assert (shown["name"], shown["title"], shown["missed"]) == (case.name, case.title, [])
    jacobian = shown["report"]["modes"]["reverse"]["jacobian"]
    return (shown["report"]["value"], jacobian["w"]), (45.0, [[[[18, -2], [24, 36]]]])


CHECKS: dict[str, tuple[tuple[str, ...], Callable[[Any], Pair]]] = {
    "compare": ((LECTURE, *AT), compared),
    "trace": ((LECTURE, *AT), traced),
    "derive": ((CONV, *SHAPED), derived),
    "jacobians": (
        (CONV, *SHAPED), lambda r: (r, plain([j.to_dict() for j in dc.local_jacobians(layer())])),
    ),
    "parameters": ((CONV, *SHAPED), parameters),
    "gallery": ((Path(LOSS).stem, "--folder", str(GRAPHS)), gallery),
    "paths": ((LECTURE, *AT), paths),
    "curve": ((LECTURE, *AT), curve),
    "swell": ((LECTURE,), swell),
    "granularity": ((CONV, *SHAPED), grains),
    "sparsity": (("x*y, y*z",), sparsity),
    "checkpoints": (("sin(x)", "--times", "10"), checkpoints),
    "eliminate": (
        (LECTURE, "--order", "reverse"),
        lambda r: (r[0]["cost"], dc.eliminate(graph(), "reverse").cost),
    ),
    "decide": (
        (LECTURE, *AT), lambda r: (r["choice"], dc.decide(LECTURE, POINT, measure=False).choice.name),
    ),
}  # fmt: skip


@pytest.fixture(autouse=True)
def unmeasured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    assert main(list(words)) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return json.loads(out, parse_constant=refuse)


@pytest.mark.parametrize("name", [c.name for c in COMMANDS if c.name not in NO_JSON])
def test_every_command_prints_the_library_s_numbers(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    words, check = CHECKS[name]
    found, expected = check(printed(capsys, name, *words, "--json"))
    assert found == expected


def test_numbers_that_json_has_not(capsys: pytest.CaptureFixture[str]) -> None:
    (trace,) = printed(capsys, "trace", "0*log(x)", "--at", "x=0", "--json")
    assert trace["rows"][1]["value"] == "-inf"
    assert trace["rows"][1]["number"] == 0.0
    assert trace["rows"][0]["value"] == "nan"


def test_a_forward_trace_is_one_for_all_outputs(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("trace", "x*y, x + y", "--at", "x=1,y=2")
    (trace,) = printed(capsys, *words, "--mode", "forward", "--json")
    assert trace["by"] == "x"
    assert [row["number"] for row in trace["rows"]] == [1, 0, 2, 1]
    assert [each["of"] for each in printed(capsys, *words, "--json")] == ["v2", "v3"]
    assert main([*words, "--mode", "forward"]) == 0
    assert capsys.readouterr().out.count("Forward trace") == 1
    assert main([*words]) == 0
    assert capsys.readouterr().out.count("Reverse trace") == 2


def test_arrays_are_nested_lists(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("trace", "sum(x*x)", "--at", "x=[1, 2]", "--json")
    (trace,) = printed(capsys, *words)
    assert trace["rows"][-1]["value"] == [1, 2]
    assert trace["rows"][-1]["number"] == [2, 4]


def test_the_choice_of_layers(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A layer for 30 µs, array operations for 1 µs: of so small a product all are numbers."""
    prices = dc.Calibration(*[1e-8] * 6, kernel=1e-6, layer=3e-5, flop=1e-9, node=0, sympy=0)
    monkeypatch.setitem(dc.__dict__["_CHECKED"], "calibration", lambda: prices)
    words = ("granularity", "sum(matmul(a, a))", "--at", "a=[[1, 2], [3, 4]]", "--shape", "a=2,2")
    found = dc.choose_granularity(dc.parse("sum(matmul(a, a))", shapes={"a": (2, 2)}),
                                  {"a": [[1.0, 2.0], [3.0, 4.0]]}, prices)  # fmt: skip
    choice = printed(capsys, *words, "--json")["choice"]
    assert choice["choice"] == "numbers"
    assert choice["seconds"] == found.seconds
    assert choice["layers"][0]["operations"] == found.layers[0].operations.to_dict()
    assert main(list(words)) == 0
    assert "Which layers to expand" in capsys.readouterr().out
