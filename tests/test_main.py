"""The command line: what it prints, and its exit status."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from diffcompare.__main__ import main

SURVEY = ["log(x1) + x1*x2 - sin(x2)", "--at", "x1=2", "--at", "x2=5"]


def run(capsys, *words):
    status = main(list(words))
    out, err = capsys.readouterr()
    return status, out, err


def test_compare(capsys):
    status, out, err = run(capsys, "compare", *SURVEY)
    assert (status, err) == (0, "")
    assert "5.5" in out
    assert "1.716337814" in out


def test_json_is_one_object(capsys):
    status, out, _ = run(capsys, "compare", *SURVEY, "--json")
    record = json.loads(out)
    assert status == 0
    assert list(record["modes"]) == ["symbolic", "forward", "reverse", "central differences"]
    assert record["modes"]["reverse"]["passes"] == 1
    assert record["modes"]["reverse"]["declined"] is None
    assert record["modes"]["forward"]["jacobian"]["x1"] == 5.5
    assert record["agreement"]["ok"] is True


@pytest.mark.parametrize("style", ["markdown", "latex", "html"])
def test_styles(capsys, style):
    status, out, _ = run(capsys, "compare", *SURVEY, f"--{style}")
    assert status == 0
    assert "5.5" in out


def test_a_formula_that_begins_with_a_minus(capsys):
    for words in (["-x**2", "--at", "x=3"], ["--at", "x=3", "-x**2"], ["--at=x=3", "-x**2"]):
        status, out, _ = run(capsys, "compare", *words, "--json")
        assert status == 0
        assert json.loads(out)["modes"]["reverse"]["jacobian"] == {"x": -6.0}


def test_points_may_be_formulas_and_lists(capsys):
    status, out, _ = run(capsys, "compare", "sin(x)*y", "--at", "x=pi/2, y=-2", "--json")
    assert status == 0
    assert json.loads(out)["value"] == -2.0


def test_standard_input(monkeypatch, capsys):
    import io  # noqa: PLC0415

    monkeypatch.setattr(sys, "stdin", io.StringIO("a = x*x\na + 1\n"))
    status, out, _ = run(capsys, "compare", "-", "--at", "x=2", "--json")
    assert status == 0
    assert json.loads(out)["value"] == 5.0


def test_trace_dot_swell(capsys, tmp_path):
    assert "5.5" in run(capsys, "trace", *SURVEY)[1]
    assert run(capsys, "dot", SURVEY[0])[1].startswith("digraph")
    target = tmp_path / "adjoint.dot"
    assert run(capsys, "dot", *SURVEY, "--mode", "reverse", "-o", str(target))[0] == 0
    assert target.read_text().startswith("digraph")
    assert [path.name for path in tmp_path.iterdir()] == ["adjoint.dot"]
    network = str(Path(__file__).parents[1] / "graphs" / "net_conv_3x3.toml")
    assert "subgraph cluster_v3" in run(capsys, "dot", network, "--depth", "1")[1]
    assert "subgraph" not in run(capsys, "dot", network, "--depth=1", "--collapse", "conv2d,x")[1]
    assert "tree" in run(capsys, "swell", SURVEY[0])[1]
    assert json.loads(run(capsys, "swell", SURVEY[0], "--json")[1])["f"]["dag"] == 7


def test_costs(capsys, tmp_path):
    graphs = Path(__file__).parents[1] / "graphs"
    assert (
        "exponential, base 2"
        in run(capsys, "swell", "4*x*(1 - x)", "--depths", "1:6", "--seconds", "5")[1]
    )
    curve = run(capsys, "swell", "x*x", "--depths", "1:9:2", "--json", "--seconds", "2")[1]
    assert json.loads(curve)["depths"] == [1, 3, 5, 7, 9]
    assert (
        "3        2        1         3"
        in run(capsys, "sparsity", str(graphs / "arrowhead.toml"))[1]
    )
    assert json.loads(run(capsys, "sparsity", "x*y, y*z", "--json")[1])["rows"] == [0, 0, 1, 1]

    assert "stages again" in run(capsys, "checkpoints", "sin(x)", "--times", "10")[1]
    drawn = tmp_path / "order.dot"
    words = ["eliminate", str(graphs / "lighthouse.toml"), "--moves", "300", "--dot", str(drawn)]
    assert "markowitz" in run(capsys, *words)[1]
    assert "rank 1 of" in drawn.read_text()
    listed = Path(__file__).parent / "data" / "elimination" / "HumanHeartDipole.txt"
    found = json.loads(run(capsys, "eliminate", str(listed), "--order", "reverse", "--json")[1])
    assert found[0]["cost"] == 172
    assert "Regret of the choice" in run(capsys, "decide", *SURVEY)[1]
    record = json.loads(run(capsys, "decide", *SURVEY, "--goal", "hessian", "--json")[1])
    assert record["operation_regret"] == 0


def test_layers(capsys):
    graphs = Path(__file__).parents[1] / "graphs"
    conv = str(graphs / "net_conv_3x3.toml")
    assert "∂L/∂w[0,0,0,0] = " in run(capsys, "derive", conv)[1]
    shapes = ("--shape", "x=1,1,3,3", "--shape", "w=1,1,2,2")
    out = run(capsys, "derive", "conv2d(x, w)", *shapes)[1]
    assert "∂L/∂w = corr(x, ∂L/∂y)" in out
    assert "∂L/∂x = fullconv(∂L/∂y, rot180 w)" in out
    assert "conv2d" in run(capsys, "jacobians", conv)[1]
    assert json.loads(run(capsys, "jacobians", conv, "--json")[1])
    assert "61,706" in run(capsys, "parameters", str(graphs / "net_lenet.toml"))[1]


def test_gallery(capsys, tmp_path):
    (tmp_path / "one.toml").write_text('title = "One"\nformula = "x*y"\n[point]\nx = 2\ny = 5\n')
    status, out, _ = run(capsys, "gallery", "--folder", str(tmp_path))
    assert status == 0
    assert "One" in out
    assert "agree" in run(capsys, "gallery", "one", "--folder", str(tmp_path))[1]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["compare", "foo(x)", "--at", "x=1"], "foo"),
        (["compare", "x ^ 2", "--at", "x=1"], "**"),
        (["compare", "x", "--at", "x"], "--at needs NAME=NUMBER"),
        (["compare", "x", "--at", "x=abc"], "abc"),
        (["compare", "x*y", "--at", "x=1"], "the point needs a value for y"),
        (["compare", "nothing.toml"], "nothing.toml"),
        (["dot", "x", "-o", "/nonexistent/folder/x.dot"], "needs to be writable"),
        (["dot", "x + y", "--depth", "3"], "to_dot needs a depth 0, 1 or 2, got 3"),
        (["dot", "x + y", "--depth", "1", "--collapse", "mul"], "to_dot needs collapse among add"),
        (["derive", "sum(x)", "--shape", "x=2x3"], "--shape needs NAME=SIZES, as image=1,3,8,8"),
        (["derive", "sum(x)", "--shape", "z=2"], "names among x, got 'z'"),
        (["swell", "x*x", "--depths", "1-5"], "--depths needs FIRST:LAST or FIRST:LAST:STEP"),
        (["swell", "x*y", "--depths", "1:3", "--through", "z"], "iterate needs through as one of x, y, got 'z'"),
        (["checkpoints", "x, y"], "chain needs one output, got 2"),
        (["eliminate", "nothing.txt"], "nothing.txt"),
        (["eliminate", "x*y*y", "--order", "best"], "'best'"),
        (["eliminate", "sin(x*y)*y", "--seconds", "0"], "0"),
        (["decide", "x*y", "--at", "x=1,y=2", "--goal", "fast"], "decide needs a goal among"),
        (["gallery", "--folder", "/nonexistent"], "the gallery needs a folder of case files"),
        (["trace", "x", "--at", "x=1", "--mode", "sideways"], "sideways"),
        (["compare", "x", "--at", "x=1", "--seconds", "-1"], "budget seconds"),
        (["compare", "x", "--at", "x=1", "--at", "x=2"], "--at needs each name once"),
        (["compare", "x", "--at", "x=abc"], "--at x needs a number"),
        (["compare", "x", "--at", "x=1e999"], "--allow-nonfinite"),
    ],
)  # fmt: skip
def test_bad_input_is_told_in_one_form(capsys, words, text):
    status, out, err = run(capsys, *words)
    assert (status, out) == (2, "")
    assert err.startswith("error (")
    assert text in err
    assert "Traceback" not in err


def test_disagreement_exits_with_1(capsys, monkeypatch):
    from diffcompare.ops.elementary import sin  # noqa: PLC0415

    monkeypatch.setattr(sin, "partials", (lambda y, x: 2 * x,))
    assert run(capsys, "compare", "sin(x)", "--at", "x=1")[0] == 1


def test_a_closed_pipe_is_no_error():
    command = f'"{sys.executable}" -m diffcompare compare "x*y" --at x=1 --at y=2 | true'
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_arrays_on_the_command_line(capsys):
    assert main(["compare", "sum(A*x)", "--at", "A=[[1, 2], [3, 4]],x=[0.5, -1]", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["value"] == -4.0
    for at, text in (
        ("x=[1,2", "--at x needs numbers in brackets, as [1, 2.5], got '[1,2'"),
        ("x=[1,[2]]", "--at x needs numbers in brackets, as [1, 2.5], got '[1,[2]]'"),
    ):
        assert main(["compare", "sum(x)", "--at", at]) == 2
        assert text in capsys.readouterr().err


def test_a_shape_binds_the_point(capsys):
    assert main(["compare", "sum(x*x)", "--at", "x=0.3", "--shape", "x=4"]) == 2
    assert "input x needs the shape 4, got a number" in capsys.readouterr().err
    assert main(["compare", "sum(x*x)", "--shape", "x=3"]) == 2
    assert "the point needs a value for x" in capsys.readouterr().err
    assert main(["decide", "sum(x*x)", "--at", "x=[1,2,3]", "--shape", "x=3"]) == 0


def test_nothing_is_printed_before_a_refusal(capsys):
    for words in (["curve", *SURVEY, "--scheme", "foo"], ["paths", "x*y"], ["curve", "x*y"]):
        status, out, err = run(capsys, *words)
        assert (status, out) == (2, "")
        assert err.startswith("error (")
    assert run(capsys, "paths", *SURVEY)[1].startswith("Paths from x1\n")
    assert run(capsys, "curve", *SURVEY)[1].startswith(
        "Relative error of central differences by x1"
    )


@pytest.mark.parametrize(
    ("depths", "need"),
    [
        ("8:1", "FIRST not above LAST"), ("1:2:0", "STEP of 1 or more"),
        ("1:2:-1", "STEP of 1 or more"), ("-1:2", "FIRST of 0 or more"),
        ("1", "FIRST:LAST or FIRST:LAST:STEP"), ("1:2:3:4", "FIRST:LAST or FIRST:LAST:STEP"),
        ("1::", "FIRST:LAST or FIRST:LAST:STEP"), ("1:1000000000", "LAST of 100,000 or less"),
        ("1:3000", "1,000 depths or fewer"),
    ],
)  # fmt: skip
def test_depths_that_are_none(capsys, depths, need):
    status, out, err = run(capsys, "swell", "x*x", f"--depths={depths}")
    assert (status, out) == (2, "")
    assert f"--depths needs {need}, got '{depths}'" in err


def test_html_is_a_whole_page(capsys):
    page = run(capsys, "compare", *SURVEY, "--html")[1]
    assert page.startswith("<!DOCTYPE html>") and '<meta charset="utf-8">' in page
