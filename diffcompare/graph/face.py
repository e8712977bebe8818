"""The face that a graph shows to networkx: its dictionaries, laid out when networkx looks."""

from __future__ import annotations

from itertools import islice
from typing import Any, NoReturn

import networkx as nx

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.graph.walks import Args
from diffcompare.ops.leaf import Constant
from diffcompare.ops.op import Op


class Face(nx.MultiDiGraph):
    """An `nx.MultiDiGraph` over the flat sequences `ops` and `args` of a subclass.

    A networkx node is called v0, v1, … (constants c0, c1, …) and holds ``op`` and the op's options;
    an edge runs from argument to use, its key is the argument slot.
    """

    ops: list[Op]
    args: list[Args]
    outputs: tuple[int, ...]
    _labels: list[str]
    _layout: tuple[dict[str, Any], dict[str, Any], dict[str, Any]]
    __networkx_cache__: dict[str, Any]

    def __new__(cls, *data: Any, **attributes: Any) -> Any:
        # networkx makes its scratch and result graphs by type(G)(): these are plain.
        try:
            return nx.MultiDiGraph(*data, **attributes)
        except (nx.NetworkXException, TypeError, ValueError):
            raise DiffcompareError("type", "a Graph", need="edges, as a MultiDiGraph",
                                   got=shorten(data[0] if data else attributes),
                                   hint="parse(source) makes one of a source") from None  # fmt: skip

    def label(self, index: int) -> str:
        """The networkx name of a node: v0, v1, … or c0, c1, … for constants."""
        labels = self._labels
        if index >= len(labels):
            constants = sum(1 for label in labels if label[0] == "c")
            for op in islice(self.ops, len(labels), None):
                if isinstance(op, Constant):
                    labels.append(f"c{constants}")
                    constants += 1
                else:
                    labels.append(f"v{len(labels) - constants}")
        return labels[index]

    def _laid_out(self) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        nodes, successors, predecessors = self._layout
        for index in range(len(nodes), len(self.ops)):
            here, op = self.label(index), self.ops[index]
            nodes[here] = {"op": op.name, **op.options()}
            successors[here], predecessors[here] = {}, {}
            for slot, arg in enumerate(self.args[index]):
                source = self._labels[arg]
                keys = successors[source].setdefault(here, {})
                keys[slot] = {}
                predecessors[here][source] = keys
        return self._layout

    # What networkx reads: its dictionaries, laid out on the first look.
    _node = property(lambda self: self._laid_out()[0])
    _adj = _succ = property(lambda self: self._laid_out()[1])
    _pred = property(lambda self: self._laid_out()[2])

    @property
    def graph(self) -> dict[str, Any]:
        """networkx's graph attributes: the labels of the outputs, in order."""
        return {"outputs": [self.label(i) for i in self.outputs]}

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise DiffcompareError(
            "graph", "a Graph", need="to be built by parse or by computing with Variables",
            got="an edit in place", hint="edit graph.copy() and parse that",
        )  # fmt: skip

    add_node = add_nodes_from = add_edge = add_edges_from = add_weighted_edges_from = _refuse
    remove_node = remove_nodes_from = remove_edge = remove_edges_from = _refuse
    clear = clear_edges = update = _refuse
