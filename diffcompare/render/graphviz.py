"""Graphviz's language: nodes and edges as text, and the styles they are drawn in.

Every value is a quoted, escaped string, never HTML, so that no name from outside can reach the
syntax. A quote is written as an entity: some readers, Netron's among them, do not know the escaped
quote. Nodes and edges stand at the top level, and a cluster only names its nodes: some readers skip
subgraphs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from diffcompare.render.columns import clean, cut

Attributes = Mapping[str, str]
_TITLE: Final = 120
LABEL: Final = 36
"""Columns of a line in a box."""
_FONT = "Helvetica,Arial,sans-serif"

# fmt: off
GRAPH:    Final[Attributes] = {"fontname": _FONT, "fontsize": "13", "fontcolor": "#1f2933", "nodesep": "0.25", "ranksep": "0.45"}
NODE:     Final[Attributes] = {"fontname": _FONT, "fontsize": "11", "fontcolor": "#1f2933", "shape": "box", "style": "rounded,filled",
                               "color": "#5f6b7a", "fillcolor": "#ffffff", "margin": "0.12,0.06", "height": "0.3", "width": "0.4"}
EDGE:     Final[Attributes] = {"fontname": _FONT, "fontsize": "9", "fontcolor": "#52606d", "color": "#7b8794", "arrowsize": "0.6"}
INPUT:    Final[Attributes] = {"fillcolor": "#dbeafe"}
OUTPUT:   Final[Attributes] = {"peripheries": "2"}
CONSTANT: Final[Attributes] = {"shape": "plaintext", "style": "solid", "fontsize": "10", "height": "0.2", "width": "0.2", "margin": "0.04,0.02"}
CONSTANT_EDGE: Final[Attributes] = {"color": "#c5ced8", "arrowsize": "0.4"}
SHARED:   Final[Attributes] = {"fillcolor": "#eceff2"}
SWEEP:    Final[Attributes] = {"fillcolor": "#fdf1df", "color": "#a86a1f"}
SEED:     Final[Attributes] = {"fillcolor": "#f9c784", "color": "#a86a1f"}
CLUSTER:  Final[Attributes] = {"style": "rounded,filled", "color": "#9fb0c0", "fillcolor": "#f5f7fa", "fontsize": "11"}
SWEPT:    Final[Attributes] = {"color": "#d9a35f", "fillcolor": "#fffaf2"}
# fmt: on


@dataclass
class Picture:
    """Nodes, clusters of them, and edges, in order, and the title."""

    title: str = ""
    rankdir: str = "LR"
    nodes: list[tuple[str, Attributes]] = field(default_factory=list)
    clusters: list[tuple[str, Attributes, Sequence[str]]] = field(default_factory=list)
    edges: list[tuple[str, str, Attributes]] = field(default_factory=list)

    def node(self, name: str, lines: Sequence[str], style: Attributes) -> None:
        """Add a node, its label of so many lines."""
        self.nodes.append((name, {"label": label(lines), **style}))

    def cluster(
        self, name: str, lines: Sequence[str], style: Attributes, nodes: Sequence[str]
    ) -> None:
        """Add a frame around nodes, which no other frame has."""
        self.clusters.append((name, {"label": label(lines, _TITLE), **CLUSTER, **style}, nodes))

    def edge(self, tail: str, head: str, text: str, style: Attributes) -> None:
        """Add an edge; every use has one of its own."""
        self.edges.append((tail, head, {**({"label": label([text])} if text else {}), **style}))

    def text(self) -> str:
        """The picture in Graphviz's language."""
        whole = {**GRAPH, "rankdir": self.rankdir}
        if self.title:
            whole |= {"label": label([self.title], _TITLE), "labelloc": "t"}
        lines = ["digraph diffcompare {"]
        for kind, attributes in (("graph", whole), ("node", NODE), ("edge", EDGE)):
            lines.append(f"  {kind}{_written(attributes)};")
        lines += [f"  {name}{_written(attributes)};" for name, attributes in self.nodes]
        for name, attributes, nodes in self.clusters:
            lines += [f"  subgraph cluster_{name} {{", f"    graph{_written(attributes)};"]
            lines += [f"    {node};" for node in nodes]
            lines.append("  }")
        lines += [f"  {tail} -> {head}{_written(style)};" for tail, head, style in self.edges]
        return "\n".join([*lines, "}", ""])


def label(lines: Sequence[str], most: int = LABEL) -> str:
    """Lines as they stand between the quotes of a label, long ones cut.

    Examples
    --------
    >>> print(label(['a "b" & \\\\N', "<c>"]))
    a &quot;b&quot; &amp; \\\\N\\n<c>
    """
    return "\\n".join(_escaped(cut(clean(line), most)) for line in lines)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("\\", "\\\\")


def _written(attributes: Attributes) -> str:
    inner = ", ".join(f'{key}="{value}"' for key, value in attributes.items())
    return f" [{inner}]" if inner else ""
