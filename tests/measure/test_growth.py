"""Laws of growth, told from sizes that follow one."""

import pytest

from diffcompare.measure.growth import growth


@pytest.mark.parametrize(
    ("size", "law", "formula"),
    [
        (lambda n: 5, "constant", "5"),
        (lambda n: 7 * n - 10, "linear", "7 n − 10"),
        (lambda n: n * n + 2 * n, "quadratic", "n² + 2 n"),
        (lambda n: n * (n + 1) // 2, "quadratic", "1/2 n² + 1/2 n"),
        (lambda n: 3 * n**3 - n, "cubic", "3 n³ − n"),
        (lambda n: 2**n, "exponential", "exponential, base 2"),
        (lambda n: 12 * 3**n - 5, "exponential", "exponential, base 3"),
        (lambda n: (5 * n + 1) * 2**n + 7, "exponential", "exponential, base 2"),
        (lambda n: 3**n + 2**n, "exponential", "exponential, base 3"),
    ],
)
@pytest.mark.parametrize("depths", [range(2, 12), range(10, 210, 10)])
def test_exact_laws(size, law, formula, depths):
    found = growth([(n, size(n)) for n in depths])
    assert (found.law, found.formula) == (law, formula)


def test_fibonacci_has_the_golden_base():
    sizes = [1, 1]
    while len(sizes) < 20:
        sizes.append(sizes[-1] + sizes[-2])
    assert growth(list(enumerate(sizes, 1))).base == pytest.approx((1 + 5**0.5) / 2, rel=1e-12)


def test_a_fit_where_nothing_is_exact():
    found = growth([(n, int(100 * n**1.5)) for n in range(5, 40)])
    assert (found.law, found.formula) == ("polynomial", "about n^1.50")
    found = growth([(n, int(1.3**n * 1000)) for n in range(5, 40)])
    assert found.law == "exponential"
    assert found.base == pytest.approx(1.3, rel=1e-3)


def test_the_first_sizes_may_be_off():
    found = growth([(1, 1), (2, 2), *((n, 7 * n - 10) for n in range(3, 9))])
    assert found.formula == "7 n − 10"


def test_integers_of_any_length():
    assert growth([(n, n * 2**n) for n in range(100, 1100, 100)]).base == pytest.approx(2)


def test_three_sizes_tell_nothing():
    assert growth([(1, 2), (2, 4), (3, 8)]).law == "unclear"
