"""SymPy: `diff`, then `lambdify` over `math`, with and without common subexpressions."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import sympy

from benchmarks.peers.subject import Built, Subject
from benchmarks.peers.translate import always, table, translated

TABLE = table(sympy, relu=always(lambda x: sympy.Max(x, 0)))


def _number(x: Any) -> Any:
    """Exact where it is exact, so that SymPy can do with it what it likes."""
    whole = getattr(x, "denominator", None) == 1
    return sympy.Integer(int(x)) if whole else sympy.Float(float(x), 17)


def _expressions(subject: Subject, derive: bool) -> tuple[list[Any], list[Any]]:
    symbols = [sympy.Symbol(name, real=True) for name in subject.graph.inputs]
    y = translated(subject.graph, TABLE, _number)(symbols)
    slopes = [sympy.diff(f, symbols[k]) for f in y for k in subject.slots] if derive else []
    return symbols, [*y, *slopes]


def _point(subject: Subject, how: str, derive: bool = True) -> Built:
    symbols, wanted = _expressions(subject, derive)
    function = sympy.lambdify(symbols, wanted, "math", cse=how == "cse")
    return Built(partial(function, *subject.point), list)


def _batch(subject: Subject, how: str) -> Built:
    symbols, wanted = _expressions(subject, True)
    function = sympy.lambdify(symbols, wanted, "numpy", cse=how == "cse")
    size = subject.point[0].shape
    return Built(
        partial(function, *subject.point),
        lambda found: [np.broadcast_to(column, size) for column in found],
    )


BUILDS = {"value": partial(_point, derive=False), "gradient": _point, "batch": _batch}
