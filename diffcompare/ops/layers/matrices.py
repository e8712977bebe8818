"""Convolutions and locally connected layers in simpler array operations.

Φ(X) is `im2row` of the images, F has the filters as its columns, Y a row for each position: then
Y = Φ(X) F, the images' part of an adjoint is row2im(Y Fᵀ), and the filters' is Φ(X)ᵀ Y; one product
for each group. Without sharing, rows meet the weights of their position, entry by entry. Here
padding takes part in products, as zeros.
"""

from __future__ import annotations

import math

from diffcompare.ops.arithmetic import mul
from diffcompare.ops.indexed import Concat
from diffcompare.ops.layers.rows import Im2Row, Row2Im
from diffcompare.ops.layers.windows import Windows
from diffcompare.ops.linalg import matmul
from diffcompare.ops.moves import Broadcast, Reshape, SumTo, Transpose
from diffcompare.ops.op import Shape, shape_of
from diffcompare.ops.operand import Value
from diffcompare.ops.parts import Slice

_TURNED = Transpose((1, 0))


def shared_output(windows: Windows, x: Value, w: Value, groups: int, shape: Shape) -> Value:
    """The output of that shape, from images and weights."""
    n, filters, height, width = shape
    results = []
    for image, weights in zip(_parts(x, 1, groups), _parts(w, 0, groups), strict=True):
        matrix = matmul(_rows(windows, image), _TURNED(_filters(weights)))
        y = Reshape((n, height, width, filters // groups))(matrix)
        results.append(Transpose((0, 3, 1, 2))(y))
    return _joined(results, 1)


def shared_image(windows: Windows, y: Value, w: Value, groups: int, shape: Shape) -> Value:
    """The images of that shape, from outputs and weights."""
    n, channels, *size = shape
    part = (n, channels // groups, *size)
    back = Row2Im(part, windows.kernel, windows.stride, windows.pad, windows.dilation)
    return _joined(
        [
            back(matmul(_by_position(output), _filters(weights)))
            for output, weights in zip(_parts(y, 1, groups), _parts(w, 0, groups), strict=True)
        ],
        1,
    )


def shared_weights(windows: Windows, x: Value, y: Value, groups: int, shape: Shape) -> Value:
    """The weights of that shape, from images and outputs."""
    part = Reshape((shape[0] // groups, *shape[1:]))
    return _joined(
        [
            part(matmul(_TURNED(_by_position(output)), _rows(windows, image)))
            for image, output in zip(_parts(x, 1, groups), _parts(y, 1, groups), strict=True)
        ],
        0,
    )


def local_output(windows: Windows, x: Value, w: Value, shape: Shape) -> Value:
    """The output of that shape, from images and weights of each position."""
    n, filters, height, width = shape
    products = _spread(_rows_apart(windows, x, n), _weights_apart(w))
    y = Reshape((n, height, width, filters))(SumTo((n, height * width, filters, 1))(products))
    return Transpose((0, 3, 1, 2))(y)


def local_image(windows: Windows, y: Value, w: Value, shape: Shape) -> Value:
    """The images of that shape, from outputs and weights of each position."""
    products = _spread(_outputs_apart(y), _weights_apart(w))
    n, positions, _, taps = shape_of(products)
    rows = Reshape((n * positions, taps))(SumTo((n, positions, 1, taps))(products))
    return Row2Im(shape, windows.kernel, windows.stride, windows.pad, windows.dilation)(rows)


def local_weights(windows: Windows, x: Value, y: Value, shape: Shape) -> Value:
    """The weights of each position, of that shape, from images and outputs."""
    products = _spread(_rows_apart(windows, x, shape_of(y)[0]), _outputs_apart(y))
    _, *rest = shape_of(products)
    return Reshape(shape)(Transpose((1, 2, 0))(Reshape(tuple(rest))(SumTo((1, *rest))(products))))


def _rows_apart(windows: Windows, image: Value, n: int) -> Value:
    """Rows as N×P×1×T: images, positions, filters, taps of all channels."""
    rows = _rows(windows, image)
    return Reshape((n, shape_of(rows)[0] // n, 1, shape_of(rows)[1]))(rows)


def _outputs_apart(y: Value) -> Value:
    """Outputs as N×P×K×1."""
    n, filters, height, width = shape_of(y)
    return Reshape((n, height * width, filters, 1))(_by_position(y))


def _weights_apart(w: Value) -> Value:
    """Weights of each position as 1×P×K×T."""
    filters, channels, high, wide, height, width = shape_of(w)
    taps, positions = channels * high * wide, height * width
    turned = Transpose((2, 0, 1))(Reshape((filters, taps, positions))(w))
    return Reshape((1, positions, filters, taps))(turned)


def _spread(a: Value, b: Value) -> Value:
    """Products of two arrays broadcast against each other."""
    shape = tuple(max(m, n) for m, n in zip(shape_of(a), shape_of(b), strict=True))
    return mul(Broadcast(shape)(a), Broadcast(shape)(b))


def _rows(windows: Windows, image: Value) -> Value:
    return Im2Row(windows.kernel, windows.stride, windows.pad, windows.dilation)(image)


def _filters(weights: Value) -> Value:
    """Weights K×C×kh×kw as a matrix K×(C·kh·kw)."""
    filters, *rest = shape_of(weights)
    return Reshape((filters, math.prod(rest)))(weights)


def _by_position(y: Value) -> Value:
    """Outputs N×K×OH×OW as a matrix (N·OH·OW)×K."""
    n, filters, height, width = shape_of(y)
    return Reshape((n * height * width, filters))(Transpose((0, 2, 3, 1))(y))


def _parts(x: Value, axis: int, count: int) -> list[Value]:
    """Equal parts along an axis."""
    if count == 1:
        return [x]
    shape, ones = shape_of(x), (1,) * len(shape_of(x))
    size = shape[axis] // count
    edges = [(start, start + size) for start in range(0, shape[axis], size)]
    return [
        Slice(
            tuple(first if k == axis else 0 for k in range(len(shape))),
            tuple(last if k == axis else n for k, n in enumerate(shape)),
            ones,
        )(x)
        for first, last in edges
    ]


def _joined(parts: list[Value], axis: int) -> Value:
    return Concat(axis)(*parts) if len(parts) > 1 else parts[0]
