"""Values and gradients of every function on arrays against PyTorch, an independent truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from diffcompare.ops.layers.conv import Conv2dInput, Conv2dWeight
from diffcompare.ops.layers.local import LocallyConnected2dInput, LocallyConnected2dWeight
from tests.ops.layers.checks import close, random
from tests.ops.layers.composed import gradient_of, value_of
from tests.ops.layers.functions import SAMPLES, Sample
from tests.ops.layers.test_functions import axis_of, geometry, sizes

torch = pytest.importorskip("torch", reason="PyTorch is an independent truth, and optional")
F = torch.nn.functional


def padded(x: Any, pad: Any, fill: float = 0.0) -> Any:
    top, bottom, left, right = (int(n) for n in pad)
    return F.pad(x, (left, right, top, bottom), value=fill)


def conv2d(x: Any, w: Any, b: Any = None, groups: int = 1, **settings: Any) -> Any:
    shape = geometry(**settings)
    return F.conv2d(padded(x, shape.pop("pad")), w, b, groups=groups, **shape)


def unfolded(x: Any, kernel: Any, **settings: Any) -> Any:
    """N × positions × (C·kh·kw)."""
    shape = geometry(**settings)
    return F.unfold(padded(x, shape.pop("pad")), sizes(kernel), **shape).transpose(1, 2)


def locally_connected2d(x: Any, w: Any, b: Any = None, **settings: Any) -> Any:
    columns = unfolded(x, tuple(w.shape[2:4]), **settings)
    apart = w.reshape(len(w), columns.shape[2], -1)
    y = torch.einsum("nol,klo->nko", columns, apart).reshape(len(x), len(w), *w.shape[4:])
    return y if b is None else y + (b if b.dim() == 3 else b[:, None, None])


def pooled(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, window, stride=None, pad=0, **k: function(x, window, stride, pad, **k)


def lrn(
    x: Any, group: int = 5, kappa: float = 2, alpha: float = 1e-4, beta: float = 0.75,
    divide: bool = False,
) -> Any:  # fmt: skip
    """PyTorch divides α by the group, whose larger half lies before the channel, not after it."""
    alpha = alpha if divide else alpha * group
    return F.local_response_norm(x.flip(1), group, alpha, beta, kappa).flip(1)


def batch_norm(x: Any, gamma: Any, beta: Any, eps: float = 1e-5) -> Any:
    return F.batch_norm(x, None, None, gamma, beta, training=True, eps=eps)


def row2im(x: Any, to: Any, kernel: Any, **settings: Any) -> Any:
    shape = geometry(**settings)
    top, bottom, left, right = (int(n) for n in shape.pop("pad"))
    columns = x.reshape(to[0], -1, x.shape[1]).transpose(1, 2)
    size = to[2] + top + bottom, to[3] + left + right
    whole = F.fold(columns, size, sizes(kernel), **shape)
    return whole[:, :, top : top + to[2], left : left + to[3]]


def squared_error(x: Any, t: Any, reduction: str = "half") -> Any:
    if reduction == "half":
        return F.mse_loss(x, t, reduction="sum") / 2
    return F.mse_loss(x, t, reduction=reduction)


def along(function: Callable[..., Any]) -> Callable[..., Any]:
    """A reduction over some axes, all of them by default."""

    def reduced(x: Any, axes: Any = None, keepdims: bool = False) -> Any:
        return function(x, tuple(range(x.dim())) if axes is None else axes, keepdim=keepdims)

    return reduced


def prod(x: Any, axes: Any = None, keepdims: bool = False) -> Any:
    """PyTorch's goes along one axis at a time."""
    gone = range(x.dim()) if axes is None else axes if isinstance(axes, tuple) else [axes]
    for axis in sorted((k % x.dim() for k in gone), reverse=True):
        x = torch.prod(x, axis, keepdim=keepdims)
    return x


def convolved(slot: int, shape: Any, y: Any, other: Any, groups: int, settings: Any) -> Any:
    """The adjoint of `conv2d` by one of its arguments, itself differentiable."""
    moved = torch.zeros(shape, dtype=torch.float64, requires_grad=True)
    out = conv2d(*((moved, other) if slot == 0 else (other, moved)), groups=groups, **settings)
    return torch.autograd.grad(out, moved, y, create_graph=True)[0]


