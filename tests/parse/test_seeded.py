"""Arrays that a case leaves to be filled."""

from __future__ import annotations

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.parse.seeded import spread

CASE = """formula = "sum(w*x)*t"
seed = 3
{}
[shapes]
w = [2, 2]
x = [2, 2]
[point]
x = [[1, 2], [3, 4.1]]
t = 0.1
"""


def weyl(count: int, seed: int) -> list[float]:
    """The rule in whole numbers of Python's: fractional parts of multiples of the golden ratio."""
    golden = 2_654_435_769
    return [(k + 7919 * seed) * golden % 2**32 / 2**31 - 1 for k in range(1, count + 1)]


def test_numbers_by_the_rule() -> None:
    assert spread((2, 3), 5).ravel().tolist() == weyl(6, 5)


@pytest.mark.parametrize(
    ("setting", "kind"),
    [("", np.float64), ('dtype = "float64"', np.float64), ('dtype = "float32"', np.float32)],
)
def test_filled_arrays_decide_on_the_precision(setting: str, kind: type[np.floating]) -> None:
    case = dc.read_case(CASE.format(setting))
    assert case.point["w"].dtype == kind
    assert case.point["w"].ravel().tolist() == [float(kind(x)) for x in weyl(4, 3)]
    found = dc.differentiate(case.graph(), "reverse").at(case.point)
    assert found.matrix.dtype == kind
    assert dc.compare(case.graph(), at=case.point, modes=["reverse"]).dtype == kind.__name__


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        (CASE.format('dtype = "float16"'),
         "dtype (line 3) needs one of float64, float32, got 'float16'\n"
         '  dtype = "float16"\n  ^^^^^^^^^^^^^^^^^'),
        ('formula = "x"\ndtype = "float32"\n[point]\nx = 1\n',
         "dtype (line 2) needs an array to fill: a shape without numbers, got none\n"
         '  dtype = "float32"\n  ^^^^^^^^^^^^^^^^^'),
    ],
)  # fmt: skip
def test_refusals(text: str, refused: str) -> None:
    with pytest.raises(dc.DiffcompareError) as caught:
        dc.read_case(text)
    assert (caught.value.kind, str(caught.value)) == ("format", refused)
