"""What a traced call gives, against the same call of NumPy."""

import inspect

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.errors import DiffcompareError

SHAPES = [(3,), (3, 3), (2, 3), (2, 3, 3), (1, 3, 1)]


def settings_of(function):
    try:
        return list(inspect.signature(function).parameters.values())
    except ValueError:  # releases of NumPy that do not tell
        return []


def traced(function, *x):
    """What the graph of the function gives, in the shape that the traced result has."""
    names = list(inspect.signature(function).parameters)[: len(x)]
    shapes = {name: part.shape for name, part in zip(names, x, strict=True)}
    graph = dc.parse(function, inputs=names, shapes=shapes)
    return graph.evaluate(dict(zip(names, x, strict=True)))[graph.outputs[0]]


def agrees(function, *x, refused=False):
    """Value and shape are NumPy's, and what NumPy refuses is refused."""
    try:
        expected = function(*x)
    except (ValueError, TypeError, IndexError, RuntimeWarning):
        refused = True
    if refused:
        with pytest.raises(DiffcompareError):
            traced(function, *x)
        return
    found = traced(function, *x)
    assert np.shape(found) == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-15)
