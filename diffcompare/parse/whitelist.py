"""The syntax that a formula may have: for each node the parts it is computed from.

What is not in the table `_PARTS` is refused.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any, Final

from diffcompare.errors import DiffcompareError, Where, suggestion
from diffcompare.ops.constants import PI, E, Named
from diffcompare.ops.names import ALSO_VARIABLES, FUNCTIONS
from diffcompare.parse.place import Place
from diffcompare.parse.scan import shorten_text

MODULES: Final = ("np", "numpy", "math", "sp", "sympy")
CONSTANTS: Final[dict[str, Named]] = {"pi": PI, "e": E}
PIECEWISE: Final = "Piecewise"

BINARY: Final[dict[type[ast.operator], str]] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Mod: "mod",
    ast.Pow: "pow",
}  # fmt: skip
COMPARISONS: Final[dict[type[ast.cmpop], str]] = {
    ast.Lt: "less", ast.LtE: "less_equal", ast.Gt: "greater", ast.GtE: "greater_equal",
    ast.Eq: "equal", ast.NotEq: "not_equal",
}  # fmt: skip

_INSTEAD: Final = {
    "sinc": "write sin(x)/x, or NumPy's as sin(pi*x)/(pi*x)",
    "round": "write floor(x + 1/2)",
    "trunc": "write sign(x)*floor(abs(x))",
    "fmod": "write x % y, which is floored",
    "remainder": "write x % y, which is floored",
    "mean": "write sum(a, b, …)/n",
    "root": "write x**(1/n)",
    "Rational": "write p/q",
    "And": "write where(a, b, 0)",
    "Or": "write where(a, 1, b)",
    "Not": "write where(c, 0, 1)",
}


def parts(place: Place, node: ast.expr) -> Sequence[ast.expr]:
    """What a node is computed from, in the order of the text.

    Raises
    ------
    DiffcompareError
        Of kind "forbidden", "type", "name" or "arity".

    Examples
    --------
    >>> from diffcompare.parse.syntax import statements
    >>> place = Place("x[1]")
    >>> parts(place, statements(place)[0].value)
    Traceback (most recent call last):
        ...
    diffcompare.errors.DiffcompareError: a formula needs names such as x1, got a subscript
      x[1]
      ^^^^
    """
    if type(node) not in _PARTS:
        need, got = _REFUSED.get(type(node), ("arithmetic and functions", shape(node)))
        raise refused(place, node, "forbidden", need, got)
    return _PARTS[type(node)](place, node)


def shape(node: ast.AST) -> str:
    """What a syntax node is called."""
    return f"Python's {type(node).__name__}"


def refused(
    place: Place, node: ast.expr | ast.stmt, kind: str, need: str, got: str, hint: str = "",
    what: str = "a formula",
) -> DiffcompareError:  # fmt: skip
    """The refusal of a node."""
    return DiffcompareError(kind, what, need=need, got=got, hint=hint, where=place.of(node))


def is_function(name: str) -> bool:
    """Whether a name is a function's, and so no variable's."""
    return (name in FUNCTIONS or name == PIECEWISE) and name not in ALSO_VARIABLES


def module_member(place: Place, node: ast.Attribute) -> str:
    """The name that is looked up in one of the modules a formula may name."""
    owner = node.value
    if not (isinstance(owner, ast.Name) and owner.id in MODULES):
        raise refused(
            place, node, "forbidden", f"names without a dot, or in {', '.join(MODULES)}",
            shorten_text(place.piece(node)),
        )  # fmt: skip
    if owner.id in ("sp", "sympy") and node.attr == "E":
        return "e"
    return node.attr


def callee(place: Place, node: ast.Call) -> str:
    """The name of the function that is called."""
    function = node.func
    if isinstance(function, ast.Attribute):
        name = module_member(place, function)
        foreign = name == "remainder" and place.piece(function).startswith("math")  # not floored
    elif isinstance(function, ast.Name):
        name, foreign = function.id, False
    else:
        raise refused(place, function, "forbidden", "the name of a function",
                      shorten_text(place.piece(function)), "write * for a product", "a call")  # fmt: skip
    if foreign or (name not in FUNCTIONS and name != PIECEWISE):
        short = shorten_text(name)
        hint = _INSTEAD.get(name) or suggestion(name, [*FUNCTIONS, PIECEWISE])
        raise refused(place, function, "name", "a known function", short,
                      hint or f"if {short} is a variable, write {short}*(…)", "a call")  # fmt: skip
    return name


def _call(place: Place, node: ast.Call) -> Sequence[ast.expr]:
    name = callee(place, node)
    known = () if name == PIECEWISE else FUNCTIONS[name].keywords
    given: list[str | None] = []
    for word in node.keywords:
        if word.arg in given:
            raise DiffcompareError("arity", name, need="each setting once", got=f"{word.arg} again",
                                   where=place.of(word.value))  # fmt: skip
        given.append(word.arg)
        if word.arg not in known:
            got = f"{word.arg}=…" if word.arg else "**…"
            need = f"settings among {', '.join(known)}" if known else "arguments by place"
            raise DiffcompareError(
                "forbidden", name, need=need, got=got, where=place.of(word.value)
            )
    if name == PIECEWISE:
        return _piecewise(place, node)
    function, args = FUNCTIONS[name], node.args
    if function.arity[1] is None and len(args) == 1 and isinstance(args[0], (ast.Tuple, ast.List)):
        args = args[0].elts
    function.check_arity(len(args))
    return args


def _piecewise(place: Place, node: ast.Call) -> Sequence[ast.expr]:
    """Value and condition of each piece, then the value where none holds."""
    flat: list[ast.expr] = []
    for pair in node.args:
        if not isinstance(pair, ast.Tuple) or len(pair.elts) != 2:
            raise refused(place, pair, "arity", "pairs (value, condition)",
                          shorten_text(place.piece(pair)), what=PIECEWISE)  # fmt: skip
        value, condition = pair.elts
        always = condition.value if isinstance(condition, ast.Constant) else None
        if always is True and pair is node.args[-1]:
            return [*flat, value]
        if always is True:
            raise refused(place, pair, "arity", "(value, True) as its last pair", "more pairs",
                          what=PIECEWISE)  # fmt: skip
        if always is not False:
            flat += [value, condition]
    raise refused(place, node, "arity", "a last pair (value, True)", f"{len(node.args)} without it",
                  "it is the value where no condition holds", PIECEWISE)  # fmt: skip


def _constant(place: Place, node: ast.Constant) -> Sequence[ast.expr]:
    if type(node.value) not in (int, float):
        raise refused(place, node, "type", "numbers", place.piece(node),
                      "True and False only stand in Piecewise" if type(node.value) is bool else "")  # fmt: skip
    return ()


def _binary(place: Place, node: ast.BinOp) -> Sequence[ast.expr]:
    if type(node.op) not in BINARY:
        raise refused(place, node, "forbidden", "operators + - * / ** %", shape(node.op))
    return node.left, node.right


def _unary(place: Place, node: ast.UnaryOp) -> Sequence[ast.expr]:
    if not isinstance(node.op, (ast.USub, ast.UAdd)):
        raise refused(place, node, "forbidden", "the signs + and -", shape(node.op))
    return (node.operand,)


def _compare(place: Place, node: ast.Compare) -> Sequence[ast.expr]:
    if len(node.ops) > 1:
        raise refused(place, node, "forbidden", "two sides", str(len(node.ops) + 1),
                      "write where(a < b, b < c, 0)", "a comparison")  # fmt: skip
    if type(node.ops[0]) not in COMPARISONS:
        raise refused(place, node, "forbidden", "< <= > >= == !=", shape(node.ops[0]))
    return node.left, node.comparators[0]


def _member(place: Place, node: ast.Attribute) -> Sequence[ast.expr]:
    name = module_member(place, node)
    if name not in CONSTANTS:
        raise not_a_value(name, place.of(node))
    return ()


def not_a_value(name: str, where: Where) -> DiffcompareError:
    """The refusal of a name that is not a number's."""
    if name in FUNCTIONS or name == PIECEWISE:
        return DiffcompareError("name", "a variable", need="a name that no function has", got=name,
                                hint=f"{name} is a function: write {name}(…)", where=where)  # fmt: skip
    return DiffcompareError("name", "a formula", need="pi, e or a function of a module",
                            got=shorten_text(name), where=where)  # fmt: skip


_PARTS: Final[dict[type[ast.expr], Callable[[Place, Any], Sequence[ast.expr]]]] = {
    ast.Constant: _constant,
    ast.Name: lambda place, node: (),
    ast.Attribute: _member,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.Call: _call,
}

_REFUSED: Final[dict[type[ast.expr], tuple[str, str]]] = {
    ast.Tuple: (
        "tuples only as the last value, or in sum, prod, max, min, Piecewise",
        "one elsewhere",
    ),
    ast.List: ("lists only in sum, prod, max, min", "one elsewhere"),
    ast.Subscript: ("names such as x1", "a subscript"),
    ast.Starred: ("values without a star before them", "one"),
}
