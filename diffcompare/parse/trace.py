"""Python functions as graphs: called once, with Variables for its arguments."""

from __future__ import annotations

import inspect
import linecache
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import numpy as np

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError, Where, shorten
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.parse.bounded import bounded
from diffcompare.parse.inputs import read_inputs
from diffcompare.parse.settings import read_shapes

_OURS: Final = str(Path(__file__).parent.parent)
_BY_PLACE: Final = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
Parameters = Mapping[str, inspect.Parameter]


def trace(
    function: Callable[..., Any],
    inputs: Iterable[object] | None = None,
    budget: Budget = Budget(),  # noqa: B008  a frozen value
    shapes: Mapping[str, Any] | None = None,
) -> Graph:
    """Read a Python function as a graph by calling it once, with Variables.

    The function may use operators, NumPy's functions and those of this package, loops and
    recursion, but no decision on a traced value: that is ``where(condition, a, b)``.

    Parameters
    ----------
    function : callable
        It returns a number, or a tuple, list or array of numbers, one for each output.
    inputs : iterable of str, optional
        Which parameters are inputs, in the order wanted; the rest keep their defaults. By default
        all, save keyword-only parameters with a default. A function of ``*args``, or without a
        signature, is called with as many arguments as there are names.
    budget : Budget
        `nodes` bounds what the function may compute.
    shapes : mapping of str to tuple of int, optional
        Of the inputs that are arrays.

    Returns
    -------
    Graph

    Raises
    ------
    DiffcompareError
        With the function's own line, where its source is at hand; of kind "type" for a decision, a
        conversion, a result that is no number, or an error of the function itself.

    Examples
    --------
    >>> import numpy as np
    >>> trace(lambda x, y: np.sin(x) * y + x**2)
    Graph(x, y; 4 operations, 1 output)
    >>> trace(lambda *x: sum(x), inputs=["a", "b", "c"])
    Graph(a, b, c; 3 operations, 1 output)
    """
    if not callable(function):
        raise DiffcompareError("type", "trace", need="a function", got=shorten(function))
    parameters = _parameters(function)
    names = _names(function, parameters, None if inputs is None else read_inputs(inputs))
    graph = bounded(budget)
    sizes = read_shapes(shapes, budget)
    variables = {name: Variable.input(graph, name, sizes.get(name, ())) for name in names}
    args, kwargs = _arranged(parameters, variables)
    result = _called(function, args, kwargs)
    graph.outputs = tuple([_output(function, graph, value) for value in _flat(function, result)])
    return graph.leveled()


def _parameters(function: Callable[..., Any]) -> Parameters | None:
    """The parameters by name; None where only the count of arguments matters or is known."""
    if isinstance(function, np.ufunc):
        return None
    try:
        parameters = inspect.signature(function).parameters
    except (ValueError, TypeError):
        return None
    if any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters.values()):
        return None
    return {
        name: p for name, p in parameters.items() if p.kind is not inspect.Parameter.VAR_KEYWORD
    }


def _names(
    function: Callable[..., Any], parameters: Parameters | None, given: Sequence[str] | None
) -> Sequence[str]:
    """The inputs, checked against the signature."""
    if parameters is None:
        if given is None:
            raise DiffcompareError(
                "arity", _title(function), need="inputs=[…], a name for each argument",
                got="a signature that does not name them",
            )  # fmt: skip
        return given
    if given is None:
        return [n for n, p in parameters.items() if p.kind in _BY_PLACE or p.default is p.empty]
    for name in given:
        if name not in parameters:
            raise DiffcompareError(
                "name", _title(function), need=f"inputs among {', '.join(parameters) or 'none'}",
                got=shorten(name),
            )  # fmt: skip
    for name, parameter in parameters.items():
        if parameter.default is parameter.empty and name not in given:
            raise DiffcompareError(
                "arity", _title(function), need=f"{name} among the inputs, as it has no default",
                got=", ".join(given) or "none",
            )  # fmt: skip
    return given


def _arranged(
    parameters: Parameters | None, variables: Mapping[str, Variable]
) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of the call: by place as long as none is left out, then by keyword."""
    if parameters is None:
        return list(variables.values()), {}
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for name, parameter in parameters.items():
        if parameter.kind is inspect.Parameter.POSITIONAL_ONLY:
            args.append(variables.get(name, parameter.default))
        elif name in variables:
            kwargs[name] = variables[name]
    return args, kwargs


def _called(function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    try:
        with np.errstate(all="ignore"):
            return function(*args, **kwargs)
    except DiffcompareError as error:
        place = _place(error.__traceback__)
        raise (error.at(place) if place else error) from None
    except Exception as error:
        message = " ".join(str(error).split())
        got = f"{type(error).__name__}{': ' * bool(message)}{message[:200]}"
        raise DiffcompareError(
            "type", _title(function), need="to run on traced values", got=got,
            where=_place(error.__traceback__),
        ) from error  # fmt: skip


def _place(trail: TracebackType | None) -> Where | None:
    """The last line of the traceback that is neither ours nor a library's, if it has a text."""
    for frame in reversed(traceback.extract_tb(trail)):
        line = linecache.getline(frame.filename, frame.lineno or 0)
        if frame.filename.startswith(_OURS) or "site-packages" in frame.filename or not line:
            continue
        text = line.strip()
        cut = len(line) - len(line.lstrip())
        start = _column(line, frame.colno or 0)
        stop = _column(line, frame.end_colno or 0) if frame.end_lineno == frame.lineno else 0
        start = max(start - cut, 0)
        return Where(text, 1, start, stop - cut if stop > start + cut else len(text))
    return None


def _column(line: str, byte: int) -> int:
    return len(line.encode()[:byte].decode(errors="ignore"))


def _flat(function: Callable[..., Any], result: Any) -> list[Any]:
    """The outputs, at least one."""
    parts = result if isinstance(result, (tuple, list)) else [result]
    flat: list[Any] = []
    for part in parts:
        flat.extend(part.ravel() if isinstance(part, np.ndarray) else [part])
    if not flat:
        raise DiffcompareError("arity", _title(function), need="to return a number", got="none")
    return flat


def _output(function: Callable[..., Any], graph: Graph, value: Any) -> int:
    if not isinstance(value, Variable):
        try:
            return Variable.constant(graph, value).index
        except DiffcompareError as error:
            raise DiffcompareError(
                error.kind, _title(function), need="to return numbers, in a tuple if several",
                got=error.got if error.kind == "domain" else type(value).__name__,
            ) from None  # fmt: skip
    if value.graph is not graph:
        raise DiffcompareError(
            "graph", _title(function), need="to return what it computed from its arguments",
            got="a Variable of another graph",
        )  # fmt: skip
    return value.index


def _title(function: Callable[..., Any]) -> str:
    name = getattr(function, "__name__", type(function).__name__)
    return "the function" if name == "<lambda>" else f"the function {name}"
