"""How a call of a NumPy function is read: against NumPy's own signature, then against ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from inspect import Parameter, signature
from typing import Any, Final

from diffcompare.errors import DiffcompareError, shorten

_NEUTRAL: Final[Mapping[str, Any]] = {"where": True, "constant_values": 0}
"""What changes nothing, where NumPy's signature does not tell."""


def name_of(function: Any) -> str:
    """A NumPy function's full name.

    Examples
    --------
    >>> import numpy as np
    >>> name_of(np.linalg.inv), name_of(np.sin)
    ('np.linalg.inv', 'np.sin')
    """
    home = (getattr(function, "__module__", None) or "numpy").split(".")[1:]
    return ".".join(["np", *(part for part in home if part[0] != "_"), function.__name__])


def told(settings: Mapping[str, Any]) -> str:
    """Settings as they were given."""
    return ", ".join(f"{name}={shorten(value)}" for name, value in settings.items())


def read_call(
    function: Any, ours: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    """The arguments by NumPy's names, as `ours` takes them; NumPy's defaults may be spelled out.

    Raises
    ------
    DiffcompareError
        Of kind "type" for arguments that NumPy has and `ours` has not, of kind "arity" for
        those that are missing.

    Examples
    --------
    >>> import numpy as np
    >>> read_call(np.ravel, lambda a: a, ([1, 2], "C"), {})
    {'a': [1, 2]}
    """
    theirs, known = _parameters(function) or _parameters(ours), _parameters(ours)
    given = dict(signature_of(function, ours).bind(*args, **kwargs).arguments)
    for name, parameter in theirs.items():
        if parameter.kind is Parameter.VAR_KEYWORD:
            given.update(given.pop(name, {}))
    unknown = {
        name: value
        for name, value in given.items()
        if name not in known and not _neutral(name, value, theirs.get(name))
    }
    if unknown:
        need = f"no arguments but {_listed(known)}"
        raise DiffcompareError("type", name_of(function), need=need, got=told(unknown))
    required = [name for name, p in known.items() if p.default is Parameter.empty]
    if not all(name in given for name in required):
        got = f"{_listed([name for name in given if name in known])} alone"
        raise DiffcompareError("arity", name_of(function), need=_listed(required), got=got)
    return {name: value for name, value in given.items() if name in known}


@lru_cache
def signature_of(function: Any, ours: Callable[..., Any]) -> Any:
    """NumPy's own signature; ours where the release does not tell it."""
    try:
        return signature(function)
    except ValueError:
        return signature(ours)


def _parameters(function: Any) -> Mapping[str, Parameter]:
    found: Mapping[str, Parameter] = signature_of(function, lambda: None).parameters
    return found


def _neutral(name: str, value: Any, parameter: Parameter | None) -> bool:
    """Whether an argument says what holds without it."""
    default = _NEUTRAL.get(name) if name in _NEUTRAL or not parameter else parameter.default
    return value is default or (type(value) in (str, int, bool) and value == default)


def _listed(names: Any) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
