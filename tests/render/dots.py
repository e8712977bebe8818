"""Readers of drawings: an independent one, and Graphviz."""

import html
import re
import shutil
import subprocess
import warnings
from functools import cache

import pytest

DOT = shutil.which("dot")


def read(text):
    """Labels by node and (tail, head, label) of the edges, by an independent reader."""
    graph = parsed(text)
    nodes = {
        n.get_name(): shown(n.get_label()) for n in graph.get_nodes() if n.get_label() is not None
    }
    edges = sorted(
        (e.get_source(), e.get_destination(), shown(e.get_label() or '""'))
        for e in graph.get_edges()
    )
    return nodes, edges


def clusters(text):
    """Title and nodes of each cluster, by its name."""
    found = {}
    for part in parsed(text).get_subgraphs():
        (attributes,) = part.get_node("graph")
        names = [n.get_name() for n in part.get_nodes() if n.get_name() != "graph"]
        found[part.get_name()] = shown(attributes.get("label")), names
    return found


@cache
def parsed(text):
    """The drawing, read."""
    pydot = pytest.importorskip("pydot", reason="pydot is in the test extra")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own, on loading its parser
        (graph,) = pydot.graph_from_dot_data(text)
    return graph


def shown(quoted):
    """The text that a quoted label shows."""
    assert quoted[0] == quoted[-1] == '"'
    lines = re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), quoted[1:-1])
    return html.unescape(lines)


def svg(text):
    """The texts of Graphviz's drawing."""
    if DOT is None:
        pytest.skip("Graphviz is not installed")
    done = subprocess.run([DOT, "-Tsvg"], input=text, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return [html.unescape(line) for line in re.findall(r"<text[^>]*>([^<]*)</text>", done.stdout)]
