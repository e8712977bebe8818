"""Drawings of layers folded and opened, read by an independent reader."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import diffcompare as dc
from diffcompare.ops.leaf import Input
from diffcompare.render.clusters import view
from tests.render.dots import clusters, read, svg

GRAPHS = Path(__file__).parents[2] / "graphs"
NAMES = sorted(path.stem for path in GRAPHS.glob("net_*.toml"))
FEW = ["net_locally_connected", "net_pooling", "net_shared_weight_pooled", "net_smallest"]
LEVELS = {1: "tensor", 2: "scalar"}
OPENED = {
    "conv2d", "dense", "locally_connected2d", "lrn", "max_pool_index", "pool_select",
    "softmax_log_loss",
}  # fmt: skip
"""Layers that array operations make up."""
POOLED = "h = max_pool2d(sigmoid(conv2d(x, w)), window=2)\nsum(dense(flatten(h), v)**2)"
SHAPES = {"x": (1, 1, 3, 3), "w": (1, 1, 2, 2), "v": (2, 1)}


@cache
def net(name):
    return dc.read_case(GRAPHS / f"{name}.toml").graph()


@pytest.fixture(scope="module")
def pooled():
    return dc.parse(POOLED, shapes=SHAPES)


def labels(graph):
    return {graph.label(index) for index in range(len(graph.ops))}


@pytest.mark.parametrize(("name", "depth"), [*((name, 1) for name in FEW), ("net_conv_3x3", 2)])
def test_what_is_drawn_is_the_expansion(name, depth):
    """Every node once, in one cluster at most, and the edges of the expansion."""
    text, fine = dc.to_dot(net(name), depth=depth), dc.expand(net(name), to=LEVELS[depth])
    nodes, edges = read(text)
    assert set(nodes) == labels(fine)
    assert text.count(" [label=") == len(nodes) + text.count("graph [label=")
    assert [edge[:2] for edge in edges] == sorted((a, b) for a, b, _ in fine.edges(keys=True))
    framed = Counter(node for _, held in clusters(text).values() for node in held)
    assert set(framed) <= set(nodes)
    assert set(framed.values()) == {1} or not framed


@pytest.mark.parametrize("name", NAMES)
def test_every_layer_has_a_cluster(name):
    graph = net(name)
    layers = {graph.label(i) for i, op in enumerate(graph.ops) if op.name in OPENED}
    index = {graph.label(i) for i, op in enumerate(graph.ops) if op.name == "max_pool_index"}
    found = re.findall(r"subgraph cluster_(v\d+) {", dc.to_dot(graph, depth=1))
    assert sorted(found) == sorted(layers - index)


@pytest.mark.parametrize(
    ("call", "shapes"),
    [
        ("conv2d({}, w, pad=1, stride=2)", {"x": (1, 2, 3, 2), "w": (1, 2, 2, 2)}),
        ("dense({}, w, b)", {"x": (2, 3), "w": (2, 3), "b": (2,)}),
        ("max_pool2d({}, window=2)", {"x": (1, 1, 2, 4)}),
        ("lrn({}, group=3)", {"x": (1, 4, 1, 2)}),
        ("softmax({})", {"x": (2, 3)}),
    ],
)
@pytest.mark.parametrize("depth", [1, 2])
def test_a_cluster_holds_what_the_layer_alone_expands_to(call, shapes, depth):
    """Arguments and result are another layer's business."""
    inner = dc.expand(dc.parse(call.format("x"), shapes=shapes), to=LEVELS[depth])
    alone = Counter(op.name for op, args in zip(inner.ops, inner.args, strict=True) if args)
    graph = dc.parse(f"sum({call.format('exp(x)')})", shapes=shapes)
    fine = dc.expand(graph, to=LEVELS[depth])
    names = {fine.label(i): op.name for i, op in enumerate(fine.ops) if fine.args[i]}
    name = call.split("(")[0]
    held = [nodes for title, nodes in clusters(dc.to_dot(graph, depth=depth)).values()
            if title.startswith(name)]  # fmt: skip
    if depth == 1 and name == "softmax":  # array operations do not make it up
        assert held == []
    else:
        assert Counter(names[node] for node in held[0] if node in names) == alone


