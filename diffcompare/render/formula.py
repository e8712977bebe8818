"""Nodes as formulas: an infix tree while it is short, else a straight-line program.

What is written reads back as the same graph. Walks are iterative and linear in graph and text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Final

from diffcompare.graph.graph import Graph
from diffcompare.ops.leaf import Constant
from diffcompare.render.notation import PYTHON, Shape, Style, compose

LIMIT: Final = 400
"""Characters up to which a formula is written as one expression."""
_LINE: Final = 72


def step(
    graph: Graph, index: int, names: Mapping[int, str] | None = None, style: Style = PYTHON
) -> str:
    """A node in terms of the names of its arguments; constants are written out.

    Parameters
    ----------
    graph : Graph
    index : int
    names : mapping, optional
        Names of arguments by index; v0, v1, … by default.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.parse("2*log(x) - x")
    >>> [step(graph, i) for i in range(len(graph.ops))]
    ['x', '2', 'log(v0)', '2*v1', 'v2 - v0']
    """
    args: list[tuple[str, Shape]] = []
    for arg in graph.args[index]:
        op = graph.ops[arg]
        if isinstance(op, Constant):
            args.append(compose(op, (), style))
        else:
            named = names.get(arg) if names else None
            args.append((style.name(graph.label(arg)) if named is None else named, Shape()))
    return compose(graph.ops[index], args, style)[0]


def formula(graph: Graph, index: int, limit: int = LIMIT, style: Style = PYTHON) -> str:
    """A node as a formula of the inputs.

    Parameters
    ----------
    graph : Graph
    index : int
    limit : int
        Characters; a longer tree is written as a program, a line for each shared subexpression
        and one for the result.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.parse("a - (b - c)*-2")
    >>> formula(graph, graph.outputs[0])
    'a - (b - c)*(-2)'
    >>> graph = dc.parse("sin(x*y)*exp(x*y)")
    >>> print(formula(graph, graph.outputs[0], limit=10))
    v2 = x*y
    sin(v2)*exp(v2)
    """
    return "\n".join(formulas(graph, [index], limit, style))


def formulas(
    graph: Graph,
    indices: Sequence[int] | None = None,
    limit: int = LIMIT,
    style: Style = PYTHON,
) -> list[str]:
    """Several nodes as formulas that share one program.

    Parameters
    ----------
    graph : Graph
    indices : sequence of int, optional
        The outputs by default.
    limit : int
        Characters of all formulas together.

    Returns
    -------
    list of str
        The lines of the program, none while the formulas are short; then a formula for each node.

    Examples
    --------
    >>> import diffcompare as dc
    >>> formulas(dc.parse("sin(x*y)*exp(x*y)"), limit=10)
    ['v2 = x*y', 'sin(v2)*exp(v2)']
    """
    roots = graph.outputs if indices is None else tuple(indices)
    cone = [index for index, alive in enumerate(graph.live(roots)) if alive]
    text = _Text(graph, cone, style)
    text.measure(limit)
    if sum(text.lengths[root] for root in roots) > limit:
        uses = Counter(chain(roots, *(graph.args[index] for index in cone)))
        text.measure(_LINE, uses)
    program = [f"{name} = {text.write(index)}" for index, name in text.names.items()]
    return [*program, *(text.names.get(root) or text.write(root) for root in roots)]


def short_formulas(
    graph: Graph, indices: Sequence[int], limit: int, style: Style = PYTHON
) -> list[str | None]:
    """Nodes as formulas, None where one takes more characters than the limit."""
    cone = [index for index, alive in enumerate(graph.live(indices)) if alive]
    text = _Text(graph, cone, style)
    text.measure(limit)
    return [text.write(i) if text.lengths[i] <= limit else None for i in indices]


class _Text:
    """Lengths and shapes of the texts of nodes, and the names of those that have a line."""

    def __init__(self, graph: Graph, cone: Sequence[int], style: Style) -> None:
        self.graph, self.cone, self.style = graph, cone, style
        self.lengths: dict[int, int] = {}
        self.shapes: dict[int, Shape] = {}
        self.names: dict[int, str] = {}

    def measure(self, limit: int, uses: Mapping[int, int] | None = None) -> None:
        """Count lengths, no further than the limit.

        Given how often each is used, name what is used twice or is longer than the limit.
        """
        graph, prefix = self.graph, _prefix(self.graph)
        around = len("".join(self.style.brackets))
        for index in self.cone:
            args = graph.args[index]
            shapes = [self.shapes[a] for a in args]
            pieces, shape = self.style.layout(graph.ops[index], shapes)
            length = 0
            for piece in pieces:
                if isinstance(piece, str):
                    length += len(piece)
                else:
                    length += self.lengths[args[piece.argument]] + around * piece.bracketed
            if uses and args and (uses[index] > 1 or length > limit):
                self.names[index] = self.style.name(prefix + graph.label(index)[1:])
                length, shape = len(self.names[index]), Shape()
            self.lengths[index], self.shapes[index] = min(length, limit + 1), shape

    def write(self, index: int) -> str:
        """The text of a node, named ones by name; without recursion."""
        written: list[str] = []
        todo: list[int | str] = [index]
        while todo:
            item = todo.pop()
            if isinstance(item, str):
                written.append(item)
            elif item in self.names and item != index:
                written.append(self.names[item])
            else:
                todo.extend(reversed(self._pieces(item)))
        return "".join(written)

    def _pieces(self, index: int) -> list[int | str]:
        args = self.graph.args[index]
        shapes = [self.shapes[a] for a in args]
        found: list[int | str] = []
        for piece in self.style.layout(self.graph.ops[index], shapes)[0]:
            if isinstance(piece, str):
                found.append(piece)
            elif piece.bracketed:
                left, right = self.style.brackets
                found += [left, args[piece.argument], right]
            else:
                found.append(args[piece.argument])
        return found


def _prefix(graph: Graph) -> str:
    """A letter for names that no input begins with in front of a digit."""
    taken = {label[:1] for label in graph.inputs if label[1:].isdigit()}
    free = [letter for letter in "vwutsrqpzyxabcdfgh" if letter not in taken]
    return free[0] if free else "v_"
