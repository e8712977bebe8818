"""The graphs that benchmarks run: seeded, and the same for every tool."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

import diffcompare as dc
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable

BINARY: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
}
UNARY: Final = ("sin", "cos", "exp", "log", "sqrt", "tanh")
_LARGEST, _LEAST, _ERROR = 3.0, 0.3, 1000.0
Known = tuple[float, float]


def graph_of(function: Callable[[list[Any]], Any], n: int) -> Graph:
    """The graph of a function of a list of `n` numbers, or of as many outputs as it returns."""
    graph = Graph.empty()
    result = function([Variable.input(graph, f"x{k}") for k in range(n)])
    outputs = result if isinstance(result, list) else [result]
    graph.outputs = tuple([y.index for y in outputs])
    return graph


def point(n: int) -> list[float]:
    """Where the graphs are evaluated: numbers from 0.5 to 1.5, no two alike."""
    return [0.5 + (k + 0.5) / n for k in range(n)]


def points(n: int, count: int, seed: int = 0) -> list[np.ndarray]:
    """A column for each of `n` inputs: `count` points within a hundredth of `point(n)`."""
    rng = np.random.default_rng(seed)
    return [x * rng.uniform(0.99, 1.01, count) for x in point(n)]


def random_graph(
    operations: int, inputs: int = 8, seed: int = 0, calls: float = 0.1, deep: bool = False
) -> Graph:
    """A graph of exactly so many operations, every one live, tame at `point(inputs)`.

    There are at least as many as adding up the inputs takes. The share `calls` of them is a function
    of one number, the others are + - * /. Arguments come uniformly from all that is before, so that
    the depth grows like the logarithm of the size. What nothing has used is added up by twos at the
    end: about a quarter of the operations are that.

    In a deep graph half of the arguments are recent, a quarter has waited longest for a use: the
    depth grows like the size, and little is left to add up.
    """
    pick = _recent if deep else _uniform
    rng = random.Random(seed)
    graph = Graph.empty()
    nodes = [Variable.input(graph, f"x{k}") for k in range(inputs)]
    values = [(x, 0.0) for x in point(inputs)]
    unused = dict.fromkeys(range(inputs))
    while (room := operations - (len(nodes) - inputs) - (len(unused) - 1)) > 0:
        name, picked, known = _step(rng, values, unused, calls, pick)
        if room == 1 and not unused.keys() & picked:
            continue  # it and adding it up would be one too many
        before = len(graph.ops)
        node = _apply(name, [nodes[k] for k in picked])
        if len(graph.ops) == before:
            continue  # it was there
        for k in picked:
            unused.pop(k, None)
        unused[len(nodes)] = None
        values.append(known)
        nodes.append(node)
    graph.outputs = (by_twos([nodes[k] for k in unused]).index,)
    return graph


def by_twos(terms: list[Any]) -> Any:
    """Their sum, as a balanced tree."""
    while len(terms) > 1:
        odd = terms[-1:] if len(terms) % 2 else []
        terms = [a + b for a, b in zip(terms[::2], terms[1::2], strict=False)] + odd
    return terms[0]


Pick = Callable[[random.Random, int, dict[int, None]], int]


def _step(
    rng: random.Random, values: Sequence[Known], unused: dict[int, None], calls: float, pick: Pick
) -> tuple[str, list[int], Known]:
    """An operation, its arguments and its result, such that neither value nor rounding grows."""
    while True:
        name = rng.choice(UNARY if rng.random() < calls else list(BINARY))
        picked = [pick(rng, len(values), unused)]
        if name in BINARY:
            picked.append(pick(rng, len(values), unused))
        known = _known(name, [values[k] for k in picked])
        if abs(known[0]) < _LARGEST and known[1] < _ERROR:
            return name, picked, known


def _known(name: str, x: Sequence[Known]) -> Known:
    """The value and a bound of its rounding; infinite outside of a margin around the domain."""
    (a, error), (b, other) = x[0], x[-1]
    if name in ("log", "sqrt", "div") and b < _LEAST:
        return math.inf, math.inf
    y = float(BINARY[name](a, b) if name in BINARY else getattr(math, name)(a))
    match name:
        case "add" | "sub":
            error = error + other
        case "mul":
            error = error * abs(b) + other * abs(a)
        case "div":
            error = (error + other * abs(y)) / b
        case "exp":
            error = error * y
        case "log" | "sqrt":
            error = error / b  # more than that of the root
    return y, error + abs(y)


def _uniform(rng: random.Random, count: int, unused: dict[int, None]) -> int:
    return rng.randrange(count)


def _recent(rng: random.Random, count: int, unused: dict[int, None]) -> int:
    if rng.random() < 0.5:
        return count - 1 - rng.randrange(min(count, 16))
    if rng.random() < 0.5:
        return next(iter(unused))
    return rng.randrange(count)


def _apply(name: str, x: Sequence[Any]) -> Any:
    return BINARY[name](*x) if name in BINARY else getattr(dc, name)(*x)


def helmholtz(n: int) -> Graph:
    """The Helmholtz energy of a mixed fluid, A. Griewank's example; 1/(RT) put in as 1."""
    b = [0.01 + 0.002 * i for i in range(n)]
    root = math.sqrt(2.0)

    def energy(x: list[Any]) -> Any:
        total = b[0] * x[0]
        for i in range(1, n):
            total = total + b[i] * x[i]
        mixing = x[0] * dc.log(x[0] / (1 - total))
        for i in range(1, n):
            mixing = mixing + x[i] * dc.log(x[i] / (1 - total))
        pairs = _form(x, b)
        logs = dc.log((1 + (1 + root) * total) / (1 + (1 - root) * total))
        return mixing - pairs / (math.sqrt(8.0) * total) * logs

    return graph_of(energy, n)


def _form(x: list[Any], b: list[float]) -> Any:
    """xᵀ A x with A of full rank."""
    total = None
    for i, left in enumerate(x):
        row = None
        for j, right in enumerate(x):
            term = math.sqrt(b[i] * b[j]) / (1 + abs(i - j)) * right
            row = term if row is None else row + term
        total = left * row if total is None else total + left * row
    return total


def logistic(n: int) -> Graph:
    """l₁ = x, lₙ₊₁ = 4 lₙ (1 − lₙ): as deep as it is large."""

    def last(x: list[Any]) -> Any:
        value = x[0]
        for _ in range(n - 1):
            value = 4 * value * (1 - value)
        return value

    return graph_of(last, 1)


def banded(n: int) -> Graph:
    """Broyden's tridiagonal function: n outputs, a Jacobian of three diagonals."""

    def outputs(x: list[Any]) -> list[Any]:
        ends = [0, *x, 0]
        return [
            (3 - 2 * b) * b - a - 2 * c + 1
            for a, b, c in zip(ends, ends[1:], ends[2:], strict=False)
        ]

    return graph_of(outputs, n)
