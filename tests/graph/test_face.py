"""What a graph is to networkx."""

import networkx as nx
import pytest

from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph


@pytest.mark.parametrize("source", ["x*y", 3, [1, 2], {"a": 1}, object()])
def test_a_graph_is_made_by_parse(source):
    """networkx's own makings, of edges or of nothing, stay plain graphs."""
    with pytest.raises(DiffcompareError, match=r"a Graph needs edges.*; parse\(source\) makes one"):
        Graph(source)
    assert Graph([("a", "b")]).number_of_edges() == 1
    assert type(Graph()) is nx.MultiDiGraph
