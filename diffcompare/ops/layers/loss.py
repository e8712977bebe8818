"""Losses: how far from the truth, as one number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.ops.arithmetic import neg, sub
from diffcompare.ops.batching import everywhere
from diffcompare.ops.cost import ADD, Cost
from diffcompare.ops.elementary import log
from diffcompare.ops.indexed import check_whole
from diffcompare.ops.labels import TakeLabel, class_axis, labels_for, less_at_label
from diffcompare.ops.layers.gram import Gram
from diffcompare.ops.layers.settings import settings
from diffcompare.ops.layers.softmax import LogSumExp, Softmax
from diffcompare.ops.linalg import add_up
from diffcompare.ops.logaddexp import log_sum_exp
from diffcompare.ops.moves import Reshape
from diffcompare.ops.op import Op, Shape, family, misfit, shape_of
from diffcompare.ops.operand import ZERO, Value
from diffcompare.ops.powers import power
from diffcompare.ops.reduce import spread


@family
@dataclass(frozen=True, repr=False)
class SoftmaxLogLoss(Op):
    """y = ln Σ_k e^{x_k} − x_c for each sample: −ln of the softmax at its label c.

    x has the classes along an axis; labels and y have its shape without that axis. With
    p = softmax(x) and e the labels as unit vectors: ẏ = Σ_k p_k ẋ_k − ẋ_c and x̄ = ȳ p − ȳ e. Smooth
    in x, and finite for scores of any size; labels have no derivative.

    Parameters
    ----------
    axis : int

    Examples
    --------
    >>> import numpy as np
    >>> SoftmaxLogLoss(1)(np.array([[900.0, 0.0], [0.0, 0.0]]), np.array([0, 1]))
    array([0.        , 0.69314718])
    """

    axis: int
    name: ClassVar[str] = "softmax_log_loss"  # type: ignore[misc]
    arity: ClassVar[tuple[int, int | None]] = (2, 2)  # type: ignore[misc]
    elementwise: ClassVar[bool] = False
    labels: ClassVar[tuple[int, ...]] = (1,)

    def __post_init__(self) -> None:
        check_whole(self.name, "an axis", self.axis)

    @property
    def at_label(self) -> TakeLabel:
        """x_c."""
        return TakeLabel(self.axis)

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """That of the labels."""
        if 0 in shapes[0]:
            raise misfit(self.name, "one score or more", shapes)
        return self.at_label.shape(shapes)

    def lower(self, *x: Value) -> Value:
        """As array operations."""
        return LogSumExp(self.axis)(x[0]) - self.at_label(*x)

    def value(self, *x: Value) -> Value:
        top, rest = log_sum_exp(x[0], self.axis)
        return rest - (self.at_label.value(*x) - top)

    def inherited(self, slot: int, y: Value, x: Sequence[Value], error: Value) -> Value:
        return LogSumExp(self.axis).jvp(y, x[:1], [error]) + self.at_label(error, x[1])

    def magnitude(self, y: Value, x: Sequence[Value]) -> Value:
        return LogSumExp(self.axis).magnitude(y, x[:1])

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        return SoftmaxLogLoss(1 + self.axis)(*everywhere(x, batched, count))

    def jvp(self, y: Value, x: Sequence[Value], x_dot: Sequence[Value]) -> Value:
        if x_dot[0] is ZERO:
            return ZERO
        weighted = Softmax(self.axis)(x[0]) * x_dot[0]
        return add_up(weighted, [self.axis]) - self.at_label(x_dot[0], x[1])

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        shape = shape_of(x[0])
        expected = Softmax(self.axis)(x[0]) * spread(y_bar, shape, [self.axis])
        return [less_at_label(self.axis, expected, y_bar, x[1]), ZERO]

    def expand(self, *x: Any) -> Any:
        return LogSumExp(self.axis).expand(x[0]) - self.at_label.expand(*x)

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        return LogSumExp(self.axis).cost(shapes[:1]) + ADD * math.prod(shapes[1])

    def options(self) -> dict[str, Any]:
        return settings(self)


REDUCTIONS: Final = ("mean", "sum", "none")


def _check_reduction(what: str, reduction: Any, allowed: Sequence[str] = REDUCTIONS) -> None:
    if reduction not in allowed:
        quoted = [f'"{name}"' for name in allowed]
        need = f"reduction {', '.join(quoted[:-1])} or {quoted[-1]}"
        raise DiffcompareError("attr", what, need=need, got=shorten(reduction))


def _reduced(losses: Value, reduction: str) -> Value:
    """The losses of all samples as one number, or as they are."""
    shape = shape_of(losses)
    if reduction == "none" or not shape:
        return losses
    if math.prod(shape) == 1:
        return Reshape(())(losses)
    total = add_up(losses)
    return total if reduction == "sum" else total / math.prod(shape)


def softmax_log_loss(x: Value, labels: Value, reduction: str = "mean") -> Value:
    """−ln softmax(x)_c of scores, c being the label of each sample; see `SoftmaxLogLoss`.

    Parameters
    ----------
    x : Value, N×C, N×C×H×W or C
    labels : Value or array of whole numbers, N, N×H×W or one
        The class of each sample, from 0.
    reduction : {"mean", "sum", "none"}

    Examples
    --------
    >>> import numpy as np
    >>> round(float(softmax_log_loss(np.array([-2.85, 0.86, 0.28]), 2)), 2)
    1.04
    """
    _check_reduction("softmax_log_loss", reduction)
    axis = class_axis(x)
    given = labels_for("softmax_log_loss", x, labels, axis)
    return _reduced(SoftmaxLogLoss(axis)(x, given), reduction)


def log_loss(p: Value, labels: Value, reduction: str = "mean") -> Value:
    """−ln p_c of probabilities, c being the label of each sample: ∂/∂p_c = −1/p_c.

    Parameters
    ----------
    p : Value, N×C, N×C×H×W or C
    labels : Value or array of whole numbers, N, N×H×W or one
        The class of each sample, from 0.
    reduction : {"mean", "sum", "none"}

    Examples
    --------
    >>> import numpy as np
    >>> log_loss(np.array([[0.5, 0.5], [0.0, 1.0]]), [0, 1], "none")
    array([ 0.69314718, -0.        ])
    """
    _check_reduction("log_loss", reduction)
    axis = class_axis(p)
    given = labels_for("log_loss", p, labels, axis)
    return _reduced(neg(log(TakeLabel(axis)(p, given))), reduction)


def squared_error(x: Value, t: Value, reduction: str = "half") -> Value:
    """½ Σ (t − x)², or without the half, or as a mean.

    Parameters
    ----------
    x, t : Value
        Of one shape.
    reduction : {"half", "sum", "mean", "none"}

    Examples
    --------
    >>> import numpy as np
    >>> float(squared_error(np.array([1.0, 2.0]), np.array([2.0, 4.0])))
    2.5
    """
    _check_reduction("squared_error", reduction, ("half", *REDUCTIONS))
    if shape_of(x) != shape_of(t) or 0 in shape_of(x):
        raise misfit(
            "squared_error", "arguments of one shape, not empty", [shape_of(x), shape_of(t)]
        )
    squares = power(sub(t, x), 2)
    if reduction == "half":
        return (add_up(squares) if shape_of(x) else squares) / 2
    return _reduced(squares, reduction)


def gram(features: Value, divisor: Any = 1) -> Value:
    """The Gram matrix of feature maps, G = F Fᵀ / divisor: how channels go together.

    Parameters
    ----------
    features : Value, C×H×W or N×C×H×W
        F is C×(H·W).
    divisor : number

    Returns
    -------
    Value, C×C or N×C×C

    Examples
    --------
    >>> import numpy as np
    >>> gram(np.array([[[1.0, 2.0]], [[3.0, 4.0]]]))
    array([[ 5., 11.],
           [11., 25.]])
    """
    shape = shape_of(features)
    if len(shape) not in (3, 4) or 0 in shape:
        raise misfit("gram", "feature maps C×H×W or N×C×H×W", [shape])
    channels, area = shape[-3], math.prod(shape[-2:])
    op = Gram(divisor)
    result = op(Reshape((math.prod(shape[:-3]), channels, area))(features))
    return result if len(shape) == 4 else Reshape((channels, channels))(result)
