"""Numbers as text."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffcompare.render.numerals import digits_of, exact, number, ratio, seconds, shortest, whole


@given(
    st.fractions()
    | st.integers().map(Fraction)
    | st.decimals(allow_nan=False, allow_infinity=False).map(Fraction)
)
def test_exact_is_exact(n):
    assert Fraction(exact(n)) == n


@pytest.mark.parametrize(
    ("n", "text"),
    [("0.5", "0.5"), ("-1/20", "-0.05"), ("1/1000", "0.001"), ("1e-30", "1e-30"), ("1e40", "1e40"),
     ("123456789/1000", "123456.789"), ("1/3", "1/3"), ("100", "100"), ("-7", "-7"), ("0", "0")],
)  # fmt: skip
def test_exact_is_short(n, text):
    assert exact(Fraction(n)) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_shortest_gives_the_float_back(x):
    assert float(Fraction(shortest(Fraction(x)))) == x


def test_shortest_of_what_no_float_is():
    assert shortest(Fraction(1, 3)) == "1/3"
    assert shortest(Fraction(10**400, 3)) == f"{10**400}/3"


def test_digits_of_any_integer():
    assert digits_of(10**6000) == "1" + "0" * 6000
    assert digits_of(-(2**100)) == str(-(2**100))


@given(st.integers(10**15, 10**60))
def test_whole_is_rounded_and_counted(n):
    text = whole(n)
    mantissa, rest = text.split("e")
    power, digits = rest.split(" ", 1)
    assert abs(Fraction(mantissa) * 10 ** int(power) - n) <= Fraction(10) ** (int(power) - 3) / 2
    assert digits == f"({len(str(n))} digits)"


def test_whole_numbers_of_every_size():
    assert whole(999_999_999_999_999) == "999,999,999,999,999"
    assert whole(10**20000) == "1.000e20000 (20,001 digits)"


def test_ratios():
    assert ratio(3, 2) == "1.5"
    assert ratio(10**6000, 10**5000) == "1.000e1000"
    assert ratio(0, 5) == "0"


def test_numbers():
    assert number(-0.0) == "0"
    assert number(float("nan")) == "nan"
    assert number(1.5e-10) == "1.5e-10"
    assert number(1.7163378145367738, 17) == "1.7163378145367738"


def test_durations():
    assert [seconds(t) for t in (0.0, 2.5e-9, 3.2e-5, 0.5, 90.0)] == [
        "0 ns", "2.5 ns", "32 µs", "500 ms", "90 s",
    ]  # fmt: skip
