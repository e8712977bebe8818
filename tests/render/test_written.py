"""Derivatives of small layers, term by term, against formulas worked out here."""

import re

import numpy as np
import pytest
import sympy

import diffcompare as dc
from diffcompare.modes.sparsity.compressed import sparse_jacobian
from diffcompare.render.local import matrix_text

SHAPES = {"x": (1, 1, 3, 3), "w": (1, 1, 2, 2)}
CONV = ("conv2d(x, w)", SHAPES)
LOSS = "o = conv2d(x, w)\nsum((y - o)**2)"


def layer(text, shapes):
    return dc.parse(text, inputs=list(shapes), shapes=shapes)


def terms(formula):
    """A sum of products as a set of pairs of factors."""
    return {frozenset(term.split("*")) for term in formula.split(" + ")}


def head(written):
    return str(written).split("\n")[0]


def test_the_lecture_s_four_weight_derivatives():
    """∂L/∂W = corr(X, ∂L/∂O), a product for each of the four outputs."""
    found = dc.derive(layer(*CONV))["w"]
    assert head(found) == "∂L/∂w = corr(x, ∂L/∂y)"
    for a, b in np.ndindex(2, 2):
        expected = {
            frozenset((f"x[0,0,{i + a},{j + b}]", f"y_bar[0,0,{i},{j}]"))
            for i, j in np.ndindex(2, 2)
        }
        assert terms(found.entries[f"w[0,0,{a},{b}]"]) == expected


def test_the_lecture_s_nine_input_derivatives():
    """∂L/∂X = fullconv(∂L/∂O, rot180 W): one, two or four products."""
    found = dc.derive(layer(*CONV))["x"]
    assert head(found) == "∂L/∂x = fullconv(∂L/∂y, rot180 w)"
    for p, q in np.ndindex(3, 3):
        expected = {
            frozenset((f"w[0,0,{p - i},{q - j}]", f"y_bar[0,0,{i},{j}]"))
            for i, j in np.ndindex(2, 2)
            if 0 <= p - i < 2 and 0 <= q - j < 2
        }
        assert terms(found.entries[f"x[0,0,{p},{q}]"]) == expected


def _symbols():
    """X, W, Y and o_bar of the lecture's row as SymPy symbols, and L written by hand."""
    x, w, y, o_bar = (
        {k: sympy.Symbol(f"{name}_{k[0]}{k[1]}") for k in np.ndindex(*shape)}
        for name, shape in (("x", (3, 3)), ("w", (2, 2)), ("y", (2, 2)), ("o_bar", (2, 2)))
    )
    o = {
        (i, j): sum(x[i + a, j + b] * w[a, b] for a, b in w) for i, j in np.ndindex(2, 2)
    }  # fmt: skip
    return x, w, y, o, o_bar, sum((y[k] - o[k]) ** 2 for k in y)


def _read(formula):
    return sympy.sympify(re.sub(r"\[0,0,(\d),(\d)\]", r"_\1\2", formula))


def test_the_lecture_s_loss_against_sympy():
    """L = Σ (y − o)²: all four ∂L/∂w and nine ∂L/∂x, put together through ∂L/∂o."""
    found = dc.derive(dc.parse(LOSS, shapes={**SHAPES, "y": (1, 1, 2, 2)}), ["w", "x"], through="o")
    assert head(found["w"]) == "∂L/∂w = corr(x, ∂L/∂o)"
    assert head(found["x"]) == "∂L/∂x = fullconv(∂L/∂o, rot180 w)"
    x, w, _, o, o_bar, loss = _symbols()
    outer = {
        o_bar[k]: _read(found["o"].entries[f"o[0,0,{k[0]},{k[1]}]"]).subs(
            {sympy.Symbol(f"o_{i}{j}"): o[i, j] for i, j in o}
        )
        for k in o_bar
    }
    for name, symbols in (("w", w), ("x", x)):
        assert len(found[name].entries) == len(symbols)
        for (a, b), symbol in symbols.items():
            written = _read(found[name].entries[f"{name}[0,0,{a},{b}]"]).subs(outer)
            assert sympy.expand(written - sympy.diff(loss, symbol)) == 0


