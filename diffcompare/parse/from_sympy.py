"""SymPy expressions as graph nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import sympy

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError, shorten
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.parse.bounded import bounded
from diffcompare.parse.inputs import arranged
from diffcompare.parse.sympy_reader import Reader


def read_expressions(
    exprs: Sequence[Any],
    graph: Graph,
    lookup: Mapping[Any, Variable],
    strict: bool = False,
) -> list[Variable]:
    """Translate SymPy expressions into nodes of a graph.

    A sum of n terms becomes n−1 additions and subtractions, a product with negative powers one
    division, a power with a rational exponent the op for it. Numbers stay exact. SymPy's
    derivative of tanh u, 1 − tanh²u, has no digits left where tanh u is near 1: that sum and its
    multiples, and these alone, are read back as 1/cosh²u.

    Parameters
    ----------
    exprs : sequence of sympy.Basic
    graph : Graph
        Where the nodes go.
    lookup : mapping of sympy.Symbol to Variable
        The value of each symbol, in that graph.
    strict : bool
        Whether the expressions come from a user, who is told of an infinity, nan or imaginary
        number. Otherwise these become the constant nan.

    Returns
    -------
    list of Variable
        One for each expression.

    Raises
    ------
    DiffcompareError
        Of kind "name" for a function or symbol that is unknown, "forbidden" for an unevaluated
        derivative or integral, "domain" and "type" where `strict` refuses a number.

    Examples
    --------
    >>> graph = Graph.empty()
    >>> x = sympy.Symbol("x")
    >>> read_expressions([1 / (1 + x)], graph, {x: Variable.input(graph, "x")})
    [<v2 = <op div>>]
    """
    reader = Reader(graph, lookup, strict)
    return [reader.read(expression) for expression in exprs]


def parse_sympy(
    source: Any,
    inputs: Iterable[Any] | None = None,
    budget: Budget = Budget(),  # noqa: B008  a frozen value
) -> Graph:
    """Read SymPy expressions as a graph of their free symbols.

    Parameters
    ----------
    source : Expr, Matrix, or list or tuple of Expr
        One output for each expression; a matrix row by row.
    inputs : iterable of str or Symbol, optional
        The inputs in order, unused ones too; by default the free symbols by name.
    budget : Budget
        `nodes` bounds the graph.

    Returns
    -------
    Graph

    Raises
    ------
    DiffcompareError
        Of kind "name" where symbols of one name differ, or a symbol or function is unknown; of
        kind "type", "domain", "forbidden" or "limit" for what is not a bounded real function.

    Examples
    --------
    >>> x, y = sympy.symbols("x y")
    >>> parse_sympy(x * y + sympy.sin(x))
    Graph(x, y; 3 operations, 1 output)
    """
    expressions = _entries(source)
    symbols = _symbols(expressions)
    names = [_name(name) for name in inputs] if isinstance(inputs, (list, tuple)) else inputs
    graph = bounded(budget)
    lookup = {}
    for name in arranged(list(symbols), names):
        variable = Variable.input(graph, name)
        if name in symbols:
            lookup[symbols[name]] = variable
    results = read_expressions(expressions, graph, lookup, strict=True)
    graph.outputs = tuple([result.index for result in results])
    return graph.leveled()


_EXACT: Final[dict[type, Callable[[Any], Any]]] = {int: sympy.Integer, float: sympy.Float}


def _name(given: Any) -> Any:
    return given.name if isinstance(given, sympy.Symbol) else given


def _entries(source: Any) -> list[Any]:
    """The expressions, at least one."""
    entries = [source]
    if isinstance(source, sympy.MatrixBase):
        entries = source.flat()
    elif isinstance(source, (list, tuple, sympy.Tuple)):
        entries = [_EXACT.get(type(e), lambda e: e)(e) for e in source]
    for entry in entries:
        if not isinstance(entry, sympy.Basic):
            raise DiffcompareError("type", "a SymPy source", need="SymPy expressions",
                                   got=type(entry).__name__)  # fmt: skip
    if not entries:
        raise DiffcompareError("arity", "a SymPy source", need="at least 1 expression", got="none")
    return entries


def _symbols(expressions: Sequence[Any]) -> dict[str, Any]:
    """The free symbols by name, each of one kind and real."""
    found: dict[str, Any] = {}
    seen: set[int] = set()
    stack = list(expressions)
    while stack:
        expression = stack.pop()
        if id(expression) in seen:
            continue
        seen.add(id(expression))
        if isinstance(expression, sympy.Symbol):
            _check_symbol(expression, found.setdefault(expression.name, expression))
        stack.extend(expression.args)
    return found


def _check_symbol(symbol: Any, known: Any) -> None:
    if symbol != known:
        raise DiffcompareError(
            "name", "a SymPy source", need="one symbol of each name",
            got=f"two named {shorten(symbol.name)}", hint="give both the same assumptions",
        )  # fmt: skip
    if symbol.is_real is False or not symbol.is_commutative:
        raise DiffcompareError(
            "type", f"the symbol {shorten(symbol.name)}", need="to stand for a real number",
            got="assumptions that rule that out",
        )  # fmt: skip
