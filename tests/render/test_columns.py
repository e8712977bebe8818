"""Text in columns."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from diffcompare.render.columns import (
    aligned,
    clean,
    cut,
    folded,
    listed,
    pad,
    spread,
    width,
    wrapped,
)

TEXT = st.text(st.characters(exclude_categories=("C",)), max_size=60)
LINES = TEXT.map(clean)


@given(st.text(max_size=80))
def test_clean_is_one_printable_line(text):
    assert clean(text).isprintable()
    assert len(clean(text)) == len(text)


def test_width_counts_columns():
    assert width("v̄12") == 3
    assert width("中文a") == 5


@given(LINES, st.integers(2, 50))
def test_cut_fits(text, most):
    assert width(cut(text, most)) <= most
    assert cut(text, most) == text or cut(text, most).endswith("…")


@given(LINES, st.integers(0, 70))
def test_pad_fills(text, to):
    for right in (False, True):
        assert width(pad(text, to, right)) == max(to, width(text))


@given(LINES, st.integers(8, 50))
def test_wrapped_fits_and_loses_nothing(text, most):
    lines = wrapped(text, most, " ", "    ")
    assert all(width(line) <= most for line in lines)
    joined = "".join(lines)
    assert joined.replace(" ", "") == text.replace(" ", "")


@given(st.lists(st.tuples(LINES, LINES, LINES, LINES), min_size=1, max_size=6))
def test_tables_fit_and_line_up(rows):
    for lines in (aligned(rows, "llrl"), folded(rows, "lllr")):
        assert all(width(line) <= 100 for line in lines)


@given(st.lists(st.tuples(LINES, LINES), min_size=1, max_size=6))
def test_folded_loses_nothing(rows):
    def letters(texts):
        kept = "".join(texts)
        return sorted(c for c in kept if not c.isspace() and not unicodedata.combining(c))

    assert letters(folded(rows, "ll", 40)) == letters(cell for row in rows for cell in row)


def test_spread_is_the_width_of_the_table():
    rows = [("mode", "two\nlines"), ("a longer name", "2")]
    assert spread(rows) == max(len(line) for line in folded(rows, "ll")) == 2 + 13 + 2 + 5


def test_listed_counts_the_rest():
    assert listed(["a", "b"], 20) == "a, b"
    names = [f"x{k}" for k in range(100)]
    text = listed(names, 30)
    shown = text.split(", ")
    assert len(text) <= 30
    assert shown[-1] == f"… {100 - len(shown) + 1} more"
