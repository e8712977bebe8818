"""Nodes built again, against the same by Variables."""

from __future__ import annotations

from hypothesis import given, settings

from diffcompare.graph.graph import Graph
from diffcompare.graph.replay import replayed
from diffcompare.graph.variable import Variable
from diffcompare.ops.operand import ZERO
from tests.building import graph_of
from tests.strategies import Sample, samples


@settings(max_examples=150, deadline=None)
@given(samples())
def test_it_is_what_variables_make(sample: Sample) -> None:
    source = sample.graph
    first, *others = source.inputs
    works = [Graph.empty(folding=True) for _ in range(2)]
    made = [
        {first: Variable.constant(work, 1), **{n: Variable.input(work, n) for n in others}}
        for work in works
    ]
    places = {name: node.index for name, node in made[0].items()}
    found = replayed(source, works[0], 0, places)
    values = source.evaluate(made[1], lambda number: Variable.constant(works[1], number))
    assert [v.index for v in found] == [values[i].index for i in source.outputs]
    assert (works[0].ops, works[0].args) == (works[1].ops, works[1].args)


def test_an_input_not_given_is_structurally_zero() -> None:
    source = graph_of(lambda x, y: (x * y, x + y, x / 2), "x", "y")
    work = Graph.empty(folding=True)
    x = Variable.input(work, "x")
    product, total, half = replayed(source, work, 0, {"x": x.index})
    assert product is ZERO and total.index == x.index and half.op.name == "div"
