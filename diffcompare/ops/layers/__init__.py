"""Layers: macro-nodes with one home each. Importing the package fills the tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from diffcompare.ops import reduce, subscript
from diffcompare.ops.layers import (
    average,
    convolving,
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
    "concat": subscript.concat,
    "conv2d": convolving.conv2d,
    "conv2d_input": convolving.conv2d_input,
    "conv2d_weight": convolving.conv2d_weight,
    "dense": dense.dense,
    "flatten": dense.flatten,
    "gather": subscript.gather,
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
    "min_over": reduce.min_over,
    "pad": subscript.pad,
    "row2im": rows.row2im,
    "scatter_add": subscript.scatter_add,
    "slice": subscript.slice_,
    "softmax": softmax.softmax,
    "softmax_log_loss": loss.softmax_log_loss,
    "squared_error": loss.squared_error,
    "stack": subscript.stack,
}
"""What a formula may call, with settings as keywords, by name."""
