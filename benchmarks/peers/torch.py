"""PyTorch as it is used: eager, the tape laid and walked in every evaluation."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from benchmarks.peers.subject import Built, Subject
from benchmarks.peers.translate import always, table, translated


def _padded(x: Any, pad: Any, fill: float = 0.0) -> Any:
    top, bottom, left, right = pad
    return functional.pad(x, (left, right, top, bottom), value=fill) if any(pad) else x


def _conv2d(op: Any) -> Any:
    top, bottom, left, right = op.pad
    if (top, left) == (bottom, right):
        return lambda x, w: functional.conv2d(
            x, w, None, op.stride, (top, left), op.dilation, op.groups
        )
    return lambda x, w: functional.conv2d(
        _padded(x, op.pad), w, None, op.stride, 0, op.dilation, op.groups
    )


def _max_pool(op: Any) -> Any:
    return lambda x, _: functional.max_pool2d(_padded(x, op.pad, -torch.inf), op.window, op.stride)


def _log_loss(op: Any) -> Any:
    return lambda x, labels: functional.cross_entropy(x, labels.long(), reduction="none")


TABLE = table(
    torch,
    matmul=always(torch.matmul),
    dense=always(functional.linear),
    broadcast=lambda op: lambda x: x.expand(op.to),
    reshape=lambda op: lambda x: x.reshape(op.to),
    transpose=lambda op: lambda x: x.permute(op.axes),
    sum_to=lambda op: lambda x: x.sum().reshape(op.to),
    conv2d=_conv2d,
    max_pool_index=always(lambda x: None),
    pool_select=_max_pool,
    avg_pool2d=lambda op: lambda x: functional.avg_pool2d(_padded(x, op.pad), op.window, op.stride),
    softmax_log_loss=_log_loss,
)


def _tensors(subject: Subject, grad: bool) -> list[Any]:
    return [
        torch.tensor(np.asarray(x), requires_grad=grad and name in subject.wrt)
        for name, x in zip(subject.graph.inputs, subject.point, strict=True)
    ]


def _read(found: Any) -> list[Any]:
    return [part.detach().numpy() for part in found]


def _value(subject: Subject, how: str) -> Built:
    f, x = translated(subject.graph, TABLE), _tensors(subject, False)
    return Built(partial(f, x), _read)


def _reverse(subject: Subject, how: str) -> Built:
    f, x = translated(subject.graph, TABLE), _tensors(subject, True)
    leaves = [x[slot] for slot in subject.slots]
    adjoint = None if subject.adjoint is None else torch.tensor(subject.adjoint)

    def call() -> Any:
        y = f(x)[0]
        return (y, *torch.autograd.grad(y, leaves, adjoint))

    return Built(call, _read)


def _batch(subject: Subject, how: str) -> Built:
    ones = np.ones_like(subject.point[0])
    return _reverse(Subject(subject.graph, subject.point, subject.wrt, ones), how)


def _jacobian(subject: Subject, how: str) -> Built:
    f, x = translated(subject.graph, TABLE), _tensors(subject, False)
    (slot,) = subject.slots
    derive = torch.func.jacrev(lambda *x: f(x)[0], argnums=slot)
    return Built(lambda: (derive(*x),), _read)


BUILDS = {
    "value": _value, "gradient": _reverse, "pullback": _reverse, "batch": _batch,
    "jacobian": _jacobian,
}  # fmt: skip