def test_titles_tell_formula_settings_and_shapes(pooled):
    titles = [title for title, _ in clusters(dc.to_dot(pooled, depth=1)).values()]
    assert titles == [
        "conv2d(x, w)\n1×1×3×3, 1×1×2×2 → 1×1×2×2",
        "max_pool2d(v10)\nwindow (2, 2), stride (2, 2)\n1×1×2×2 → 1×1×1×1",
        "dense(v13, v)\n1×1, 2×1 → 1×2",
    ]
    graph = dc.parse("y = 2*x\nz = exp(x)\ny*z - tanh(y/z)", shapes={"x": (2,)})
    titles = [title for title, _ in clusters(dc.to_dot(graph, depth=2)).values()]
    assert titles[0] == "x\nvector of 2"
    assert "y·z\n2, 2 → 2" in titles
    assert "tanh(□)\n2 → 2" in titles


def test_what_two_layers_share_stands_in_the_first():
    shapes = {"x": (1, 1, 3, 3), "u": (1, 1, 2, 2), "w": (1, 1, 2, 2)}
    graph = dc.parse("conv2d(x, u) + conv2d(x, w)", shapes=shapes)
    text = dc.to_dot(graph, depth=1)
    nodes, _ = read(text)
    first, second = ([nodes[n].split("(")[0] for n in held] for _, held in clusters(text).values())
    assert [line.split(" = ")[1] for line in first].count("im2row") == 1
    assert "im2row" not in [line.split(" = ")[1] for line in second]


def test_max_pooling_is_one_box(pooled):
    nodes, edges = read(dc.to_dot(pooled))
    assert "v6 = max_pool2d(v4)\nwindow (2, 2), stride (2, 2)\n1×1×1×1 array" in nodes.values()
    assert "v5" not in nodes
    assert [edge[:2] for edge in edges if edge[1] == "v6"] == [("v4", "v6")]
    assert not any("v5" in edge for edge in edges)


def test_an_index_that_more_goes_by_keeps_its_box(pooled):
    point = {name: np.ones(shape) for name, shape in SHAPES.items()}
    for mode in ("forward", "reverse"):
        nodes, edges = read(dc.to_dot(dc.differentiate(pooled, mode), point=point))
        assert nodes["v5"].startswith("v5 = max_pool_index(v4)")
        assert sum(tail == "v5" for tail, *_ in edges) == 2
    graph = dc.parse("average = avg_pool2d(avg_pool2d(x, window=2), window=2)\naverage", shapes={"x": (1, 1, 4, 4)})  # fmt: skip
    assert len(read(dc.to_dot(graph))[0]) == 3  # a layer after one like it is no part of it


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize(
    ("collapse", "kept"),
    [
        ("max_pool2d", ["max_pool2d"]),
        (["conv2d", "v6"], ["conv2d", "max_pool2d"]),
        (lambda name, box: name == "dense" or box == "v3", ["conv2d", "dense"]),
    ],
)
def test_what_stays_folded(pooled, depth, collapse, kept):
    text = dc.to_dot(pooled, depth=depth, collapse=collapse)
    boxes = [line.split(" = ")[-1].split("(")[0] for line in read(text)[0].values()]
    titles = [title.split("(")[0] for title, _ in clusters(text).values()]
    for name in ("conv2d", "max_pool2d", "dense"):
        assert boxes.count(name) == (name in kept)
        assert titles.count(name) == (name not in kept)
    assert not {"max_pool_index", "pool_select"} & set(boxes) or "max_pool2d" not in kept
    svg(text)


def test_where_folded_and_opened_nodes_meet(pooled):
    """An input that a box takes is whole; an opened layer picks and stacks inside its cluster."""
    text = dc.to_dot(pooled, depth=2, collapse=["max_pool2d", "dense"])
    nodes, _ = read(text)
    first = {label.split("\n")[0].split(" = ")[1] for label in nodes.values()}
    assert {"v", "x[0,0,0,0]", "w[0,0,0,0]"} <= first
    assert not {"x", "w", "v[0,0]"} & first
    framed = {node: title for title, held in clusters(text).values() for node in held}
    moved = {n: label for n, label in nodes.items() if re.search(r"= v\d+\[|stack\(", label)}
    titles = {framed[node].split("\n")[0] for node in moved}
    assert titles == {"sigmoid(□)", "reshape(h)", "v51²"}


