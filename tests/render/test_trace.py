"""The lecture's trace tables."""

import math
import unicodedata

import mpmath
import numpy as np
import pytest

import diffcompare as dc
from diffcompare.ops.linalg import matmul
from diffcompare.ops.moves import SumTo
from diffcompare.render.trace import trace_rows, trace_text

LECTURE, POINT = "log(x1) + x1*x2 - sin(x2)", {"x1": 2, "x2": 5}
COS, SIN, LN = math.cos(5), math.sin(5), math.log(2)
VALUES = [2, 5, LN, 10, SIN, LN + 10, LN + 10 - SIN]


@pytest.fixture(scope="module")
def lecture():
    return dc.parse(LECTURE)


def columns(text: str) -> int:
    marks = sum(unicodedata.combining(c) != 0 for c in text)
    return len(text) - marks


def test_forward_trace(lecture):
    rows = trace_rows(lecture, POINT, "forward", "x1")
    assert [row.node for row in rows] == [f"v{k}" for k in range(7)]
    assert [row.formula for row in rows] == [
        "x1", "x2", "log(v0)", "v0·v1", "sin(v1)", "v2 + v3", "v5 − v4",
    ]  # fmt: skip
    assert [row.value for row in rows] == pytest.approx(VALUES)
    assert [round(row.value, 3) for row in rows] == [2, 5, 0.693, 10, -0.959, 10.693, 11.652]
    assert [row.rule for row in rows] == [
        "v̇0 = 1", "v̇1 = 0", "v̇2 = v̇0/v0", "v̇3 = v̇0·v1 + v0·v̇1", "v̇4 = v̇1·cos(v1)", "v̇5 = v̇2 + v̇3",
        "v̇6 = v̇5 − v̇4",
    ]  # fmt: skip
    assert [row.number for row in rows] == [1, 0, 0.5, 5, 0, 5.5, 5.5]
    other = trace_rows(lecture, POINT, "forward", "x2")
    assert [row.number for row in other] == pytest.approx([0, 1, 0, 2, COS, 2, 2 - COS])


def test_reverse_trace(lecture):
    rows = trace_rows(lecture, POINT, "reverse")
    assert [row.node for row in rows] == [f"v{k}" for k in range(6, -1, -1)]
    assert [row.rule for row in rows] == [
        "v̄6 = 1", "v̄5 = v̄6", "v̄4 = −v̄6", "v̄3 = v̄5", "v̄2 = v̄5", "v̄1 = v̄3·v0 + v̄4·cos(v1)",
        "v̄0 = v̄2/v0 + v̄3·v1",
    ]  # fmt: skip
    assert [row.number for row in rows] == pytest.approx([1, 1, -1, 1, 1, 2 - COS, 5.5])
    assert [round(row.number, 3) for row in rows][-2:] == [1.716, 5.5]
    assert rows[-1].shares == (0.5, 5.0)
    assert rows[-2].shares == pytest.approx((2, -COS))


def test_every_local_partial(lecture):
    expected = {
        "∂v2/∂v0": ("1/v0", 0.5), "∂v3/∂v0": ("v1", 5), "∂v3/∂v1": ("v0", 2),
        "∂v4/∂v1": ("cos(v1)", COS), "∂v5/∂v2": ("1", 1), "∂v5/∂v3": ("1", 1),
        "∂v6/∂v5": ("1", 1), "∂v6/∂v4": ("−1", -1),
    }  # fmt: skip
    for mode in ("forward", "reverse"):
        rows = trace_rows(lecture, POINT, mode)
        found = {p.name: (p.rule, p.number) for row in rows for p in row.partials}
        assert set(found) == set(expected)
        for name, (rule, number) in expected.items():
            assert found[name] == (rule, pytest.approx(number))


def test_symbolic_trace(lecture):
    rows = trace_rows(lecture, POINT, "symbolic", "x1")
    assert [row.rule.split(" = ")[1] for row in rows] == [
        "1",
        "0",
        "1/x1",
        "x2",
        "0",
        "1/x1 + x2",
        "1/x1 + x2",
    ]
    assert [row.number for row in rows] == [1, 0, 0.5, 5, 0, 5.5, 5.5]


def test_text_of_the_lecture(lecture):
    text = trace_text(lecture, POINT, "reverse")
    lines = text.splitlines()
    assert lines[0] == "Reverse trace: adjoints of v6, from the output back to the inputs"
    assert any("v̄1 = v̄3·v0 + v̄4·cos(v1)" in line and "1.71634" in line for line in lines)
    assert any("∂v4/∂v1 = cos(v1) = 0.2837" in line and "= 2 − 0.2837" in line for line in lines)
    assert len({columns(line) for line in lines if line.startswith("  v")}) == 1


RULES = {
    "x*x": ["v̇0·v0 + v0·v̇0"], "exp(x)": ["v̇0·v1"], "x/y": ["(v̇0 − v2·v̇1)/v1"], "x**3": ["v̇0·(3·v0²)"],
    "sqrt(x)": ["v̇0/(2·v1)"], "relu(x)": ["where(v0 > 0, v̇0, 0)"], "-x": ["−v̇0"],
    "floor(x)": ["0"], "2*3*x": ["0", "v1·v̇0"],
}  # fmt: skip


@pytest.mark.parametrize("text", RULES)
def test_rules_are_the_ops_own(text):
    graph = dc.parse(text)
    rows = trace_rows(graph, dict.fromkeys(graph.inputs, 2.0), "forward")
    rules = [row.rule.split(" = ", 1)[1] for row in rows if row.formula not in graph.inputs]
    assert rules == RULES[text]


