"""What bad networks get: one text at every door, with a caret where there is text.

Each row is a formula that is Python too, so it is read as text, as a case file, run on arrays, and
run on Variables, whose graph stays as it was.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.ops.names import FUNCTIONS, called

Shapes = tuple[tuple[int, ...], ...]
NAMES = "image", "w", "b"
IMAGES = "images N×C×H×W, one or more"
WEIGHTS = "conv2d needs images N×C×H×W and weights K×C×kh×kw, none empty, got"
STRIDE = "stride as 2 whole numbers, each 1 or more"
FIT = "a kernel no larger than its padded input, got kernel 3×3 and input 2×2"
ONE, TWO = (1, 1, 2, 2), (1, 1, 3, 3)

# fmt: off
ROWS: list[tuple[str, str, Shapes, str, str]] = [
    # a kernel larger than the padded input
    ("relu(conv2d(image, w))", "conv2d(image, w)", (ONE, TWO), "shape", f"conv2d needs {FIT}"),
    ("mean(conv2d(image, w, pad=(1, 1, 0, 0)))", "conv2d(image, w, pad=(1, 1, 0, 0))", (ONE, TWO), "shape",
     "conv2d needs a kernel no larger than its padded input, got kernel 3×3 and input 4×2"),
    ("conv2d(image, w, dilation=3)", "conv2d(image, w, dilation=3)", ((1, 1, 5, 5), TWO), "shape",
     "conv2d needs a kernel no larger than its padded input, got kernel 3×3 dilated to 7×7 and input 5×5"),
    ("mean(max_pool2d(image, window=3))", "max_pool2d(image, window=3)", (ONE,), "shape", f"max_pool2d needs {FIT}"),
    ("mean(avg_pool2d(image, window=3))", "avg_pool2d(image, window=3)", (ONE,), "shape", f"avg_pool2d needs {FIT}"),
    ("mean(im2row(image, kernel=3))", "im2row(image, kernel=3)", (ONE,), "shape", f"im2row needs {FIT}"),
    ("locally_connected2d(image, w)", "locally_connected2d(image, w)", (ONE, (1, 1, 3, 3, 1, 1)), "shape",
     f"locally_connected2d needs {FIT}"),
    # a wrong rank
    ("relu(conv2d(image, w))", "conv2d(image, w)", ((3, 3), TWO), "shape", f"{WEIGHTS} 3×3 and 1×1×3×3"),
    ("relu(conv2d(image, w))", "conv2d(image, w)", (TWO, (3, 3)), "shape", f"{WEIGHTS} 1×1×3×3 and 3×3"),
    ("relu(conv2d(image, w))", "conv2d(image, w)", ((), TWO), "shape", f"{WEIGHTS} a number and 1×1×3×3"),
    ("mean(max_pool2d(image, window=2))", "max_pool2d(image, window=2)", ((3, 3),), "shape", f"max_pool2d needs {IMAGES}, got 3×3"),
    ("mean(avg_pool2d(image, window=2))", "avg_pool2d(image, window=2)", ((3, 3),), "shape", f"avg_pool2d needs {IMAGES}, got 3×3"),
    ("mean(im2row(image, kernel=2))", "im2row(image, kernel=2)", ((3, 3),), "shape", f"im2row needs {IMAGES}, got 3×3"),
    ("mean(lrn(image))", "lrn(image)", ((3,),), "shape", "lrn needs an array N×C×…, one entry or more, got 3"),
    ("global_avg_pool(image)", "global_avg_pool(image)", ((3, 3),), "shape", f"global_avg_pool needs {IMAGES}, got 3×3"),
    ("mean(dense(image, w))", "dense(image, w)", (ONE, (2, 4)), "shape", "dense needs x as N×in, got 1×1×2×2; flatten(x) first"),
    ("1 + mean(gram(image))", "gram(image)", ((3, 3),), "shape", "gram needs feature maps C×H×W or N×C×H×W, got 3×3"),
    ("mean(batch_norm(image, w, b))", "batch_norm(image, w, b)", ((3,), (3,), (3,)), "shape",
     "batch_norm needs an array N×C×…, and gamma and beta of C entries, got 3 and 3 and 3"),
    ("mean(matmul(image, w))", "matmul(image, w)", ((2, 2, 3), (3, 2)), "shape",
     "matmul needs a matrix and one with as many rows as it has columns, got 2×2×3 and 3×2"),
    ("mean(outer(image, w))", "outer(image, w)", ((2, 2), (3,)), "shape", "outer needs two vectors, got 2×2 and 3"),
    ("flatten(image)", "flatten(image)", ((),), "shape", "flatten needs an array, got a number"),
    ("softmax(image)", "softmax(image)", ((),), "attr", "softmax needs an array, not a number, got axis -1"),
    # channels, filters and groups
    ("mean(conv2d(image, w, groups=2))", "conv2d(image, w, groups=2)", ((1, 3, 3, 3), (2, 1, 2, 2)), "shape",
     "conv2d needs channels that its 2 groups divide, got 3 channels"),
    ("mean(conv2d(image, w, groups=2))", "conv2d(image, w, groups=2)", ((1, 4, 3, 3), (3, 2, 2, 2)), "shape",
     "conv2d needs filters that its 2 groups divide, got 3 filters"),
    ("mean(conv2d(image, w))", "conv2d(image, w)", ((1, 3, 3, 3), (2, 2, 2, 2)), "shape",
     "conv2d needs weights K×3×kh×kw for 3 channels, got 2×2×2×2"),
    ("mean(conv2d(image, w, b))", "conv2d(image, w, b)", ((1, 3, 3, 3), (2, 3, 2, 2), (3,)), "shape",
     "conv2d needs a bias of 2 numbers, got 3"),
    ("mean(dense(image, w, b))", "dense(image, w, b)", ((2, 3), (4, 3), (3,)), "shape", "dense needs a bias of 4 entries, got 3"),
    ("mean(conv2d(image, w, groups=0))", "conv2d(image, w, groups=0)", (TWO, TWO), "attr",
     "conv2d needs groups as a whole number, 1 or more, got 0"),
    # zero and negative strides, windows, padding
    ("conv2d(image, w, stride=0)", "conv2d(image, w, stride=0)", (TWO, TWO), "attr", f"conv2d needs {STRIDE}, got (0, 0)"),
    ("conv2d(image, w, stride=(1, -2))", "conv2d(image, w, stride=(1, -2))", (TWO, TWO), "attr", f"conv2d needs {STRIDE}, got (1, -2)"),
    ("max_pool2d(image, window=2, stride=-1)", "max_pool2d(image, window=2, stride=-1)", (TWO,), "attr", f"max_pool2d needs {STRIDE}, got (-1, -1)"),
    ("avg_pool2d(image, window=2, stride=0)", "avg_pool2d(image, window=2, stride=0)", (TWO,), "attr", f"avg_pool2d needs {STRIDE}, got (0, 0)"),
    ("im2row(image, kernel=2, stride=0)", "im2row(image, kernel=2, stride=0)", (TWO,), "attr", f"im2row needs {STRIDE}, got (0, 0)"),
    ("locally_connected2d(image, w, stride=0)", "locally_connected2d(image, w, stride=0)", (ONE, (1, 1, 2, 2, 1, 1)), "attr",
     f"locally_connected2d needs {STRIDE}, got (0, 0)"),
    ("max_pool2d(image, window=0)", "max_pool2d(image, window=0)", (TWO,), "attr",
     "max_pool2d needs window as 2 whole numbers, each 1 or more, got (0, 0)"),
    ("conv2d(image, w, pad=-1)", "conv2d(image, w, pad=-1)", (TWO, TWO), "attr",
     "conv2d needs pad as 4 whole numbers, each 0 or more, got (-1, -1, -1, -1)"),
    # labels
    ("2*softmax_log_loss(image, 3)", "softmax_log_loss(image, 3)", ((1, 3),), "input", "a label needs a whole number from 0 to 2, got 3"),
    ("2*softmax_log_loss(image, -1)", "softmax_log_loss(image, -1)", ((1, 3),), "input", "a label needs a whole number from 0 to 2, got -1"),
    ("2*log_loss(image, 0.5)", "log_loss(image, 0.5)", ((1, 3),), "input", "a label needs a whole number from 0 to 2, got 0.5"),
    ("2*softmax_log_loss(image, w)", "softmax_log_loss(image, w)", ((2, 3), (3,)), "shape",
     "softmax_log_loss needs a label for each sample, got 2×3 and 3"),
    # mismatched shapes
    ("2*concat(image, w)", "concat(image, w)", ((1, 2, 3, 3), (1, 2, 3, 4)), "shape",
     "concat needs arrays of one shape but along axis 1, got 1×2×3×3 and 1×2×3×4"),
    ("2*concat(image, w)", "concat(image, w)", ((2, 3), (2,)), "shape", "concat needs arrays of one shape but along axis 1, got 2×3 and 2"),
    ("squared_error(image, w)", "squared_error(image, w)", ((2, 3), (3,)), "shape",
     "squared_error needs arguments of one shape, not empty, got 2×3 and 3"),
    ("1 + dot(image, w)", "dot(image, w)", ((2,), (3,)), "shape", "dot needs two arrays of one shape, got 2 and 3"),
    ("2*matmul(image, w)", "matmul(image, w)", ((2, 3), (2, 3)), "shape",
     "matmul needs a matrix and one with as many rows as it has columns, got 2×3 and 2×3"),
    ("2*reshape(image, to=(4, 2))", "reshape(image, to=(4, 2))", ((2, 3),), "shape", "reshape needs 8 entries for the shape (4, 2), got 2×3"),
    ("2*transpose(image, axes=(0, 0))", "transpose(image, axes=(0, 0))", ((2, 3),), "shape", "transpose needs an argument of 2 axes, permuted, got 2×3"),
    ("2*transpose(image, axes=1)", "transpose(image, axes=1)", ((2, 3),), "attr", "transpose needs axes as whole numbers, in their new order, got 1"),
    ("2*mean(image, axes=2)", "mean(image, axes=2)", ((2, 3),), "attr", "mean needs an axis from -2 to 1, got axis 2"),
    ("2*softmax(image, axis=2)", "softmax(image, axis=2)", ((2, 3),), "attr", "softmax needs an axis from -2 to 1, got axis 2"),
]
ADDED: list[tuple[str, str, Shapes, str, str]] = [
    ("2*(image + w)", "image + w", ((1, 2, 3, 3), (2, 2)), "shape", "add needs shapes that broadcast, got 1×2×3×3 and 2×2"),
    ("1 + image*w", "image*w", ((2, 3), (3, 2)), "shape", "mul needs shapes that broadcast, got 2×3 and 3×2"),
    ("1 + maximum(image, w)", "maximum(image, w)", ((2, 3), (3, 2)), "shape", "max needs shapes that broadcast, got 2×3 and 3×2"),
]
# fmt: on


def run(text: str, arguments: dict[str, Any]) -> Any:
    """The formula as Python, with the ops called by name."""
    functions = {name: called(name) for name in FUNCTIONS}
    return eval(text, functions, arguments)


def refusal(function: Any, *args: Any, **more: Any) -> dc.DiffcompareError:
    with pytest.raises(dc.DiffcompareError) as caught:
        function(*args, **more)
    return caught.value


def underlined(text: str, part: str) -> str:
    return f"  {text}\n  {' ' * text.index(part)}{'^' * len(part)}"


def by_name(shapes: Shapes) -> dict[str, tuple[int, ...]]:
    return dict(zip(NAMES, shapes, strict=False))


def case_of(text: str, shapes: Shapes) -> dc.Case:
    """A case file: numbers as its point, arrays by their shapes."""
    sizes = by_name(shapes)
    point = "".join(f"{name} = 1\n" for name, shape in sizes.items() if not shape)
    arrays = "".join(f"{name} = {list(shape)}\n" for name, shape in sizes.items() if shape)
    return dc.read_case(f'formula = "{text}"\n[point]\n{point}[shapes]\n{arrays}')


@pytest.mark.parametrize(("text", "part", "shapes", "kind", "message"), [*ROWS, *ADDED])
def test_as_text_and_as_a_case(
    text: str, part: str, shapes: Shapes, kind: str, message: str
) -> None:
    sizes = {name: shape for name, shape in by_name(shapes).items() if shape}
    for error in (
        refusal(dc.parse, text, shapes=sizes),
        refusal(case_of(text, shapes).graph),
    ):
        assert str(error) == f"{message}\n{underlined(text, part)}"
        assert error.kind == kind


@pytest.mark.parametrize(("text", "part", "shapes", "kind", "message"), [*ROWS, *ADDED])
def test_on_variables_and_nothing_is_half_done(
    text: str, part: str, shapes: Shapes, kind: str, message: str
) -> None:
    graph = Graph.empty()
    inputs = {n: Variable.input(graph, n, shape) for n, shape in by_name(shapes).items()}
    error = refusal(run, part, inputs)
    assert (str(error), error.kind) == (message, kind)
    assert len(graph.ops) == len(graph.args) == len(graph.shapes) == len(inputs)
    assert list(graph.inputs) == list(inputs)
    whole = Variable.input(graph, "x")
    assert (whole * whole).index == len(inputs) + 1


@pytest.mark.parametrize(("text", "part", "shapes", "kind", "message"), ROWS)
def test_on_arrays(text: str, part: str, shapes: Shapes, kind: str, message: str) -> None:
    arrays = {n: np.ones(shape)[()] for n, shape in by_name(shapes).items()}
    kept = {n: np.array(a) for n, a in arrays.items()}
    error = refusal(run, text, arrays)
    assert (str(error), error.kind) == (message, kind)
    assert all(np.array_equal(arrays[n], kept[n]) for n in kept)


def test_of_a_function_the_line_is_shown() -> None:
    for function, message in (
        (lambda image, w: image + w, "add needs shapes that broadcast, got 1×1×2×2 and 1×1×3×3"),
        (lambda image, w: dc.ops.conv2d(image, w, stride=1), f"conv2d needs {FIT}"),
    ):
        error = refusal(dc.trace, function, shapes=by_name((ONE, TWO)))
        text, *where = str(error).splitlines()
        assert (text, error.kind) == (message, "shape")
        assert "lambda image, w: " in where[0] and "^" in where[1]