def test_depth_0_folds_everything(pooled):
    assert dc.to_dot(pooled, collapse="dense") == dc.to_dot(pooled)


def test_all_collapsed_is_depth_0(pooled):
    assert dc.to_dot(pooled, depth=1, collapse=lambda name, box: True) == dc.to_dot(pooled)


@given(st.sets(st.integers(0, 10)), st.sampled_from([1, 2]))
@settings(deadline=None, max_examples=30)
def test_whatever_is_folded_it_is_the_same_function(chosen, depth):
    graph = dc.parse(POOLED, shapes=SHAPES)
    boxes = {graph.label(index) for index in chosen if index < len(graph.ops)}
    seen = view(graph, depth, lambda name, box: box in boxes)
    rng = np.random.default_rng(len(chosen))
    point = {name: rng.normal(size=shape) for name, shape in SHAPES.items()}
    values = seen.graph.evaluate(seen.inputs(point))
    truth = graph.evaluate(point)
    assert values[seen.graph.outputs[0]] == pytest.approx(truth[graph.outputs[0]], rel=1e-12)
    for index, image in enumerate(seen.shown.images):  # each node is where it is said to be
        if None not in image:
            found = np.concatenate([np.ravel(values[node]) for node in image])
            assert found == pytest.approx(np.ravel(truth[index]).astype(float), rel=1e-12)
    framed = [node for held in seen.clusters.values() for node in held]
    assert len(framed) == len(set(framed))
    assert not set(framed) & set(seen.inside.values())
    for index in chosen - {5}:  # 5 is the index inside the box v6
        if index < len(graph.ops):
            assert index not in seen.clusters
            if depth == 1 or not isinstance(graph.ops[index], Input):
                assert len(seen.shown.images[index]) == 1


def test_numbers_in_opened_layers():
    """Values and adjoints of the convolution that is worked out by hand."""
    case = dc.read_case(GRAPHS / "net_conv_3x3.toml")
    nodes, _ = read(dc.to_dot(case.graph(), depth=2, point=case.point))
    for name in ("x", "w"):
        for place, expected in np.ndenumerate(np.array(case.jacobian[name])):
            entry = f"{name}[{','.join(map(str, place))}]"
            (label,) = (
                text for text in nodes.values() if text.split("\n")[0].endswith(f"= {entry}")
            )
            value = np.array(case.point[name])[place]
            told = [line.split(" = ")[-1].removeprefix("= ") for line in label.split("\n")[1:]]
            assert [float(n.replace("−", "-")) for n in told] == [value, expected]
    (last,) = (text for text in nodes.values() if text.startswith("v55 "))
    assert last.split("\n")[1:] == ["= 45", "v̄55 = 1"]


def test_a_derivative_opened_to_numbers():
    case = dc.read_case(GRAPHS / "net_conv_3x3.toml")
    derivative = dc.differentiate(case.graph(), "reverse", ["x", "w"])
    nodes, _ = read(text := dc.to_dot(derivative, depth=2, point=case.point))
    fine = dc.expand(case.graph())
    wanted = [*np.ravel(case.jacobian["x"]), *np.ravel(case.jacobian["w"])]
    for index, expected in enumerate(wanted):
        bar = f"v\N{COMBINING MACRON}{index}"
        (label,) = (text for text in nodes.values() if bar in text.split(" = ")[:3])
        assert float(label.split("\n= ")[1].replace("−", "-")) == expected
    assert [fine.ops[k].label.split("[")[0] for k in (0, 9)] == ["x", "w"]
    titles = [title.split("\n")[0] for title, _ in clusters(text).values()]
    assert titles[-2:] == ["conv2d_input(□, w)", "conv2d_weight(x, □)"]


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(("text", "depth"), [(POOLED, 1), ("sum(relu(dense(x, v))**2)", 2)])
def test_derivatives_of_networks_at_depth(mode, text, depth):
    shapes = SHAPES if depth == 1 else {"x": (2, 1), "v": (2, 1)}
    point = {name: np.linspace(-1, 1, int(np.prod(s))).reshape(s) for name, s in shapes.items()}
    derivative = dc.differentiate(dc.parse(text, shapes=shapes), mode)
    text = dc.to_dot(derivative, depth=depth, point=point)
    nodes, edges = read(text)
    assert {end for edge in edges for end in edge[:2]} <= set(nodes)
    sweeps = set(re.findall(r'^  (v\d+) \[.* color="#a86a1f"', text, re.MULTILINE))
    framed = {name: set(held) for name, (_, held) in clusters(text).items()}
    for name, held in framed.items():
        frame = text.split(f"subgraph {name} {{\n")[1].split("\n")[0]
        assert ('color="#d9a35f"' in frame) == bool(held & sweeps)
    assert any(held <= sweeps for held in framed.values())
    assert any(not held & sweeps for held in framed.values())
    svg(text)


