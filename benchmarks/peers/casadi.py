"""CasADi: SX graphs in its virtual machine, called with arrays or by buffers laid down once."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

import casadi
import numpy as np

from benchmarks.peers.subject import Built, Subject, nonzeros
from benchmarks.peers.translate import always, table, translated

TABLE = table(
    casadi,
    relu=always(lambda x: casadi.fmax(x, 0)),
    matmul=always(casadi.mtimes),
)


def _traced(subject: Subject) -> tuple[list[Any], list[Any]]:
    """Inputs and outputs."""
    shapes = [subject.graph.shapes[i] for i in subject.graph.inputs.values()]
    x = [casadi.SX.sym(n, *shape) for n, shape in zip(subject.graph.inputs, shapes, strict=True)]
    return x, translated(subject.graph, TABLE)(x)


def _run(function: Any, x: list[Any], how: str, read: Any) -> Built:
    """By a plain call or through buffers; `read` takes the nonzeros of the results."""
    if how == "call":
        return Built(
            partial(function.call, x), lambda found: read([np.array(f.nonzeros()) for f in found])
        )
    buffer, trigger = function.buffer()
    given = [np.asarray(part, dtype=float).ravel(order="F") for part in x]
    results = [np.empty(function.nnz_out(k)) for k in range(function.n_out())]
    for k, part in enumerate(given):
        buffer.set_arg(k, memoryview(part))
    for k, part in enumerate(results):
        buffer.set_res(k, memoryview(part))
    kept = buffer, given  # what the trigger reads must not go

    def found(_: Any) -> list[Any]:
        assert kept
        return read(results)

    return Built(trigger, found)


def _scalar(subject: Subject, derive: bool) -> Any:
    """f, and its gradient, as a function of one vector."""
    x, y = _traced(subject)
    vector = casadi.vertcat(*x)
    wanted = [casadi.gradient(f, vector) for f in y] if derive else []
    return casadi.Function("program", [vector], [*y, *map(casadi.densify, wanted)])


def _point(subject: Subject, how: str, derive: bool = True) -> Built:
    return _run(_scalar(subject, derive), [np.array(subject.point)], how, _picked(subject))


def _picked(subject: Subject) -> Any:
    """The value, and of the gradient what is asked for."""
    slots = list(subject.slots)
    return lambda found: [found[0], *(entry for part in found[1:] for entry in part[slots])]


def _batch(subject: Subject, how: str) -> Built:
    """By CasADi's own map, over as many threads as there may be."""
    x = np.array(subject.point)
    threads = len(os.sched_getaffinity(0))
    mapped = _scalar(subject, True).map(x.shape[1], *(("thread", threads) if threads > 1 else ()))
    inputs = len(subject.point)
    return _run(mapped, [x], how, lambda found: [found[0], *found[1].reshape(-1, inputs).T])


def _jacobian(subject: Subject, how: str) -> Built:
    x, y = _traced(subject)
    (slot,) = subject.slots
    function = casadi.Function("program", x, [casadi.jacobian(y[0], x[slot])])
    shape = function.size_out(0)
    point = [np.array(part) for part in subject.point]
    return _run(function, point, how, lambda found: [found[0].reshape(shape, order="F")])


def _sparse(subject: Subject, how: str) -> Built:
    """Colored by CasADi itself."""
    x, y = _traced(subject)
    vector = casadi.vertcat(*x)
    matrix = casadi.jacobian(casadi.vertcat(*y), vector)
    function = casadi.Function("program", [vector], [matrix])
    places = function.sparsity_out(0).get_triplet()
    return _run(function, [np.array(subject.point)], how, lambda found: nonzeros(*places, found[0]))


BUILDS = {
    "value": partial(_point, derive=False), "gradient": _point, "batch": _batch,
    "jacobian": _jacobian, "sparse": _sparse,
}  # fmt: skip
