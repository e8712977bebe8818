"""Full Jacobians side by side: 100 → 100 dense, and banded 10 000 × 10 000.

    python -m benchmarks.jacobian [rounds]

Ours, by hand in NumPy, and the peers that are installed, in interleaved rounds of one process. All
have to agree to 1e-12 first. Building includes whatever comes before the first call.
"""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from benchmarks import graphs
from benchmarks.timing import interleaved, medians, per_call
from diffcompare.parse.problem import parse
from diffcompare.run.jacobian import compile_jacobian, compile_sparse_jacobian

N, LARGE = 100, 10_000
Call = Callable[[], Any]
Maker = Callable[[], tuple[Call, Callable[[Any], np.ndarray]]]
"""Builds: a call, and what takes the Jacobian, or its nonzeros row by row, from its result."""


def dense_point() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.standard_normal((N, N)) / N, rng.standard_normal((N, 1))


def dense_ours(a: np.ndarray, x: np.ndarray) -> tuple[Call, Callable[[Any], np.ndarray]]:
    graph = parse("tanh(matmul(a, x))", shapes={"a": (N, N), "x": (N, 1)})
    return partial(compile_jacobian(graph, "x"), a, x), lambda y: y[1].reshape(N, N)


def dense_numpy(a: np.ndarray, x: np.ndarray) -> tuple[Call, Callable[[Any], np.ndarray]]:
    """Vectorised forward: all unit tangents through each operation."""
    units = np.eye(N)

    def call() -> Any:
        y = np.tanh(a @ x)
        return y, (1 - y * y) * (a @ units)

    return call, lambda y: y[1]


def dense_casadi(
    a: np.ndarray, x: np.ndarray, plain: bool = False
) -> tuple[Call, Callable[[Any], np.ndarray]]:
    casadi = importlib.import_module("casadi")
    weights, v = casadi.MX.sym("a", N, N), casadi.MX.sym("x", N)
    y = casadi.tanh(casadi.mtimes(weights, v))
    function = casadi.Function("f", [weights, v], [y, casadi.jacobian(y, v)])
    if plain:
        return lambda: function(a, x), lambda found: np.array(found[1])
    return _buffered(function, [a, x], N)


def _buffered(function: Any, given: list[np.ndarray], rows: int) -> Any:
    """CasADi's cheapest call: it reads and writes arrays of ours, by columns."""
    buffer, trigger = function.buffer()
    inputs = [np.array(part, order="F", dtype=float) for part in given]
    results = [np.zeros(function.nnz_out(k)) for k in range(function.n_out())]
    for k, part in enumerate(inputs):
        buffer.set_arg(k, memoryview(part.ravel(order="F")))
    for k, result in enumerate(results):
        buffer.set_res(k, memoryview(result))
    keep = (buffer, inputs, results)

    def call(_keep: Any = keep) -> Any:
        trigger()
        return results

    return call, lambda found: found[1].reshape(rows, -1, order="F")


def dense_jax(a: np.ndarray, x: np.ndarray) -> tuple[Call, Callable[[Any], np.ndarray]]:
    jax = _jax()
    f = lambda w, v: jax.numpy.tanh(w @ v)  # noqa: E731
    both = jax.jit(lambda w, v: (f(w, v), jax.jacfwd(f, 1)(w, v)))
    w, v = jax.numpy.asarray(a), jax.numpy.asarray(x)
    jax.block_until_ready(both(w, v))
    return lambda: jax.block_until_ready(both(w, v)), lambda y: np.asarray(y[1]).reshape(N, N)


def _jax() -> Any:
    jax = importlib.import_module("jax")
    importlib.import_module("jax.numpy")
    jax.config.update("jax_enable_x64", True)
    return jax


def dense_torch(a: np.ndarray, x: np.ndarray) -> tuple[Call, Callable[[Any], np.ndarray]]:
    torch = importlib.import_module("torch")
    w, v = torch.from_numpy(a), torch.from_numpy(x)
    slopes = torch.func.jacfwd(lambda z: torch.tanh(w @ z))
    return lambda: (torch.tanh(w @ v), slopes(v)), lambda y: y[1].numpy().reshape(N, N)


