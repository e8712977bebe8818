"""The command line: what it prints, and its exit status."""

import json
import subprocess
import sys

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
    assert "tree" in run(capsys, "swell", SURVEY[0])[1]
    assert json.loads(run(capsys, "swell", SURVEY[0], "--json")[1])["f"]["dag"] == 7


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


def test_usage_errors_exit_with_2():
    with pytest.raises(SystemExit) as caught:
        main(["compare"])
    assert caught.value.code == 2


def test_disagreement_exits_with_1(capsys, monkeypatch):
    from diffcompare.ops.elementary import sin  # noqa: PLC0415

    monkeypatch.setattr(sin, "partials", (lambda y, x: 2 * x,))
    assert run(capsys, "compare", "sin(x)", "--at", "x=1")[0] == 1


def test_a_closed_pipe_is_no_error():
    command = f'"{sys.executable}" -m diffcompare compare "x*y" --at x=1 --at y=2 | true'
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.stderr == ""
