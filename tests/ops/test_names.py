"""The functions that are short for several operations, against mpmath and NumPy."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

import diffcompare as dc
from diffcompare.errors import DiffcompareError
from diffcompare.ops import names
from diffcompare.ops.layers import FUNCTIONS as LAYERS
from diffcompare.ops.names import ALSO_VARIABLES, FUNCTIONS, Composition, called

# fmt: off
REFERENCES: dict[str, Callable[..., Any]] = {
    "log": mpmath.log, "pow": mpmath.power, "square": lambda x: x * x, "reciprocal": lambda x: 1 / x,
    "rsqrt": lambda x: mpmath.power(x, -0.5), "exp2": lambda x: mpmath.power(2, x),
    "sum": lambda *x: mpmath.fsum(x), "prod": lambda *x: mpmath.fprod(x),
    "max": max, "min": min, "clip": np.clip, "heaviside": np.heaviside,
    "sec": mpmath.sec, "csc": mpmath.csc, "cot": mpmath.cot,
    "sech": mpmath.sech, "csch": mpmath.csch, "coth": mpmath.coth,
    "asec": mpmath.asec, "acsc": mpmath.acsc, "acot": mpmath.acot,
    "asech": mpmath.asech, "acsch": mpmath.acsch, "acoth": mpmath.acoth,
    "factorial": mpmath.factorial, "polygamma": mpmath.psi, "digamma": mpmath.digamma,
    "radians": mpmath.radians, "degrees": mpmath.degrees,
}
ARGUMENTS = {
    "log": [(2.5,), (2.5, 3.0)], "pow": [(2.5, 3.0), (2.5, -0.5)], "sum": [(1.5,), (1.5, 2.5, -3.0)],
    "prod": [(1.5,), (1.5, 2.5, -3.0)], "clip": [(0.5, -1.0, 1.0), (7.0, -1.0, 1.0), (-7.0, -1.0, 1.0)],
    "heaviside": [(-2.0, 0.5), (0.0, 0.5), (0.0, 1.0), (2.0, 0.5)], "polygamma": [(0, 2.5), (3, 0.7)],
    "max": [(1.5, 2.5, -3.0), (2.0, 2.0)], "min": [(1.5, 2.5, -3.0), (2.0, 2.0)],
    "asech": [(0.4,)], "asec": [(1.5,), (-3.0,)], "acsc": [(1.5,)], "acoth": [(1.5,)],
}
# fmt: on
ARRAYS = ("matmul", "dot", "outer", "reshape", "transpose")
COMPOSED = {
    op.name: op
    for op in FUNCTIONS.values()
    if isinstance(op, Composition) and op.name not in (*LAYERS, *ARRAYS)
}


def test_each_has_a_reference() -> None:
    assert set(REFERENCES) == set(COMPOSED)


@pytest.mark.parametrize("name", COMPOSED)
def test_value(name: str) -> None:
    for x in ARGUMENTS.get(name, [(0.4,), (1.25,), (3.0,)]):
        expected = float(REFERENCES[name](*x))
        assert float(FUNCTIONS[name](*x)) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("name", ["max", "np.max", "Max", "amax", "min", "np.amin"])
def test_the_extremum_of_an_array_is_a_number(name: str) -> None:
    x, extremum = np.array([[1.0, 7.0], [3.0, 2.0]]), max if "ax" in name else min
    assert dc.parse(f"{name}(x)", shapes={"x": (2, 2)}).compile()(x) == (extremum(x.ravel()),)
    of_rows = dc.parse(f"{name}(x, axes=(1,))", shapes={"x": (2, 2)}).compile()(x)
    assert of_rows[0].tolist() == [extremum(row) for row in x]
    assert called(name.removeprefix("np."))(x) == extremum(x.ravel())


def test_a_step_without_a_value_at_zero_is_a_half_there() -> None:
    assert [FUNCTIONS["Heaviside"](x) for x in (-3.0, 0.0, 3.0)] == [0.0, 0.5, 1.0]


@pytest.mark.parametrize("name", COMPOSED)
def test_arity_is_checked_and_a_pickle_is_the_same_function(name: str) -> None:
    op = COMPOSED[name]
    assert pickle.loads(pickle.dumps(op)) is op
    most = op.arity[1]
    if most is not None:
        with pytest.raises(DiffcompareError, match=f"^{name} needs .* argument") as caught:
            op(*[1.0] * (most + 1))
        assert caught.value.kind == "arity"


def test_every_spelling_leads_to_its_function() -> None:
    for name, op in FUNCTIONS.items():
        assert name in ALSO_VARIABLES | {"ITE"} or name == op.name or name in op.spellings


@pytest.mark.parametrize("order", [-1, 0.5, 101])
def test_polygamma_needs_a_whole_order(order: float) -> None:
    with pytest.raises(DiffcompareError, match="a whole number from 0 to 100"):
        FUNCTIONS["polygamma"](order, 2.0)


def test_no_module_hides_a_function():
    """`dc.ops.x` is the function x, for every one."""
    for name in FUNCTIONS:
        assert getattr(dc.ops, name) is names.called(name), name
