"""Layers: macro-nodes with one home each. Importing the package fills the tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from diffcompare.ops import gather, reduce
from diffcompare.ops.layers import (
    average,
    conv,
    dense,
    local,
    loss,
    lrn,
    normalize,
    pool,
    rows,
    softmax,
)
from diffcompare.ops.operand import Value

FUNCTIONS: Final[dict[str, Callable[..., Value]]] = {
    "avg_pool2d": average.avg_pool2d,
    "batch_norm": normalize.batch_norm,
    "concat": gather.concat,
    "conv2d": conv.conv2d,
    "dense": dense.dense,
    "flatten": dense.flatten,
    "global_avg_pool": average.global_avg_pool,
    "gram": loss.gram,
    "im2row": rows.im2row,
    "leaky_relu": normalize.leaky_relu,
    "linear": dense.dense,
    "locally_connected2d": local.locally_connected2d,
    "log_loss": loss.log_loss,
    "log_softmax": softmax.log_softmax,
    "logsumexp": softmax.logsumexp,
    "lrn": lrn.lrn,
    "max_over": reduce.max_over,
    "max_pool2d": pool.max_pool2d,
    "mean": reduce.mean,
    "row2im": rows.row2im,
    "softmax": softmax.softmax,
    "softmax_log_loss": loss.softmax_log_loss,
    "squared_error": loss.squared_error,
}
"""What a formula may call, with settings as keywords, by name."""
