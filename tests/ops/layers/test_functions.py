"""Every function on arrays, with all its settings: against NumPy, its expansion and differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from diffcompare.ops.layers import FUNCTIONS as LAYERS
from diffcompare.ops.names import FUNCTIONS
from tests.ops.layers import loops
from tests.ops.layers.checks import close
from tests.ops.layers.composed import check_composed, value_of
from tests.ops.layers.functions import SAMPLES, Sample

ON_ARRAYS = {"matmul", "dot", "outer", "reshape", "transpose", "sum", "prod"}
ACTIVATIONS = {"relu", "sigmoid", "tanh", "softplus"}


def sizes(value: Any) -> tuple[int, int]:
    return value if isinstance(value, tuple) else (value, value)


def geometry(stride: Any = 1, pad: Any = 0, dilation: Any = 1) -> dict[str, Any]:
    sides = pad if isinstance(pad, tuple) and len(pad) == 4 else np.repeat(sizes(pad), 2)
    return {"stride": sizes(stride), "pad": tuple(sides), "dilation": sizes(dilation)}


def convolved(x: Any, w: Any, b: Any = None, groups: int = 1, **settings: Any) -> Any:
    y, _, _ = loops.conv2d(x, w, groups=groups, **geometry(**settings))
    return y if b is None else y + b[:, None, None]


def transposed(y: Any, w: Any, size: Any, groups: int = 1, **settings: Any) -> Any:
    x = np.zeros((len(y), groups * w.shape[1], *size))
    return loops.conv2d(x, w, y, groups=groups, **geometry(**settings))[1]


def correlated(x: Any, y: Any, kernel: Any, groups: int = 1, **settings: Any) -> Any:
    w = np.zeros((y.shape[1], x.shape[1] // groups, *kernel))
    return loops.conv2d(x, w, y, groups=groups, **geometry(**settings))[2]


def along(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, axes=None, keepdims=False: function(x, axis=axes, keepdims=keepdims)


def padded(x: Any, width: Any) -> Any:
    return np.pad(x, width)


def sliced(x: Any, start: Any, stop: Any, step: Any = 1, axis: Any = None) -> Any:
    if axis is None and not isinstance(start, tuple):
        return x[start:stop:step]
    if axis is not None:
        return np.moveaxis(np.moveaxis(x, axis, 0)[start:stop:step], 0, axis)
    return x[tuple(map(slice, start, stop, step))]


def scattered(x: Any, index: Any, size: int, axis: int = 0) -> Any:
    moved = np.moveaxis(x, axis, 0)
    y = np.zeros((size, *moved.shape[1:]))
    for place, row in zip(index, moved, strict=True):
        y[place] += row
    return np.moveaxis(y, 0, axis)


def convolved_apart(x: Any, w: Any, b: Any = None, **settings: Any) -> Any:
    y_bar = np.zeros((len(x), len(w), *w.shape[4:]))
    y, _, _ = loops.locally_connected2d(x, w, y_bar, **geometry(**settings))
    return y if b is None else y + (b if b.ndim == 3 else b[:, None, None])


def pooled(reduce: Callable[..., Any]) -> Callable[..., Any]:
    def pool(x: Any, window: Any, stride: Any = None, pad: Any = 0, **settings: Any) -> Any:
        window = sizes(window)
        shape = geometry(window if stride is None else stride, pad)
        met: dict[Any, list[Any]] = {}
        for place, _, (i, j) in loops.meetings(x.shape[2:], window, **shape):
            met.setdefault(place, []).append(x[:, :, i, j])
        y = np.empty((*x.shape[:2], *loops.output_size(x.shape[2:], window, **shape)))
        for (a, b), pixels in met.items():
            y[:, :, a, b] = reduce(pixels, window[0] * window[1], **settings)
        return y

    return pool


def averaged(pixels: Any, taps: int, count_include_pad: bool = True) -> Any:
    return np.sum(pixels, 0) / (taps if count_include_pad else len(pixels))


def normalised(
    x: Any, group: int = 5, kappa: float = 2, alpha: float = 1e-4, beta: float = 0.75,
    divide: bool = False,
) -> Any:  # fmt: skip
    y = np.empty_like(x)
    for k in range(x.shape[1]):
        near = slice(max(0, k - (group - 1) // 2), k + group // 2 + 1)
        squares = (x[:, near] ** 2).sum(1)
        y[:, k] = x[:, k] * (kappa + alpha / (group if divide else 1) * squares) ** -beta
    return y


def batch(x: Any, gamma: Any, beta: Any, eps: float = 1e-5) -> Any:
    x = np.moveaxis(x, 1, -1)
    over = tuple(range(x.ndim - 1))
    return np.moveaxis(gamma * (x - x.mean(over)) / np.sqrt(x.var(over) + eps) + beta, -1, 1)


def rows(x: Any, kernel: Any, **settings: Any) -> Any:
    shape, kernel = geometry(**settings), sizes(kernel)
    y = np.zeros((len(x), *loops.output_size(x.shape[2:], kernel, **shape), x.shape[1], *kernel))
    for (i, j), tap, pixel in loops.meetings(x.shape[2:], kernel, **shape):
        y[(slice(None), i, j, slice(None), *tap)] = x[(..., *pixel)]
    return y.reshape(-1, x.shape[1] * kernel[0] * kernel[1])


def images(x: Any, to: Any, **settings: Any) -> Any:
    """What the rows of an image with one pixel of 1 have in common with x."""
    units = np.eye(int(np.prod(to))).reshape(-1, *to)
    return np.array([(rows(unit, **settings) * x).sum() for unit in units]).reshape(to)


def axis_of(x: Any, axis: Any = None) -> int:
    return min(1, x.ndim - 1) if axis is None else axis


def log_sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.log(np.exp(x).sum(axis_of(x, axis), keepdims=keepdims))


def of_label(p: Any, labels: Any, reduction: str = "mean") -> Any:
    losses = -np.log(np.take_along_axis(p, labels.astype(int)[:, None], 1)[:, 0])
    return reduced(losses, reduction)


def reduced(losses: Any, reduction: str) -> Any:
    return {"mean": np.mean, "sum": np.sum, "none": np.asarray}[reduction](losses)


def squares(x: Any, t: Any, reduction: str = "half") -> Any:
    each = (x - t) ** 2
    return each.sum() / 2 if reduction == "half" else reduced(each, reduction)


def correlations(x: Any, divisor: float = 1) -> Any:
    return np.einsum("...chw,...dhw->...cd", x, x) / divisor


# fmt: off
NUMPY: dict[str, Callable[..., Any]] = {
    "conv2d": convolved, "locally_connected2d": convolved_apart, "lrn": normalised, "batch_norm": batch,
    "max_pool2d": pooled(lambda pixels, taps: np.max(pixels, 0)), "avg_pool2d": pooled(averaged),
    "global_avg_pool": lambda x: x.mean((2, 3)),
    "dense": lambda x, w, b=0.0: x @ w.T + b, "linear": lambda x, w, b=0.0: x @ w.T + b,
    "flatten": lambda x: x.reshape(len(x), -1), "im2row": rows, "row2im": images,
    "softmax": lambda x, axis=None: np.exp(x - log_sum(x, axis, True)),
    "log_softmax": lambda x, axis=None: x - log_sum(x, axis, True), "logsumexp": log_sum,
    "log_loss": of_label,
    "softmax_log_loss": lambda x, labels, **k: of_label(np.exp(x - log_sum(x, 1, True)), labels, **k),
    "squared_error": squares, "gram": correlations,
    "leaky_relu": lambda x, slope=0.01: np.maximum(x, 0) + slope * np.minimum(x, 0),
    "concat": lambda *x, axis=1: np.concatenate(x, axis),
    **{name: along(function) for name, function in {
        "mean": np.mean, "max_over": np.max, "min_over": np.min, "prod": np.prod}.items()},
    "conv2d_input": transposed, "conv2d_weight": correlated, "pad": padded, "slice": sliced,
    "gather": lambda x, index, axis=0: np.take(x, index, axis), "scatter_add": scattered,
    "stack": lambda *x, axis=0: np.stack(x, axis),
    "matmul": np.matmul, "dot": np.vdot, "outer": np.outer,
    "reshape": lambda x, to: x.reshape(to), "transpose": lambda x, axes=None: np.transpose(x, axes),
    "sum": lambda x, *rest, **k: sum(rest, x) if rest else along(np.sum)(x, **k),
    "relu": lambda x: np.where(x > 0, x, 0), "sigmoid": lambda x: 1 / (1 + np.exp(-x)), "tanh": np.tanh,
    "softplus": lambda x: np.log(1 + np.exp(x)),
}
# fmt: on


def test_every_function_setting_and_argument_has_a_sample() -> None:
    assert {sample.name for sample in SAMPLES} == {*LAYERS, *ON_ARRAYS, *ACTIVATIONS} == set(NUMPY)
    for name in LAYERS:
        met = [sample for sample in SAMPLES if sample.name == name]
        op = FUNCTIONS[name]
        assert {key for sample in met for key in sample.settings} == set(op.keywords), name
        assert max(len(sample.x) for sample in met) == (op.arity[1] or 3), name


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_against_numpy(sample: Sample) -> None:
    """As a graph and on arrays directly."""
    true = NUMPY[sample.name](*sample.x, **sample.settings)
    close(value_of(sample, *sample.x), true)
    close(sample(*sample.x), true)


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_is_its_expansion(sample: Sample) -> None:
    """Value, derivatives and operations: of a value, shared by all passes, and of each pass."""
    check_composed(sample, *sample.x, wrt=sample.wrt)
