"""Elimination orders drawn and in a table."""

from __future__ import annotations

import diffcompare as dc
from diffcompare.modes.elimination.edge_list import parse
from diffcompare.modes.elimination.eliminate import eliminate
from diffcompare.render.elimination import elimination_dot, elimination_text
from tests.modes.elimination.pieces import LIGHTHOUSE
from tests.render.dots import read


def test_the_rank_stands_on_each_vertex() -> None:
    found = eliminate(parse(LIGHTHOUSE), [10, 9, 8, 7, 6, 5, 4])
    shown, _ = read(elimination_dot(found))
    assert shown["v10"] == "10\nrank 1 of 7"
    assert shown["v4"] == "4\nrank 7 of 7"
    assert shown["v0"] == "0"
    assert sum("rank" in label for label in shown.values()) == 7


def test_the_vertices_of_a_function_show_their_formulas() -> None:
    shown, _ = read(elimination_dot(eliminate(dc.parse("sin(x*y)*y"), "reverse"), title="order"))
    assert shown["v3"] == "v3 = sin(v2)\nrank 1 of 2"
    assert shown["v2"].endswith("rank 2 of 2")


def test_edges_are_drawn_once_each() -> None:
    text = elimination_dot(eliminate(parse(LIGHTHOUSE), "forward"))
    _, edges = read(text)
    assert sorted((f"v{a}", f"v{b}", "") for a, b in parse(LIGHTHOUSE).edges) == edges
    assert text == elimination_dot(eliminate(parse(LIGHTHOUSE), "forward"))


def test_a_table_of_orders() -> None:
    graph = parse(LIGHTHOUSE)
    names = ("forward", "reverse", "markowitz", "exact")
    lines = elimination_text(eliminate(graph, name) for name in names).splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [
        ["forward", "18"], ["reverse", "22"], ["markowitz", "20"], ["exact", "14"],
    ]  # fmt: skip
    assert lines[-1].endswith("14  optimal")
    assert all(len(line) <= 100 for line in lines)