def test_a_node_to_go_through_must_be_on_every_way():
    graph = dc.parse("o = matmul(w, x)\nsum(o*o) + sum(x*x)", shapes={"w": (2, 2), "x": (2, 1)})
    assert head(dc.derive(graph, "w", through="o")["w"]) == "∂L/∂w = ∂L/∂o xᵀ, an outer product"
    with pytest.raises(
        dc.DiffcompareError, match="inputs that enter the loss through o alone, got 'x'"
    ):
        dc.derive(graph, "x", through="o")
    with pytest.raises(
        dc.DiffcompareError, match="through= a node, by its name or label, got 'nowhere'"
    ):
        dc.derive(graph, "x", through="nowhere")
    with pytest.raises(dc.DiffcompareError, match="a loss that is a number"):
        dc.derive(dc.parse("o = matmul(w, x)\n2*o", shapes={"w": (2, 2), "x": (2, 1)}), "w", "o")


# fmt: off
HEADS = [
    ("conv2d(x, w, b, stride=2, pad=1)", {"x": (2, 2, 5, 4), "w": (2, 2, 3, 2), "b": (2,)},
     ["fullconv(∂L/∂y, rot180 w), stride 2×2, pad 1×1", "corr(x, ∂L/∂y), stride 2×2, pad 1×1", "∂L/∂y added up"]),
    ("conv2d(x, w, dilation=(2, 1), groups=2)", {"x": (1, 4, 5, 4), "w": (2, 2, 2, 3)},
     ["fullconv(∂L/∂y, rot180 w), dilation 2×1, 2 groups", "corr(x, ∂L/∂y), dilation 2×1, 2 groups"]),
    ("locally_connected2d(x, w)", {"x": (1, 1, 3, 3), "w": (1, 1, 2, 2, 2, 2)},
     ["fullconv(∂L/∂y, rot180 w), not shared: a sum for each position", "corr(x, ∂L/∂y), not shared: a sum for each position"]),
    ("matmul(w, x)", {"w": (2, 3), "x": (3, 4)}, ["∂L/∂y xᵀ", "wᵀ ∂L/∂y"]),
    ("matmul(w, x)", {"w": (2, 3), "x": (3, 1)}, ["∂L/∂y xᵀ, an outer product", "wᵀ ∂L/∂y"]),
    ("dense(x, w, b)", {"x": (2, 3), "w": (4, 3), "b": (4,)}, ["∂L/∂y w", "∂L/∂yᵀ x", "∂L/∂y added up"]),
    ("dot(x, z)", {"x": (3,), "z": (3,)}, ["einsum('i,->i', z, ∂L/∂y)", "einsum('i,->i', x, ∂L/∂y)"]),
    ("x*z", {"x": (3,), "z": (3,)}, ["z ∘ ∂L/∂y", "x ∘ ∂L/∂y"]),
    ("x - z", {"x": (2, 3), "z": (2, 3)}, ["∂L/∂y", "-1 · ∂L/∂y"]),
    ("reshape(x, to=(6, 1))", {"x": (2, 3)}, ["∂L/∂y under another shape"]),
    ("transpose(x)", {"x": (2, 3)}, ["∂L/∂y with its axes permuted"]),
    ("concat(x, z)", {"x": (1, 2, 2, 2), "z": (1, 1, 2, 2)}, ["a part of ∂L/∂y"]*2),
    ("mean(x)", {"x": (2, 2)}, ["0.25 · ∂L/∂y repeated"]),
    ("max_pool2d(x, window=2)", {"x": (1, 1, 2, 4)}, ["Sᵀ vec ∂L/∂y, S the selection matrix of the largest entries"]),
    ("max_pool2d(x, window=2, stride=1, pad=1)", {"x": (1, 1, 2, 2)}, ["Sᵀ vec ∂L/∂y, S the selection matrix of the largest entries"]),
    ("avg_pool2d(x, window=2)", {"x": (1, 1, 2, 4)}, ["∂L/∂y spread evenly over its window"]),
    ("avg_pool2d(x, window=3, stride=2, pad=1)", {"x": (1, 1, 5, 4)}, ["∂L/∂y spread evenly over its window, window 3×3, stride 2×2, pad 1×1"]),
    ("im2row(x, kernel=2)", {"x": (1, 1, 2, 3)}, ["row2im(∂L/∂y), Hᵀ of the 0/1 matrix H of im2row, kernel 2×2"]),
    ("relu(x)", {"x": (3,)}, ["∂L/∂y, each entry scaled: a diagonal matrix"]),
]
# fmt: on


