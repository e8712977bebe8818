"""What outputs depend on: traced back and carried on are the same."""

from __future__ import annotations

from hypothesis import given, settings

from diffcompare.modes.sparsity import reach
from tests.strategies import Sample, samples


@settings(max_examples=150, deadline=None)
@given(samples(outputs=6))
def test_both_ways_agree(sample: Sample) -> None:
    graph, sources = sample.graph, list(sample.graph.inputs.values())
    passing = reach._Passing()
    back = [reach._traced(graph, output, sources, passing) for output in graph.outputs]
    assert back == reach._carried(graph, sources, passing)
    assert back == reach.dependencies(graph, sources)
