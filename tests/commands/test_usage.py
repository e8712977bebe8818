"""Arguments that a command does not take, told in the one form of all refusals."""

from __future__ import annotations

import pytest

from diffcompare.__main__ import COMMANDS, main

OF_TRACE = "an option among --help, --at, --shape, --wrt, --json, --mode"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("trace x*y --moed forward",
         f"diffcompare trace needs {OF_TRACE}, got '--moed'; did you mean --mode? see diffcompare trace"),
        ("trace x*y --Mode=forward",
         f"diffcompare trace needs {OF_TRACE}, got '--Mode'; did you mean --mode? see diffcompare trace"),
        ("trace x*y -j", f"diffcompare trace needs {OF_TRACE}, got '-j'; see diffcompare trace"),
        ("trace x y", "diffcompare trace needs no more arguments, got 'y'; see diffcompare trace"),
        ("trace", "diffcompare trace needs a source, got none; see diffcompare trace"),
        ("trace x --mode", "--mode needs a value, got none; see diffcompare trace"),
        ("trace x --json=3", "--json needs no value, got '3'; see diffcompare trace"),
        ("compare x --json --html", "--html needs to be without --json, got both; see diffcompare compare"),
        ("compare x --seconds soon", "--seconds needs a number, got 'soon'; see diffcompare compare"),
        ("dot x --depth 1.5", "--depth needs a whole number, got '1.5'; see diffcompare dot"),
        ("dot x --depth {0}", "--depth needs a whole number, got '{0}'; see diffcompare dot"),
        ("checkpoints x --times 1e999", "--times needs a whole number, got '1e999'; see diffcompare checkpoints"),
        ("", "diffcompare needs a command, got none; see diffcompare"),
        ("--foo trace x", "diffcompare needs an option among --help, got '--foo'; see diffcompare"),
    ],
)  # fmt: skip
def test_the_exact_text(capsys: pytest.CaptureFixture[str], words: str, text: str) -> None:
    assert main(words.split()) == 2
    assert capsys.readouterr() == ("", f"error (input): {text} --help\n")


def test_an_unknown_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compre", "x"]) == 2
    known = ", ".join(command.name for command in COMMANDS)
    text = f"diffcompare needs a command among {known}, got 'compre'; did you mean compare?"
    assert capsys.readouterr() == ("", f"error (input): {text} see diffcompare --help\n")


def test_a_formula_may_still_begin_with_a_minus(capsys: pytest.CaptureFixture[str]) -> None:
    for formula in ("-x", "--x*2", "-x + --y"):
        assert main(["parameters", formula]) == 0
    assert main(["parameters", "--", "--x"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("name", [command.name for command in COMMANDS])
def test_help_is_no_refusal(capsys: pytest.CaptureFixture[str], name: str) -> None:
    with pytest.raises(SystemExit) as caught:
        main([name, "--help"])
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: diffcompare {name}")