def banded_ours(x: np.ndarray, graph: Any) -> tuple[Call, Callable[[Any], np.ndarray]]:
    return partial(compile_sparse_jacobian(graph), x), lambda y: y[1]


def banded_numpy(x: np.ndarray, graph: Any) -> tuple[Call, Callable[[Any], np.ndarray]]:
    """Three colored tangents through each operation, and a gather."""
    rows = np.repeat(np.arange(LARGE), 3)[1:-1]
    columns = np.add.outer(np.arange(LARGE), [-1, 0, 1]).ravel()[1:-1]
    seeds = (np.arange(LARGE) % 3 == np.arange(3)[:, np.newaxis]).astype(float)
    reading = columns % 3 * LARGE + rows

    def call() -> Any:
        u = 2 * x
        v = 3 - u
        y = v * x + 1
        y[1:] -= x[:-1]
        y[:-1] -= u[1:]
        u_dot = 2 * seeds
        y_dot = v * seeds - u_dot * x
        y_dot[:, 1:] -= seeds[:, :-1]
        y_dot[:, :-1] -= u_dot[:, 1:]
        return y, y_dot.ravel()[reading]

    return call, lambda y: y[1]


def banded_casadi(x: np.ndarray, graph: Any) -> tuple[Call, Callable[[Any], np.ndarray]]:
    """Colored by CasADi itself."""
    casadi = importlib.import_module("casadi")
    v = casadi.SX.sym("x", LARGE)
    ends = [0, *casadi.vertsplit(v), 0]
    y = casadi.vertcat(
        *(
            (3 - 2 * b) * b - a - 2 * c + 1
            for a, b, c in zip(ends, ends[1:], ends[2:], strict=False)
        )
    )
    function = casadi.Function("f", [v], [y, casadi.jacobian(y, v)])
    rows, columns = map(np.array, function.sparsity_out(1).get_triplet())
    order = np.lexsort((columns, rows))
    call, _ = _buffered(function, [x], LARGE)
    return call, lambda found: found[1][order]


DENSE = {"ours": dense_ours, "NumPy by hand": dense_numpy, "CasADi buffered": dense_casadi,
         "CasADi": partial(dense_casadi, plain=True),
         "JAX jit": dense_jax, "PyTorch": dense_torch}  # fmt: skip
BANDED = {"ours": banded_ours, "NumPy by hand": banded_numpy, "CasADi buffered": banded_casadi}


def compared(title: str, makers: dict[str, Maker], rounds: int) -> Iterator[str]:
    """A line for each that is installed: seconds to build, per call, and ours over it."""
    calls: dict[str, Call] = {}
    built: dict[str, float] = {}
    true = None
    for name, make in makers.items():
        start = time.perf_counter()
        try:
            call, taken = make()
        except ImportError:
            continue
        first = np.asarray(taken(call()))
        built[name] = time.perf_counter() - start
        true = first if true is None else true
        np.testing.assert_allclose(first, true, rtol=1e-12, atol=1e-12, err_msg=name)
        calls[name] = call
    timers = {name: lambda call=call: [per_call(call, 0.02)] for name, call in calls.items()}
    found = {name: medians(each)[0] for name, each in interleaved(timers, rounds).items()}
    yield f"{title:32} {'build':>10} {'call':>12} {'ours/it':>9} {'build':>7}"
    for name, seconds in found.items():
        yield (
            f"{name:32} {1e3 * built[name]:7.1f} ms {1e6 * seconds:9.1f} µs "
            f"{found['ours'] / seconds:8.2f}× {built['ours'] / built[name]:6.2f}×"
        )


def main(rounds: int) -> None:
    point = dense_point()
    for line in compared("tanh(A x), 100 → 100", _at(DENSE, *point), rounds):
        print(line, flush=True)
    graph = graphs.banded(LARGE)
    x = np.array(graphs.point(LARGE))
    for line in compared("banded 10 000 × 10 000", _at(BANDED, x, graph), rounds):
        print(line, flush=True)


def _at(makers: dict[str, Any], *point: Any) -> dict[str, Maker]:
    return {name: partial(make, *point) for name, make in makers.items()}


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
