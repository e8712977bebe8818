"""What bad data gets: empty batches, labels that name no class, and nan in an image."""

from __future__ import annotations

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from tests.test_network_refusals import (
    IMAGES,
    ONE,
    TWO,
    WEIGHTS,
    Shapes,
    by_name,
    refusal,
    run,
    underlined,
)

# fmt: off
EMPTY: list[tuple[str, Shapes, str]] = [
    ("conv2d(image, w)", ((0, 1, 3, 3), TWO), f"{WEIGHTS} 0×1×3×3 and 1×1×3×3"),
    ("max_pool2d(image, window=2)", ((0, 1, 3, 3),), f"max_pool2d needs {IMAGES}, got 0×1×3×3"),
    ("avg_pool2d(image, window=2)", ((0, 1, 3, 3),), f"avg_pool2d needs {IMAGES}, got 0×1×3×3"),
    ("global_avg_pool(image)", ((0, 1, 3, 3),), f"global_avg_pool needs {IMAGES}, got 0×1×3×3"),
    ("lrn(image)", ((0, 1, 3, 3),), "lrn needs an array N×C×…, one entry or more, got 0×1×3×3"),
    ("im2row(image, kernel=2)", ((0, 1, 3, 3),), f"im2row needs {IMAGES}, got 0×1×3×3"),
    ("locally_connected2d(image, w)", ((0, 1, 2, 2), (1, 1, 2, 2, 1, 1)),
     "locally_connected2d needs images N×C×H×W and weights K×C×kh×kw×OH×OW, none empty, got 0×1×2×2 and 1×1×2×2×1×1"),
    ("dense(image, w)", ((0, 2), (3, 2)), "dense needs x of N×in and w of out×in, got 0×2 and 3×2"),
    ("batch_norm(image, w, b)", ((0, 3), (3,), (3,)),
     "batch_norm needs an array N×C×…, and gamma and beta of C entries, got 0×3 and 3 and 3"),
    ("softmax_log_loss(image, w)", ((0, 3), (0,)),
     "softmax_log_loss needs an entry for each class, one sample or more, got 0×3"),
    ("log_loss(image, w)", ((0, 3), (0,)), "log_loss needs an entry for each class, one sample or more, got 0×3"),
    ("squared_error(image, w)", ((0, 3), (0, 3)), "squared_error needs arguments of one shape, not empty, got 0×3 and 0×3"),
    ("gram(image)", ((0, 3, 2, 2),), "gram needs feature maps C×H×W or N×C×H×W, got 0×3×2×2"),
    ("mean(image)", ((0, 3),), "mean needs one entry or more along each axis, got 0×3"),
    ("max_over(image)", ((0, 3),), "max_over needs one entry or more along each axis, got 0×3"),
]
# fmt: on


@pytest.mark.parametrize(("text", "shapes", "message"), EMPTY, ids=[row[0] for row in EMPTY])
def test_empty_batches(text: str, shapes: Shapes, message: str) -> None:
    graph = Graph.empty()
    inputs = {n: Variable.input(graph, n, shape) for n, shape in by_name(shapes).items()}
    arrays = {n: np.ones(shape) for n, shape in by_name(shapes).items()}
    for arguments in (inputs, arrays):
        error = refusal(run, text, arguments)
        assert (str(error), error.kind) == (message, "shape")
    assert len(graph.ops) == len(inputs)
    assert str(refusal(dc.parse, text, shapes=by_name(shapes))) == (
        f"input image needs at most 8 whole sizes above 0, got {shapes[0]}"
    )
    case = f'formula = "{text}"\n[shapes]\nimage = {list(shapes[0])}'
    assert str(refusal(dc.read_case, case)) == (
        f"shapes.image (line 3) needs an array of whole sizes above 0, got {list(shapes[0])}\n"
        f"{underlined(case.splitlines()[2], case.splitlines()[2])}"
    )


LABELLED = dc.parse(
    "softmax_log_loss(dense(x, w), label)", shapes={"x": (2, 3), "w": (4, 3), "label": (2,)}
)
POINT = {"x": np.ones((2, 3)), "w": np.eye(4, 3)}


@pytest.mark.parametrize("label", [4, -1, 0.5])
def test_a_label_at_the_point_is_named_with_its_range(label: float) -> None:
    text = f"a label needs a whole number from 0 to 3, got {label}"
    point = {**POINT, "label": np.array([0, label])}
    for mode in ("symbolic", "forward", "reverse", "central differences"):
        derivative = dc.differentiate(LABELLED, mode, ["w"])
        error = refusal(derivative.at, point)
        assert (str(error), error.kind) == (text, "input"), mode
    assert str(refusal(dc.compare, LABELLED, at=point)) == text


def test_nan_in_the_image() -> None:
    """Refused with its place; let in, it travels, and its node is named."""
    text, weights = "mean(relu(conv2d(image, w)))", np.ones(ONE)
    image = np.arange(9.0).reshape(TWO)
    image[0, 0, 1, 2] = np.nan
    point = {"image": image, "w": weights}
    message = (
        "input image needs finite numbers, got nan at [0, 0, 1, 2]; "
        "allow_nonfinite=True (--allow-nonfinite) lets it travel"
    )
    graph = dc.parse(text, shapes={"image": TWO, "w": ONE})
    gradients = {mode: dc.differentiate(graph, mode) for mode in ("symbolic", "forward", "reverse")}
    for error in (
        refusal(dc.compare, text, at=point),
        *(refusal(gradient.at, point) for gradient in gradients.values()),
    ):
        assert (str(error), error.kind) == (message, "input")
    case = f'formula = "{text}"\n[point]\nimage = [[[[1, nan]]]]'
    assert str(refusal(dc.read_case, case)).startswith(
        "point.image (line 3) needs a finite number, got nan\n"
    )
    found = [gradient.at(point, allow_nonfinite=True) for gradient in gradients.values()]
    for one in found:
        assert np.isnan(one.value[0])
        np.testing.assert_array_equal(one.matrix, found[0].matrix)
    report = dc.compare(text, at=point, allow_nonfinite=True)
    assert [(flag.op, flag.kind) for flag in report.flags] == [("input", "undefined")]
    assert "undefined  v0    image" in str(report)
