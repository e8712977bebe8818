"""Pictures: what Graphviz, an independent reader and Netron's rules make of them."""

import math
import os
import re
import subprocess
import sys

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.ops.layers.convolving import conv2d
from diffcompare.render.graphviz import label
from tests.render.dots import read, svg

POINT = {"x1": 2, "x2": 5}


@pytest.fixture(scope="module")
def lecture():
    return dc.parse("log(x1) + x1*x2 - sin(x2)")


def test_the_graph_of_the_lecture(lecture):
    nodes, edges = read(dc.to_dot(lecture))
    assert nodes == {
        "v0": "v0 = x1", "v1": "v1 = x2", "v2": "v2 = log(v0)", "v3": "v3 = v0·v1",
        "v4": "v4 = sin(v1)", "v5": "v5 = v2 + v3", "v6": "v6 = v5 − v4",
    }  # fmt: skip
    assert [edge[:2] for edge in edges] == sorted((a, b) for a, b, _ in lecture.edges(keys=True))


def test_values_adjoints_and_partials(lecture):
    nodes, edges = read(dc.to_dot(lecture, point=POINT))
    assert [nodes[f"v{k}"].split("\n")[1:] for k in range(7)] == [
        ["= 2", "v̄0 = 5.5"], ["= 5", "v̄1 = 1.716"], ["= 0.6931", "v̄2 = 1"], ["= 10", "v̄3 = 1"],
        ["= −0.9589", "v̄4 = −1"], ["= 10.69", "v̄5 = 1"], ["= 11.65", "v̄6 = 1"],
    ]  # fmt: skip
    assert edges == [
        ("v0", "v2", "0.5"), ("v0", "v3", "5"), ("v1", "v3", "2"), ("v1", "v4", "0.2837"),
        ("v2", "v5", "1"), ("v3", "v5", "1"), ("v4", "v6", "−1"), ("v5", "v6", "1"),
    ]  # fmt: skip


def test_a_square_has_two_edges():
    _, edges = read(dc.to_dot(dc.parse("x*x"), point={"x": 3}))
    assert edges == [("v0", "v1", "3")] * 2


def test_the_adjoint_graph(lecture):
    derivative = dc.differentiate(lecture, "reverse")
    nodes, edges = read(dc.to_dot(derivative, point=POINT))
    text = "\n".join(nodes.values())
    for adjoint in (
        "v̄6 = v̄5 = v̄3 = … = y_bar\n= 1",
        "v̄4 = −v̄6\n= −1",
        "= 5.5",
        "= 1.716",
        "v7 = cos(v1)",
    ):
        assert adjoint in text
    assert {tail for tail, *_ in edges} | {head for _, head, _ in edges} <= set(nodes)
    assert "v16" not in nodes  # what nothing needs is not kept


def test_the_tangent_graph_seeds_one_input(lecture):
    derivative = dc.differentiate(lecture, "forward")
    for seed, end in ((0, "= 5.5"), (1, "= 1.716")):
        nodes, _ = read(dc.to_dot(derivative, point=POINT, seed=seed))
        assert nodes[derivative.graph.label(derivative.swept[0])].endswith(end)


def test_a_derivative_without_seeds_is_a_plain_graph(lecture):
    for mode in ("symbolic", "differences"):
        nodes, _ = read(dc.to_dot(dc.differentiate(lecture, mode), point=POINT))
        assert nodes["v0"] == "v0 = x1\n= 2"


def test_strange_names(nasty):
    text = dc.to_dot(nasty, point=dict.fromkeys(nasty.inputs, 1.0), title='"; x [label=<b>] \\')
    nodes, _ = read(text)
    names = [re.sub(r"\s", " ", name) for name in nasty.inputs]
    names = [
        "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in n) for n in names
    ]
    assert [nodes[f"v{k}"].split("\n")[0] for k in range(len(names))] == [
        f"v{k} = {name}" for k, name in enumerate(names)
    ]
    drawn = svg(text)
    assert {f"v{k} = {name}" for k, name in enumerate(names)} <= set(drawn)
    assert '"; x [label=<b>] \\' in drawn


