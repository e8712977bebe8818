"""Points from outside, checked: numbers by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.graph.graph import Graph
from diffcompare.ops.op import Shape, misfit

Point = dict[str, Any]
_EXACT = 1 << 53


def read_point(graph: Graph, at: Mapping[str, Any], allow_nonfinite: bool = False) -> Point:
    """A float64, or an array of them, for each input of the graph, in order.

    Arrays of integers and of shorter floats are converted.

    Raises
    ------
    DiffcompareError
        Of kind "input" where a name is missing or unknown or a number not finite, of kind "type"
        where a value is not a real number, of kind "shape" where an array does not fit.

    Examples
    --------
    >>> import diffcompare as dc
    >>> read_point(dc.parse("x*y"), {"y": 3, "x": 2})
    {'x': np.float64(2.0), 'y': np.float64(3.0)}
    """
    if not isinstance(at, Mapping):
        raise DiffcompareError("type", "a point", need="numbers by name", got=shorten(at))
    for name in at:
        if not isinstance(name, str):
            raise DiffcompareError("type", "a point", need="names as text", got=shorten(name),
                                   hint="of a SymPy symbol write its name")  # fmt: skip
    names = shorten_list(list(graph.inputs)) or "no names"
    missing = [name for name in graph.inputs if name not in at]
    if missing:
        raise DiffcompareError("input", "the point", need=f"a value for {shorten_list(missing)}",
                               got=_listed(at))  # fmt: skip
    extra = [name for name in at if name not in graph.inputs]
    if extra:
        raise DiffcompareError("input", "the point", need=f"only {names}",
                               got=f"also {_listed(extra)}")  # fmt: skip
    return {
        name: _array(name, at[name], graph.shapes[index], allow_nonfinite)
        if graph.shapes[index]
        else _number(name, at[name], allow_nonfinite)
        for name, index in graph.inputs.items()
    }


def read_wrt(graph: Graph, wrt: str | Sequence[str] | None) -> tuple[str, ...]:
    """The inputs to differentiate by: all of them by default."""
    if wrt is None:
        return tuple(graph.inputs)
    if not isinstance(wrt, Iterable) or isinstance(wrt, (set, frozenset)):  # sets have no order
        raise DiffcompareError("type", "wrt", need="a name or a list of names", got=shorten(wrt))
    names = (wrt,) if isinstance(wrt, str) else tuple(wrt)
    for name in names:
        if not isinstance(name, str) or name not in graph.inputs:
            raise DiffcompareError("input", "wrt", need=f"names among {_listed(graph.inputs)}",
                                   got=shorten(name))  # fmt: skip
    if len(set(names)) < len(names):
        raise DiffcompareError("input", "wrt", need="each name once", got=_listed(names))
    return names


def _listed(names: Any) -> str:
    shown = [str(name) if isinstance(name, str) else shorten(name) for name in names]
    return shorten_list(shown) if shown else "none"


def shorten_list(names: Sequence[str], most: int = 12) -> str:
    """Names separated by commas, the first few of many."""
    rest = f", … ({len(names)} in all)" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def _array(name: str, value: Any, shape: Shape, allow_nonfinite: bool) -> np.ndarray:
    try:
        array = np.asarray(value)
    except ValueError:  # ragged
        array = np.empty(0, dtype=object)
    if isinstance(value, np.ma.MaskedArray) or array.dtype.kind not in "iuf":
        raise DiffcompareError("type", f"input {name}", need="an array of real numbers",
                               got=shorten(value))  # fmt: skip
    if array.shape != shape:
        raise misfit(f"input {name}", f"the shape {'×'.join(map(str, shape))}", [array.shape])
    if array.dtype.kind in "iu" and array.size and int(abs(array).max()) > _EXACT:
        raise DiffcompareError("type", f"input {name}", need="integers that float64 holds exactly",
                               got="larger ones")  # fmt: skip
    array = array.astype(np.float64)
    bad = np.argwhere(~np.isfinite(array))
    if len(bad) and not allow_nonfinite:
        place = tuple(int(k) for k in bad[0])
        raise DiffcompareError(
            "input", f"input {name}", need="finite numbers", got=f"{array[place]} at {list(place)}",
            hint="allow_nonfinite=True (--allow-nonfinite) lets it travel",
        )  # fmt: skip
    return array


def _number(name: str, value: Any, allow_nonfinite: bool) -> Any:
    if isinstance(value, np.ndarray) and value.ndim == 0 and type(value) is np.ndarray:
        value = value[()]
    if isinstance(value, (bool, np.bool_)) or not isinstance(
        value, (int, float, np.integer, np.floating)
    ):
        raise DiffcompareError("type", f"input {name}", need="a real number", got=shorten(value))
    if isinstance(value, (int, np.integer)) and abs(int(value)) > _EXACT:
        raise DiffcompareError(
            "type", f"input {name}", need="an integer that float64 holds exactly (up to 2**53)",
            got=shorten(value),
        )  # fmt: skip
    number = np.float64(value)
    if not np.isfinite(number) and not allow_nonfinite:
        raise DiffcompareError(
            "input", f"input {name}", need="a finite number", got=str(number),
            hint="allow_nonfinite=True (--allow-nonfinite) lets it travel",
        )  # fmt: skip
    return number
