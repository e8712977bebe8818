"""autograd: NumPy with a tape, laid in every evaluation."""

from __future__ import annotations

from functools import partial
from typing import Any

import autograd
import autograd.numpy as anp

from benchmarks.peers.subject import Built, Subject
from benchmarks.peers.translate import NUMPY, always, table, translated

TABLE = table(
    anp, NUMPY,
    relu=always(lambda x: anp.maximum(x, 0.0)),
    matmul=always(anp.matmul),
    dense=always(lambda x, w, *b: anp.dot(x, w.T) + (b[0] if b else 0.0)),
    reshape=lambda op: lambda x: anp.reshape(x, op.to),
)  # fmt: skip


def _value(subject: Subject, how: str) -> Built:
    return Built(partial(translated(subject.graph, TABLE), subject.point), list)


def _gradient(subject: Subject, how: str) -> Built:
    f = translated(subject.graph, TABLE)
    derive = autograd.value_and_grad(lambda *x: f(x)[0], argnum=subject.slots)
    return Built(partial(derive, *subject.point), _read)


def _read(found: Any) -> list[Any]:
    value, gradient = found
    return [value, *gradient]


def _batch(subject: Subject, how: str) -> Built:
    """Points do not mix, so that the gradient of the sum has all of theirs."""
    f = translated(subject.graph, TABLE)

    def both() -> Any:
        back, y = autograd.make_vjp(lambda x: f(x)[0], 0)(subject.point)
        return y, back(anp.ones_like(y))

    return Built(both, _read)


def _jacobian(subject: Subject, how: str) -> Built:
    f = translated(subject.graph, TABLE)
    (slot,) = subject.slots
    derive = autograd.jacobian(lambda *x: f(x)[0], slot)
    return Built(partial(derive, *subject.point), lambda found: [found])


BUILDS = {"value": _value, "gradient": _gradient, "batch": _batch, "jacobian": _jacobian}
