"""The contract of an op: cost vectors, arity, registry, dispatch."""

from __future__ import annotations

import copy
import pickle
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy

from diffcompare.errors import DiffcompareError
from diffcompare.numbers.dual import Dual
from diffcompare.numbers.treesize import TreeSize
from diffcompare.ops.choice import max_, where
from diffcompare.ops.constants import CONSTANTS, PI
from diffcompare.ops.cost import ADD, FREE, MUL, Cost
from diffcompare.ops.elementary import atan2, sin
from diffcompare.ops.leaf import Constant, Input
from diffcompare.ops.op import make, register
from diffcompare.ops.operand import OPS
from diffcompare.ops.powers import Power
from diffcompare.ops.special import Polygamma


def test_costs_are_vectors() -> None:
    cost = 3 * (ADD + MUL * 2) - ADD
    assert cost == Cost(add=2, mul=6)
    assert (cost.total, cost.counts) == (8, (2, 6, 0, 0, 0))
    assert cost.to_dict() == {"add": 2, "mul": 6, "div": 0, "call": 0, "compare": 0, "total": 8}
    assert Cost() == FREE


@pytest.mark.parametrize(
    ("op", "count", "text"),
    [
        (sin, 2, "sin needs 1 argument, got 2"),
        (atan2, 1, "atan2 needs 2 arguments, got 1"),
        (where, 2, "where needs 3 arguments, got 2"),
        (max_, 0, "max needs at least 1 argument, got 0"),
    ],
)
def test_arity_is_refused_in_words(op: Any, count: int, text: str) -> None:
    with pytest.raises(DiffcompareError) as caught:
        op.check_arity(count)
    assert (str(caught.value), caught.value.kind) == (text, "arity")
    op.check_arity(op.arity[0])


@pytest.mark.parametrize("kind", [Dual, TreeSize])
def test_number_kinds_check_the_arity(kind: Any) -> None:
    with pytest.raises(DiffcompareError, match=r"^sin needs 1 argument, got 2"):
        sin(kind(1), kind(1))


@pytest.mark.parametrize("op", OPS.values(), ids=repr)
def test_a_row_is_one_object(op: Any) -> None:
    assert make(op.name, {}) is op
    assert pickle.loads(pickle.dumps(op)) is op
    assert copy.deepcopy(op) is op
    assert repr(op) == f"<op {op.name}>"
    assert op.kind in ("smooth", "linear", "select")


@pytest.mark.parametrize("op", [Power(Fraction(3, 2)), Polygamma(2), Input("x"), Constant(PI)])
def test_an_op_of_a_family_is_equal_to_its_copies(op: Any) -> None:
    twin = pickle.loads(pickle.dumps(op))
    assert twin == op == make(op.name, op.options())
    assert hash(twin) == hash(op)


@pytest.mark.parametrize(
    ("name", "options", "text"),
    [
        ("sine", {}, "a node needs a known op, got 'sine'"),
        ("sin", {"order": 1}, "sin needs no options, got order"),
        ("power", {}, "power needs the options exponent, got none"),
        ("power", {"order": 2}, "power needs the options exponent, got order"),
    ],
)
def test_make_refuses_in_words(name: str, options: dict[str, Any], text: str) -> None:
    with pytest.raises(DiffcompareError) as caught:
        make(name, options)
    assert str(caught.value) == text


def test_a_name_is_taken_once() -> None:
    with pytest.raises(AssertionError):
        register(sin)


def test_a_call_finds_the_kind_of_its_arguments() -> None:
    x = sympy.Symbol("x", real=True)
    assert sin(x) == sympy.sin(x)
    assert sin(0.5) == np.sin(0.5)
    assert sin(np.array([0.5, 1.0])).shape == (2,)
    assert isinstance(sin(Dual(0.5)), Dual)
    assert atan2(1.0, TreeSize(3)) == TreeSize(5)
    inner = atan2(TreeSize(3), Dual(TreeSize(), TreeSize()))  # the Dual is above its parts
    assert inner.primal == TreeSize(5)


def test_partials_are_tangents_of_unit_seeds() -> None:
    a, b = np.float64(3.0), np.float64(4.0)
    assert OPS["hypot"].partial(1, np.float64(5.0), (a, b)) == pytest.approx(0.8)
    assert OPS["div"].partial(1, a / b, (a, b)) == pytest.approx(-3 / 16)


def test_named_constants_are_floats_that_remember() -> None:
    assert np.pi == PI
    for name, number in CONSTANTS.items():
        assert number.name == name
        assert pickle.loads(pickle.dumps(number)) is number
        if np.isfinite(number):
            assert float(sympy.N(number.sympy, 30)) == pytest.approx(float(number), rel=2e-16)


def test_constants_are_told_apart_though_equal_as_floats() -> None:
    assert Constant(PI) != Constant(Fraction(float(PI)))
    assert Constant(Fraction(1, 2)) == Constant(Fraction(1, 2))
    assert Constant(CONSTANTS["nan"]) == Constant(CONSTANTS["nan"])
    assert Constant(PI) != sin
