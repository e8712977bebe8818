"""Derivatives of small layers, term by term, against formulas worked out here."""

import re

import numpy as np
import pytest

import diffcompare as dc

CONV = ("conv2d(x, w)", {"x": (1, 1, 3, 3), "w": (1, 1, 2, 2)})


def layer(text, shapes):
    return dc.parse(text, inputs=list(shapes), shapes=shapes)


def terms(formula):
    """A sum of products as a set of pairs of factors."""
    return {frozenset(term.split("*")) for term in formula.split(" + ")}


def test_the_lecture_s_four_weight_derivatives():
    """∂L/∂W = corr(X, ∂L/∂O), a product for each of the four outputs."""
    found = dc.derive(layer(*CONV))["w"]
    assert found.closed == "correlation of the input with the output adjoint"
    for a, b in np.ndindex(2, 2):
        expected = {
            frozenset((f"x[0,0,{i + a},{j + b}]", f"y_bar[0,0,{i},{j}]"))
            for i, j in np.ndindex(2, 2)
        }
        assert terms(found.entries[f"w[0,0,{a},{b}]"]) == expected


def test_the_lecture_s_nine_input_derivatives():
    """∂L/∂X = fullconv(∂L/∂O, rot180 W): one, two or four products."""
    found = dc.derive(layer(*CONV))["x"]
    assert found.closed.startswith("full convolution")
    for p, q in np.ndindex(3, 3):
        expected = {
            frozenset((f"w[0,0,{p - i},{q - j}]", f"y_bar[0,0,{i},{j}]"))
            for i, j in np.ndindex(2, 2)
            if 0 <= p - i < 2 and 0 <= q - j < 2
        }
        assert terms(found.entries[f"x[0,0,{p},{q}]"]) == expected


@pytest.mark.parametrize(
    ("text", "shapes", "name", "closed"),
    [
        ("max_pool2d(x, window=2)", {"x": (1, 1, 2, 4)}, "x", "transposed selection matrix"),
        ("avg_pool2d(x, window=2)", {"x": (1, 1, 2, 4)}, "x", "each adjoint spread evenly"),
        ("im2row(x, kernel=2)", {"x": (1, 1, 2, 3)}, "x", "row2im, the transpose"),
        ("matmul(w, x)", {"w": (2, 3), "x": (3, 1)}, "x", "product with the transposed matrix"),
        ("reshape(x, to=(6, 1))", {"x": (2, 3)}, "x", "the adjoint under the input's shape"),
    ],
)
def test_closed_forms_are_named(text, shapes, name, closed):
    assert dc.derive(layer(text, shapes))[name].closed.startswith(closed)


def test_pooling_routes_and_does_not_multiply():
    for formula in dc.derive(layer("max_pool2d(x, window=2)", {"x": (1, 1, 2, 4)}))[
        "x"
    ].entries.values():
        assert "*" not in formula
        assert re.search(r"where\(index_is\(\d, argmax\(", formula)


def test_large_layers_and_other_things_are_refused():
    with pytest.raises(dc.DiffcompareError, match="expand needs at most 5,000 nodes"):
        dc.derive(layer("conv2d(x, w)", {"x": (1, 3, 32, 32), "w": (6, 3, 5, 5)}))
    with pytest.raises(dc.DiffcompareError, match="derive needs the graph of a layer"):
        dc.derive("conv2d(x, w)")
