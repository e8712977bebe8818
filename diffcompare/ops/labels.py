"""What a label names: one entry of each sample, picked and put back. A linear dual pair.

A label is a whole number that counts classes from 0, and has no derivative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.ops.arithmetic import literal, neg, sub
from diffcompare.ops.batching import everywhere
from diffcompare.ops.choice import where
from diffcompare.ops.index import IndexIs, choose
from diffcompare.ops.indexed import check_whole
from diffcompare.ops.linearity import Steered
from diffcompare.ops.moves import Reshape
from diffcompare.ops.op import Op, Shape, family, misfit, shape_of
from diffcompare.ops.operand import Value
from diffcompare.ops.parts import Stack
from diffcompare.ops.within import within


def check_labels(labels: Any, count: int) -> Any:
    """An array of labels as integers below `count`.

    Raises
    ------
    DiffcompareError
        Of kind "input" where a label is no whole number or names no class.
    """
    given = _numbers(labels)
    if given is None:
        wrong: Any = labels
    else:
        bad = given[~((given >= 0) & (given < count) & (given == np.floor(given)))]
        if not bad.size:
            return given.astype(np.intp)
        wrong = bad[0].item()
        wrong = int(wrong) if wrong % 1 == 0 else wrong
    need = f"a whole number from 0 to {count - 1}"
    raise DiffcompareError("input", "a label", need=need, got=shorten(wrong))


def _numbers(labels: Any) -> Any:
    """An array of real numbers, or None."""
    try:
        given = np.asarray(float(labels) if isinstance(labels, Fraction) else labels)
    except ValueError:  # lists of unequal lengths
        return None
    return given if given.dtype.kind in "iuf" else None


class _Labelled(Steered):
    """What both of the pair share: the labels steer."""

    axis: int

    def __post_init__(self) -> None:
        check_whole(self.name, "an axis", self.axis)


@family
@dataclass(frozen=True, repr=False)
class TakeLabel(_Labelled):
    """The entry along an axis that each label names; adjoint to `PutLabel`.

    y[n, i, j] = x[n, label[n, i, j], i, j] for axis 1: y and the labels have the shape of x without
    the axis.

    Parameters
    ----------
    axis : int

    Examples
    --------
    >>> TakeLabel(1)(np.array([[5.0, 6.0, 7.0], [8.0, 9.0, 10.0]]), np.array([2, 0]))
    array([7., 8.])
    """

    axis: int
    name: ClassVar[str] = "take_label"  # type: ignore[misc]

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """That of the labels, if there is one for each sample."""
        x, labels = shapes
        if not self.axis < len(x) or not x[self.axis]:
            raise misfit(self.name, f"classes along axis {self.axis}", shapes)
        if labels != x[: self.axis] + x[self.axis + 1 :]:
            raise misfit(
                self.name, f"a label for each sample, classes along axis {self.axis}", shapes
            )
        return labels

    def value(self, *x: Value) -> Value:
        index = check_labels(x[1], np.shape(x[0])[self.axis])
        taken = np.take_along_axis(x[0], np.expand_dims(index, self.axis), self.axis)
        return np.squeeze(taken, self.axis)[()]

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        return TakeLabel(1 + self.axis)(*everywhere(x, batched, count))

    def adjoint(self, shape: Shape) -> Op:
        return PutLabel(self.axis, shape[self.axis])

    def expand(self, *x: Any) -> Any:
        classes, labels = np.moveaxis(x[0], self.axis, -1), x[1]
        result = np.empty(labels.shape, dtype=object)
        for place in np.ndindex(labels.shape):
            result[place] = choose(labels[place], *classes[place])
        return result

    def options(self) -> dict[str, Any]:
        return {"axis": self.axis}


@family
@dataclass(frozen=True, repr=False)
class PutLabel(_Labelled):
    """A number for each label, as the entry that it names among zeros; adjoint to `TakeLabel`.

    With ones it gives the labels as unit vectors ("one-hot").

    Parameters
    ----------
    axis : int
        Where the new axis is.
    size : int
        The number of classes.

    Examples
    --------
    >>> PutLabel(1, 3)(np.array([1.0, 5.0]), np.array([2, 0]))
    array([[0., 0., 1.],
           [5., 0., 0.]])
    """

    axis: int
    size: int
    name: ClassVar[str] = "put_label"  # type: ignore[misc]

    def __post_init__(self) -> None:
        super().__post_init__()
        check_whole(self.name, "a size", self.size, least=1)

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """One axis more."""
        x, labels = shapes
        if x != labels or self.axis > len(x):
            raise misfit(self.name, "a number for each label", shapes)
        return (*x[: self.axis], self.size, *x[self.axis :])

    def value(self, *x: Value) -> Value:
        index = check_labels(x[1], self.size)
        put = np.zeros(self.shape([np.shape(x[0]), index.shape]), dtype=np.asarray(x[0]).dtype)
        at, numbers = (np.expand_dims(a, self.axis) for a in (index, x[0]))
        np.put_along_axis(put, at, numbers, self.axis)
        return put

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        return PutLabel(1 + self.axis, self.size)(*everywhere(x, batched, count))

    def adjoint(self, shape: Shape) -> Op:
        return TakeLabel(self.axis)

    def expand(self, *x: Any) -> Any:
        numbers, labels = x
        result = np.empty((*labels.shape, self.size), dtype=object)
        for place in np.ndindex(result.shape):
            here = place[:-1]
            result[place] = where(IndexIs(place[-1])(labels[here]), numbers[here], 0)
        return np.moveaxis(result, -1, self.axis)

    def options(self) -> dict[str, Any]:
        return {"axis": self.axis, "size": self.size}


def less_at_label(axis: int, x: Value, y: Value, labels: Value) -> Value:
    """x less the number of y for each label, at the entry that it names.

    Labels that are constants say where a graph has nothing to subtract.

    Examples
    --------
    >>> less_at_label(1, np.ones((1, 3)), np.array([1.0]), np.array([2]))
    array([[1., 1., 0.]])
    """
    put = PutLabel(axis, shape_of(x)[axis])
    known = getattr(labels, "literals", None)
    if known is None:
        return x + put(neg(y), labels)
    shape = shape_of(labels)
    constant = np.array([int(number) for number in known]).reshape(shape)
    return within(sub, x, put(y, labels), put(np.ones(shape), constant) > 0)


def class_axis(x: Value) -> int:
    """Where the classes lie: along the channels, or along the only axis."""
    return min(1, len(shape_of(x)) - 1)


def labels_for(what: str, x: Value, labels: Value, axis: int) -> Value:
    """Labels as an argument beside x: constants checked, one label for one sample reshaped.

    Parameters
    ----------
    what : str
        Who asks.
    x : Value
        With the classes along `axis`.
    labels : Value or array of whole numbers
    axis : int
    """
    size = shape_of(x)
    if not size or 0 in size:
        raise misfit(what, "an entry for each class, one sample or more", [size])
    need = size[:axis] + size[axis + 1 :]
    known = literal(labels)
    constant = known is not None or not hasattr(labels, "apply_op")
    if constant:
        labels = check_labels(labels if known is None else float(known), size[axis])
    given = shape_of(labels)
    if given != need:
        if any(n != 1 for n in (*given, *need)):
            raise misfit(what, "a label for each sample", [size, given])
        labels = Reshape(need)(labels)
    if constant and hasattr(x, "like"):
        numbers = [x.like(int(label)) for label in np.ravel(labels)]
        return Stack(need)(*numbers) if need else numbers[0]
    return labels
