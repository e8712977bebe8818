"""Points from outside, checked: numbers by name, in one precision.

A point is computed in float32 where its arrays of floats are float32 or float16, and in float64 where
one of them is longer or there is none. Numbers, lists and arrays of integers have no say: they follow,
rounded to that precision, integers only if it holds them exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from diffcompare.errors import DiffcompareError, grouped, shorten
from diffcompare.graph.graph import Graph
from diffcompare.ops.op import Shape, misfit
from diffcompare.ops.precision import Float, precision

Point = dict[str, Any]
_EXACT: Final[dict[Float, int]] = {np.float64: 53, np.float32: 24}
"""Up to this power of two every integer is held."""


def read_point(graph: Graph, at: Mapping[str, Any], allow_nonfinite: bool = False) -> Point:
    """A float, or an array of them, for each input of the graph, in order; all of one precision.

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
    shapes = graph.shapes
    arrays = {
        name: _array(name, at[name], shapes[index])
        for name, index in graph.inputs.items()
        if shapes[index]
    }
    if not arrays:
        return {name: _number(name, at[name], np.float64, allow_nonfinite) for name in graph.inputs}
    kind = precision([array for name, array in arrays.items() if _typed(at[name])])
    with np.errstate(over="ignore"):
        return {
            name: _floats(name, arrays[name], kind, allow_nonfinite)
            if name in arrays
            else _number(name, at[name], kind, allow_nonfinite)
            for name in graph.inputs
        }


def conversions(at: Mapping[str, Any], point: Point) -> tuple[str, ...]:
    """What `read_point` made of the types that arrays came in, in words.

    Examples
    --------
    >>> import diffcompare as dc
    >>> at = {"w": np.ones(2, np.float32), "n": np.array([1, 2])}
    >>> conversions(at, read_point(dc.parse("w*n", shapes={"w": (2,), "n": (2,)}), at))
    ('n converted from int64 to float32',)
    """
    changed: dict[tuple[str, str], list[str]] = {}
    for name, value in point.items():
        if np.ndim(value) and _typed(at[name]):
            types = np.asarray(at[name]).dtype.name, value.dtype.name
            if types[0] != types[1]:
                changed.setdefault(types, []).append(name)
    return tuple(
        f"{shorten_list(names)} converted from {old} to {new}"
        for (old, new), names in changed.items()
    )


def read_wrt(graph: Graph, wrt: str | Sequence[str] | None) -> tuple[str, ...]:
    """The inputs to differentiate by: all of them by default, but for labels."""
    if wrt is None:
        steering = labels(graph)
        return tuple([name for name in graph.inputs if name not in steering])
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


def labels(graph: Graph) -> set[str]:
    """The inputs that are labels of layers and nothing else.

    Examples
    --------
    >>> import diffcompare as dc
    >>> loss = dc.parse("softmax_log_loss(x, c)", shapes={"x": (2, 3), "c": (2,)})
    >>> labels(loss), dc.differentiate(loss, "reverse").wrt
    ({'c'}, ('x',))
    """
    only: list[bool | None] = [None] * len(graph.ops)  # None where nothing uses it yet
    for index in graph.outputs:
        only[index] = False
    for index in range(len(graph.ops) - 1, -1, -1):
        op, args = graph.ops[index], graph.args[index]
        moved = op.kind == "linear" and len(args) == 1 and only[index] is True
        for slot, arg in enumerate(args):
            only[arg] = only[arg] is not False and (moved or slot in op.labels)
    return {name for name, index in graph.inputs.items() if only[index]}


def read_output(graph: Graph, output: int, what: str) -> int:
    """The node of an output, by its number."""
    need_places([output], len(graph.outputs), what, "the number of an output")
    return graph.outputs[output]


def need_places(places: Iterable[int], count: int, what: str, thing: str) -> None:
    """Refuse places that are not among so many, counted from 0."""
    for place in places:
        if not 0 <= place < count:
            need = f"{thing}, from 0 and below {grouped(count)}"
            raise DiffcompareError("input", what, need=need, got=shorten(place))


def _listed(names: Any) -> str:
    shown = [str(name) if isinstance(name, str) else shorten(name) for name in names]
    return shorten_list(shown) if shown else "none"


def shorten_list(names: Sequence[str], most: int = 12) -> str:
    """Names separated by commas, the first few of many."""
    rest = f", … ({len(names)} in all)" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def _typed(value: Any) -> bool:
    """Whether it is an array with a type of its own, not a list of numbers."""
    return not isinstance(value, (list, tuple))


def _array(name: str, value: Any, shape: Shape) -> np.ndarray:
    """An array of real numbers in that shape, of the type it came in."""
    try:
        array = np.asarray(value)
    except ValueError:  # ragged
        array = np.empty(0, dtype=object)
    if isinstance(value, np.ma.MaskedArray) or array.dtype.kind not in "iuf":
        raise DiffcompareError("type", f"input {name}", need="an array of real numbers",
                               got=shorten(value))  # fmt: skip
    if array.shape != shape:
        raise misfit(f"input {name}", f"the shape {'×'.join(map(str, shape))}", [array.shape])
    return array


def _floats(name: str, array: np.ndarray, kind: Float, allow_nonfinite: bool) -> np.ndarray:
    """A copy of an array as floats of a kind."""
    whole = array.dtype.kind in "iu" and array.size
    if whole and max(int(array.max()), -int(array.min())) > 1 << _EXACT[kind]:
        raise DiffcompareError("type", f"input {name}", got="larger ones",
                               need=f"integers that {kind.__name__} holds exactly")  # fmt: skip
    floats = array.astype(kind)
    if not np.isfinite(floats).all():
        refused = ~np.isfinite(floats) & (np.isfinite(array) | (not allow_nonfinite))
        if refused.any():
            place = np.argwhere(refused)[0].tolist()
            raise _no_float(name, array[tuple(place)], kind, "{}numbers", f" at {place}")
    return floats


def _number(name: str, value: Any, kind: Float, allow_nonfinite: bool) -> Any:
    if isinstance(value, np.ndarray) and value.ndim == 0 and type(value) is np.ndarray:
        value = value[()]
    if isinstance(value, (bool, np.bool_)) or not isinstance(
        value, (int, float, np.integer, np.floating)
    ):
        raise DiffcompareError("type", f"input {name}", need="a real number", got=shorten(value))
    if isinstance(value, (int, np.integer)) and abs(int(value)) > 1 << _EXACT[kind]:
        need = f"an integer that {kind.__name__} holds exactly (up to 2**{_EXACT[kind]})"
        raise DiffcompareError("type", f"input {name}", need=need, got=shorten(value))
    number = kind(value)
    if not np.isfinite(number) and (np.isfinite(value) or not allow_nonfinite):
        raise _no_float(name, value, kind, "a {}number")
    return number


def _no_float(name: str, value: Any, kind: Float, what: str, place: str = "") -> DiffcompareError:
    """The refusal of what is not finite, or too large to be as a float of a kind."""
    if np.isfinite(value):
        need = f"{what.format('')} that {kind.__name__} holds"
        return DiffcompareError("input", f"input {name}", need=need, got=f"{value}{place}")
    return DiffcompareError("input", f"input {name}", need=what.format("finite "), got=f"{value}{place}",
                            hint="allow_nonfinite=True (--allow-nonfinite) lets it travel")  # fmt: skip
