"""The chain rule as a sum over all paths."""

import math

import pytest

import diffcompare as dc

MANY = "k = sin(x)\ny = k*x\nm = exp(-x)\ny*m + x**2"


def test_every_path_is_listed_and_they_add_up():
    """f = g(h(k(x), x), m(x), x): one path straight, one by m, and two by y = h(k(x), x)."""
    x = 0.75
    paths = dc.chain_paths(dc.parse(MANY), {"x": x}, "x")
    y, m = x * math.sin(x), math.exp(-x)
    by_product = sorted(path.product for path in paths)
    assert by_product == pytest.approx(
        sorted([2 * x, -y * m, m * math.sin(x), m * x * math.cos(x)]), rel=1e-14
    )
    reverse = dc.differentiate(dc.parse(MANY), "reverse").at({"x": x})["x"]
    assert math.fsum(by_product) == pytest.approx(reverse, rel=1e-14)


def test_both_edges_of_a_square_are_paths():
    paths = dc.chain_paths(dc.parse("x*x"), {"x": 3}, "x")
    assert [(path.partials, path.product) for path in paths] == [((3.0,), 3.0), ((3.0,), 3.0)]


def test_paths_double_with_depth_and_are_refused_beforehand():
    deep = dc.parse("\n".join(["a0 = x", *(f"a{k} = a{k - 1}*a{k - 1}" for k in range(1, 41))]))
    with pytest.raises(dc.DiffcompareError, match=r"at most 10,000 of them, got 1,099,511,627,776"):
        dc.chain_paths(deep, {"x": 1}, "x")


def test_an_input_that_is_the_output_and_one_that_is_not_used():
    graph = dc.parse("x, y", inputs=["x", "y"])
    assert [path.product for path in dc.chain_paths(graph, {"x": 1, "y": 2}, "x")] == [1.0]
    assert dc.chain_paths(graph, {"x": 1, "y": 2}, "y") == []
    with pytest.raises(dc.DiffcompareError, match="wrt needs names among x, y, got 'z'"):
        dc.chain_paths(graph, {"x": 1, "y": 2}, "z")


def test_as_text():
    text = dc.paths_text(dc.chain_paths(dc.parse(MANY), {"x": 0.75}, "x"))
    assert text.splitlines()[-1] == "  sum over 4 paths = 1.83971484932"