@pytest.mark.parametrize("make", [lambda g: g, lambda g: dc.differentiate(g, "reverse")])
@pytest.mark.parametrize("depth", [0, 2])
def test_netron_reads_it(make, depth, nasty, named):
    """Its reader ends a string at the first quote, skips subgraphs, and names nodes by id."""
    attributes = r'\[\w+="[^"]*"(, \w+="[^"]*")*\]'
    statement = re.compile(rf"  (graph|node|edge|[vc]\d+|[vc]\d+ -> [vc]\d+)( {attributes})?;")
    cluster = re.compile(rf"  subgraph cluster_v\d+ {{|    graph {attributes};|    [vc]\d+;|  }}")
    for graph in (nasty, named(*nasty.inputs, shape=(2,))):
        lines = dc.to_dot(make(graph), depth=depth).splitlines()
        assert lines[0] == "digraph diffcompare {"
        assert lines[-1] == "}"
        assert all(statement.fullmatch(line) or cluster.fullmatch(line) for line in lines[1:-1])
        nodes = [line.split()[0] for line in lines if re.match(r"  [vc]\d+ \[", line)]
        framed = [line.strip(" ;") for line in lines if re.match(r"    [vc]\d+;", line)]
        assert set(framed) <= set(nodes)
        assert bool(framed) == bool(depth and graph.shapes[0])


def test_graphviz_draws_every_gallery_of_ops():
    graph = dc.parse("where(x > 0, max(x, y, 2), abs(y)**3.5)/gamma(x)*polygamma(2, y) % pi, x**y")
    for source in (
        graph,
        *(dc.differentiate(graph, mode) for mode in ("forward", "reverse", "symbolic")),
    ):
        assert len(svg(dc.to_dot(source, point={"x": -0.0, "y": 1e300}))) > 20


def test_long_labels_are_cut():
    graph = dc.parse(f"max({', '.join(f'x{k}' for k in range(99))})")
    nodes, edges = read(dc.to_dot(graph))
    assert max(map(len, nodes.values())) <= 36
    assert len(edges) == 99


def test_label_of_several_lines():
    assert label(["a", 'b"\\']) == "a\\nb&quot;\\\\"


def test_options(lecture):
    assert 'rankdir="TB"' in dc.to_dot(lecture, rankdir="TB")
    assert 'label="f &amp; g"' in dc.to_dot(lecture, title="f & g")
    with pytest.raises(dc.DiffcompareError, match="a rankdir among LR, RL, TB, BT, got 'up'"):
        dc.to_dot(lecture, rankdir="up")
    with pytest.raises(dc.DiffcompareError, match="a seed from 0 to 0, got 1"):
        dc.to_dot(lecture, point=POINT, seed=1)
    with pytest.raises(dc.DiffcompareError, match="a Graph or a Derivative, got 'x'"):
        dc.to_dot("x")
    with pytest.raises(dc.DiffcompareError, match="a value for x2"):
        dc.to_dot(lecture, point={"x1": 1})


