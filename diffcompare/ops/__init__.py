"""What an operation is: one home each. Importing the package fills the tables.

Every function of `names.FUNCTIONS` is an attribute: ``ops.sin``, ``ops.conv2d``, …
"""

from collections.abc import Callable
from typing import Any

from diffcompare.ops import (
    arithmetic,
    assemble,
    choice,
    elementary,
    index,
    indexed,
    labels,
    layers,
    leaf,
    linalg,
    moves,
    names,
    numpy_functions,
    parts,
    powers,
    reduce,
    special,
    subscript,
    within,
)

__all__ = [
    "arithmetic",
    "assemble",
    "choice",
    "elementary",
    "index",
    "indexed",
    "labels",
    "layers",
    "leaf",
    "linalg",
    "moves",
    "names",
    "numpy_functions",
    "parts",
    "powers",
    "reduce",
    "special",
    "subscript",
    "within",
]


def __getattr__(name: str) -> Callable[..., Any]:
    if name not in names.FUNCTIONS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return names.called(name)
