"""Reports in float32, and what a report says of arrays that were converted or are not finite."""

import numpy as np
import pytest

import diffcompare as dc

NET = "log_loss(softmax(dense(flatten(max_pool2d(relu(conv2d(image, w)), window=2)), v)), label)"
SMOOTH = "sum(tanh(conv2d(image, w)))"


def arrays(kind=np.float32, size=6):
    rng = np.random.default_rng(4)
    shapes = {"image": (1, 1, size, size), "w": (2, 1, 3, 3), "v": (3, 8)}
    return {name: rng.normal(size=shape).astype(kind) for name, shape in shapes.items()}


@pytest.fixture(scope="module")
def single():
    at = {**arrays(), "label": np.array([1])}
    return dc.compare(NET, at=at, wrt=["image", "w", "v"], modes=["forward", "reverse"])


def test_a_network_in_float32(single):
    assert single.agreement.ok
    assert single.agreement.worst.ulps < 1000
    assert single.agreement.worst.tolerance > 0
    assert {leg.jacobian.matrix.dtype for leg in single.legs.values()} == {np.dtype("float32")}
    point = {name: np.float64(x) for name, x in single.point.items()}
    double = dc.compare(NET, at=point, wrt=["image", "w", "v"], modes=["forward", "reverse"])
    assert (single.dtype, double.dtype, double.notes) == ("float32", "float64", ())
    assert single.value == pytest.approx(double.value, rel=1e-5)
    for mode, leg in single.legs.items():
        assert 2 * leg.memory == double[mode].memory
    assert 2 * single.memory == double.memory
    assert [{m: 2 * n for m, n in grain.memory.items()} for grain in single.grains] == [
        grain.memory for grain in double.grains
    ]


def test_it_is_said_once(single):
    assert single.notes == ("label converted from int64 to float32",)
    text = str(single)
    assert text.count("  computed in float32\n  label converted from int64 to float32\n") == 1
    record = single.to_dict()
    assert (record["dtype"], record["notes"]) == ("float32", list(single.notes))
    for written in (single.to_markdown(), single.to_html(), single.to_latex()):
        assert "computed in float32" in written
    assert "float" not in str(dc.compare("x*y", at={"x": 1, "y": 2}))


def test_no_more_digits_are_printed_than_float32_has():
    text = str(dc.compare("sum(x)/t", at={"x": np.ones(2, np.float32), "t": 3}))
    assert "\n  y = 0.6666667\n" in text
    assert "0.3333333 " in text
    assert "0.33333333" not in text


def test_a_report_in_float32_is_traced_in_float32(single):
    assert "label" in single.trace("reverse")
    assert dc.compare(NET, at=single.point, wrt="w", modes="reverse").dtype == "float32"


@pytest.mark.parametrize("modes", [("reverse", "complex step"), ("symbolic", "forward")])
def test_other_modes_agree_in_float32(modes):
    at = {"image": arrays(size=4)["image"], "w": arrays()["w"][:1]}
    report = dc.compare(SMOOTH, at=at, modes=modes)
    (pair,) = report.agreement.pairs
    assert pair.ok
    assert pair.entry is not None
    assert pair.ulps < 1000
    assert dc.compare(SMOOTH, at=at, modes=["reverse", "differences"]).agreement.pairs[0].ok


def test_samples_in_float32():
    at = {"image": arrays(size=20)["image"], "w": arrays()["w"]}
    report = dc.compare(SMOOTH, at=at, modes=["forward", "reverse"], budget=dc.Budget(passes=50))
    assert report.agreement.ok
    assert report["forward"].jacobian is None
    assert 0 < report.agreement.pairs[0].relative < 1e-5


def test_integer_arrays_are_converted_and_it_is_said():
    at = {"image": np.arange(16).reshape(1, 1, 4, 4), "w": np.ones((1, 1, 2, 2), np.int32)}
    report = dc.compare("sum(conv2d(image, w))", at=at, modes=["reverse"])
    assert report.notes == (
        "image converted from int64 to float64",
        "w converted from int32 to float64",
    )
    assert "  image converted from int64 to float64\n  w converted from int32 to float64\n" in str(
        report
    )
    assert report.value == (270.0,)  # 36 taps, by symmetry of mean 7.5
    lists = {name: x.tolist() for name, x in at.items()}
    assert dc.compare("sum(conv2d(image, w))", at=lists, modes=["reverse"]).notes == ()


def test_integers_that_are_not_held_are_refused():
    at = {"image": np.full((1, 1, 2, 2), 2**53 + 1), "w": np.ones((1, 1, 2, 2))}
    with pytest.raises(dc.DiffcompareError) as caught:
        dc.compare("sum(conv2d(image, w))", at=at)
    assert str(caught.value) == (
        "input image needs integers that float64 holds exactly, got larger ones"
    )


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_nan_in_the_image(kind):
    at = {"image": np.ones((1, 1, 4, 4), kind), "w": np.ones((1, 1, 2, 2), kind)}
    at["image"][0, 0, 1, 2] = np.nan
    with pytest.raises(dc.DiffcompareError) as caught:
        dc.compare("sum(conv2d(image, w))", at=at)
    assert str(caught.value) == (
        "input image needs finite numbers, got nan at [0, 0, 1, 2]; "
        "allow_nonfinite=True (--allow-nonfinite) lets it travel"
    )
    report = dc.compare("sum(conv2d(image, w))", at=at, allow_nonfinite=True)
    assert np.isnan(report.value[0])
    assert [(flag.op, flag.kind) for flag in report.flags] == [("input", "undefined")]
    assert report.flags[0].node == report.graph.inputs["image"]
    assert "  undefined  v0    image\n" in str(report)
    assert report.agreement.ok
    assert all(np.isnan(leg.jacobian["w"]).all() for leg in report.legs.values())


def test_where_a_nan_is_born_and_where_it_came_in():
    at = {"image": np.ones((1, 1, 2, 2)), "w": -np.ones((1, 1, 2, 2))}
    born = dc.compare("log(sum(conv2d(image, w)))", at=at, modes=["reverse"])
    assert [(flag.op, flag.kind) for flag in born.flags] == [("log", "undefined")]
    at["w"][0, 0, 0, 0] = np.nan
    came = dc.compare("log(sum(conv2d(image, w)))", at=at, modes=["reverse"], allow_nonfinite=True)
    assert [(flag.node, flag.kind) for flag in came.flags] == [
        (came.graph.inputs["w"], "undefined")
    ]


def test_a_removable_entry_of_an_array_has_its_name():
    report = dc.compare("sum(x/x)", at={"x": np.array([1.0, 0.0])}, modes=["symbolic", "reverse"])
    assert report["symbolic"].notes[0].startswith("∂y/∂x[1]: the graph as written is undefined")


@pytest.mark.parametrize(
    ("source", "shape"),
    [("sum(conv2d(image, w))", (0, 1, 4, 4)), ("mean(image)", (0,)), ("sum(image)", (2, 0))],
)
def test_an_empty_batch_is_refused(source, shape):
    at = {"image": np.ones(shape)}
    if "w" in source:
        at["w"] = np.ones((1, 1, 2, 2))
    with pytest.raises(dc.DiffcompareError) as caught:
        dc.compare(source, at=at)
    assert caught.value.kind == "shape"
    assert str(caught.value) == f"input image needs at most 8 whole sizes above 0, got {shape}"
