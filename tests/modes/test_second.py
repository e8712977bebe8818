"""Derivatives of derivatives, in all combinations."""

import itertools

import mpmath
import numpy as np
import pytest

import diffcompare as dc

EXACT = ("symbolic", "forward", "reverse")
PAIRS = list(itertools.product(EXACT, EXACT))
TEXT, POINT = "sin(x*y) + y**x + x/y", {"x": 1.5, "y": 0.75}


@pytest.mark.parametrize(("inner", "outer"), PAIRS)
def test_published_hessian(inner, outer):
    matrix = dc.hessian(dc.parse("x**2*y**2*z**2"), inner=inner, outer=outer).at(
        {"x": 1, "y": 2, "z": 3}
    ).matrix  # fmt: skip
    assert matrix.tolist() == [[72, 72, 48], [72, 18, 24], [48, 24, 8]]


@pytest.mark.parametrize(("inner", "outer"), PAIRS)
def test_hessian_against_mpmath(inner, outer):
    def f(x, y):
        return mpmath.sin(x * y) + y**x + x / y

    with mpmath.workdps(40):
        at = (mpmath.mpf(1.5), mpmath.mpf(0.75))
        xx, xy, yy = (float(mpmath.diff(f, at, order)) for order in ((2, 0), (1, 1), (0, 2)))
    matrix = dc.hessian(dc.parse(TEXT), inner=inner, outer=outer).at(POINT).matrix
    assert matrix == pytest.approx(np.array([[xx, xy], [xy, yy]]), rel=1e-12)


@pytest.mark.parametrize("inner", EXACT)
def test_published_hessian_vector_product(inner):
    product = dc.hvp(dc.parse("x**2*y**2"), {"x": 1, "y": 2}, {"x": 3, "y": 4}, inner=inner)
    assert product == {"x": 56, "y": 32}


def test_hvp_is_the_hessian_times_the_direction():
    graph, v = dc.parse(TEXT), np.array([0.3, -0.7])
    product = dc.hvp(graph, POINT, dict(zip("xy", v, strict=True)))
    assert list(product.values()) == pytest.approx(
        dc.hessian(graph).at(POINT).matrix @ v, rel=1e-13
    )


NETWORK = "softmax_log_loss(dense(flatten(tanh(conv2d(image, w))), v), label)"
SHAPES = {"image": (2, 1, 3, 4), "w": (2, 1, 2, 2), "v": (3, 12), "label": (2,)}


def test_hvp_of_a_network_is_the_difference_of_its_gradients():
    """Central differences of the gradient along the direction."""
    graph, rng = dc.parse(NETWORK, shapes=SHAPES), np.random.default_rng(5)
    at = {name: rng.normal(size=shape) for name, shape in SHAPES.items()} | {"label": [0, 2]}
    direction = {name: rng.normal(size=SHAPES[name]) for name in ("v", "w")}
    product = dc.hvp(graph, at, direction)
    assert list(product) == ["w", "v"]  # in the order of the inputs
    gradient, h = dc.differentiate(graph, "reverse", ["w", "v"]), 1e-5
    there, back = (
        gradient.at(at | {name: at[name] + step * move for name, move in direction.items()})
        for step in (h, -h)
    )
    for name, result in product.items():
        np.testing.assert_allclose(result, (there[name] - back[name]) / (2 * h), rtol=1e-7)


def test_hessian_of_a_network_is_symmetric_and_gives_its_products():
    graph, rng = dc.parse(NETWORK, shapes=SHAPES), np.random.default_rng(6)
    at = {name: rng.normal(size=shape) for name, shape in SHAPES.items()} | {"label": [1, 0]}
    matrix = dc.hessian(graph, ["w", "v"]).at(at).matrix
    np.testing.assert_allclose(matrix, matrix.T, rtol=1e-12, atol=1e-15)
    direction = {name: rng.normal(size=SHAPES[name]) for name in ("w", "v")}
    product = dc.hvp(graph, at, direction)
    along = np.concatenate([direction[name].ravel() for name in ("w", "v")])
    got = np.concatenate([product[name].ravel() for name in ("w", "v")])
    np.testing.assert_allclose(got, matrix @ along, rtol=1e-12, atol=1e-15)


def test_third_derivative():
    once = dc.differentiate(dc.parse("x**5"), "reverse").jacobian_graph
    twice = dc.differentiate(once, "forward").jacobian_graph
    assert dc.differentiate(twice, "reverse").at({"x": 2})["x"] == 5 * 4 * 3 * 4


def test_sinc_by_cases_has_the_second_derivative_of_the_branch_taken():
    """Truth is −1/3 (SymPy says 0, JAX nan); a graph knows the branch at 0, a constant: 0."""
    graph = dc.parse("Piecewise((sin(x)/x, x != 0), (1 - x**2/6, True))")
    for inner, outer in PAIRS:
        got = dc.hessian(graph, inner=inner, outer=outer).at({"x": 0}).matrix
        assert got[0, 0] == pytest.approx(-1 / 3, rel=1e-15)


def test_one_output_is_needed():
    with pytest.raises(dc.DiffcompareError, match="hessian needs one output, got 2"):
        dc.hessian(dc.parse("x, y"))


@pytest.mark.parametrize("derive", [dc.hessian, lambda f: dc.hvp(f, {"x": 1}, {"x": 1})])
def test_what_is_no_graph_is_refused(derive):
    with pytest.raises(dc.DiffcompareError, match=r"needs a Graph, .*parse\(source\) makes one"):
        derive("x**3")
    with pytest.raises(dc.DiffcompareError, match="its jacobian_graph is one"):
        derive(dc.differentiate(dc.parse("x**3"), "reverse"))
