"""The logistic map and others, against depth: published counts and their laws."""

import json

import pytest

import diffcompare as dc

STEP = dc.parse("4*x*(1 - x)")
FAST = dc.Budget(seconds=12, symbolic_tree=2_000)


def logistic(n):
    return dc.iterate(STEP, n - 1)


@pytest.fixture(scope="module")
def curve():
    return dc.swell_curve(logistic, range(2, 9), budget=FAST)


def test_published_counts(curve):
    """Baydin et al., JMLR 18(153), 2018, table 1, as SymPy counts them."""
    assert curve.series["f, count_ops"][:5] == (3, 8, 18, 38, 78)
    assert curve.series["raw, count_ops"][:5] == (2, 21, 82, 264, 768)
    assert curve.series["cse, count_ops"][:5] == (2, 12, 27, 45, 67)


def test_trees_grow_exponentially_and_graphs_linearly(curve):
    assert curve.laws["f, tree"].base == curve.laws["f, count_ops"].base == 2
    assert curve.laws["derivative, tree"].law == "exponential"
    # 7n − 10 operations from n = 3 on, and the leaves x, 1, 4 besides; 8 is folded of 4 and 2
    assert curve.laws["adjoint graph"].formula == curve.laws["tangent graph"].formula == "7 n − 7"


def test_what_is_over_the_budget_is_declined_and_the_rest_counted(curve):
    assert curve.series["symbolic, tree"][5] is None
    assert (
        "from 7 on: the symbolic derivative needs a tree of at most 2,000 nodes"
        in (curve.declined["symbolic"])
    )
    assert None not in curve.series["derivative, tree"]


def test_exact_at_depth_1000():
    """Tₙ₊₁ = 2 Tₙ + 5 nodes, T₁ = 1."""
    curve = dc.swell_curve(logistic, [1000], budget=dc.Budget(symbolic_tree=10))
    assert curve.series["f, tree"] == (6 * 2**999 - 5,)
    assert len(str(curve.series["derivative, tree"][0])) > 300


def test_a_family_by_size():
    def product(n):
        return "*".join(f"x{k}" for k in range(n))

    curve = dc.swell_curve(product, range(3, 9), budget=FAST)
    assert curve.laws["f, tree"].formula == "2 n − 1"
    assert curve.laws["derivative, tree"].law == "quadratic"
    assert curve.laws["adjoint graph"].law == "linear"


def test_text_and_json(curve):
    text = dc.swell_curve_text(curve)
    assert "exponential, base 2" in text
    assert all(len(line) <= 100 for line in text.splitlines())
    record = json.loads(dc.swell_curve_json(curve))
    assert record["depths"] == [2, 3, 4, 5, 6, 7, 8]
    assert record["laws"]["adjoint graph"]["law"] == "linear"


@pytest.mark.parametrize("depths", [[], [3, 2]])
def test_depths_must_rise(depths):
    with pytest.raises(dc.DiffcompareError, match="swell_curve needs whole numbers that rise"):
        dc.swell_curve(logistic, depths)
