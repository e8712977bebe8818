"""A step taken many times."""

import numpy as np
import pytest

import diffcompare as dc


def test_the_logistic_map():
    graph = dc.iterate(dc.parse("4*x*(1 - x)"), 4)
    x = np.float64(0.2)
    for _ in range(4):
        x = 4 * x * (1 - x)
    assert graph.evaluate({"x": np.float64(0.2)})[graph.outputs[0]] == x


def test_other_inputs_stay_and_zero_steps_are_the_input():
    graph = dc.iterate(dc.parse("r*x*(1 - x)"), 2, through="x")
    assert list(graph.inputs) == ["r", "x"]
    assert dc.iterate(dc.parse("sin(x)"), 0).outputs == (0,)


def test_arrays():
    step = dc.parse("matmul(a, x)", shapes={"a": (2, 2), "x": (2, 1)})
    graph = dc.iterate(step, 3, through="x")
    a, x = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0], [-1.0]])
    found = graph.evaluate({"a": a, "x": x})[graph.outputs[0]]
    np.testing.assert_array_equal(found, a @ (a @ (a @ x)))


@pytest.mark.parametrize(
    ("text", "times", "through", "message"),
    [
        ("x, y", 2, None, "iterate needs a step with an input and one output"),
        ("x*x", -1, None, "iterate needs times as a whole number, 0 or more, got -1"),
        ("x*x", 2, "z", "iterate needs through as one of x, got 'z'"),
    ],
)
def test_refusals(text, times, through, message):
    with pytest.raises(dc.DiffcompareError, match=message.replace("*", r"\*")):
        dc.iterate(dc.parse(text), times, through)
