"""NumPy's functions on number kinds, where no table row is the function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from diffcompare.ops.choice import floor, max_, min_, not_equal, where
from diffcompare.ops.constants import PI
from diffcompare.ops.elementary import sin, softplus
from diffcompare.ops.names import FUNCTIONS
from diffcompare.ops.operand import UFUNCS, Value


def _clip(
    a: Value,
    a_min: Value = None,
    a_max: Value = None,
    *,
    min: Value = None,
    max: Value = None,
) -> Value:
    low = min if a_min is None else a_min
    high = max if a_max is None else a_max
    above = a if low is None else max_(a, low)
    return above if high is None else min_(above, high)


def _truth(x: Value) -> Value:
    return not_equal(x, 0)


_COMPOSED: Final[dict[Any, Callable[..., Value]]] = {
    np.clip: _clip,
    np.sinc: lambda x: where(not_equal(x, 0), sin(PI * x) / (PI * x), 1),
    np.logaddexp: lambda x, y: y + softplus(x - y),
    np.floor_divide: lambda x, y: floor(x / y),
    np.logical_and: lambda a, b: where(a, _truth(b), 0),
    np.logical_or: lambda a, b: where(a, 1, _truth(b)),
    np.logical_not: lambda a: where(a, 0, 1),
}
UFUNCS.update(_COMPOSED)

for _spelling, _function in FUNCTIONS.items():
    _ufunc = getattr(np, _spelling, None)
    if isinstance(_ufunc, np.ufunc):
        UFUNCS.setdefault(_ufunc, _function)
