"""Normalisation over a batch, and the leaky rectifier."""

from __future__ import annotations

from typing import Any

from diffcompare.ops.arithmetic import add, mul
from diffcompare.ops.choice import greater, where
from diffcompare.ops.elementary import sqrt
from diffcompare.ops.layers.factors import factor, number
from diffcompare.ops.moves import Reshape
from diffcompare.ops.op import misfit, shape_of
from diffcompare.ops.operand import Value
from diffcompare.ops.powers import power
from diffcompare.ops.reduce import mean


def batch_norm(x: Value, gamma: Value, beta: Value, eps: Any = 1e-5) -> Value:
    """γ (x − μ)/√(σ² + ε) + β by channel, μ and σ² being the mean and variance of this batch.

    The statistics are part of the graph, and differentiated: σ² is the mean of (x − μ)².

    Parameters
    ----------
    x : Value, N×C or N×C×…
    gamma, beta : Value, C
    eps : float

    Examples
    --------
    >>> import numpy as np
    >>> batch_norm(np.array([[1.0], [3.0]]), np.array([2.0]), np.array([1.0]), eps=0)
    array([[-1.],
           [ 3.]])
    """
    shape, small = shape_of(x), number("batch_norm", "eps", eps)
    if len(shape) < 2 or 0 in shape or any(shape_of(p) != shape[1:2] for p in (gamma, beta)):
        raise misfit("batch_norm", "an array N×C×…, and gamma and beta of C entries",
                     [shape, shape_of(gamma), shape_of(beta)])  # fmt: skip
    column = Reshape((1, shape[1], *(1 for _ in shape[2:])))
    over = [axis for axis in range(len(shape)) if axis != 1]
    centred = x - column(mean(x, over))
    deviation = sqrt(column(mean(power(centred, 2), over)) + factor(small, x))
    return add(mul(column(gamma), centred / deviation), column(beta))


def leaky_relu(x: Value, slope: Any = 0.01) -> Value:
    """x where x > 0, else slope·x; the derivative at 0 is the slope.

    Examples
    --------
    >>> import numpy as np
    >>> leaky_relu(np.array([2.0, -2.0]), 0.5)
    array([ 2., -1.])
    """
    small = factor(number("leaky_relu", "slope", slope), x)
    return where(greater(x, 0), x, x if small == 1 else small * x)
