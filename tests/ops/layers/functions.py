"""Every function on arrays that a user may call, at sample points: all settings, all arguments."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from diffcompare.ops import names
from tests.ops.layers.checks import random

LABELS: Final = np.array([[3.0, 0.0, 2.0], [1.0, 1.0, 3.0]])


class Sample(NamedTuple):
    """Arguments, which of them are differentiated, and settings."""

    name: str
    x: tuple[Any, ...]
    wrt: tuple[int, ...]
    settings: dict[str, Any]

    def __call__(self, *x: Any) -> Any:
        """The function with the sample's settings."""
        return names.called(self.name)(*x, **self.settings)

    def __str__(self) -> str:
        settings = ",".join(f"{key}={value}" for key, value in self.settings.items())
        return f"{self.name}({','.join(str(np.shape(x)) for x in self.x)};{settings})"


def at(*x: Any, positive: bool = False, **settings: Any) -> Any:
    """A sample at arrays that are random where a shape stands; labels are not differentiated."""
    arrays = [random(a, 20 + k) if isinstance(a, tuple) else a for k, a in enumerate(x)]
    if positive:
        arrays[0] = np.exp(arrays[0])
    wrt = tuple(k for k, a in enumerate(x) if a is not LABELS)
    return tuple(arrays), wrt, settings


IMAGE: Final = (2, 3, 5, 4)
SCORES: Final = (2, 4, 3)
POOL: Final = {"window": (3, 2), "stride": (2, 1), "pad": (1, 1)}
POOLS: Final = ({"window": 3, "stride": 1}, {"window": 2, "stride": 3, "pad": 1})
WINDOWS: Final = {"stride": (2, 1), "pad": (1, 0, 2, 1), "dilation": (1, 2)}
RELU: Final = at((2, 3, 4))

