"""PyTensor: `grad`, then `function` in its default mode."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt

from benchmarks.peers.subject import Built, Subject
from benchmarks.peers.translate import NUMPY, always, table, translated

TABLE = table(
    pt, NUMPY,
    relu=always(lambda x: pt.maximum(x, 0.0)),
    matmul=always(pt.dot),
    dense=always(lambda x, w, *b: pt.dot(x, w.T) + (b[0] if b else 0.0)),
    reshape=lambda op: lambda x: pt.reshape(x, op.to),
)  # fmt: skip


def _function(subject: Subject, derive: bool, axes: int = 0) -> Built:
    x = [pt.tensor(name, shape=(None,) * axes, dtype="float64") for name in subject.graph.inputs]
    y = translated(subject.graph, TABLE)(x)
    slopes = pytensor.grad(pt.sum(y[0]), [x[k] for k in subject.slots]) if derive else []
    return _ready(x, [*y, *slopes], subject)


def _ready(x: list[Any], wanted: list[Any], subject: Subject) -> Built:
    """The first call compiles too; inputs are not checked."""
    function = pytensor.function(x, wanted)
    function.trust_input = True
    point = [np.asarray(value) for value in subject.point]
    function(*point)
    return Built(partial(function, *point), list)


def _jacobian(subject: Subject, how: str) -> Built:
    shapes = [subject.graph.shapes[i] for i in subject.graph.inputs.values()]
    x = [
        pt.tensor(n, shape=s, dtype="float64")
        for n, s in zip(subject.graph.inputs, shapes, strict=True)
    ]
    (slot,) = subject.slots
    y = translated(subject.graph, TABLE)(x)[0]
    return _ready(x, [pytensor.gradient.jacobian(y.flatten(), x[slot])], subject)


BUILDS = {
    "value": lambda subject, how: _function(subject, False),
    "gradient": lambda subject, how: _function(subject, True),
    "batch": lambda subject, how: _function(subject, True, axes=1),
    "jacobian": _jacobian,
}
