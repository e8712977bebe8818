"""Graphs and reports that many renderings are tried on."""

import numpy as np
import pytest

import diffcompare as dc

NASTY = (
    "a|b",
    "<script>",
    "x_{1}",
    "\\N",
    '"',
    "&amp;",
    "$5%",
    "tab\tnew\nline",
    "中文",
    "v0",
    "\x00",
)
CASES = {
    "lecture": ("log(x1) + x1*x2 - sin(x2)", {"x1": 2, "x2": 5}, {}),
    "edges": ("where(x>0,log(x),0)*relu(y)+max(x,y)+x**3/y-2**x", {"x": 0, "y": 0}, {}),
    "outputs": (
        "(x**2*y, sin(x)/y, exp(-z*x))", {"x": 1.5, "y": -2e-10, "z": 1e10},
        {"modes": ("symbolic", "forward", "reverse", "forward differences",
                   "central differences", "complex step")},
    ),
    "swelling": (
        "\n".join(["l1 = x", *(f"l{k} = 4*l{k - 1}*(1 - l{k - 1})" for k in range(2, 60))]),
        {"x": 0.2}, {},
    ),
    "inputs": (
        " + ".join(f"x{i}*x{i + 1}**2" for i in range(60)),
        {f"x{i}": (-1) ** i * (i + 0.5) * 1e-101 for i in range(61)},
        {"modes": ("forward", "reverse")},
    ),
    "constant": ("3", {}, {}),
    "arrays": (
        "sigmoid(W*b + s)*2 - W/b, sum(W)",
        {"W": np.arange(1.0, 7).reshape(2, 3), "b": np.linspace(-1, 1, 6).reshape(2, 3), "s": 0.5}, {},
    ),
    "names": (
        "a_very_long_name_of_a_variable_indeed_so_long*β_0/θ",
        {"a_very_long_name_of_a_variable_indeed_so_long": 1.23456789012345e-100, "β_0": 2,
         "θ": -3e-150}, {},
    ),
}  # fmt: skip


@pytest.fixture(scope="session")
def reports():
    """A report for each case."""
    return {name: dc.compare(text, at=at, **more) for name, (text, at, more) in CASES.items()}


@pytest.fixture(scope="session")
def named():
    """Makes a graph with inputs of the given names, also such as no formula could have."""

    def make(*names: str, build=None, shape=()) -> dc.Graph:
        graph = dc.Graph.empty()
        x = [dc.Variable.input(graph, name, shape) for name in names]
        graph.outputs = ((build(*x) if build else sum(x[1:], x[0]) * x[0]).index,)
        return graph.leveled()

    return make


@pytest.fixture
def nasty(named):
    """A graph with inputs whose names are syntax elsewhere."""
    return named(*NASTY)
