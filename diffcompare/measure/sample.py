"""Sweeps too many to run: a few random directions, held against the other modes by dot products."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from diffcompare.graph.point import Point
from diffcompare.measure.agreement import Pair, Run, relative
from diffcompare.measure.rounding import bounded
from diffcompare.modes.derivative import Sweep
from diffcompare.modes.forward import Forward
from diffcompare.ops.op import Shape
from diffcompare.ops.operand import ZERO, Value
from diffcompare.ops.precision import precision

DIRECTIONS: Final = 8
SEED: Final = 0
_CANCELS: Final = 1e-3
"""The bound on rounding counts from this part of the norm on: a row that is next to zero."""
_Names = tuple[Sequence[str], Sequence[str]]
_Gap = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Two ways to the same dot products, the size of what was added up, in its precision, and a bound
on the rounding."""


@dataclass(frozen=True, eq=False)
class Sample:
    """What a few passes of a sweep gave, each seeded with a direction of entries 1 and −1.

    Attributes
    ----------
    derivative : Sweep
    directions : ndarray, (count, seeds)
        In the space of the inputs forward, of the outputs in reverse.
    products : ndarray, (count, results)
        J d for each direction d forward, d J in reverse.
    bounds : ndarray, (count, results)
        On the rounding of each product, f's own floats taken as exact; zeros without arrays.
    """

    derivative: Sweep
    directions: np.ndarray
    products: np.ndarray
    bounds: np.ndarray

    @property
    def mode(self) -> str:
        """The sweep's mode and how many directions were run."""
        return f"{self.derivative.mode} ({len(self.directions)} directions)"

    @property
    def forward(self) -> bool:
        """Whether the directions are of the inputs."""
        return isinstance(self.derivative, Forward)


def sample(derivative: Sweep, point: Point, count: int = DIRECTIONS, seed: int = SEED) -> Sample:
    """Run a few passes of a sweep in random directions.

    Parameters
    ----------
    derivative : Sweep
    point : dict
        From `read_point`.
    count : int
        Directions, each one pass.
    seed : int
        The same seed gives the same directions.

    Examples
    --------
    >>> import diffcompare as dc
    >>> found = sample(dc.differentiate(dc.parse("x*y"), "forward"), {"x": 2.0, "y": 5.0}, 2)
    >>> bool((found.products[:, 0] == found.directions @ [5, 2]).all())
    True
    """
    graph, blocks = derivative.graph, derivative.blocks
    seeds = [graph.shapes[graph.inputs[label]] for label in derivative.seeds]
    results = blocks.outputs if isinstance(derivative, Forward) else blocks.inputs
    width = sum(map(math.prod, seeds))
    directions = np.random.default_rng(seed).choice([-1.0, 1.0], size=(count, width))
    prepared = derivative.prepare(point, derivative.primal.evaluate(point))
    kind = precision(point.values())
    products = np.zeros((count, sum(map(math.prod, results))), kind)
    bounds = np.zeros(products.shape)
    rounded = bounded(derivative, point, shared=True) if any(graph.shapes) else None
    for row, direction in enumerate(directions.astype(kind)):
        if rounded is not None:
            bounds[row] = rounded.of(direction[:, None])[:, 0]
        given = dict(zip(derivative.seeds, _parts(direction, seeds), strict=True))
        found = derivative.run(given, prepared)
        for result, part in zip(found, _slices(results), strict=True):
            products[row, part] = 0.0 if result is ZERO else np.ravel(result)
    return Sample(derivative, directions, products, np.where(np.isfinite(bounds), bounds, 0.0))


def _slices(shapes: Sequence[Shape]) -> Iterator[slice]:
    start = 0
    for shape in shapes:
        yield slice(start, start := start + math.prod(shape))


def _parts(numbers: np.ndarray, shapes: Sequence[Shape]) -> Iterator[Value]:
    """Arrays of the given shapes from their numbers one after the other."""
    for shape, part in zip(shapes, _slices(shapes), strict=True):
        yield numbers[part].reshape(shape)[()]