@pytest.mark.parametrize(
    "text",
    ["x*x*sin(x) + y", "max(x, y, x*y)/where(x > y, x, y**2)", "hypot(x, y)**x", "(x*y, x - y)"],
)
def test_numbers_are_the_derivatives(text):
    """Held against mpmath, which differentiates values, node by node."""
    graph, point = dc.parse(text), {"x": 1.25, "y": 0.5}
    rows = trace_rows(graph, point, "forward", "x")
    shown = [i for i, op in enumerate(graph.ops) if op.name != "constant"]
    mp = mpmath.MPContext()
    mp.dps = 40
    for row, index in zip(rows, shown, strict=True):
        if graph.ops[index].name in ("less", "greater"):
            continue

        def node(x, index=index):
            values = []
            for op, args in zip(graph.ops, graph.args, strict=True):
                if args:
                    values.append(op.precise(mp, *[values[a] for a in args]))
                elif op.name == "input":
                    values.append(x if op.options()["label"] == "x" else mp.mpf(0.5))
                else:
                    number = op.options()["number"]
                    values.append(mp.mpf(number.numerator) / number.denominator)
            return values[index]

        assert row.number == pytest.approx(float(mp.diff(node, 1.25)), rel=1e-12, abs=1e-30)


def test_shares_add_up():
    graph = dc.parse("x*y + sin(x)/y + x**y")
    for row in trace_rows(graph, {"x": 1.5, "y": 2.5}, "reverse"):
        assert sum(row.shares) == pytest.approx(row.number, rel=1e-14)


def test_the_branch_not_taken_gives_zero_not_nan():
    graph = dc.parse("where(x > 0, log(x), 0) + x")
    rows = {row.formula: row for row in trace_rows(graph, {"x": 0}, "reverse")}
    assert (rows["log(v0)"].value, rows["log(v0)"].number) == (-math.inf, 0)
    assert rows["x"].number == 1
    assert rows["x"].shares == (0, 1)


def test_one_output_of_several():
    graph = dc.parse("x*y, x/y")
    assert [
        trace_rows(graph, {"x": 3, "y": 2}, "reverse", output=k)[-1].number for k in (0, 1)
    ] == [2, 0.5]


@pytest.mark.parametrize("mode", ["forward", "reverse", "symbolic"])
def test_width_and_names(mode, nasty, named):
    texts = [trace_text(nasty, dict.fromkeys(nasty.inputs, -1e-100), mode)]
    graph = dc.parse("max(a, b, a*b, a/b)**where(a < b, relu(a), hypot(a, b)) + polygamma(3, a)")
    texts.append(trace_text(graph, {"a": 1.234567e-150, "b": 2.3456e150}, mode, "b"))
    long = named("n" * 300, "m" * 300)
    texts.append(trace_text(long, dict.fromkeys(long.inputs, 1.0), mode))
    for text in texts:
        assert text.replace("\n", "").isprintable()
        assert max(map(columns, text.splitlines())) <= 100 - 2 * ("中" in text)


def test_arrays():
    graph = dc.Graph.empty()
    w, x = dc.Variable.input(graph, "W", (2, 3)), dc.Variable.input(graph, "x", (3, 1))
    graph.outputs = (SumTo(())(matmul(w, x)).index,)
    point = {"W": np.arange(6.0).reshape(2, 3), "x": np.array([[1.0], [2.0], [3.0]])}
    rows = {row.formula: row for row in trace_rows(graph, point, "reverse")}
    assert rows["x"].rule == "v̄1 = matmul(transpose(v0, axes=(1, 0)), v̄2)"
    assert rows["x"].number.tolist() == [[3.0], [5.0], [7.0]]  # the sums of the columns of W
    assert rows["W"].number.tolist() == [[1.0, 2.0, 3.0]] * 2
    text = trace_text(graph, point, "reverse")
    assert "2×3 array" in text
    assert "norm 7.4162" in text  # √(1 + 4 + 9 + 16 + 25)
    assert "v3" in dc.to_dot(graph, point=point)


def test_a_long_trace_is_cut_and_quick():
    graph = dc.Graph.empty()
    x = value = dc.Variable.input(graph, "x")
    for _ in range(20_000):
        value = dc.sin(value) + x
    graph.outputs = (value.index,)
    for mode in ("forward", "reverse", "symbolic"):
        text = trace_text(graph, {"x": 1}, mode, most=10)
        assert text.splitlines()[-1] == "  … 39,991 more nodes"


def test_refusals(lecture):
    with pytest.raises(
        dc.DiffcompareError, match="a mode among forward, reverse, symbolic, got 'both'"
    ):
        trace_rows(lecture, POINT, "both")
    with pytest.raises(
        dc.DiffcompareError, match="the number of an output, from 0 and below 1, got 1"
    ):
        trace_rows(lecture, POINT, "reverse", output=1)
    with pytest.raises(dc.DiffcompareError, match="a graph with an input, got none"):
        trace_rows(dc.parse("3"), {}, "forward")
    with pytest.raises(dc.DiffcompareError, match="a finite number"):
        trace_text(lecture, {"x1": math.nan, "x2": 1}, "reverse")
    assert "nan" in trace_text(lecture, {"x1": math.nan, "x2": 1}, "reverse", allow_nonfinite=True)
