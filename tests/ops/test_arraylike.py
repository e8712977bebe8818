"""Array methods on traced values are those of NumPy's arrays."""

import pytest

import diffcompare as dc
from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.ops.arraylike import ArrayLike
from tests.ops.agreement import SHAPES, agrees
from tests.ops.layers.checks import random
from tests.ops.test_numpy_functions import LIST, REDUCED

SPREAD = {"reshape": [((-1,), {}), ((3, -1), {}), (((-1, 3),), {"order": "C"})],
          "transpose": [((), {}), ((1, 0), {}), (((1, 0),), {})],
          "clip": [((-0.5, 0.5), {}), ((), {"min": 0.0})], "take": [(([0, 1],), {"axis": -1})],
          "dot": [((LIST,), {})], "copy": [((), {})], "astype": [((float,), {}), (("float64",), {})],
          "swapaxes": [((0, -1), {})]}  # fmt: skip
REDUCING = ("sum", "mean", "prod", "max", "min", "var", "std")
METHODS = sorted(name for name in vars(ArrayLike) if name[0] != "_" and name != "shape")


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", METHODS)
def test_methods_are_numpys(name, shape):
    x = random(shape, 8)
    if name in ("ndim", "size"):
        assert getattr(Variable.input(Graph.empty(), "x", shape), name) == getattr(x, name)
    elif name == "T":
        agrees(lambda x: x.T, x)
    else:
        calls = [((), kw) for kw in REDUCED] if name in REDUCING else SPREAD.get(name, [((), {})])
        for args, kw in calls:
            agrees(lambda x, a=args, k=kw: getattr(x, name)(*a, **k), x,
                   refused=name == "dot" and len(shape) > 2)  # fmt: skip


@pytest.mark.parametrize(
    ("use", "kind", "text"),
    [
        (lambda x: x[0], "shape", "a subscript needs an index for each axis at most, got one with 1 of an array of 0 axes"),
        (lambda x: [a * 2 for a in x], "type", "a traced value needs to be used as one number, got a loop over it"),
        (lambda x: len(x) * x, "type", "len needs an array, got a number"),
        (lambda x: x.T, "shape", ".T needs an array, got a number"),
    ],
)  # fmt: skip
def test_an_input_without_a_shape_is_told_how_to_give_it(use, kind, text):
    with pytest.raises(DiffcompareError) as caught:
        dc.parse(use)
    hint = "; give shapes={'x': …}, or an array in the point"
    assert (caught.value.kind, caught.value.message.splitlines()[0]) == (kind, text + hint)
    with pytest.raises(DiffcompareError) as caught:
        dc.parse(lambda x: (2 * x)[0])
    assert not caught.value.hint


def test_an_unknown_attribute_shows_no_class_of_ours():
    with pytest.raises(
        DiffcompareError, match="AttributeError: a traced value has no attribute 'cumsum'"
    ):
        dc.parse(lambda x: x.cumsum(), shapes={"x": (3,)})


@pytest.mark.parametrize("use", [lambda x: x[x > 0], lambda x: x[x[0] :], lambda x: x[[x[0], 1]]])
def test_a_traced_subscript_is_told_as_that(use):
    with pytest.raises(DiffcompareError, match="got a traced value"):
        dc.parse(use, shapes={"x": (3,)})
