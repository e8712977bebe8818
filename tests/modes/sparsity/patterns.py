"""Patterns and matrices to color, and exact answers by trying everything."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations, product

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from diffcompare.modes.sparsity.pattern import Pattern


def of_matrix(matrix: np.ndarray) -> Pattern:
    """The places of the nonzeros of a matrix."""
    rows, columns = np.nonzero(matrix)
    return Pattern.of(rows, columns, matrix.shape)


def arrow(n: int) -> Pattern:
    """First row, first column and diagonal."""
    matrix = np.eye(n, dtype=bool)
    matrix[0, :] = matrix[:, 0] = True
    return of_matrix(matrix)


def band(n: int, width: int = 1) -> Pattern:
    """Entries up to `width` off the diagonal."""
    i, j = np.indices((n, n))
    return of_matrix(abs(i - j) <= width)


def masks(most: int = 8) -> st.SearchStrategy[np.ndarray]:
    """Matrices of truth values, thin and full, also without rows or columns."""
    sizes = st.tuples(st.integers(0, most), st.integers(0, most))
    return sizes.flatmap(lambda shape: arrays(bool, shape, elements=st.booleans()))


def symmetric_masks(most: int = 8) -> st.SearchStrategy[np.ndarray]:
    """Symmetric ones."""
    square = st.integers(0, most).flatmap(lambda n: arrays(bool, (n, n), elements=st.booleans()))
    return square.map(lambda mask: mask & mask.T)


def labellings(n: int, colors: int) -> Iterator[tuple[int, ...]]:
    """All ways to give n things one of the colors, or none (−1)."""
    return product(range(-1, colors), repeat=n)


def readable(mask: np.ndarray, columns: tuple[int, ...], rows: tuple[int, ...]) -> bool:
    """Whether every nonzero is alone in its row and column color, or column and row color."""
    for i, j in zip(*np.nonzero(mask), strict=True):
        across = [k for k in np.flatnonzero(mask[i]) if columns[k] == columns[j]]
        down = [k for k in np.flatnonzero(mask[:, j]) if rows[k] == rows[i]]
        if not ((columns[j] >= 0 and len(across) == 1) or (rows[i] >= 0 and len(down) == 1)):
            return False
    return True


def fewest(mask: np.ndarray) -> dict[str, int]:
    """The fewest passes by columns, by rows and by both, by trying every coloring."""
    m, n = mask.shape
    none_m, none_n = (-1,) * m, (-1,) * n
    found = {}
    found["columns"] = next(
        p for p in range(n + 1) if any(readable(mask, c, none_m) for c in labellings(n, p))
    )
    found["rows"] = next(
        q for q in range(m + 1) if any(readable(mask, none_n, r) for r in labellings(m, q))
    )
    found["both"] = next(
        total
        for total in range(m + n + 1)
        for p in range(total + 1)
        if p <= n and total - p <= m
        for c in labellings(n, p)
        if any(readable(mask, c, r) for r in labellings(m, total - p))
    )
    return found


def is_star(mask: np.ndarray, colors: tuple[int, ...]) -> bool:
    """Neighbours differ, and no path on four vertices has two colors."""
    n = len(mask)
    edge = mask & ~np.eye(n, dtype=bool)
    if any(colors[i] == colors[j] for i, j in zip(*np.nonzero(edge), strict=True)):
        return False
    return not any(
        edge[a, b] and edge[b, c] and edge[c, d] and len({colors[v] for v in (a, b, c, d)}) < 3
        for a, b, c, d in permutations(range(n), 4)
    )


def fewest_star(mask: np.ndarray) -> int:
    """The star chromatic number, of the vertices with a nonzero."""
    used = np.flatnonzero(mask.any(axis=0))
    mask = mask[np.ix_(used, used)]
    n = len(mask)
    return next(
        p for p in range(n + 1) if any(is_star(mask, c) for c in product(range(p), repeat=n))
    )
