"""JAX: the traced function under `jit`, in 64 bits."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
from jax import lax
from jax import numpy as jnp

from benchmarks.peers.subject import Built, Subject
from benchmarks.peers.translate import NUMPY, always, table, translated

jax.config.update("jax_enable_x64", True)


def _window(op: Any) -> tuple[Any, ...]:
    top, bottom, left, right = op.pad
    sides = ((0, 0), (0, 0), (top, bottom), (left, right))
    return (1, 1, *op.window), (1, 1, *op.stride), sides


def _conv2d(op: Any) -> Any:
    (top, bottom, left, right) = op.pad
    return lambda x, w: lax.conv_general_dilated(
        x, w, op.stride, [(top, bottom), (left, right)], rhs_dilation=op.dilation,
        feature_group_count=op.groups,
    )  # fmt: skip


def _max_pool(op: Any) -> Any:
    return lambda x, _: lax.reduce_window(x, -jnp.inf, lax.max, *_window(op))


def _avg_pool(op: Any) -> Any:
    taps = op.window[0] * op.window[1]
    return lambda x: lax.reduce_window(x, 0.0, lax.add, *_window(op)) / taps


def _log_loss(op: Any) -> Any:
    def loss(x: Any, labels: Any) -> Any:
        where = jnp.expand_dims(labels.astype(int), op.axis)
        chosen = jnp.take_along_axis(jax.nn.log_softmax(x, op.axis), where, op.axis)
        return -jnp.squeeze(chosen, op.axis)

    return loss


TABLE = table(
    jnp, NUMPY,
    relu=always(jax.nn.relu),
    sigmoid=always(jax.nn.sigmoid),
    matmul=always(jnp.matmul),
    dense=always(lambda x, w, *b: x @ w.T + (b[0] if b else 0.0)),
    broadcast=lambda op: lambda x: jnp.broadcast_to(x, op.to),
    reshape=lambda op: lambda x: jnp.reshape(x, op.to),
    transpose=lambda op: lambda x: jnp.transpose(x, op.axes),
    sum_to=lambda op: lambda x: jnp.sum(x).reshape(op.to),
    conv2d=_conv2d,
    max_pool_index=always(lambda x: None),
    pool_select=_max_pool,
    avg_pool2d=_avg_pool,
    softmax_log_loss=_log_loss,
)  # fmt: skip


def _flat(found: Any) -> list[Any]:
    return [np.asarray(part) for part in jax.tree.leaves(found)]


def _ready(function: Any, *x: Any) -> Built:
    """Compiled at once, by the first call; each call waits for its result."""
    jitted = jax.jit(function)
    x = tuple(jax.block_until_ready(jax.device_put(x)))
    jax.block_until_ready(jitted(*x))
    return Built(lambda: jax.block_until_ready(jitted(*x)), _flat)


def _vector(subject: Subject) -> Any:
    """f of one vector of numbers."""
    f = translated(subject.graph, TABLE)
    count = len(subject.point)
    return lambda x: f([x[k] for k in range(count)])[0]


def _value(subject: Subject, how: str) -> Built:
    if subject.arrays:
        return _ready(lambda *x: translated(subject.graph, TABLE)(x), *subject.point)
    return _ready(_vector(subject), np.array(subject.point))


def _gradient(subject: Subject, how: str) -> Built:
    if subject.arrays:
        f = translated(subject.graph, TABLE)
        return _ready(jax.value_and_grad(lambda *x: f(x)[0], argnums=subject.slots), *subject.point)
    return _flattened(_ready(jax.value_and_grad(_vector(subject)), np.array(subject.point)))


def _flattened(built: Built) -> Built:
    """The gradient's entries one by one, as the others give them."""

    def read(found: Any) -> list[Any]:
        value, gradient = _flat(found)
        return [value, *gradient]

    return Built(built.call, read)


def _batch(subject: Subject, how: str) -> Built:
    each = jax.vmap(jax.value_and_grad(_vector(subject)), in_axes=1, out_axes=(0, 1))
    return _flattened(_ready(each, np.array(subject.point)))


def _pullback(subject: Subject, how: str) -> Built:
    f = translated(subject.graph, TABLE)

    def both(adjoint: Any, *x: Any) -> Any:
        held = list(x)

        def of(*chosen: Any) -> Any:
            for slot, value in zip(subject.slots, chosen, strict=True):
                held[slot] = value
            return f(held)[0]

        y, back = jax.vjp(of, *(x[slot] for slot in subject.slots))
        return y, back(adjoint)

    return _ready(both, subject.adjoint, *subject.point)


def _jacobian(subject: Subject, how: str) -> Built:
    f = translated(subject.graph, TABLE)
    (slot,) = subject.slots
    return _ready(jax.jacrev(lambda *x: f(x)[0], argnums=slot), *subject.point)


BUILDS = {
    "value": _value, "gradient": _gradient, "pullback": _pullback, "batch": _batch,
    "jacobian": _jacobian,
}  # fmt: skip
