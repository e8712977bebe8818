"""Stored states against operations done again."""

from pathlib import Path

import diffcompare as dc
from diffcompare.modes.checkpointing.schedule import advances

GRAPHS = Path(__file__).parents[2] / "graphs"


def test_a_chain_of_sines():
    """Each stage: a sine evaluated; its reversal a sine, a cosine and a product."""
    for row in dc.checkpoints(dc.iterate(dc.parse("sin(x)"), 50)):
        assert row.again == advances(50, row.stored)
        assert row.operations.call == row.again + 2 * 50
        assert row.operations.mul == 50


def test_more_states_fewer_operations():
    rows = dc.checkpoints(dc.iterate(dc.parse("4*x*(1 - x)"), 200))
    costs = [row.operations.total for row in rows]
    assert costs == sorted(costs, reverse=True)
    held = [row.memory for row in rows]
    assert held == sorted(held)


def test_few_states_take_less_memory_than_plain_reverse_mode():
    graph = dc.iterate(dc.parse("4*x*(1 - x)"), 200)
    (row,) = dc.checkpoints(graph, [4])
    assert row.memory < dc.memory(dc.differentiate(graph, "reverse")) / 10


def test_as_a_table():
    text = dc.checkpoints_text(dc.checkpoints(dc.iterate(dc.parse("sin(x)"), 10)), 100)
    assert "stored" in text
    assert all(len(line) <= 100 for line in text.splitlines())