@pytest.mark.parametrize(("text", "shapes", "told"), HEADS)
def test_closed_forms(text, shapes, told):
    found = dc.derive(layer(text, shapes))
    assert [head(w) for w in found.values()] == [
        f"∂L/∂{name} = {form}" for name, form in zip(shapes, told, strict=True)
    ]


def test_no_form_is_named_where_none_is_known():
    assert head(dc.derive(layer("softmax(x)", {"x": (1, 3)}))["x"]) == "∂L/∂x:"


def test_an_input_called_as_the_adjoint_is():
    found = dc.derive(layer("x*y_bar", {"x": (2,), "y_bar": (2,)}))
    assert [head(w) for w in found.values()] == ["∂L/∂x = y_bar ∘ ∂L/∂y", "∂L/∂y_bar = x ∘ ∂L/∂y"]


def test_pooling_routes_and_does_not_multiply():
    found = dc.derive(layer("max_pool2d(x, window=2)", {"x": (1, 1, 2, 4)}))["x"]
    for formula in found.entries.values():
        assert "*" not in formula
        assert re.search(r"where\(index_is\(\d, argmax\(", formula)


def test_the_selection_matrix_at_a_point():
    """S has a one in each row, at the largest entry of the window; ∂L/∂x = Sᵀ ∂L/∂y."""
    x = np.array([[[[1.0, 5.0, 2.0, 3.0], [4.0, 0.0, 9.0, 6.0]]]])
    pool = layer("max_pool2d(x, window=2, stride=1)", {"x": x.shape})
    assert matrix_text(sparse_jacobian(pool, {"x": x})).splitlines() == [
        "  3 × 8, 3 nonzeros",
        "  · 1 · · · · · ·",
        "  · · · · · · 1 ·",
        "  · · · · · · 1 ·",
    ]


def test_large_layers_and_other_things_are_refused():
    with pytest.raises(dc.DiffcompareError, match="expand needs at most 5,000 nodes"):
        dc.derive(layer("conv2d(x, w)", {"x": (1, 3, 32, 32), "w": (6, 3, 5, 5)}))
    with pytest.raises(dc.DiffcompareError, match="derive needs a Graph"):
        dc.derive("conv2d(x, w)")


def test_an_input_called_y_does_not_hide_the_output():
    """As in a report: the output is f where an input is called y, and result where f is one too."""
    found = dc.derive(layer("x*y", {"x": (2,), "y": (2,)}))
    assert [head(found[name]) for name in "xy"] == ["∂L/∂x = y ∘ ∂L/∂f", "∂L/∂y = x ∘ ∂L/∂f"]
    assert found["y"].entries["y[1]"] in ("x[1]*f_bar[1]", "f_bar[1]*x[1]")
    pair = dc.derive(layer("stack(x, y)", {"x": (2,), "y": (2,)}))
    assert head(pair["y"]) == "∂L/∂y = a part of ∂L/∂f"
    three = dc.derive(layer("x*y*f", {"x": (2,), "y": (2,), "f": (2,)}))
    assert "result_bar[0]" in three["x"].entries["x[0]"]
