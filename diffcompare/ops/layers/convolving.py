"""Convolution and its adjoints as functions: settings read, a bias added."""

from __future__ import annotations

from typing import Any

from diffcompare.ops.layers.conv import Conv2d, Conv2dInput, Conv2dWeight
from diffcompare.ops.layers.settings import count, pair, sides
from diffcompare.ops.layers.trilinear import biased
from diffcompare.ops.op import misfit, shape_of
from diffcompare.ops.operand import Value


def conv2d(
    x: Value, w: Value, b: Value = None,
    stride: Any = 1, pad: Any = 0, dilation: Any = 1, groups: Any = 1,
) -> Value:  # fmt: skip
    """Convolution of images x N×C×H×W with weights w K×(C/g)×kh×kw, plus a bias b of K numbers.

    Parameters
    ----------
    stride, dilation : int or (int, int)
        Along height and width.
    pad : int, (int, int) or (int, int, int, int)
        All around; above and below, left and right; or top, bottom, left, right.
    groups : int
        Filters and channels fall into as many groups, which do not mix.

    Raises
    ------
    DiffcompareError
        Of kind "attr" for settings that no convolution has, of kind "shape" for arrays that do not
        fit, or a kernel larger than its padded input.

    Examples
    --------
    >>> import numpy as np
    >>> conv2d(np.ones((1, 3, 5, 5)), np.ones((2, 3, 3, 3)), np.zeros(2), pad=1).shape
    (1, 2, 5, 5)
    """
    op = Conv2d(*_settings("conv2d", stride, pad, dilation, groups))
    filters = op.shape([shape_of(x), shape_of(w)])[1]
    if b is None:
        return op(x, w)
    if shape_of(b) != (filters,):
        raise misfit("conv2d", f"a bias of {filters} numbers", [shape_of(b)])
    return biased(op, x, w, b, (1, filters, 1, 1))


def conv2d_input(
    y: Value, w: Value, size: Any, stride: Any = 1, pad: Any = 0, dilation: Any = 1, groups: Any = 1
) -> Value:
    """Transposed convolution of y N×K×OH×OW with weights w K×(C/g)×kh×kw to images of (H, W).

    The adjoint of `conv2d` by its images, see `Conv2dInput`.

    Examples
    --------
    >>> import numpy as np
    >>> conv2d_input(np.ones((1, 2, 3, 3)), np.ones((2, 3, 3, 3)), size=5).shape
    (1, 3, 5, 5)
    """
    op = Conv2dInput(
        pair("conv2d_input", "size", size),
        *_settings("conv2d_input", stride, pad, dilation, groups),
    )
    op.shape([shape_of(y), shape_of(w)])
    return op(y, w)


def conv2d_weight(
    x: Value, y: Value, kernel: Any, stride: Any = 1, pad: Any = 0, dilation: Any = 1,
    groups: Any = 1,
) -> Value:  # fmt: skip
    """Correlation of images x N×C×H×W with outputs y N×K×OH×OW at the taps of a (kh, kw) kernel.

    The adjoint of `conv2d` by its weights, see `Conv2dWeight`.

    Examples
    --------
    >>> import numpy as np
    >>> conv2d_weight(np.ones((1, 3, 5, 5)), np.ones((1, 2, 3, 3)), kernel=3).shape
    (2, 3, 3, 3)
    """
    op = Conv2dWeight(
        pair("conv2d_weight", "kernel", kernel),
        *_settings("conv2d_weight", stride, pad, dilation, groups),
    )
    op.shape([shape_of(x), shape_of(y)])
    return op(x, y)


def _settings(what: str, stride: Any, pad: Any, dilation: Any, groups: Any) -> tuple[Any, ...]:
    return (
        pair(what, "stride", stride), sides(what, pad), pair(what, "dilation", dilation),
        count(what, "groups", groups),
    )  # fmt: skip
