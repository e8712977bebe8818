"""Sums of products against SymPy's own expansion, and derivatives written out."""

import random
from fractions import Fraction

import pytest
import sympy

import diffcompare as dc
from diffcompare.measure.terms import (
    FAILS,
    HOLDS,
    RECIPROCAL,
    Atom,
    adjoint_entries,
    opened,
    polynomials,
)


def random_formula(rng, depth):
    if not depth:
        return rng.choice(["a", "b", "c", "2", "3", "0.5"])
    left, right = random_formula(rng, depth - 1), random_formula(rng, rng.randrange(depth))
    return rng.choice([f"({left} + {right})", f"({left} - {right})", f"{left}*{right}", f"-({left})",
                       f"({left})/4"])  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_polynomials_against_sympy(seed):
    text = random_formula(random.Random(seed), 4)
    graph = dc.parse(text, inputs=["a", "b", "c"])
    symbols = {index: sympy.Symbol(name) for name, index in graph.inputs.items()}
    (found,) = polynomials(graph)
    total = sympy.Add(*(
        sympy.Rational(k.numerator, k.denominator) * sympy.Mul(*(symbols[a.node] for a in factors))
        for factors, k in found.items()
    ))  # fmt: skip
    assert total == sympy.expand(sympy.nsimplify(sympy.sympify(text), rational=True))
    assert all(found.values())


def test_what_is_no_sum_or_product_is_a_factor():
    graph = dc.parse("where(x > 0, y, 3*y)/sin(x)")
    condition, sine = (
        next(i for i, op in enumerate(graph.ops) if op.name == n) for n in ("greater", "sin")
    )
    y = Atom(graph.inputs["y"])
    assert polynomials(graph) == [
        {
            tuple(sorted([y, Atom(condition, HOLDS), Atom(sine, RECIPROCAL)])): Fraction(1),
            tuple(sorted([y, Atom(condition, FAILS), Atom(sine, RECIPROCAL)])): Fraction(3),
        }
    ]


def test_a_product_that_would_be_too_long_is_a_factor():
    factors = "*".join(f"({' + '.join(f'x{k}_{j}' for j in range(8))})" for k in range(5))
    (found,) = polynomials(dc.parse(factors))
    assert 1 < len(found) <= 1000


def test_a_long_sum_of_products():
    graph = dc.parse("dot(x, y)", shapes={"x": (5_000,), "y": (5_000,)})
    (found,) = polynomials(dc.expand(graph))
    assert len(found) == 5_000 and set(found.values()) == {1}


def test_shared_subexpressions_are_not_changed_in_place():
    graph = dc.parse("s = a + b\nt = s + c\ns*t, s, t")
    sizes = [len(found) for found in polynomials(graph)]
    assert sizes == [5, 2, 3]


def test_entries_of_an_adjoint():
    graph = dc.parse("conv2d(x, w)", shapes={"x": (1, 1, 2, 3), "w": (1, 1, 2, 2)})
    sweep = dc.differentiate(graph, "reverse")
    assert [len(adjoint_entries(sweep, k).outputs) for k in (0, 1)] == [6, 4]
    assert "o_bar[0,0,0,1]" in adjoint_entries(sweep, 0, "o_bar").inputs


def test_a_node_made_an_input():
    graph = dc.parse("a = sin(x)\nb = a*y\nb + a")
    index = next(i for i, name in graph.names.items() if name == "b")
    cut = opened(graph, index, "b")
    assert sorted(cut.inputs) == ["b", "x"]
    assert cut.evaluate({"b": 2.0, "x": 0.0})[cut.outputs[0]] == 2.0
