"""What an operation is: one home each. Importing the package fills the tables."""

from diffcompare.ops import (
    arithmetic,
    choice,
    elementary,
    leaf,
    linalg,
    moves,
    numpy_functions,
    parts,
    powers,
    special,
)

__all__ = [
    "arithmetic",
    "choice",
    "elementary",
    "leaf",
    "linalg",
    "moves",
    "numpy_functions",
    "parts",
    "powers",
    "special",
]