def test_a_derivative_with_one_layer_folded():
    derivative = dc.differentiate(net("net_conv_3x3"), "reverse", ["w"])
    text = dc.to_dot(derivative, depth=2, collapse="conv2d_weight")
    (label,) = (label for label in read(text)[0].values() if "conv2d_weight(" in label)
    assert label.endswith("kernel (2, 2)\n1×1×2×2 array")
    assert "conv2d_weight" not in "".join(title for title, _ in clusters(text).values())


def test_a_tangent_that_leads_nowhere_is_drawn_at_every_depth():
    derivative = dc.differentiate(dc.parse("floor(exp(x)) + x"), "forward")
    drawings = [read(dc.to_dot(derivative, depth=depth)) for depth in (0, 1, 2)]
    assert {(len(nodes), len(edges)) for nodes, edges in drawings} == {(6, 6)}


def test_an_array_output_is_seeded_whole():
    graph = dc.parse("w*x, 2*x", shapes={"w": (2,), "x": (2,)})
    point = {"w": [3.0, 4.0], "x": [1.0, 5.0]}
    for seed, adjoints in ((0, ["3", "4"]), (1, ["2", "2"])):
        nodes, _ = read(dc.to_dot(graph, depth=2, point=point, seed=seed))
        found = [t.split(" = ")[-1] for t in nodes.values() if " = x[" in t]
        assert found == adjoints
        whole, _ = read(dc.to_dot(graph, point=point, seed=seed))
        assert f"[{', '.join(adjoints)}]" in next(t for t in whole.values() if " = x\n" in t)
    with pytest.raises(dc.DiffcompareError, match="a seed from 0 to 1, got 2"):
        dc.to_dot(graph, depth=2, point=point, seed=2)


def test_a_graph_of_numbers_has_no_clusters():
    graph = dc.parse("log(x)*y + 2")
    assert dc.to_dot(graph, depth=2) == dc.to_dot(graph, depth=1) == dc.to_dot(graph)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"depth": 3}, "to_dot needs a depth 0, 1 or 2, got 3"),
        ({"depth": True}, "to_dot needs depth as a whole number, got True"),
        ({"depth": "tensor"}, "to_dot needs depth as a whole number, got 'tensor'"),
        (
            {"depth": 1, "collapse": "conv3d"},
            "to_dot needs collapse among conv2d, sigmoid, max_pool2d, reshape, dense, power, sum_to, "
            "the inputs, and boxes as v0, got 'conv3d'",
        ),
        ({"collapse": ["dense", "v5"]}, "boxes as v0, got 'v5'"),
        ({"collapse": 3}, "to_dot needs collapse as text or a list, each text, or a function, got 3"),
        ({"collapse": ["dense", 3]}, "or a function, got ['dense', 3]"),
    ],
)  # fmt: skip
def test_what_is_refused(pooled, options, text):
    with pytest.raises(dc.DiffcompareError) as caught:
        dc.to_dot(pooled, **options)
    assert text in str(caught.value)


def test_too_much_to_draw_is_refused():
    with pytest.raises(dc.DiffcompareError) as caught:
        dc.to_dot(net("net_lenet"), depth=2)
    assert caught.value.kind == "limit"
    assert "take a smaller depth, or collapse some layers" in str(caught.value)
    few = dc.to_dot(
        net("net_lenet"), depth=2, collapse=lambda name, box: name != "softmax_log_loss"
    )
    assert [title.split("(")[0] for title, _ in clusters(few).values()] == ["softmax_log_loss"]
