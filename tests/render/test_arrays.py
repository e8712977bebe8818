"""Graphs of arrays in every rendering."""

import json
import math
import re

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.ops.layers.convolving import conv2d
from diffcompare.ops.linalg import add_up
from diffcompare.render.arrays import described, norm, parts
from diffcompare.render.columns import width
from diffcompare.render.numerals import bytes_text

LARGE = "a_parameter_whose_name_is_long"


def layer(height=5):
    """Half the squares of sigmoid(conv2d(image, w) · s + bias)."""
    graph = dc.Graph.empty()
    sizes = {"image": (2, 3, height, 6), LARGE: (4, 3, 3, 2), "bias": (4,), "s": ()}
    image, w, b, s = (dc.Variable.input(graph, *item) for item in sizes.items())
    y = dc.sigmoid(conv2d(image, w, b, stride=(2, 1), pad=1) * s)
    graph.outputs = ((add_up(y * y) * 0.5).index,)
    return graph.leveled()


def at(graph):
    rng = np.random.default_rng(0)
    return {name: rng.normal(size=graph.shapes[i])[()] for name, i in graph.inputs.items()}


@pytest.fixture(scope="module")
def report():
    graph = layer()
    budget = dc.Budget(passes=100)
    return dc.compare(graph, at=at(graph), budget=budget, modes=["forward", "reverse"])


def squeezed(text):
    return re.sub(r"\s+", " ", text)


def test_what_layers_take_while_they_work_is_told(report):
    told = [f"{mode} {bytes_text(leg.scratch)}" for mode, leg in report.legs.items()]
    assert f"A layer takes beside these, while it works, at most: {', '.join(told)}." in squeezed(
        str(report)
    )
    assert report["reverse"].scratch == dc.compile(report["reverse"].derivative.graph).scratch > 0
    assert "while it works" not in str(dc.compare("x*y", at={"x": 1, "y": 2}))


def test_the_point_and_the_value_are_told_in_short(reports):
    text = str(reports["arrays"])
    assert "  at s = 0.5\n  at W 2×3 array: 1, 2, 3, 4, 5, 6\n" in text
    assert "  y1 = 21\n  y0 2×3 array: " in text
    assert "Arrays are written out as numbers." in text


def test_first_entries_and_norms(reports):
    text = str(reports["arrays"])
    assert "∂y0[0,0]/∂W[0,1]" in text
    assert "… 86 more" in text  # of 7 outputs by 13 inputs five are shown
    # ∂(Σ W)/∂W is all ones.
    row = next(line for line in text.splitlines() if "‖∂y1/∂W‖ 2×3" in line)
    assert row.split()[-4:-1] == ["2.44948974278318"] * 3


def test_a_network(report):
    text = str(report)
    assert f"{LARGE} 4×3×3×2 array: min " in text
    assert "bias vector of 4: " in text
    assert "∂y/∂image[0,0,0,0]" in text
    assert "conv2d(image, a_parameter_whose_name_is_long, stride=(2, 1), pad=(1, 1, 1, 1))" in (
        squeezed(text)
    )
    total = 2 * 3 * 5 * 6 + 4 * 3 * 3 * 2 + 4 + 1
    assert f"… {total - 5:,} more" in text
    assert f"{total} passes counted, 8 random directions of ±1 run" in squeezed(text)
    matrix = report["reverse"].jacobian.matrix
    row = next(line for line in text.splitlines() if line.startswith("  ‖∂y/∂image‖"))
    assert float(row.split()[-1]) == pytest.approx(np.linalg.norm(matrix[:, :180]), rel=1e-14)
    assert repr(report) == f"Report(1 by {total}: forward, reverse agree)"


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_width(report, mode):
    for text in (str(report), report.trace(mode)):
        assert max(map(width, text.splitlines())) <= 100
        assert text.replace("\n", "").isprintable()


def test_other_clothes(report):
    assert r"‖∂y/∂image‖ 2×3×5×6" in report.to_markdown()
    assert r"$\|$$\partial$y/$\partial$image$\|$ 2$\times$3$\times$5$\times$6" in report.to_latex()
    assert "<td>‖∂y/∂image‖ 2×3×5×6</td>" in report.to_html()
    assert r"\operatorname{conv2d}_{\text{stride (2, 1), pad (1, 1, 1, 1)}}" in report.to_latex()


def test_json_is_nested(reports):
    report = reports["arrays"]
    record = json.loads(report.to_json())
    assert record["point"]["W"] == [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    assert record["point"]["s"] == 0.5
    assert np.shape(record["value"][0]) == (2, 3)
    assert record["value"][1] == 21.0
    by_w = record["modes"]["reverse"]["jacobian"]["W"]
    assert np.shape(by_w[0]) == (2, 3, 2, 3)
    assert by_w[1] == [[1.0] * 3] * 2
    one = json.loads(dc.compare("W*W", at={"W": [[3.0, 4.0]]}).to_json())
    assert one["value"] == [[9.0, 16.0]]
    assert one["modes"]["forward"]["jacobian"]["W"] == [[[[6.0, 0.0]], [[0.0, 8.0]]]]


def test_json_of_large_arrays_is_what_they_amount_to():
    graph = dc.Graph.empty()
    x = dc.Variable.input(graph, "x", (10, 10_001))
    graph.outputs = (add_up(x * x).index, (2 * x).index)
    point = {"x": np.full((10, 10_001), 0.5)}
    report = dc.compare(graph, at=point, modes=["reverse"])
    record = report.to_dict()
    length = 0.5 * math.sqrt(100_010)
    told = {"shape": [10, 10_001], "norm": pytest.approx(length), "first": [0.5] * 10}
    assert record["point"]["x"] == told
    assert record["value"][1]["norm"] == pytest.approx(2 * length)
    assert record["modes"]["reverse"]["jacobian"] is None  # 100 011 passes
    assert len(report.to_json()) < 10_000


def test_many_arrays_are_counted():
    names = [f"p{k}" for k in range(30)]
    report = dc.compare("+".join(names), at={n: [1.0, 2.0] for n in names}, modes=["reverse"])
    text = str(report)
    assert "\n  … 23 more arrays\n" in text
    assert "… 19 more" in text


def test_described():
    assert described("x", np.array([1.0, math.nan])) == "x vector of 2: 1, nan"
    lost = np.array([math.inf] + [1.0] * 9)
    assert described("x", lost) == "x vector of 10: min 1, mean 1, max 1, 1 not finite"
    assert described("x", np.full(10, math.nan)) == "x vector of 10: 10 not finite"


def test_norms_of_extreme_numbers():
    assert norm(np.array([3e200, 4e200])) == pytest.approx(5e200)
    assert norm(np.array([3e-200, 4e-200])) == pytest.approx(5e-200)
    assert norm(np.array([1.0, math.inf])) == math.inf
    assert math.isnan(norm(np.array([1.0, math.nan])))
    assert norm(np.zeros(0)) == 0.0


def test_parts_are_outputs():
    scalar, matrix = parts([1.0, 2.0, 3.0], [(), (2, 1)])
    assert scalar == 1.0
    assert matrix.tolist() == [[2.0], [3.0]]
