"""Operation counts, against the published ones."""

import pytest

import diffcompare as dc
from diffcompare.measure.ledger import count, ledger


def logistic(n):
    lines = ["l1 = x", *(f"l{k} = 4*l{k - 1}*(1 - l{k - 1})" for k in range(2, n + 1))]
    return dc.parse("\n".join(lines))


@pytest.mark.parametrize("n", [3, 4, 7, 30, 300])
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_logistic_map_takes_the_best_known_count(n, mode):
    """As a shared graph f has 3(n−1) operations and the best known derivative 7n − 10."""
    book = ledger(dc.differentiate(logistic(n), mode))
    assert (book.value.total, book.specialised.total) == (3 * (n - 1), 7 * n - 10)


@pytest.mark.parametrize("n", [3, 6, 8, 50])
def test_speelpenning(n):
    """f with n − 1 multiplications, its gradient with 3n − 6."""
    graph = dc.parse("*".join(f"x{k}" for k in range(n)))
    book = ledger(dc.differentiate(graph, "reverse"))
    assert (book.value.mul, book.specialised.mul) == (n - 1, 3 * n - 6)
    assert book.specialised.total == 3 * n - 6


@pytest.mark.parametrize(("n", "ratio"), [(1, 2.47), (50, 2.04)])
def test_helmholtz_comes_near_the_best_system(n, ratio):
    """(f + gradient)/f in shared operations, published as 2.47 (n = 1) and 2.04 (n = 50)."""
    xs = [f"x{k}" for k in range(n)]
    b = " + ".join(f"{x}/{k + 3}" for k, x in enumerate(xs))
    quadratic = " + ".join(
        f"{x}*({' + '.join(f'{z}/{j + k + 7}' for j, z in enumerate(xs))})"
        for k, x in enumerate(xs)
    )
    text = (
        f"bx = {b}\nxAx = {quadratic}\n"
        f"s = {' + '.join(f'{x}*log({x}/(1 - bx))' for x in xs)}\n"
        "2*s - xAx/(sqrt(8)*bx)*log((1 + (1 + sqrt(2))*bx)/(1 + (1 - sqrt(2))*bx))"
    )
    graph = dc.parse(text)
    book = ledger(dc.differentiate(graph, "reverse"))
    assert book.joint.total / count(graph).total < ratio + 0.01


@pytest.mark.parametrize("text", ["sin(x)*y", "x/y + exp(x*y)", "x**3*y - log(x)/y"])
def test_total_is_value_and_shared_and_passes(text):
    for mode in ("forward", "reverse"):
        derivative = dc.differentiate(dc.parse(text), mode)
        book = ledger(derivative)
        assert book.total == book.value + book.shared + book.per_pass * derivative.passes


def test_passes_for_wide_and_tall():
    wide = dc.parse("+".join(f"x{k}" for k in range(40)))
    tall = dc.parse(", ".join(f"x**{k}" for k in range(2, 42)))
    passes = [
        (dc.differentiate(g, "forward").passes, dc.differentiate(g, "reverse").passes)
        for g in (wide, tall)
    ]
    assert passes == [(40, 1), (1, 40)]


def test_operations_on_constants_alone_are_free():
    assert count(dc.parse("x*(2*3 + sin(1))")).total == 1


def test_differences_are_evaluations_of_f():
    book = ledger(dc.differentiate(dc.parse("sin(x)*y"), "central differences"))
    assert book.total == book.value * 4


BOUNDED = [
    "a*b*c + b*c*d - c*d*(a + b)",
    "sin(a*b) + exp(c)*sqrt(d + a)",
    "a*a*a*a*a*a*a*a",
    "exp(sin(exp(sin(a*b))))",
    "(a - b)*(b - c)*(c - d) + a",
]


def weigh(cost, moves):
    """Griewank & Walther's weights at their bound: a move, addition or product 1, a call 2."""
    return moves + cost.add + cost.mul + cost.div + cost.compare + 2 * cost.call


MOVES = {"value": (2, 3), "forward": (2, 3), "reverse": (5, {"add": 6, "sub": 6, "mul": 8})}
"""Moves of a unary and a binary operation in f, and what a tangent or adjoint adds to them."""


@pytest.mark.parametrize("text", BOUNDED)
def test_griewank_walther_bounds(text):
    """A tangent takes at most 5/2 and a gradient at most 4 times f (Evaluating Derivatives, ch. 4)."""
    graph = dc.parse(text)
    nodes = [(op.name, len(args)) for op, args in zip(graph.ops, graph.args, strict=True) if args]
    f = weigh(count(graph), sum(MOVES["value"][k - 1] for _, k in nodes))
    tangent = sum(MOVES["forward"][k - 1] for _, k in nodes)
    unary, binary = MOVES["reverse"]
    adjoint = sum(unary if k == 1 else binary[name] for name, k in nodes)
    for mode, moves, bound in (("forward", tangent, 2.5), ("reverse", adjoint, 4)):
        book = ledger(dc.differentiate(graph, mode))
        assert f + weigh(book.shared + book.per_pass, moves) <= bound * f


@pytest.mark.parametrize("text", BOUNDED)
@pytest.mark.parametrize("passes", [1, 2, 5])
def test_griewank_walther_bounds_of_several_passes(text, passes):
    """p tangents take at most 1 + 1.5 p, q adjoints at most 1.5 + 2.5 q times f.

    Of an adjoint's moves, fetching the operands is shared by all passes: two for a product, one for
    a function.
    """
    graph = dc.parse(text)
    nodes = [(op.name, len(args)) for op, args in zip(graph.ops, graph.args, strict=True) if args]
    f = weigh(count(graph), sum(MOVES["value"][k - 1] for _, k in nodes))
    fetched = sum(1 if k == 1 else 2 * (name == "mul") for name, k in nodes)
    moved = sum(4 if k == 1 else 6 for _, k in nodes)
    tangent = sum(MOVES["forward"][k - 1] for _, k in nodes)
    for mode, shared, each, bound in (
        ("forward", 0, tangent, 1 + 1.5 * passes),
        ("reverse", fetched, moved, 1.5 + 2.5 * passes),
    ):
        book = ledger(dc.differentiate(graph, mode))
        total = f + weigh(book.shared, shared) + passes * weigh(book.per_pass, each)
        assert total <= bound * f
