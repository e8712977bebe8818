"""Case files: what is read, and every refusal by its text."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import diffcompare as dc
from diffcompare.parse.casefile import Case, read_case

FULL = """
title = "A product"
reference = "Euclid"
note = "Nothing is wrong in print."
truth = "closed form"
formula = "x*y"
inputs = ["y", "x"]
wrt = ["x"]
tolerance = 1e-9
cancels = true
flag = "kink"
symbolic = "declined"

[point]
x = 2
y = 0.5

[expect]
value = 1
hessian = [[0, 1], [1, 0]]

[expect.jacobian]
x = 0.5

[count]
value = 1
reverse_passes = 1
"""


def refusal(text: str | os.PathLike[str], budget: dc.Budget | None = None) -> dc.DiffcompareError:
    started = time.monotonic()
    with pytest.raises(dc.DiffcompareError) as caught:
        read_case(text, budget or dc.Budget())
    assert time.monotonic() - started < 1
    return caught.value


def test_all_fields() -> None:
    assert read_case(FULL) == Case(
        title="A product", reference="Euclid", note="Nothing is wrong in print.",
        truth="closed form", formula=("x*y",), inputs=("y", "x"), wrt=("x",), tolerance=1e-9,
        cancels=True, flag="kink", symbolic="declined", point={"x": 2.0, "y": 0.5}, value=1.0,
        jacobian={"x": 0.5}, hessian=((0.0, 1.0), (1.0, 0.0)),
        count={"value": 1, "reverse_passes": 1},
    )  # fmt: skip


def test_the_least_case() -> None:
    case = read_case('formula = "x"')
    assert case == Case(formula=("x",))
    assert (case.tolerance, case.value, case.flag, case.symbolic) == (1e-12, None, None, None)


def test_a_file_has_its_name(tmp_path: Path) -> None:
    path = tmp_path / "product.toml"
    path.write_text(FULL, encoding="utf-8")
    assert read_case(path).name == "product"
    assert read_case(str(path)) == read_case(path)


def test_graph_has_the_inputs_in_order() -> None:
    assert tuple(read_case(FULL).graph().inputs) == ("y", "x")


def test_the_point_names_the_inputs_in_order() -> None:
    graph = read_case('formula = "e*gamma"\n[point]\ngamma = 1\ne = 2').graph()
    assert tuple(graph.inputs) == ("gamma", "e")
    assert dc.differentiate(graph, "reverse").at({"e": 2, "gamma": 3})["e"] == 3.0


def test_several_outputs() -> None:
    graph = read_case('formula = ["x*y", "x + y", "x"]').graph()
    assert len(graph.outputs) == 3
    point = {"x": 2.0, "y": 5.0}
    assert list(dc.differentiate(graph, "forward").at(point).value) == [10.0, 7.0, 2.0]


def test_infinities_may_be_expected() -> None:
    case = read_case('formula = "sqrt(x)"\n[expect.jacobian]\nx = inf')
    assert case.jacobian == {"x": float("inf")}


def test_a_formula_keeps_its_caret() -> None:
    with pytest.raises(dc.DiffcompareError) as caught:
        read_case('formula = "x + foo(y)"').graph()
    assert caught.value.message.endswith("\n  x + foo(y)\n      ^^^")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a case needs a formula, got no keys"),
        ('title = "x"', "a case needs a formula, got title"),
        ('formula = "x', "line 1 needs valid TOML, got 'Unterminated string'\n  formula = \"x\n  ^^^^^^^^^^^^"),
        ("formula x\n=", "line 1 needs valid TOML, got \"Expected '=' after a key"),
        ('formula = "x"\nformula = "y"', "line 2 needs each key once, got 'Cannot overwrite a value'"),
        ('formula = "x"\n[point]\n[point]', "line 3 needs each key once, got \"Cannot declare"),
        ('formula = "x"\nnotes = "y"', "notes (line 2) needs to be one of title, reference,"),
        ('formula = "x"\n[expect]\nvalues = 1', "expect.values (line 3) needs to be one of value,"),
        ('formula = "x"\n[count]\nmuls = 1', "count.muls (line 3) needs to be one of value,"),
        ("formula = 1", "formula (line 1) needs an array of texts, got 1\n  formula = 1\n  ^^^^^^^^^^^"),
        ("formula = []", "formula (line 1) needs an array of texts, got []"),
        ('formula = ["x", 1]', "formula (line 1) needs text, got 1"),
        ('formula = "x"\ntitle = 1979-05-27', "title (line 2) needs text, got datetime.date("),
        ('formula = "x"\ninputs = ["x", "x"]', "inputs (line 2) needs each name once, got ['x', 'x']"),
        ('formula = "x"\npoint = 3', "point (line 2) needs a table, got 3"),
        ('formula = "x"\n[point]\nx = nan', "point.x (line 3) needs a finite number, got nan"),
        ('formula = "x"\n[point]\nx = -inf', "point.x (line 3) needs a finite number, got -inf"),
        ('formula = "x"\n[point]\nx = true', "point.x (line 3) needs a number, got True"),
        ('formula = "x"\n[point]\nx = "2"', "point.x (line 3) needs a number, got '2'"),
        ('formula = "x"\n[point]\nx = 1e999', "a number (line 3) needs the range of float64, got '1e999'"),
        ('formula = "x"\n[point]\nx = 1e-400', "a number (line 3) needs the range of float64, got '1e-400'"),
        ('formula = "x"\n[point]\nx = 1' + "0" * 400, "point.x (line 3) needs the range of float64, got 1000"),
        ('formula = "x"\n[point]\nx = ' + "9" * 5000, "a case needs numbers that can be read, got 'Exceeds"),
        ('formula = "x"\ntolerance = 0', "tolerance (line 2) needs a positive number, got 0.0"),
        ('formula = "x"\ntolerance = inf', "tolerance (line 2) needs a finite number, got inf"),
        ('formula = "x"\ncancels = 1', "cancels (line 2) needs true or false, got 1"),
        ('formula = "x"\nflag = "bend"', "flag (line 2) needs one of kink, jump, singular, undefined, got 'bend'"),
        ('formula = "x"\nflag = ["kink"]', "flag (line 2) needs one of kink, jump, singular, undefined, got ['kink']"),
        ('formula = "x"\nsymbolic = "no"', "symbolic (line 2) needs one of declined, got 'no'"),
        ('formula = "x"\n[count]\nvalue = -1', "count.value (line 3) needs a whole number, got -1"),
        ('formula = "x"\n[count]\nvalue = 1.0', "count.value (line 3) needs a whole number, got 1.0"),
        ('formula = "x"\n[expect]\nvalue = [1, "2"]', "expect.value (line 3) needs a number, got '2'"),
        ('formula = "x"\n[expect]\nhessian = [[1, 2]]', "expect.hessian (line 3) needs an array of rows, as many as each has numbers"),
        ('formula = "x"\n[expect]\nhessian = 1', "expect.hessian (line 3) needs an array of rows"),
        ('formula = ["x", "y"]\n[expect]\nvalue = 1', "expect.value (line 3) needs 2 numbers, one for each output, got one number"),
        ('formula = "x"\n[expect]\nvalue = 1\n[expect.jacobian]\nx = [1, 2]', "expect.jacobian.x (line 5) needs one number, got 2 numbers"),
        ("a = " + "[" * 10_000, "a case needs arrays and tables nested a few deep, got a deeper nesting"),
        ("a = " + "{a=" * 10_000, "a case needs arrays and tables nested a few deep, got a deeper nesting"),
        ("a" + ".a" * 40_000 + " = 1", "a case needs keys of a few parts, got one of 16 or more"),
        ("[" + "a . 'b'." * 5_000 + "a]\n", "a case needs keys of a few parts, got one of 16 or more"),
    ],
    ids=lambda text: text[:30],
)  # fmt: skip
def test_refusals(text: str, message: str) -> None:
    error = refusal(text)
    assert error.kind == "format"
    assert error.message.startswith(message)


def test_a_slip_of_a_key_is_told() -> None:
    assert "; did you mean formula?" in refusal('fromula = "x"').message


@pytest.mark.parametrize(
    "text", ['"' * 99_999, "'" * 99_999, "a" * 99_999, "a " * 49_999, ".'" * 49_999, "'\"" * 49_999]
)
def test_hostile_text_is_refused_at_once(text: str) -> None:  # fmt: skip
    assert refusal(text + "\n").kind == "format"


def test_names_from_outside_are_shown_safely() -> None:
    error = refusal('formula = "x"\n"\\u202e" = 1\n')
    assert error.message.startswith("'\\u202e' needs to be one of title")
    assert len(refusal("a" * 50_000 + " = 1\n").message) < 800


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_nothing_but_our_own_error_leaks(data: st.DataObject) -> None:
    """A case with a piece cut out and another put in is read or refused."""
    start = data.draw(st.integers(0, len(FULL)))
    stop = data.draw(st.integers(start, min(start + 20, len(FULL))))
    pieces = st.sampled_from(
        ["[", "[[", "]", "{", "=", '"', "'''", ".", "\n", "nan", "1e999", "x", "-0x1", "#"]
    )
    put = "".join(data.draw(st.lists(pieces | st.characters(), max_size=6)))
    with suppress(dc.DiffcompareError):
        assert read_case(f"{FULL[:start]}{put}{FULL[stop:]}").formula


def test_size() -> None:
    text = 'formula = "x"\n#' + "é" * 100
    read_case(text, dc.Budget(text=len(text)))
    error = refusal(text, dc.Budget(text=len(text) - 1))
    assert (error.kind, error.message) == (
        "limit", "a case needs at most 114 characters, got more; Budget(text=…) sets the bound"
    )  # fmt: skip


def test_a_large_file_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "large.toml"
    with path.open("wb") as stream:
        stream.truncate(1 << 40)
    error = refusal(path)
    assert error.kind == "limit"
    assert error.message.startswith("large.toml needs at most 100000 characters, got more")


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes('title = "é"'.encode("latin-1"))
    error = refusal(path)
    assert (error.kind, error.message) == (
        "format", "latin.toml needs text in UTF-8, got the byte 0xe9 at 9"
    )  # fmt: skip


def test_an_error_in_a_file_names_it(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('formula = "x"\ntolerance = -1\n', encoding="utf-8")
    assert refusal(path).message == (
        "tolerance (bad.toml, line 2) needs a positive number, got -1.0\n"
        "  tolerance = -1\n  ^^^^^^^^^^^^^^"
    )
    path.write_text("", encoding="utf-8")
    assert refusal(path).message == "bad.toml needs a formula, got no keys"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    missing = refusal(tmp_path / "none.toml")
    assert missing.kind == "input"
    assert missing.got.endswith(": No such file or directory")
    assert refusal("none.toml").message == (
        "a case needs a file that can be read, got 'none.toml': No such file or directory"
    )
    assert refusal("a\0b").kind == "input"
    assert refusal("x" * 5000).kind == "input"
    folder = refusal(tmp_path)
    assert (folder.kind, folder.need) == ("input", "a regular file")
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    assert refusal(pipe).kind == "input"


def test_what_is_no_source() -> None:
    error = refusal(b'formula = "x"')  # type: ignore[arg-type]
    assert (error.kind, error.need) == ("type", "a path or text")