# fmt: off
_ROWS: Final[dict[str, list[Any]]] = {
    "conv2d": [
        at(IMAGE, (4, 3, 2, 3)),
        at((1, 4, 6, 7), (6, 2, 3, 2), (6,), groups=2, **WINDOWS),
        at((2, 3, 4, 5), (3, 1, 3, 2), groups=3, stride=(1, 2)),  # a filter for each channel
        at((1, 2, 1, 1), (3, 2, 3, 3), pad=1),  # weights that meet no pixel
        at((1, 1, 2, 3), (2, 1, 1, 2), pad=(2, 2, 3, 0)),  # windows in the padding alone
        at((1, 1, 2, 3), (2, 1, 1, 2), (2,), pad=(2, 2, 3, 0)),
        at((1, 4, 2, 3), (2, 2, 1, 2), pad=(1, 0, 0, 3), groups=2),
    ],
    "conv2d_input": [
        at((2, 3, 4, 3), (3, 2, 2, 3), size=(5, 5)),
        at((1, 6, 2, 7), (6, 2, 3, 2), size=(5, 6), groups=2, **WINDOWS),
    ],
    "conv2d_weight": [
        at((2, 3, 5, 4), (2, 4, 4, 2), kernel=(2, 3)),
        at((1, 4, 5, 6), (1, 6, 2, 7), kernel=(3, 2), groups=2, **WINDOWS),
    ],
    "locally_connected2d": [
        at((2, 3, 3, 4), (2, 3, 2, 3, 2, 2)),
        at((2, 1, 5, 4), (3, 1, 2, 2, 3, 5), (3,), **WINDOWS),
        at((2, 1, 3, 4), (3, 1, 2, 2, 2, 3), (3, 2, 3)),
        at((1, 1, 1, 2), (2, 1, 1, 2, 3, 3), (2, 3, 3), pad=(2, 0, 2, 0)),
    ],
    "max_pool2d": [at(IMAGE, window=2), at(IMAGE, **POOL), *(at(IMAGE, **k) for k in POOLS)],
    "avg_pool2d": [
        at(IMAGE, window=2), at(IMAGE, **POOL), *(at(IMAGE, **k) for k in POOLS),
        at(IMAGE, **POOL, count_include_pad=False),
    ],
    "global_avg_pool": [at(IMAGE)],
    "lrn": [
        at(IMAGE),
        *(at((2, 6, 2, 3), group=n, kappa=1.5, alpha=0.3, beta=0.5, divide=d)
          for n in (2, 3, 4, 5) for d in (False, True)),
    ],
    "batch_norm": [at((2, 3, 4, 2), (3,), (3,)), at((4, 3), (3,), (3,), eps=0.125)],
    "dense": [at((2, 5), (3, 5)), at((2, 5), (3, 5), (3,))],
    "linear": [at((4, 2), (3, 2), (3,))],
    "flatten": [at((2, 3, 2, 4))],
    "im2row": [at((2, 3, 4, 5), kernel=2), at((1, 2, 6, 5), kernel=(3, 2), **WINDOWS)],
    "row2im": [
        at((24, 12), kernel=2, to=(2, 3, 4, 5)),
        at((18, 12), kernel=(3, 2), to=(1, 2, 6, 5), **WINDOWS),
    ],
    "softmax": [at(SCORES), at((5,)), *(at(SCORES, axis=k) for k in (0, 1, 2, -1))],
    "log_softmax": [at(SCORES), at(SCORES, axis=2)],
    "logsumexp": [at(SCORES), at(SCORES, axis=0)],
    "log_loss": [at(SCORES, LABELS, positive=True, reduction=r) for r in ("mean", "sum", "none")],
    "softmax_log_loss": [at(SCORES, LABELS, reduction=r) for r in ("mean", "sum", "none")],
    "squared_error": [at((2, 3), (2, 3)), *(at((2, 3), (2, 3), reduction=r) for r in ("half", "mean", "sum", "none"))],
    "gram": [at((3, 2, 4)), at((2, 3, 2, 4), divisor=24)],
    "leaky_relu": [at((2, 3, 4)), at((2, 3, 4), slope=0.25)],
    "concat": [at((2, 1, 3), (2, 4, 3), (2, 2, 3)), at((2, 3), (1, 3), axis=0)],
    "mean": [at((2, 4, 3)), at((2, 4, 3), axes=(0, 2), keepdims=True), at((2, 4, 3), axes=-1)],
    "max_over": [at((2, 4, 3)), at((2, 4, 3), axes=(0, 2), keepdims=True), at((2, 4, 3), axes=-1)],
    "min_over": [at((2, 4, 3)), at((2, 4, 3), axes=(0, 2), keepdims=True), at((2, 4, 3), axes=-1)],
    "prod": [at((2, 3)), at((2, 4, 3), axes=(0, 2)), at((2, 4), axes=-1, keepdims=True)],
    "pad": [at((2, 3), width=1), at((2, 3), width=(2, 1)), at((2, 3), width=((0, 1), (2, 0)))],
    "slice": [
        at((5, 4), start=1, stop=4), at((5, 4), start=-1, stop=0, step=-2, axis=1),
        at((5, 4), start=(0, 1), stop=(4, 3), step=(2, 1)),
    ],
    "gather": [at((4, 3), index=(2, 0, 2)), at((4, 3), index=(-1, 1), axis=1)],
    "scatter_add": [at((3, 2), index=(2, 0, 2), size=4), at((3, 2), index=(4, 1), size=5, axis=-1)],
    "stack": [at((2, 3), (2, 3), (2, 3)), at((2, 3), (2, 3), axis=-1)],
    "matmul": [at((2, 4), (4, 3)), at((2, 4), (4,)), at((4,), (4, 3)), at((4,), (4,))],
    "dot": [at((2, 3), (2, 3))],
    "outer": [at((2,), (3,))],
    "reshape": [at((2, 6), to=(4, -1))],
    "transpose": [at((2, 3, 4)), at((2, 3, 4), axes=(1, 2, 0))],
    "sum": [at((2, 3, 4)), at((2, 3, 4), axes=(0, -1), keepdims=True), at((2, 3, 4), (3, 1))],  # the entries; a residual connection, broadcast
    "relu": [RELU], "sigmoid": [RELU], "tanh": [RELU], "softplus": [RELU],
}
# fmt: on
SAMPLES: Final = [Sample(name, *row) for name, rows in _ROWS.items() for row in rows]
