"""The entry: named orders, given orders, the record, what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

import diffcompare as dc
from diffcompare.errors import DiffcompareError
from diffcompare.modes.elimination.edge_list import parse
from diffcompare.modes.elimination.eliminate import eliminate
from tests.building import product
from tests.modes.elimination.pieces import DATA, LIGHTHOUSE

COSTS = {"forward": 18, "reverse": 22, "markowitz": 20, "search": 14, "exact": 14}


@pytest.mark.parametrize(("order", "cost"), COSTS.items())
def test_the_lighthouse(order: str, cost: int) -> None:
    found = eliminate(parse(LIGHTHOUSE), order, moves=2_000)
    assert (found.name, found.cost) == (order, cost)
    assert found.proved == (order == "exact")  # the bound by cuts alone is 12


def test_sharing_the_tangent_leaves_fewer_vertices_and_costs_less() -> None:
    """Equal subexpressions are one vertex, so ωt and its tangent are eliminated once, not twice."""
    shared = dc.parse("y1 = nu*tan(omega*t)/(gamma - tan(omega*t)); y1, gamma*y1")
    found = eliminate(shared, "exact")
    assert (len(found.order), found.cost, found.proved) == (5, 11, True)


def test_speelpenning() -> None:
    costs = [
        eliminate(product(8), order).cost for order in ("forward", "reverse", "markowitz", "exact")
    ]
    assert costs == [27, 12, 17, 12]


def test_a_given_order() -> None:
    graph = dc.parse("sin(x*y)*y")
    found = eliminate(graph, ["v3", "v2"])
    assert (found.name, found.order) == ("given", ("v3", "v2"))
    assert eliminate(graph, found.order) == found
    assert eliminate(parse(LIGHTHOUSE), range(4, 11)).cost == COSTS["forward"]


def test_the_read_function_is_at_hand() -> None:
    graph = eliminate.read(DATA / "HumanHeartDipole.txt")  # type: ignore[attr-defined]
    assert eliminate(graph).cost == 148


def test_the_record_as_data() -> None:
    found = eliminate(parse(LIGHTHOUSE), "exact", moves=5_000)
    data = json.loads(json.dumps(found.to_dict()))
    assert {key: data[key] for key in ("name", "cost", "lower_bound", "proved", "vertices", "edges")} == {
        "name": "exact", "cost": 14, "lower_bound": 14, "proved": True, "vertices": 12, "edges": 14,
    }  # fmt: skip
    assert tuple(data["order"]) == found.order


REFUSED: list[tuple[Any, Any, str, str]] = [
    (LIGHTHOUSE, [4, 5, 6, 7, 8, 9], "graph", "an elimination order needs all 7 vertices to eliminate, got none for 10"),
    (LIGHTHOUSE, [4, 5, 6], "graph", "an elimination order needs all 7 vertices to eliminate, got none for 7 and 3 more"),
    (LIGHTHOUSE, [4, 5, 4, 6, 7, 8, 9, 10], "graph", "an elimination order needs each vertex once, got 4 twice"),
    (LIGHTHOUSE, [0, *range(4, 11)], "graph", "an elimination order needs only vertices to eliminate, got 0, an input or output"),
    (LIGHTHOUSE, [99], "graph", "an elimination order needs only vertices to eliminate, got 99, no vertex"),
    (LIGHTHOUSE, [4.0], "graph", "an elimination order needs only vertices to eliminate, got 4.0, no vertex"),
    (LIGHTHOUSE, 7, "type", "an elimination order needs a name or a sequence of vertices, got 7"),
    (LIGHTHOUSE, "best", "name", "an elimination order needs one of forward, reverse, markowitz, search, exact, or the vertices, got 'best'"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "order", "kind", "message"), REFUSED, ids=range(len(REFUSED)))
def test_refusals(text: str, order: Any, kind: str, message: str) -> None:
    with pytest.raises(DiffcompareError) as caught:
        eliminate(parse(text), order)
    assert (caught.value.kind, str(caught.value)) == (kind, message)


def test_a_source_of_another_kind() -> None:
    with pytest.raises(
        DiffcompareError, match=r"eliminate needs a Graph or a Linearised, got 'x\*x'"
    ):
        dc.eliminate("x*x")  # type: ignore[arg-type]


def test_budgets_of_zero() -> None:
    for budget in ({"seconds": 0}, {"moves": 0}):
        with pytest.raises(DiffcompareError, match="needs a positive number of") as caught:
            eliminate(parse(LIGHTHOUSE), "exact", **budget)
        assert caught.value.kind == "limit"


def test_a_seed_is_a_whole_number() -> None:
    with pytest.raises(DiffcompareError, match="eliminate needs seed as a whole number, got None"):
        dc.eliminate(parse(LIGHTHOUSE), seed=None)  # type: ignore[arg-type]


def test_an_edge_list_has_no_derivative() -> None:
    with pytest.raises(DiffcompareError, match="a derivative by elimination needs a Graph"):
        _ = eliminate(parse(LIGHTHOUSE), "forward").derivative


def test_nothing_to_eliminate() -> None:
    found = eliminate(dc.parse("x*y"))
    assert (found.order, found.cost, found.proved) == ((), 0, True)
    assert found.derivative.at({"x": 2, "y": 3}).matrix.tolist() == [[3, 2]]
