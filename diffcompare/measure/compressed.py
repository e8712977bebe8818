"""Operations of a compressed derivative: the sweeps' own, as many times as there are colors."""

from __future__ import annotations

from diffcompare.measure.ledger import count
from diffcompare.modes.sparsity.compressed import Compressed
from diffcompare.ops.cost import Cost


def compressed_cost(derivative: Compressed) -> Cost:
    """Operations of all nonzeros at a point: f, and of each sweep what its passes share, and they.

    Both directions compute their local partials for themselves, as they are run.

    Examples
    --------
    >>> import diffcompare as dc
    >>> from diffcompare.modes.sparsity.compressed import compress
    >>> compressed_cost(compress(dc.parse("x*y, y*z, z*u"))).mul
    15
    """
    total = count(derivative.primal)
    for sweep, passes in derivative.sweeps:
        size, start, end = len(sweep.primal.ops), sweep.sweep_start, len(sweep.graph.ops)
        total = total + count(sweep.graph, range(size, start))
        total = total + count(sweep.graph, range(start, end)) * passes
    return total
