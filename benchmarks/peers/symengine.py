"""SymEngine: `diff`, then `Lambdify` to machine code by LLVM, with common subexpressions."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import symengine
from symengine.lib.symengine_wrapper import have_llvm

from benchmarks.peers.subject import Built, MissingError, Subject
from benchmarks.peers.translate import always, table, translated

TABLE = table(symengine, relu=always(lambda x: symengine.Max(x, 0)))


def _number(x: Any) -> Any:
    whole = getattr(x, "denominator", None) == 1
    return symengine.Integer(int(x)) if whole else symengine.RealDouble(float(x))


def _function(subject: Subject, derive: bool) -> Any:
    if not have_llvm:
        raise MissingError("built without LLVM")
    symbols = [symengine.Symbol(name) for name in subject.graph.inputs]
    y = translated(subject.graph, TABLE, _number)(symbols)
    slopes = [symengine.diff(f, symbols[k]) for f in y for k in subject.slots] if derive else []
    return symengine.Lambdify(symbols, [*y, *slopes], backend="llvm", cse=True)


def _point(subject: Subject, how: str, derive: bool = True) -> Built:
    """By the call that checks nothing and writes to an array that is there."""
    function, x = _function(subject, derive), np.array(subject.point)
    count = len(subject.graph.outputs) * (1 + derive * len(subject.wrt))
    found = np.empty(count)
    return Built(partial(function.unsafe_real, x, found), lambda _: list(found))


def _batch(subject: Subject, how: str) -> Built:
    function, rows = _function(subject, True), np.ascontiguousarray(np.transpose(subject.point))
    return Built(partial(function, rows), lambda found: list(found.T))


BUILDS = {"value": partial(_point, derive=False), "gradient": _point, "batch": _batch}
