"""What an operation is: one home each. Importing the package fills the tables."""

from diffcompare.ops import (
    arithmetic,
    choice,
    elementary,
    gather,
    index,
    labels,
    layers,
    leaf,
    linalg,
    moves,
    numpy_functions,
    parts,
    powers,
    reduce,
    special,
)

__all__ = [
    "arithmetic",
    "choice",
    "elementary",
    "gather",
    "index",
    "labels",
    "layers",
    "leaf",
    "linalg",
    "moves",
    "numpy_functions",
    "parts",
    "powers",
    "reduce",
    "special",
]
