"""Whatever the text, it is a graph or a refusal: nothing else is raised, nothing is printed."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from diffcompare.errors import DiffcompareError
from diffcompare.ops.names import FUNCTIONS
from diffcompare.parse.formula import parse_formula

# fmt: off
WORDS = [
    "x", "y", "é", "e", "pi", "gamma", "np", "np.", "math.", "sin", "sin(", "max(", "sum(", "Piecewise(", "(x, x > 0)",
    "where(", "True", "None", "0", "1", "2", ".5", "1e9", "1e400", "0x1", "3j", "1_0", "+", "-", "*", "/", "**", "%",
    "^", "//", "<", "<=", "==", "!=", "=", "(", ")", "[", "]", "{", "}", ",", ".", ":", ";", "\n", "\r", "\t", "  ",
    "\\", "\\\n", "#", "'", '"', "f'", ":=", "->", "...", "@", "&", "|", "~", "!", "$", "?", "`", "and", "or", "not",
    "if", "else", "lambda", "for", "in", "is", "def", "class", "await", "yield", "import", "print", "match", "_",
    "__class__", "\0", "\ufeff", "\u200b", "\u202e", "\ud800", "٣", "²", "ſ", "×", "−", "𝐱", "\u2028", "\x85", "\f",
]
# fmt: on


def held(text: str, inputs: list[str] | None) -> None:
    try:
        graph = parse_formula(text, inputs)
    except DiffcompareError as error:
        assert error.where is not None
        lines = text.splitlines() or [""]
        assert 1 <= error.where.line <= max(len(lines), 1)
        assert 0 <= error.where.start <= len(lines[error.where.line - 1])
        assert str(error).count("\n") == 2
        return
    assert inputs is None or list(graph.inputs) == inputs
    values = graph.evaluate({name: np.float64(1.5) for name in graph.inputs})
    assert all(np.isreal(values[i]).all() for i in graph.outputs)


@settings(max_examples=600, deadline=None)
@given(st.text(max_size=60), st.sampled_from([None, ["x", "e"]]))
@example("x\x85y", None)
@example("\x1c", None)
@example("x\r\n\x0b", None)
def test_any_text(text: str, inputs: list[str] | None) -> None:
    held(text, inputs)


@settings(max_examples=600, deadline=None)
@given(st.text(st.characters(max_codepoint=127), max_size=40))
def test_any_ascii(text: str) -> None:
    held(text, None)


@settings(max_examples=1500, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=12), st.sampled_from(["", " "]))
def test_any_words(words: list[str], gap: str) -> None:
    held(gap.join(words), None)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(FUNCTIONS)), st.lists(st.sampled_from(["x", "-2", "0", "0.5"])))
def test_any_call(name: str, args: list[str]) -> None:
    held(f"{name}({', '.join(args)})", None)


CONSTANTS = st.recursive(
    st.sampled_from(["0", "1", "2", "0.1", "0.3", "1e300", "5e-324", "1e6", "pi"]),
    lambda inner: st.builds(
        "({} {} {})".format, inner, st.sampled_from("+-*/%") | st.just("**"), inner
    ),
    max_leaves=8,
)


@settings(max_examples=600, deadline=None)
@given(CONSTANTS)
def test_any_constant(text: str) -> None:
    held(text, [])
    held(f"x**{text}", ["x"])
