"""Settings in a call, as stride=2, and the shapes of array inputs, checked."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError, shorten
from diffcompare.ops.op import Shape
from diffcompare.parse.inputs import check_label
from diffcompare.parse.place import Place
from diffcompare.parse.scan import shorten_text

_BYTES = 8


def read_setting(place: Place, node: ast.expr) -> Any:
    """A number, a word (without quotes), True, False or None, or a tuple of numbers, as written.

    Examples
    --------
    >>> import ast
    >>> text = "(1, -2)"
    >>> read_setting(Place(text), ast.parse(text).body[0].value)
    (1, -2)
    """
    if isinstance(node, (ast.Tuple, ast.List)):
        return tuple([_single(place, part) for part in node.elts])
    return _single(place, node)


def _single(place: Place, node: ast.expr) -> Any:
    if isinstance(node, ast.Name):
        return node.id
    sign = 1
    inner = node
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        sign, inner = -1, node.operand
    if isinstance(inner, ast.Constant):
        value = inner.value
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return sign * value
        if sign == 1 and (value is None or type(value) is bool):
            return value
    raise DiffcompareError(
        "forbidden", "a setting", need="a number, a word or a tuple of numbers",
        got=shorten_text(place.piece(node)), where=place.of(node),
    )  # fmt: skip


def read_shapes(shapes: Mapping[str, Any] | None, budget: Budget) -> dict[str, Shape]:
    """Shapes by input name, as tuples of sizes; an int is a vector's.

    Raises
    ------
    DiffcompareError
        Of kind "shape" for sizes that are not whole and positive, of kind "limit" for an axis whose
        numbers would not fit the budget's memory; the whole array need not: nothing is stored.

    Examples
    --------
    >>> read_shapes({"w": [2, 3], "b": 4}, Budget())
    {'w': (2, 3), 'b': (4,)}
    """
    if shapes is None:
        return {}
    if not isinstance(shapes, Mapping):
        raise DiffcompareError("type", "shapes", need="sizes by name", got=shorten(shapes))
    return {check_label(name): _shape(name, shape, budget) for name, shape in shapes.items()}


def _shape(name: str, shape: Any, budget: Budget) -> Shape:
    sizes = (shape,) if isinstance(shape, int) else shape
    whole = isinstance(sizes, (tuple, list)) and all(type(n) is int and n > 0 for n in sizes)
    if not whole or len(sizes) > 8:
        raise DiffcompareError("shape", f"input {name}", need="at most 8 whole sizes above 0",
                               got=shorten(shape))  # fmt: skip
    check_fits(name, max(sizes, default=1), budget)
    return tuple(sizes)


def check_fits(name: str, numbers: int, budget: Budget) -> None:
    """Refuse an input with more numbers than fit the budget's memory."""
    if _BYTES * numbers > budget.memory:
        raise DiffcompareError("limit", f"input {name}", need=f"at most {budget.memory:,} bytes",
                               got=f"{_BYTES * numbers:,}")  # fmt: skip