def conv2d_input(y: Any, w: Any, size: Any, groups: int = 1, **settings: Any) -> Any:
    return convolved(0, (len(y), groups * w.shape[1], *size), y, w, groups, settings)


def conv2d_weight(x: Any, y: Any, kernel: Any, groups: int = 1, **settings: Any) -> Any:
    return convolved(1, (y.shape[1], x.shape[1] // groups, *kernel), y, x, groups, settings)


def zero_padded(x: Any, width: Any) -> Any:
    sides = np.broadcast_to(width, (x.dim(), 2))[::-1]
    return F.pad(x, [int(n) for pair in sides for n in pair])


def sliced(x: Any, start: Any, stop: Any, step: Any = 1, axis: Any = None) -> Any:
    """PyTorch has no steps back: the same entries by their indices."""
    ranges = zip(*([n] if isinstance(n, int) else n for n in (start, stop)), strict=True)
    steps = [step] * x.dim() if isinstance(step, int) else step
    for k, (a, b) in enumerate(ranges):
        at = k if axis is None else axis
        x = torch.index_select(x, at, torch.tensor(range(x.shape[at])[a : b : steps[k]]))
    return x


def gather(x: Any, index: Any, axis: int = 0) -> Any:
    return torch.index_select(x, axis, torch.tensor(index) % x.shape[axis])


def scatter_add(x: Any, index: Any, size: int, axis: int = 0) -> Any:
    shape = list(x.shape)
    shape[axis] = size
    return torch.zeros(shape, dtype=x.dtype).index_add(axis, torch.tensor(index), x)


# fmt: off
TORCH: dict[str, Callable[..., Any]] = {
    "conv2d": conv2d, "locally_connected2d": locally_connected2d, "lrn": lrn, "batch_norm": batch_norm,
    "max_pool2d": pooled(F.max_pool2d), "avg_pool2d": pooled(F.avg_pool2d),
    "global_avg_pool": lambda x: F.adaptive_avg_pool2d(x, 1)[:, :, 0, 0],
    "dense": F.linear, "linear": F.linear, "flatten": lambda x: torch.flatten(x, 1),
    "im2row": lambda x, **k: unfolded(x, **k).flatten(0, 1), "row2im": row2im,
    "softmax": lambda x, axis=None: F.softmax(x, axis_of(x, axis)),
    "log_softmax": lambda x, axis=None: F.log_softmax(x, axis_of(x, axis)),
    "logsumexp": lambda x, axis=None: torch.logsumexp(x, axis_of(x, axis)),
    "log_loss": lambda p, labels, **k: F.nll_loss(torch.log(p), labels.long(), **k),
    "softmax_log_loss": lambda x, labels, **k: F.cross_entropy(x, labels.long(), **k),
    "squared_error": squared_error,
    "gram": lambda x, divisor=1: x.flatten(-2) @ x.flatten(-2).transpose(-1, -2) / divisor,
    "leaky_relu": lambda x, slope=0.01: F.leaky_relu(x, slope),
    "concat": lambda *x, axis=1: torch.cat(x, axis),
    "mean": along(torch.mean), "max_over": along(torch.amax), "min_over": along(torch.amin), "prod": prod,
    "conv2d_input": conv2d_input, "conv2d_weight": conv2d_weight, "pad": zero_padded, "slice": sliced,
    "gather": gather, "scatter_add": scatter_add, "stack": lambda *x, axis=0: torch.stack(x, axis),
    "matmul": torch.matmul, "dot": lambda a, b: torch.dot(a.flatten(), b.flatten()), "outer": torch.outer,
    "reshape": lambda x, to: x.reshape(to),
    "transpose": lambda x, axes=None: x.permute(axes or tuple(reversed(range(x.dim())))),
    "sum": lambda x, *rest, **k: sum(rest, x) if rest else along(torch.sum)(x, **k),
    "relu": F.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh, "softplus": F.softplus,
}
# fmt: on


def agree(ours: Any, theirs: Any, x: Any, wrt: Any) -> None:
    """The value, and the adjoint of each argument for a random one of the result."""
    leaves = [torch.tensor(a, dtype=torch.float64, requires_grad=k in wrt) for k, a in enumerate(x)]
    y = theirs(*leaves)
    close(value_of(ours, *x), y.detach().numpy())
    y_bar = random(tuple(y.shape), 60)
    y.backward(torch.tensor(y_bar))
    for slot in wrt:
        close(gradient_of(ours, *x, wrt=slot, y_bar=y_bar), leaves[slot].grad.numpy())


def test_every_function_is_compared() -> None:
    assert set(TORCH) == {sample.name for sample in SAMPLES}


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_function(sample: Sample) -> None:
    def theirs(*x: Any) -> Any:
        return TORCH[sample.name](*x, **sample.settings)

    agree(sample, theirs, sample.x, sample.wrt)


# fmt: off
GEOMETRIES: list[tuple[Any, Any, dict[str, Any]]] = [
    ((2, 3, 6, 5), (4, 3, 2, 3), {"stride": (1, 1), "padding": (0, 0), "dilation": (1, 1), "groups": 1}),
    ((1, 2, 7, 6), (4, 2, 3, 2), {"stride": (2, 1), "padding": (1, 2), "dilation": (1, 1), "groups": 1}),
    ((2, 4, 8, 7), (6, 2, 2, 3), {"stride": (3, 2), "padding": (1, 0), "dilation": (2, 1), "groups": 2}),
]
# fmt: on


@pytest.mark.parametrize(("image", "weights", "options"), GEOMETRIES)
def test_adjoints_of_a_convolution(image: Any, weights: Any, options: Any) -> None:
    """Transposed convolution, and the correlation of images and outputs."""
    tall, wide = options["padding"]
    ours = {k: v for k, v in options.items() if k != "padding"} | {"pad": (tall, tall, wide, wide)}
    left_over = [  # rows and columns at the end that no window meets
        (n + 2 * p - (k - 1) * d - 1) % s
        for n, k, p, d, s in zip(
            image[2:],
            weights[2:],
            *(options[o] for o in ("padding", "dilation", "stride")),
            strict=True,
        )
    ]

    def transposed(y: Any, w: Any) -> Any:
        return F.conv_transpose2d(y, w, output_padding=left_over, **options)

    def correlated(x: Any, y: Any) -> Any:
        return torch.nn.grad.conv2d_weight(x, weights, y, **options)

    y = random(tuple(F.conv2d(torch.zeros(image), torch.zeros(weights), **options).shape), 2)
    agree(Conv2dInput(image[2:], **ours), transposed, (y, random(weights, 3)), (0, 1))
    agree(Conv2dWeight(weights[2:], **ours), correlated, (random(image, 4), y), (0, 1))


def test_adjoints_of_a_locally_connected_layer() -> None:
    """As the derivatives, by one argument each, of PyTorch's sums."""
    image, weights, options = (
        (2, 2, 5, 4),
        (3, 2, 2, 2, 3, 3),
        {"stride": (2, 1), "pad": (1, 0, 0, 0)},
    )
    y = (2, 3, 3, 3)

    def spread(y: Any, w: Any) -> Any:
        x = torch.zeros(image, dtype=torch.float64, requires_grad=True)
        out = locally_connected2d(x, w, **options)
        return torch.autograd.grad(out, x, y, create_graph=True)[0]

    def correlated(x: Any, y: Any) -> Any:
        w = torch.zeros(weights, dtype=torch.float64, requires_grad=True)
        out = locally_connected2d(x, w, **options)
        return torch.autograd.grad(out, w, y, create_graph=True)[0]

    agree(
        LocallyConnected2dInput(image[2:], **options),
        spread,
        (random(y, 1), random(weights, 2)),
        (0, 1),
    )
    agree(
        LocallyConnected2dWeight(weights[2:4], **options),
        correlated,
        (random(image, 3), random(y, 4)),
        (0, 1),
    )


def test_ties_and_kinks_follow_one_policy() -> None:
    """relu′(0) = 0, the first of tied pixels, and equal shares of a largest entry, as there."""
    x = np.array([[[[0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [-0.0, 0.0, 0.0]]]])
    samples = [
        Sample("relu", (x,), (0,), {}),
        Sample("max_pool2d", (x,), (0,), {"window": 2, "stride": 1}),
        Sample("max_over", (x,), (0,), {"axes": 2}),  # tied ones share
    ]
    for sample in samples:
        test_function(sample)
