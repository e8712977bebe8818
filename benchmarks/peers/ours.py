"""Our own programs, a column for each backend."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

import diffcompare as dc
from benchmarks.peers.subject import Built, MissingError, Subject, nonzeros
from diffcompare.run.program import BACKENDS


def _program(source: Any, subject: Subject, how: str) -> dc.Program:
    """By that backend, where there is one and it is the one for such a graph."""
    if how not in BACKENDS:
        raise MissingError("no such backend")
    if (how == "numpy") != subject.arrays and how != "native":
        raise MissingError("another backend's work")
    try:
        return dc.compile(source, backend=how)
    except dc.DiffcompareError as refused:
        raise MissingError(str(refused).splitlines()[0]) from None


def _value(subject: Subject, how: str) -> Built:
    program = _program(subject.graph, subject, how)
    return Built(partial(program.function, *subject.point), list)


def _gradient(subject: Subject, how: str) -> Built:
    program = _program(dc.differentiate(subject.graph, "reverse", subject.wrt), subject, how)
    return Built(partial(program.function, *subject.point), list)


def _pullback(subject: Subject, how: str) -> Built:
    program = _program(dc.differentiate(subject.graph, "reverse", subject.wrt), subject, how)
    return Built(partial(program.function, *subject.point, subject.adjoint), list)


def _batch(subject: Subject, how: str) -> Built:
    program = _program(dc.differentiate(subject.graph, "reverse", subject.wrt), subject, how)
    return Built(partial(program.batch, *subject.point), list)


def _jacobian(subject: Subject, how: str) -> Built:
    derivative = dc.differentiate(subject.graph, "forward", subject.wrt)
    if derivative.specialises:
        program = _program(derivative, subject, how)
        size = len(subject.graph.outputs)
        return Built(partial(program.function, *subject.point), lambda found: [found[size:]])
    if how != "numpy":
        raise MissingError("another backend's work")
    program = dc.compile_jacobian(subject.graph, subject.wrt)
    return Built(partial(program, *subject.point), lambda found: [found[1]])


def _sparse(subject: Subject, how: str) -> Built:
    backend = {"python": "numpy", "native": "native"}.get(how)
    if backend is None:
        raise MissingError("another backend's work")
    try:
        program = dc.compile_sparse_jacobian(subject.graph, subject.wrt, backend)
    except dc.DiffcompareError as refused:
        raise MissingError(str(refused).splitlines()[0]) from None
    if program.backend != backend:
        raise MissingError("rows are not alike")
    pattern = program.pattern
    return Built(
        partial(program, np.array(subject.point)),
        lambda found: nonzeros(pattern.rows, pattern.columns, found[1]),
    )


def _swell(subject: Subject, how: str) -> Built:
    """The exact tree size of the derivative: its logarithm, for it has hundreds of digits."""
    if how != "python":
        raise MissingError("another backend's work")
    (output,), (name,) = subject.graph.outputs, subject.wrt
    call = partial(dc.derivative_tree_size, subject.graph, output, name)
    return Built(call, lambda size: [np.array([size.bit_length()])])


BUILDS = {
    "value": _value, "gradient": _gradient, "pullback": _pullback, "batch": _batch,
    "jacobian": _jacobian, "sparse": _sparse, "swell": _swell,
}  # fmt: skip
