"""Formula text as a graph: Python's syntax, read by a whitelist, never evaluated.

A formula has ``+ - * / ** %``, comparisons (1 or 0), ``where(c, a, b)``, `Piecewise`, the functions
of `diffcompare.ops.names`, also as ``np.sin``, ``math.sin`` or ``sp.sin``, and ``pi`` and ``e``. A
program is lines ``name = expression``, or parts of a line divided by ``;``.

Numbers are exact as written, and equal subexpressions are one node. Nothing is folded but the sign
of a number, a constant exponent, x**1, and max in max. Constants must have a finite value.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from diffcompare.budget import Budget
from diffcompare.collector import held
from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.ops.op import Shape
from diffcompare.parse.bounded import bounded
from diffcompare.parse.expression import Expressions
from diffcompare.parse.inputs import read_inputs
from diffcompare.parse.place import Place
from diffcompare.parse.scan import scan, shorten_text
from diffcompare.parse.settings import read_shapes
from diffcompare.parse.syntax import statements
from diffcompare.parse.whitelist import is_function, not_a_value, refused, shape


@held()
def parse_formula(
    text: str,
    inputs: Sequence[str] | None = None,
    budget: Budget = Budget(),  # noqa: B008  a frozen value
    shapes: Mapping[str, Any] | None = None,
) -> Graph:
    """Read a formula, or a straight-line program of assignments, as a graph.

    Parameters
    ----------
    text : str
        In Python's syntax: see the module. The last line's value is the output, a tuple several.
    inputs : sequence of str, optional
        The inputs in order, and then no others; they may be called ``pi`` or ``e``. By default the
        names in order of appearance.
    budget : Budget
        Bounds the text, its nesting, and the nodes.
    shapes : mapping of str to tuple of int, optional
        Of the inputs that are arrays.

    Returns
    -------
    Graph
        `names` has the names that were assigned, by node.

    Raises
    ------
    DiffcompareError
        With the place in the text; of kind "syntax", "forbidden", "name", "arity", "type",
        "domain" or "limit".

    Examples
    --------
    >>> parse_formula("log(x1) + x1*x2 - sin(x2)")
    Graph(x1, x2; 5 operations, 1 output)
    >>> parse_formula("a = x*y\\n2*a, sin(a)").names
    {3: 'a'}
    """
    place, graph = scan(text, budget), bounded(budget)
    sizes = read_shapes(shapes, budget)
    for name in () if inputs is None else read_inputs(inputs):
        _declare(graph, name, sizes.get(name, ()))
    reader = Expressions(place, graph, inputs is not None, int(budget.nodes), sizes)
    _read(reader, statements(place))
    return graph.leveled()


def _declare(graph: Graph, name: str, shape: Shape) -> None:
    if is_function(name):
        raise DiffcompareError("name", "an input", need="a name that no function has", got=name)
    Variable.input(graph, name, shape)


def _read(reader: Expressions, lines: Sequence[ast.stmt]) -> None:
    """Build what the statements say; the last one has the outputs."""
    for line in lines[:-1]:
        if isinstance(line, ast.Expr):
            raise refused(
                reader.place, line, "syntax", "name = expression", "an expression alone",
                "write a, b in the last line for several outputs", "a line before the last",
            )  # fmt: skip
        _assign(reader, line, reader.value(_right_side(reader.place, line)))
    _finish(reader, lines[-1])


def _finish(reader: Expressions, last: ast.stmt) -> None:
    """The outputs of the last statement, and the names of all that were assigned."""
    graph, result = reader.graph, _right_side(reader.place, last)
    results = result.elts if isinstance(result, ast.Tuple) and result.elts else [result]
    values = [reader.value(one) for one in results]
    graph.outputs = tuple([value.index for value in values])
    if result is results[0]:
        _assign(reader, last, values[0])
    for name, value in reader.assigned.items():
        if graph.args[value.index]:
            graph.names.setdefault(value.index, name)


def _right_side(place: Place, line: ast.stmt) -> ast.expr:
    """The expression of a statement."""
    if not isinstance(line, (ast.Assign, ast.Expr)):
        raise refused(place, line, "forbidden", "lines name = expression", shape(line))
    for target in _targets(line):
        if not isinstance(target, ast.Name):
            raise refused(place, target, "forbidden", "one name on its left",
                          shorten_text(place.piece(target)), what="an assignment")  # fmt: skip
        if is_function(target.id):
            raise not_a_value(target.id, place.of(target))
    return line.value


def _targets(line: ast.stmt) -> Sequence[ast.expr]:
    return line.targets if isinstance(line, ast.Assign) else ()


def _assign(reader: Expressions, line: ast.stmt, value: Variable) -> None:
    """Give a value its names."""
    for target in _targets(line):
        name = target.id if isinstance(target, ast.Name) else ""
        taken = "an input" if name in reader.graph.inputs else "a constant"
        if name in reader.graph.inputs or name in reader.fixed:
            raise refused(reader.place, target, "name", "a new name", f"{name}, {taken}",
                          f"write {name}1 = …", "an assignment")  # fmt: skip
        reader.assigned[name] = value
