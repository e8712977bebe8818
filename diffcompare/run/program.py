"""Graphs and derivatives compiled: a straight-line program that is built once and run often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Integral
from typing import Any, Final

import numpy as np

from diffcompare.collector import held
from diffcompare.errors import DiffcompareError, shorten
from diffcompare.graph.graph import Graph
from diffcompare.modes.derivative import Derivative
from diffcompare.run.backends import MAKERS, Made, Results, executed
from diffcompare.run.batch import Batch
from diffcompare.run.given import check_numbers, guarded, rows
from diffcompare.run.instructions import instructions
from diffcompare.run.levels import is_wide
from diffcompare.run.native.batch import NativeBatch
from diffcompare.run.native.call import Kernel, buffered, check_buffers
from diffcompare.run.native.engine import installed
from diffcompare.run.predicted import fastest
from diffcompare.run.reuse import scratch
from diffcompare.run.source import tree_source

_FLOATS: Final = frozenset({float, int, np.float64})
"""What numbers mostly are."""


@dataclass(frozen=True, eq=False)
class Program:
    """A graph as a function of its inputs: `program(*x)` gives a tuple of its outputs.

    Results are those of IEEE arithmetic, nan and infinities too.

    Attributes
    ----------
    graph : Graph
    inputs : tuple of str
        The names of the arguments, in order.
    backend : {"python", "numpy", "levels", "native", "interpreted"}
        Straight-line Python over `math` on floats; NumPy calls where an edge carries an array, or
        on groups of alike operations; machine code; runs of alike instructions that machine code
        reads, as "native" has them too where the program is so large that it runs no slower so.
    source : str
        What is run: Python, LLVM assembly, groups of operations, or the listing of the graph.
    function : callable
        The bare function, for calls that must cost nothing more; threads may call it at once.

    Examples
    --------
    >>> import diffcompare as dc
    >>> program = dc.compile(dc.parse("x/y"))
    >>> program(1.0, 4.0), program(1.0, 0.0)
    ((0.25,), (inf,))
    >>> program.batch([1.0, 2.0], [4.0, 0.0])
    (array([0.25,  inf]),)
    """

    graph: Graph
    inputs: tuple[str, ...]
    backend: str
    source: str = field(repr=False)
    function: Callable[..., Results] = field(repr=False)
    kernel: Kernel | None = field(default=None, repr=False)

    def __call__(self, *x: Any) -> Results:
        if not _FLOATS.issuperset(map(type, x)) and not any(self.graph.shapes):
            check_numbers(x)
        return guarded(self.inputs, self.function, x)

    @property
    def scratch(self) -> int:
        """Bytes that a layer takes at most while it works, beside the values; of double precision."""
        return scratch(self.graph)

    @cached_property
    def batch(self) -> Callable[..., tuple[np.ndarray, ...]]:
        """The same over many points: of each input an array of values, along the first axis.

        Many points are shared among threads; results do not depend on how many there are.
        """
        if any(self.graph.shapes):
            return self._one_by_one
        if self.backend == "native":
            return NativeBatch(instructions(self.graph))
        return Batch(instructions(self.graph))

    def _one_by_one(self, *columns: Any) -> tuple[np.ndarray, ...]:
        found = [self(*x) for x in rows(self.inputs, columns)]
        if not found:
            return tuple([np.empty((0, *self.graph.shapes[i])) for i in self.graph.outputs])
        return tuple([np.array(column) for column in zip(*found, strict=True)])

    def buffered(self, x: np.ndarray, out: np.ndarray) -> Callable[[], None]:
        """A call without arguments, the cheapest there is: it reads `x` and writes `out`.

        Parameters
        ----------
        x, out : numpy.ndarray
            Contiguous floats, one for each input and each output, apart from each other. The call
            keeps them; it is of one thread at a time.

        Raises
        ------
        DiffcompareError
            Of kind "shape" or "type", where an array is another.

        Examples
        --------
        >>> import diffcompare as dc, numpy as np
        >>> x, out = np.array([3.0, 4.0]), np.empty(1)
        >>> call = dc.compile(dc.parse("x*y")).buffered(x, out)
        >>> call(), out
        (None, array([12.]))
        """
        if any(self.graph.shapes):
            raise _needs_numbers("a buffered call")
        check_buffers(x, len(self.inputs), out, len(self.graph.outputs))
        if self.kernel is not None:
            return buffered(self.kernel, x, out)
        function = self.function

        def call() -> None:
            out[:] = function(*x.tolist())

        return call


BACKENDS: Final = ("auto", "python", "numpy", "levels", "native", "interpreted")


def compile(
    source: Graph | Derivative, backend: str = "auto", evaluations: int | None = None
) -> Program:
    """A graph, or f and its derivative, as a program.

    Parameters
    ----------
    source : Graph or Derivative
        Of a derivative the program gives the outputs of f, then the entries of the Jacobian row by
        row; where its seeds are arrays, the outputs of f and one pass, with the seeds as further
        arguments.
    backend : {"auto", "python", "numpy", "levels", "native", "interpreted"}
        The last two need the extra `native`; "auto" is "numpy" where an edge carries an array,
        "levels" for a graph that is large and wide, else "python".
    evaluations : int, optional
        How often the program is to be run: of a graph of numbers "auto" then takes the backend that
        is done first, its building included, among those installed. `Program.backend` says which.

    Returns
    -------
    Program
        The same one for the same graph and backend.

    Raises
    ------
    DiffcompareError
        Of kind "type" or "name", where the source or the backend is none, or the interpreter has
        not an op; of kind "shape", where an array meets a backend of numbers; of kind "input",
        where llvmlite is missing, or `evaluations` are not 1 or more.

    Examples
    --------
    >>> import diffcompare as dc
    >>> gradient = dc.differentiate(dc.parse("log(x1) + x1*x2 - sin(x2)"), "reverse")
    >>> program = dc.compile(gradient)
    >>> program(2.0, 5.0)
    (11.652071455223084, 5.5, 1.7163378145367738)
    >>> print(program.source)
    def program(x0, x1):
        try:
            return ((log(x0) + (x0 * x1)) - sin(x1), x1 + (1.0 / x0), x0 - cos(x1),)
        except (ValueError, OverflowError, ZeroDivisionError):
            return slow(x0, x1)
    """
    graph: Any = source
    if isinstance(source, Derivative):
        graph = source.joint_graph if source.specialises else source.graph
    if backend not in BACKENDS:
        raise DiffcompareError("name", "compile", need=f"a backend among {', '.join(BACKENDS)}",
                               got=shorten(backend))  # fmt: skip
    programs: dict[Any, Program] = graph.__dict__.setdefault("_programs", {})
    whole = isinstance(evaluations, Integral) and not isinstance(evaluations, bool)
    if evaluations is not None and not (whole and evaluations > 0):
        raise DiffcompareError("input", "compile", need="evaluations, a whole number of 1 or more",
                               got=shorten(evaluations))  # fmt: skip
    if backend == "auto" and evaluations is not None and not any(graph.shapes):
        backend = fastest(instructions(graph), evaluations, installed())
    key = (backend, len(graph.ops), graph.outputs)
    if key not in programs:
        programs[key] = fresh_program(graph, backend)
    return programs[key]


@held()
def fresh_program(graph: Graph, backend: str = "auto") -> Program:
    """A graph as a program that is made now, also where there is one."""
    arrays = any(graph.shapes)
    if arrays and backend not in ("auto", "numpy"):
        raise _needs_numbers(f"the {backend} backend")
    if backend == "auto":
        backend = "numpy" if arrays else "levels" if is_wide(graph) else "python"
    return _program(graph, backend, MAKERS[backend](graph))


def _needs_numbers(what: str) -> DiffcompareError:
    return DiffcompareError("shape", what, need="numbers on every edge", got="an array",
                            hint="take numpy, or expand the graph")  # fmt: skip


def tree_program(graph: Graph) -> Program:
    """A graph of numbers written out as trees, every use of a value computed again: for comparison.

    Examples
    --------
    >>> import diffcompare as dc
    >>> print(tree_program(dc.parse("exp(x)*exp(x)")).source.count("exp"))
    2
    """
    return _program(graph, "python", executed(graph, *tree_source(graph)))


def _program(graph: Graph, backend: str, made: Made) -> Program:
    return Program(graph, tuple(graph.inputs), backend, *made)
