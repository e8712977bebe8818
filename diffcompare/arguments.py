"""The arguments of a public function, held against its signature before it runs.

Annotations say already what a function takes. So no function checks the types of its arguments by
itself, and inside the package, where a type checker has looked, nothing is checked.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from functools import cache, wraps
from importlib import import_module
from inspect import Signature, signature
from numbers import Integral, Real
from os import PathLike
from typing import Any, Final, ParamSpec, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from diffcompare.errors import DiffcompareError, shorten

P = ParamSpec("P")
R = TypeVar("R")

_LEFT: Final = (Mapping[str, Any], str | Sequence[str])
"""Points, shapes, and names of inputs: what reads them has more to say."""

_PLAIN: Final[dict[Any, tuple[type | tuple[type, ...], str]]] = {
    int: (Integral, "a whole number"),
    float: (Real, "a number"),
    bool: ((bool, np.bool_), "True or False"),
    str: (str, "text"),
    object: (object, "anything"),
    Any: (object, "anything"),
}
_COLLECTIONS: Final[dict[Any, str]] = {
    tuple: "a tuple", list: "a list", Sequence: "a list", Iterable: "a list",
}  # fmt: skip
_OTHERS: Final[dict[Any, str]] = {Callable: "a function", PathLike: "a path"}

MADE: Final = {
    "Budget": "Budget(seconds=5)",
    "Calibration": "calibrate()",
    "Case": "read_case(path)",
    "ChainPath": "chain_paths(graph, at, name)",
    "Checkpoints": "checkpoints(graph)",
    "Coloring": "coloring(pattern)",
    "Compressed": "compress(graph)",
    "Coordinates": "sparse_jacobian(graph, at)",
    "Decision": "decide(source, at)",
    "Derivative": "differentiate(graph, mode)",
    "Elimination": "eliminate(graph)",
    "Equivalence": "equivalence(a, b)",
    "Grain": "granularities(graph)",
    "GranularityChoice": "choose_granularity(graph, at, prices)",
    "Graph": "parse(source)",
    "Linearised": "read_edge_list(path)",
    "LocalJacobian": "local_jacobians(graph)",
    "Parameters": "parameters(graph)",
    "Pattern": "sparsity(graph)",
    "Report": "compare(source, at)",
    "Swell": "swell(graph, wrt, derivatives)",
    "SwellCurve": "swell_curve(family, depths)",
}
"""How a user comes by one."""


def counted(function: Callable[P, R], name: str = "") -> Callable[P, R]:
    """The function, refusing arguments that it does not take and calls that lack one.

    Parameters
    ----------
    function : callable
    name : str, optional
        What refusals call it, its own name by default.

    Raises
    ------
    DiffcompareError
        Of kind "arity".

    Examples
    --------
    >>> counted(lambda x, stride=1: x, "pool")(1, step=2)
    Traceback (most recent call last):
        ...
    diffcompare.errors.DiffcompareError: pool needs (x, stride=…), got an unexpected keyword argument 'step'
    """
    takes, called = signature(function), name or function.__name__

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        _bound(takes, called, args, kwargs)
        return function(*args, **kwargs)

    return call


def checked(function: Callable[P, R], module: str) -> Callable[P, R]:
    """The function, refusing also arguments that are not what it says it takes.

    Parameters
    ----------
    function : callable
    module : str
        Where users find it, and pickles too.

    Raises
    ------
    DiffcompareError
        Of kind "arity" or "type".

    Examples
    --------
    >>> def double(x: int) -> int:
    ...     return 2 * x
    >>> checked(double, "here")("a")
    Traceback (most recent call last):
        ...
    diffcompare.errors.DiffcompareError: double needs a whole number, got 'a'
    """
    takes, name = signature(function), function.__name__
    subject = next(iter(takes.parameters), "")

    kinds = cache(lambda: _kinds(function, module))

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        given = _bound(takes, name, args, kwargs)
        for parameter, kind in kinds().items():
            if parameter in given and not _fits(given[parameter], kind):
                role = "" if parameter == subject else f"{parameter} as "
                raise _refusal(name, role, kind, given[parameter])
        return function(*args, **kwargs)

    call.__module__ = module
    return call


def _bound(takes: Signature, name: str, args: Any, kwargs: Any) -> dict[str, Any]:
    """The arguments by parameter."""
    try:
        return takes.bind(*args, **kwargs).arguments
    except TypeError as error:
        parts = [
            f"{'*' * (p.kind is p.VAR_POSITIONAL)}{p.name}{'=…' * (p.default is not p.empty)}"
            for p in takes.parameters.values()
        ]
        got = str(error).replace("missing a required", "no").replace("too many", "more")
        got = got.replace("argument: ", "").replace("got ", "")
        need = f"({', '.join(parts)})" if parts else "no arguments"
        raise DiffcompareError("arity", name, need=need, got=got) from None


def _kinds(function: Callable[..., Any], module: str) -> dict[str, Any]:
    """What each parameter takes; names that its home knows for a type checker alone are public."""
    known: dict[str, Any] = {}
    while True:
        try:
            told = get_type_hints(function, localns=known)
        except NameError as error:
            name = str(error.name)
            known[name] = getattr(import_module(module), name)
        else:
            return {p: kind for p, kind in told.items() if p != "return" and kind is not Any}


def _fits(value: Any, kind: Any) -> bool:
    """Whether a value is of a kind, as an annotation tells it."""
    if kind in _LEFT:
        return True
    if kind in _PLAIN:
        return isinstance(value, _PLAIN[kind][0]) and not (
            isinstance(value, bool) and kind in (int, float)
        )
    if isinstance(kind, type) and get_origin(kind) is None:
        return isinstance(value, kind)
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        if tuple(part for part in inner if part is not types.NoneType) == get_args(_LEFT[1]):
            return True
        return any(_fits(value, part) for part in inner)
    if origin is Mapping:
        return isinstance(value, Mapping) and all(
            _fits(key, inner[0]) and _fits(entry, inner[1]) for key, entry in value.items()
        )
    if origin in _COLLECTIONS:
        return _lists(value, origin) and (
            not isinstance(value, Collection) or all(_fits(entry, inner[0]) for entry in value)
        )
    return callable(value) if origin is Callable else isinstance(value, origin)


def _lists(value: Any, origin: Any) -> bool:
    """Whether it is entries in an order, of a number that is known if it has to be."""
    if origin is tuple or isinstance(value, (str, bytes, Mapping)):
        return isinstance(value, tuple)
    if origin is Iterable:
        return isinstance(value, Iterable)
    return isinstance(value, Collection) and not isinstance(value, Set)


def _refusal(name: str, role: str, kind: Any, value: Any) -> DiffcompareError:
    made = [MADE[part.__name__] for part in _classes(kind)]
    hint = f"{made[0]} makes one" if made else ""
    if hasattr(type(value), "jacobian_graph") and made == [MADE["Graph"]]:
        hint = "its jacobian_graph is one"
    return DiffcompareError("type", name, need=role + _told(kind), got=shorten(value), hint=hint)


def _classes(kind: Any) -> list[type]:
    """The classes in an annotation that are told how to make."""
    if isinstance(kind, type) and kind.__name__ in MADE:
        return [kind]
    return [found for part in get_args(kind) for found in _classes(part)]


def _told(kind: Any) -> str:
    """A kind in words."""
    if kind in _PLAIN:
        return _PLAIN[kind][1]
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        parts = [_told(part) for part in inner if part is not types.NoneType]
        return " or ".join(f"{part}," if ", each" in part else part for part in parts).rstrip(",")
    if origin is Mapping:
        return f"a mapping, each value {_told(inner[1])}"
    if origin in _COLLECTIONS:
        each = "" if inner[0] in (Any, object) else f", each {_told(inner[0])}"
        return _COLLECTIONS[origin] + each
    if origin in _OTHERS:
        return _OTHERS[origin]
    return f"{'an' if kind.__name__[0] in 'AEIOU' else 'a'} {kind.__name__}"