def test_the_same_bytes_whatever_the_hash_seed():
    code = (
        "import diffcompare as dc\n"
        "from diffcompare.render.formula import formulas\n"
        "from diffcompare.render.trace import trace_text\n"
        "g = dc.parse('where(x > y, max(x, y, z), abs(x))*log(z) + x*y*z')\n"
        "at = {'x': 2, 'y': 1, 'z': 3}\n"
        "print(dc.to_dot(g, point=at), *formulas(g), trace_text(g, at, 'reverse'))\n"
        "for mode in ('forward', 'reverse', 'symbolic'):\n"
        "    print(dc.to_dot(dc.differentiate(g, mode), point=at))\n"
        "n = dc.parse('max_pool2d(x, window=2)*w', shapes={'x': (1, 1, 4, 4), 'w': (1, 1, 2, 2)})\n"
        "print(*(dc.to_dot(n, depth=d, collapse={'mul', 'w', 'x'}) for d in (0, 1, 2)))\n"
        "r = dc.compare(g, at=at, modes=('forward', 'reverse', 'symbolic'))\n"
        "d = r.to_dict()\n"
        "for leg in d['modes'].values(): leg.pop('seconds')\n"
        "print(d)\n"
    )
    runs = []
    for seed in ("0", "1", "424242"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"}
        runs.append(
            subprocess.run(
                [sys.executable, "-c", code], env=environment, check=True, capture_output=True
            ).stdout
        )
    assert runs[0] == runs[1] == runs[2]
    assert len(runs[0]) > 5000


def test_a_layer_is_a_box_with_its_settings_and_shape():
    graph = dc.Graph.empty()
    image, w, b = (
        dc.Variable.input(graph, name, shape)
        for name, shape in (("image", (1, 2, 5, 4)), ("w", (3, 2, 2, 2)), ("b", (3,)))
    )
    graph.outputs = (conv2d(image, w, b, stride=(2, 1), pad=1).index,)
    graph = graph.leveled()
    nodes, edges = read(dc.to_dot(graph))
    assert nodes["v0"] == "v0 = image\n1×2×5×4 array"
    assert nodes["v2"] == "v2 = b\nvector of 3"
    assert "v3 = conv2d(v0, v1)\nstride (2, 1), pad (1, 1, 1, 1)\n1×3×3×5 array" in nodes.values()
    assert ("v0", "v3", "") in edges
    point = {"image": np.ones((1, 2, 5, 4)), "w": np.ones((3, 2, 2, 2)), "b": np.arange(3.0)}
    nodes, edges = read(dc.to_dot(graph, point=point))
    # The adjoint of the sum is one for every number of the output.
    last = graph.label(graph.outputs[0])
    bar = f"{last[0]}\N{COMBINING MACRON}{last[1:]}"
    assert nodes[last].split("\n")[-1] == f"‖{bar}‖ = {math.sqrt(45):.4g}"
    assert nodes["v2"].split("\n")[2:] == ["= [0, 1, 2]", "v̄2 = [15, 15, 15]"]
    assert not any(text for *_, text in edges)  # a partial of arrays is no number


def test_derivatives_of_layers_are_layers():
    graph = dc.Graph.empty()
    image, w = (
        dc.Variable.input(graph, "x", (1, 1, 5, 5)),
        dc.Variable.input(graph, "w", (1, 1, 2, 2)),
    )
    graph.outputs = (conv2d(image, w, stride=2).index,)
    text = "\n".join(read(dc.to_dot(dc.differentiate(graph, "reverse")))[0].values())
    assert "conv2d_input(v̄2, v1)\nsize (5, 5), stride (2, 2)\n1×1×5×5 array" in text
    assert "conv2d_weight(v0, v̄2)\nkernel (2, 2), stride (2, 2)\n1×1×2×2 array" in text
    assert svg(dc.to_dot(dc.differentiate(graph, "reverse")))


def test_parts_of_arrays_are_written_as_subscripts():
    """Also where a setting happens to equal the shape of the part."""
    graph = dc.parse(
        lambda x: (x[1:] - x[:-1], x[::2], x[3], 2 * x[1:5]),
        shapes={"x": (5,)},
    )
    nodes, _ = read(dc.to_dot(graph))
    formulas = {label.partition(" = ")[2] for label in nodes.values()}
    assert {
        "v0[1:5]\nvector of 4", "v0[0:4]\nvector of 4", "v0[0:5:2]\nvector of 3", "v0[3]",
    } <= formulas  # fmt: skip
    square = dc.parse(lambda x: x[:, 1:], shapes={"x": (2, 3)})
    assert read(dc.to_dot(square))[0]["v1"] == "v1 = v0[0:2, 1:3]\n2×2 array"


def test_every_setting_but_the_new_shape_is_told():
    """A gathered list of indices as long as the vector that it gives."""
    graph = dc.parse(lambda x: x[[2, 0]], shapes={"x": (3,)})
    assert "index (2, 0)" in read(dc.to_dot(graph))[0]["v1"]
    placed = dc.differentiate(dc.parse(lambda x: x[1:3], shapes={"x": (3,)}), "reverse")
    text = dc.to_dot(placed)
    assert "start (1,)" in text and "to (3,)" not in text


def test_vectors_are_cut_between_numbers():
    x = np.array([-0.12, 0.234567, -0.345678, -0.456789])
    line = read(dc.to_dot(dc.parse("x", shapes={"x": (4,)}), point={"x": x}))[0]["v0"]
    assert "= [−0.12, 0.2346, −0.3457, −0.4568]" in line
    long = read(dc.to_dot(dc.parse("x", shapes={"x": (4,)}), point={"x": x * 1e-100}))[0]["v0"]
    assert "= [−1.2e−101, 2.346e−101, …]" in long
