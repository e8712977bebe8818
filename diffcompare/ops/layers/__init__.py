"""Layers: macro-nodes with one home each. Importing the package fills the tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from diffcompare.ops.layers import conv, local, rows
from diffcompare.ops.operand import Value

FUNCTIONS: Final[dict[str, Callable[..., Value]]] = {
    "conv2d": conv.conv2d,
    "im2row": rows.im2row,
    "locally_connected2d": local.locally_connected2d,
    "row2im": rows.row2im,
}
"""What a formula may call, with settings as keywords, by name."""
