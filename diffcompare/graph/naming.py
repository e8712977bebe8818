"""What the outputs of a graph are called."""

from __future__ import annotations

from itertools import chain, count

from diffcompare.graph.graph import Graph


def output_name(graph: Graph) -> str:
    """What an output without a name is called: y; f where an input has that name, then result.

    Examples
    --------
    >>> import diffcompare as dc
    >>> output_name(dc.parse("sin(x)")), output_name(dc.parse("x*y"))
    ('y', 'f')
    """
    names = chain(("y", "f", "result"), (f"result{k}" for k in count(1)))
    return next(name for name in names if name not in graph.inputs)


def output_names(graph: Graph) -> tuple[str, ...]:
    """A name for each output: the one it was assigned to, or `output_name`, numbered if several.

    Examples
    --------
    >>> import diffcompare as dc
    >>> output_names(dc.parse("x*y, x")), output_names(dc.parse("a = 2*x"))
    (('f0', 'f1'), ('a',))
    """
    base, many = output_name(graph), len(graph.outputs) > 1
    default = [f"{base}{k}" if many else base for k in range(len(graph.outputs))]
    names = [graph.names.get(i, name) for i, name in zip(graph.outputs, default, strict=True)]
    return tuple(names if len(set(names)) == len(names) else default)
