"""The operations of the shared symbolic derivative against those of the adjoint graph."""

import pytest

import diffcompare as dc


def both(text):
    graph = dc.parse(text)
    return dc.equivalence(*(dc.differentiate(graph, mode) for mode in ("symbolic", "reverse")))


@pytest.mark.parametrize("text", ["sin(x)*exp(y)", "log(x1) + x1*x2 - sin(x2)", "exp(sin(cos(x)))"])
def test_the_same_operations_once_shared(text):
    assert both(text).same


def test_differences_are_listed():
    """d/dx 4x(1 − x): SymPy writes 4 − 8x, reverse mode 4(1 − x) − 4x."""
    found = both("4*x*(1 - x)")
    assert found.totals == (2, 4)
    assert found.differences == {"mul": (1, 2), "sub": (1, 2)}
    assert "mul: symbolic 1, reverse 2" in dc.equivalence_text(found)


def test_the_same_is_said():
    assert dc.equivalence_text(both("sin(x)")).endswith("the same ones")
