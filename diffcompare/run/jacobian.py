"""Full Jacobians compiled: f and all passes in one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.graph.graph import Graph
from diffcompare.graph.listing import to_listing
from diffcompare.graph.point import read_wrt
from diffcompare.graph.rolled import rolled
from diffcompare.modes.forward import tangent_graph
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.modes.sparsity.coloring import coloring
from diffcompare.modes.sparsity.compressed import Compressed, compress
from diffcompare.modes.sparsity.cyclic import cyclic
from diffcompare.modes.sparsity.pattern import Pattern, sparsity
from diffcompare.modes.sparsity.vectors import rolled_pattern
from diffcompare.modes.vector import Vectors, jacobian_blocks, passes_at_once
from diffcompare.ops.precision import Float, precision
from diffcompare.run.alike import alike
from diffcompare.run.arrays import array_function
from diffcompare.run.given import guarded, vector
from diffcompare.run.native.rows import NativeRows

_MOST_COLORS = 64
"""Passes at once of a rolled graph; with more it does not fit the cache."""


def finite(x: Any) -> bool:
    """Whether there is no nan and no infinity.

    Examples
    --------
    >>> finite(np.array([1.0, 1e200])), finite(np.array([1.0, np.inf]))
    (True, False)
    """
    return bool(np.isfinite(x).all())


@dataclass(frozen=True, eq=False)
class JacobianProgram:
    """f and its full Jacobian as a function of the inputs of a graph of arrays.

    Called, it gives the outputs of f, then a block for each output and each input, of the shape of
    the output followed by that of the input. Where a value is undefined, or where a zero of a seed
    may have met an infinity, the passes are run one by one.

    Attributes
    ----------
    vectors : Vectors
        The passes as one graph.
    """

    vectors: Vectors
    _function: Callable[..., tuple[Any, ...]] = field(repr=False)
    _units: dict[Any, tuple[np.ndarray, ...]] = field(repr=False, default_factory=dict)

    @property
    def mode(self) -> str:
        """Forward or reverse, whichever takes fewer operations."""
        return self.vectors.sweep.mode

    @property
    def source(self) -> str:
        """The listing of what is run."""
        return to_listing(self.vectors.graph)

    def __call__(self, *x: Any) -> tuple[Any, ...]:
        return guarded(self.vectors.sweep.primal.inputs, self._at, x)

    def _at(self, *x: Any) -> tuple[Any, ...]:
        if not self.vectors.seeds:  # no zero of a seed is left
            found = self._function(*x)
            doubtful = found[: len(self.vectors.sweep.primal.outputs)]
        else:
            doubtful = found = self._function(*x, *self._ones(precision(x)))
        return found if all(map(finite, doubtful)) else self._carefully(x)

    def _ones(self, kind: Float) -> tuple[np.ndarray, ...]:
        if kind not in self._units:
            shapes = self.vectors.seeds.values()
            self._units[kind] = tuple(np.eye(s[0], dtype=kind).reshape(s) for s in shapes)
        return self._units[kind]

    def _carefully(self, x: Sequence[Any]) -> tuple[Any, ...]:
        sweep = self.vectors.sweep
        graph, blocks = sweep.primal, sweep.blocks
        point = dict(zip(graph.inputs, x, strict=True))
        matrix = sweep.at(point, allow_nonfinite=True).matrix
        values = graph.evaluate(point)
        return (
            *(values[i] for i in graph.outputs),
            *(
                matrix[rows, columns].reshape(output + given)
                for (rows, output), (columns, given) in product(
                    zip(blocks.rows, blocks.outputs, strict=True),
                    zip(blocks.columns, blocks.inputs, strict=True),
                )
            ),
        )


def compile_jacobian(graph: Graph, wrt: str | Sequence[str] | None = None) -> JacobianProgram:
    """f and its full Jacobian as a program of NumPy calls, all passes at once.

    Parameters
    ----------
    graph : Graph
    wrt : str or sequence of str, optional
        The inputs, all of them by default.

    Examples
    --------
    >>> import diffcompare as dc
    >>> program = compile_jacobian(dc.parse("x*x", shapes={"x": (2,)}))
    >>> program(np.array([1.0, 3.0]))
    (array([1., 9.]), array([[2., 0.],
           [0., 6.]]))
    """
    names = read_wrt(graph, wrt)
    ways = [jacobian_blocks(make(graph, names)) for make in (tangent_graph, adjoint_graph)]
    best = min(ways, key=lambda vectors: vectors.operations)
    return JacobianProgram(best, array_function(best.graph))


class SparseProgram:
    """f and the nonzeros of its Jacobian as a function of one vector: all inputs, in their order.

    Attributes
    ----------
    graph : Graph
    pattern : Pattern
        Where the nonzeros are, in the order in which they come.
    passes : int
        Colors.
    vectors : Vectors or None
        The passes as one graph; None where nodes are too little alike to go side by side.
    backend : {"numpy", "native"}

    Examples
    --------
    >>> import diffcompare as dc
    >>> row = ", ".join(f"x{k}*x{k + 1}" for k in range(40))
    >>> program = compile_sparse_jacobian(dc.parse(row))
    >>> values, nonzeros = program(np.arange(41.0))
    >>> program.passes, nonzeros[:4]
    (2, array([1., 0., 2., 1.]))
    """

    def __init__(
        self, graph: Graph, wrt: tuple[str, ...], pattern: Pattern, vectors: Vectors | None,
        colors: np.ndarray, rows: NativeRows | None = None,
    ) -> None:  # fmt: skip
        self.graph, self.wrt, self.pattern, self.vectors = graph, wrt, pattern, vectors
        self.passes = int(colors.max(initial=-1)) + 1
        self._seeds = (colors == np.arange(self.passes)[:, np.newaxis]).astype(float)
        self._reading = colors[pattern.columns] * pattern.shape[0] + pattern.rows
        places = {name: place for place, name in enumerate(graph.inputs)}
        chosen = [places.pop(name) for name in wrt]
        self._parts = [part for part in (chosen, list(places.values())) if part]
        self._in_order = self._parts == [list(range(len(graph.inputs)))]
        self._function = array_function(vectors.graph) if vectors else None
        self._rows = rows
        self.backend = "native" if rows else "numpy"

    def __call__(self, x: Any) -> tuple[np.ndarray, np.ndarray]:
        x = vector(self.graph.inputs, x)
        if self._rows:
            found = self._rows(x)
        elif self._function:
            parts = [x] if self._in_order else [x[part] for part in self._parts]
            values, tangents = self._function(*parts, self._seeds)
            found = values, tangents.reshape(-1).take(self._reading)
        else:
            return self._carefully(x)
        return found if all(map(finite, found)) else self._carefully(x)

    @cached_property
    def _compressed(self) -> Compressed:
        return compress(self.graph, self.wrt)

    def _carefully(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        point = dict(zip(self.graph.inputs, x, strict=True))
        values = self.graph.evaluate(point)
        found = self._compressed.sparse(point, allow_nonfinite=True)
        return np.array([values[i] for i in self.graph.outputs]), found.values


def compile_sparse_jacobian(
    graph: Graph, wrt: str | Sequence[str] | None = None, backend: str = "numpy"
) -> SparseProgram:
    """f and the nonzeros of its Jacobian as a program, by forward passes that colors share.

    With machine code, of the extra `native`, rows that are one function go side by side, each by
    its own reverse pass; where they are too little alike, NumPy runs the passes.

    Parameters
    ----------
    graph : Graph
        Of numbers.
    wrt : str or sequence of str, optional
        The inputs, all of them by default.
    backend : {"numpy", "native"}

    Raises
    ------
    DiffcompareError
        Of kind "shape" where an edge carries an array, "name" where the backend is none, "input"
        where llvmlite is missing.
    """
    if backend not in ("numpy", "native"):
        raise DiffcompareError("name", "a sparse Jacobian's program", need="numpy or native",
                               got=shorten(backend))  # fmt: skip
    if any(graph.shapes):
        raise DiffcompareError("shape", "a sparse Jacobian's program", need="numbers on every edge",
                               got="an array", hint="expand the graph")  # fmt: skip
    names = read_wrt(graph, wrt)
    small = rolled(graph, names)
    pattern = sparsity(graph, names) if small is None else rolled_pattern(small)
    colors = cyclic(pattern)
    if colors is None:
        colors = coloring(pattern, "columns").columns
    passes = int(colors.max(initial=-1)) + 1
    if backend == "native" and (kinds := alike(graph)):
        rows = NativeRows(graph, kinds, names, pattern)
        return SparseProgram(graph, names, pattern, None, colors, rows)
    if small is None or not 0 < passes <= _MOST_COLORS:
        return SparseProgram(graph, names, pattern, None, colors)
    sweep = tangent_graph(small, ("x",))
    vectors = passes_at_once(sweep, sweep.seeds[0], passes)
    return SparseProgram(graph, names, pattern, vectors, colors)
