"""What an operation is: one home each. Importing the package fills the tables."""

from diffcompare.ops import (
    arithmetic,
    choice,
    elementary,
    leaf,
    linalg,
    moves,
    numpy_functions,
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
    "powers",
    "special",
]
