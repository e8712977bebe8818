"""Programs of NumPy calls: the values that the graph itself has."""

from __future__ import annotations

import numpy as np

import diffcompare as dc
from diffcompare.run.arrays import array_function


def test_broadcasts_beside_an_array_are_left_to_numpy() -> None:
    """But not where the value goes by its first argument, and not where nothing else is whole."""
    text = "where(t > 0, x, 2), t*x + t, 3*where(t > 0, t, 1) + 0*x"
    graph = dc.parse(text, shapes={"x": (2, 3)})
    x = np.arange(6.0).reshape(2, 3)
    for t in (-1.5, 2.0):
        chosen, sums, scaled = array_function(graph)(*({"x": x, "t": t}[n] for n in graph.inputs))
        np.testing.assert_array_equal(chosen, x if t > 0 else np.full((2, 3), 2.0))
        np.testing.assert_array_equal(sums, t * x + t)
        np.testing.assert_array_equal(scaled, np.full((2, 3), 3 * t if t > 0 else 3.0))


def test_plain_numbers_may_be_reshaped() -> None:
    graph = dc.parse("reshape(t, to=(1, 1))", shapes={"t": ()})
    assert array_function(graph)(2)[0].tolist() == [[2.0]]