def dot_products(
    samples: Sequence[Sample], runs: Sequence[Run], outputs: Sequence[str], inputs: Sequence[str]
) -> tuple[Pair, ...]:
    """Hold samples against every exact mode that was run in full, and against each other.

    Each product of a sample is the dot product of a direction with a row (forward) or column
    (reverse) of the other mode's Jacobian. Of two samples, d forward and ȳ in reverse, it is
    ȳ·(J d) = (ȳ J)·d. Both ways must agree to `relative` of the Euclidean norm of what is added up:
    its terms are of random sign. Where rows of arrays cancel to next to zero, twice the running
    bound on the rounding of each way is allowed as well, a Jacobian's being that of the sample. So a rule that is wrong by a factor 1 + 1e-9 is seen, where the
    part of the gradient that it makes is not negligible; one wrong entry among many may not be.

    Parameters
    ----------
    samples : sequence of Sample
    runs : sequence of Run
    outputs, inputs : sequence of str
        A name for each row and each column of the Jacobian.

    Returns
    -------
    tuple of Pair
        `relative` is over that norm; an entry names a direction in place of an input or output.
    """
    names = (outputs, inputs)
    exact = [run for run in runs if not run.approximate]
    found = [
        _pair((a.mode, run.mode), _with_matrix(a, run.jacobian.matrix), _entries(a, names))
        for a in samples
        for run in exact
    ]
    for a, b in combinations(samples, 2):
        if a.forward is not b.forward:
            entries = (_numbered("ȳ", len(b.directions)), _numbered("d", len(a.directions)))
            if not a.forward:
                entries = (_numbered("ȳ", len(a.directions)), _numbered("d", len(b.directions)))
            found.append(_pair((a.mode, b.mode), _of_both(a, b), entries))
    return tuple(found)


def _numbered(name: str, count: int) -> list[str]:
    return [f"{name}{k + 1}" for k in range(count)]


def _entries(sample: Sample, names: _Names) -> _Names:
    outputs, inputs = names
    if sample.forward:
        return outputs, _numbered("d", len(sample.directions))
    return _numbered("ȳ", len(sample.directions)), inputs


def _with_matrix(sample: Sample, matrix: np.ndarray) -> _Gap:
    """Products as rows by columns of the entries' names, and the same from a whole Jacobian."""
    with np.errstate(all="ignore"):
        if sample.forward:
            rounding = 4 * sample.bounds.T
            return sample.products.T, matrix @ sample.directions.T, _norms(matrix), rounding
        rounding = 4 * sample.bounds
        return sample.products, sample.directions @ matrix, _norms(matrix.T).T, rounding


def _of_both(a: Sample, b: Sample) -> _Gap:
    """(ȳ J)·d and ȳ·(J d) of every ȳ, by row, and every d."""
    ahead, back = (a, b) if a.forward else (b, a)
    with np.errstate(all="ignore"):
        x = back.products @ ahead.directions.T
        y = back.directions @ ahead.products.T
        norms = np.maximum(_norms(back.products), _norms(ahead.products).T)
        return x, y, norms, 2 * (_norms(back.bounds) + _norms(ahead.bounds).T)


def _norms(matrix: np.ndarray) -> np.ndarray:
    """The Euclidean norm of every row, as a column; its squares cannot overflow."""
    return np.asarray(np.hypot.reduce(matrix, axis=1, keepdims=True, initial=0.0))


def _pair(modes: tuple[str, str], ways: _Gap, names: _Names) -> Pair:
    with np.errstate(all="ignore"):
        x, y, norms, rounding = np.broadcast_arrays(*ways)
        # inf − inf in a sum is nan: what is not finite both ways cannot be told apart.
        same = (x == y) | ~(np.isfinite(x) | np.isfinite(y))
        gap = np.where(same, 0.0, np.abs(x - y))
        gap[np.isnan(gap)] = np.inf
        cancels = rounding > _CANCELS * norms
        allowed = relative(norms) * norms + np.where(cancels, rounding, 0.0)
        ratio = np.where(gap > 0, gap / allowed, 0.0)
    if not ratio.size:
        return Pair(modes, None, 0.0, 0.0, 0.0, 0.0, True)
    place = np.unravel_index(int(np.argmax(ratio)), ratio.shape)
    worst, most = float(gap[place]), norms.dtype.type(max(abs(x[place]), abs(y[place])))
    return Pair(
        modes,
        entry=(names[0][int(place[0])], names[1][int(place[1])]),
        absolute=worst,
        relative=worst / float(norms[place]) if worst else 0.0,
        ulps=worst / float(np.spacing(most)) if np.isfinite(most) and worst else worst,
        tolerance=float(allowed[place]),
        ok=bool(ratio[place] <= 1),
    )


def told(sample: Sample, pairs: Sequence[Pair]) -> str:
    """What was run in place of all passes, and what came of it, in a sentence.

    Parameters
    ----------
    sample : Sample
    pairs : sequence of Pair
        From `dot_products`.
    """
    passes, run = sample.derivative.passes, len(sample.directions)
    verdicts = []
    for pair in pairs:
        if sample.mode in pair.modes:
            other = next(mode for mode in pair.modes if mode != sample.mode)
            if pair.ok:
                verdicts.append(f"agree with {other} to {max(pair.relative, 1e-16):.0e}")
            else:
                verdicts.append(f"DISAGREE with {other} by {pair.relative:.0e}")
    checked = (
        f"dot products {', '.join(verdicts)}" if verdicts else "no other mode to check them by"
    )
    return f"{passes:,} passes counted, {run} random directions of ±1 run; {checked}"
