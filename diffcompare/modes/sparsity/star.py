"""Star colorings: a symmetric matrix from few products with it, each nonzero read from one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from diffcompare.modes.sparsity.greedy import Colors, Lists, first_free, orders


def star(rows: np.ndarray, columns: np.ndarray, n: int) -> tuple[Colors, str, int]:
    """A star coloring of a symmetric pattern, the best over the classical orders.

    Neighbours differ, and no path on four vertices has only two colors. Source: A. H. Gebremedhin,
    F. Manne, A. Pothen, What color is your Jacobian?, SIAM Review 47, 2005; T. F. Coleman, J. J.
    Moré, Estimation of sparse Hessian matrices and graph coloring problems, Math. Prog. 28, 1984.

    Returns
    -------
    colors : list of int
    order : str
    bound : int
        No star coloring has fewer.
    """
    graph: Lists = [[] for _ in range(n)]
    for i, j in zip(rows.tolist(), columns.tolist(), strict=True):
        if i != j:
            graph[i].append(j)
    bound = _bound(graph, rows, columns)
    found: Colors = []
    name = ""
    used = np.zeros(n, dtype=bool)
    used[columns] = True
    for label, order in orders([len(near) for near in graph], lambda: graph):
        colors = _greedy(graph, [v for v in order if used[v]])
        if not name or max(colors, default=-1) < max(found, default=-1):
            found, name = colors, label
        if max(found, default=-1) + 1 == bound:
            break
    return found, name, bound


def _greedy(graph: Lists, order: Sequence[int]) -> Colors:
    """Each vertex gets the first color that makes no two-colored path on four vertices.

    A path is made when its last vertex is colored. That is an end, v–w–x–y: `hubs[w]` has the
    colors of the x that see w's color twice. Or it is inside, w′–v–w–x with w and w′ of one
    color: all colors seen by such w, w′ are out. Time is linear in the edges and colors.
    """
    colors = [-1] * len(graph)
    seen: list[dict[int, list[int]]] = [{} for _ in graph]  # color: how many neighbours, the first
    hubs = [0] * len(graph)
    for v in order:
        taken = 0
        for w in graph[v]:
            if colors[w] < 0:
                continue
            taken |= 1 << colors[w]
            if seen[v][colors[w]][0] > 1:
                for color in seen[w]:
                    taken |= 1 << color
            else:
                taken |= hubs[w]
        color = colors[v] = first_free(taken)
        for w in graph[v]:
            _see(w, v, color, colors, seen, hubs)
            if colors[w] >= 0 and seen[v][colors[w]][0] > 1:
                hubs[w] |= 1 << color
    return colors


def _see(
    w: int, v: int, color: int, colors: Colors, seen: list[dict[int, list[int]]], hubs: list[int]
) -> None:
    """Tell w that its neighbour v has a color now; at the second of one color it is a hub."""
    count = seen[w].setdefault(color, [0, v])
    count[0] += 1
    if colors[w] >= 0 and count[0] > 1:
        hubs[v] |= 1 << colors[w]
        hubs[count[1]] |= 1 << colors[w]


def _bound(graph: Lists, rows: np.ndarray, columns: np.ndarray) -> int:
    """Colors that every star coloring has.

    A product gives each row one number at most, so p products read Σ min(p, nonzeros of the row);
    each pair of mirrored nonzeros is read once. An edge whose ends both have another neighbour
    lies on a path of four or in a triangle, and takes three.
    """
    if not len(rows):
        return 0
    counts = np.bincount(rows)
    distinct = int(np.count_nonzero(rows <= columns))
    bound = 1
    while int(np.minimum(counts, bound).sum()) < distinct:
        bound += 1
    degree = np.array([len(near) for near in graph])
    edges = rows != columns
    if edges.any():
        bound = max(bound, 2)
        if np.minimum(degree[rows[edges]], degree[columns[edges]]).max() > 1:
            bound = max(bound, 3)
    return bound
