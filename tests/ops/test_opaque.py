"""Ops that SymPy meets as functions of our own: nothing is simplified, and `diff` is the op's rule."""

from __future__ import annotations

import pytest
import sympy

from diffcompare.ops.choice import abs_, floor, greater, max_, relu, sign, where
from diffcompare.ops.elementary import sigmoid
from diffcompare.ops.operand import OPS
from diffcompare.ops.powers import LogPow

x, y = sympy.symbols("x y", real=True)


def test_the_form_leads_back_to_the_op() -> None:
    form = sigmoid(x)
    assert type(form).op is sigmoid
    assert form.args == (x,)
    assert form.is_extended_real


def test_stock_forms_are_sympys_own() -> None:
    assert OPS["exp"](x) == sympy.exp(x)
    assert OPS["add"](x, y) == x + y
    assert OPS["atan2"](x, y) == sympy.atan2(x, y)


@pytest.mark.parametrize(
    "form", [max_(x, x + 1), abs_(sympy.Symbol("p", positive=True)), relu(sympy.Integer(3)),
             sign(sympy.Integer(0)), floor(x + 1), where(greater(x, 0), x, x)]
)  # fmt: skip
def test_nothing_is_simplified(form: sympy.Expr) -> None:
    assert hasattr(type(form), "op")
    assert sympy.simplify(form) == form
    assert form.doit() == sympy.N(form) == form


def test_diff_is_the_rule_of_the_op() -> None:
    assert sympy.diff(sigmoid(x), x) == sigmoid(x) * sigmoid(-x)
    assert sympy.diff(sigmoid(2 * x), x) == 2 * sigmoid(2 * x) * sigmoid(-2 * x)
    assert sympy.diff(abs_(x), x) == sign(x)
    assert sympy.diff(relu(x), x) == where(greater(x, 0), sympy.Integer(1), sympy.Integer(0))
    assert sympy.diff(floor(x) * y, x) == 0
    assert sympy.diff(LogPow(1)(x, y), y) == LogPow(2)(x, y) != LogPow(3)(x, y)
    assert str(LogPow(2)(x, y)) == "logpow_2(x, y)"


def test_arity_is_known_to_sympy() -> None:
    with pytest.raises(TypeError):
        sigmoid.function(x, y)
    assert len(max_.function(x, y, x).args) == 3
