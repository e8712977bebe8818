"""What every op has to satisfy at a point, each as a function that raises AssertionError."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import mpmath
import numpy as np
import sympy

from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.modes.forward import tangent_graph
from diffcompare.numbers.rounding import rounding_error
from diffcompare.ops.op import Guarded, Op
from diffcompare.ops.operand import ZERO
from tests.ops.samples import CALL_ULPS, COSTS, NO_SYMPY_DERIVATIVE, REFERENCES, SYMBOLS

PARTIAL, ADJOINT, SECOND = 1e-13, 1e-13, 1e-12
"""Relative tolerances of partials, of the dot-product identity and of second derivatives."""
TINY = 2.0**-1022

MP = mpmath.MPContext()
MP.dps = 60


def floats(x: Sequence[float]) -> list[Any]:
    return [np.float64(v) for v in x]


def value(op: Any, x: Sequence[float]) -> Any:
    with np.errstate(all="ignore"):
        return op.value(*floats(x))


def partial(op: Any, slot: int, x: Sequence[float]) -> float:
    """The row's local partial as a float, structural zero as 0."""
    with np.errstate(all="ignore"):
        result = op.partial(slot, value(op, x), floats(x))
    return 0.0 if result is ZERO else float(result)


def close(got: float, true: Any, relative: float, more: float = 0.0) -> bool:
    """Within a relative tolerance; below the smallest normal number, within that."""
    if abs(true) > np.finfo(float).max:
        return math.isinf(got) and (got > 0) == (true > 0)
    return bool(abs(MP.mpf(got) - true) <= relative * abs(true) + TINY + more)


@cache
def formula(op: Op, arity: int) -> Any:
    """A stock SymPy expression of the op in `SYMBOLS`."""
    expression = op.sympy(*SYMBOLS[:arity])
    if not hasattr(type(expression), "op") and op.name != "lgamma":
        return sympy.expand_func(expression)
    stock = REFERENCES[op.name]  # a KeyError is an op that nothing stands against
    return stock.subs(SYMBOLS[2], *op.options().values()) if op.options() else stock


@cache
def derivative(op: Op, arity: int, slot: int) -> Any:
    return sympy.expand_func(sympy.diff(formula(op, arity), SYMBOLS[slot]))


def evaluated(expression: Any, x: Sequence[float]) -> Any:
    """A SymPy expression at a point; with digits enough that 1 + 5e-324 is not 1."""
    exact = {s: sympy.Float(v, 450) for s, v in zip(SYMBOLS, x, strict=False)}
    return MP.mpf(sympy.Float(sympy.N(expression.xreplace(exact), 450), 450)._mpf_)


def check_value(op: Any, x: Sequence[float]) -> None:
    """Value in floats and in high precision against SymPy's."""
    true = evaluated(formula(op, len(x)), x)
    precise = op.precise(MP, *[MP.mpf(v) for v in x])
    assert abs(precise - true) <= MP.mpf(10) ** -45 * abs(true), (op, x, precise, true)
    got, ulps = float(value(op, x)), CALL_ULPS.get(op.name, 4)
    assert close(got, true, ulps * 2.0**-53), (op, x, got, true)


def check_partials_by_sympy(op: Any, x: Sequence[float]) -> None:
    """Every partial against SymPy's own derivative."""
    if op.name in NO_SYMPY_DERIVATIVE:
        return
    for slot in range(len(x)):
        true = evaluated(derivative(op, len(x), slot), x)
        got = partial(op, slot, x)
        assert close(got, true, PARTIAL), (op, x, slot, got, true)


def check_partials_by_differences(op: Any, x: Sequence[float]) -> None:
    """Every partial against the difference quotient of `precise` in high precision."""
    for slot in range(len(x)):
        true = slope(op, x, (slot,))
        got = partial(op, slot, x)
        assert close(got, true, PARTIAL), (op, x, slot, got, true)


def slope(op: Any, x: Sequence[float], slots: tuple[int, ...]) -> Any:
    """A derivative of first or second order of `op.precise`, by central differences."""
    mp = mpmath.MPContext()
    usual = all(0.01 < abs(v) < 16 for v in x) or (
        all(0.01 < abs(v) < 200 for v in x) and abs(value(op, x)) > 3
    )
    mp.dps, digits = (250, 40) if usual else (2400, 350)  # 0, 1e-300 and exp(-700) take more
    point = [mp.mpf(v) for v in x]
    smallest = min([abs(v) for v in point if v] + [mp.one])
    steps = [mp.mpf(10) ** -digits * min(abs(v) or smallest, mp.one) for v in point]

    def shifted(*moves: int) -> Any:
        moved = list(point)
        for slot, sign in zip(slots, moves, strict=True):
            moved[slot] += sign * steps[slot]
        return op.precise(mp, *moved)

    if len(slots) == 1:
        terms = [shifted(1), -shifted(-1)]
    else:
        terms = [shifted(1, 1), -shifted(1, -1), -shifted(-1, 1), shifted(-1, -1)]
    noise = mp.eps * 1000 * max(abs(t) for t in (*terms, *point))
    quotient = mp.fsum(terms) / mp.fprod(2 * steps[slot] for slot in slots)
    return MP.mpf(quotient if abs(mp.fsum(terms)) > noise else 0)


def check_adjoint(op: Any, x: Sequence[float]) -> None:
    """The dot-product identity: ȳ·(∂y ẋ) = (∂yᵀ ȳ)·ẋ for generic seeds."""
    y, y_bar = value(op, x), np.float64(0.7310585786300049)
    x_dot = floats([0.6180339887498949 - 0.4142135623730950 * k for k in range(len(x))])
    with np.errstate(all="ignore"):
        y_dot = op.jvp(y, floats(x), x_dot)
        shares = op.vjp(y, floats(x), y_bar, [True] * len(x))
    left = 0.0 if y_dot is ZERO else y_bar * y_dot
    terms = [settled(s) * dot for s, dot in zip(shares, x_dot, strict=True)]
    scale = sum(abs(t) for t in terms)
    if np.isfinite(scale):
        assert abs(left - sum(terms)) <= ADJOINT * scale + 4 * TINY, (op, x, left, terms)


def settled(share: Any) -> float:
    if isinstance(share, Guarded):
        return settled(share.value) if bool(share.condition) == share.holds else 0.0
    return 0.0 if share is ZERO else float(share)


def check_wanted(op: Any, x: Sequence[float]) -> None:
    """The adjoint of one argument does not depend on which others are wanted."""
    y, y_bar = value(op, x), np.float64(1.5)
    with np.errstate(all="ignore"):
        full = op.vjp(y, floats(x), y_bar, [True] * len(x))
        for slot, share in enumerate(full):
            wanted = [k == slot for k in range(len(x))]
            alone = op.vjp(y, floats(x), y_bar, wanted)[slot]
            assert np.array_equal(settled(alone), settled(share), equal_nan=True), (op, x, slot)


def check_second(op: Any, x: Sequence[float]) -> None:
    """Second derivatives, by forward over forward, against differences in high precision."""
    names = "abc"[: len(x)]
    graph = Graph.empty()
    inputs = [Variable.input(graph, name) for name in names]
    graph.outputs = (op(*inputs).index,)
    gradient = tangent_graph(graph, tuple(names)).jacobian_graph
    hessian = tangent_graph(gradient, tuple(names)).jacobian_graph
    point = dict(zip(names, floats(x), strict=True))
    values = hessian.evaluate(point)
    bounds = rounding_error(hessian, point)
    for k, (index, bound) in enumerate(zip(hessian.outputs, bounds, strict=True)):
        slots = divmod(k, len(x))
        if math.isnan(bound) or (op.name == "where" and 0 in slots):
            continue  # the derivative's own arithmetic overflows; a condition only chooses
        true = slope(op, x, slots)
        assert close(float(values[index]), true, SECOND, 2 * bound), (op, x, k, values[index], true)


def check_arrays(op: Any, points: Sequence[Sequence[float]]) -> None:
    """Arrays give what their elements give."""
    columns = [np.array(column) for column in zip(*points, strict=True)]
    with np.errstate(all="ignore"):
        got = op.value(*columns)
    each = np.array([value(op, x) for x in points], dtype=float)
    assert np.shape(got) == each.shape, (op, got)
    assert np.allclose(np.asarray(got, float), each, rtol=1e-15, atol=0, equal_nan=True), (op, got)


def check_cost(op: Any, arity: int) -> None:
    """A declared cost of small whole numbers, and of an array as many times that."""
    one = op.cost([()] * arity)
    small = all(isinstance(n, int) and 0 <= n <= max(1, arity - 1) for n in one.counts)
    assert one == COSTS[op.name] if op.name in COSTS else small, (op, one)
    assert op.cost([(3, 5)] * arity) == 15 * one, op
    if arity > 1:
        assert op.cost([(3, 5), *[()] * (arity - 1)]) == 15 * one, op


def check_source(op: Any, x: Sequence[float]) -> None:
    """The Python expression gives the value, or raises where IEEE has a nan or an infinity."""
    template = op.source(len(x))
    if template is None:
        return
    text = template.format(*(f"x{k}" for k in range(len(x))))
    for at in (x, *_spoilt(x)):
        names = {f"x{k}": float(v) for k, v in enumerate(at)}
        true = float(value(op, at))
        try:
            got = eval(text, dict(vars(math)), names)
        except (ValueError, OverflowError, ZeroDivisionError):
            assert not math.isfinite(true) or at is not x, (op, at, true)
            continue
        assert type(got) is float, (op, got)
        same = got == true or (math.isnan(got) and math.isnan(true))
        assert same or close(got, MP.mpf(true), 8 * 2.0**-53), (op, at, got, true)


def _spoilt(x: Sequence[float]) -> list[tuple[float, ...]]:
    """The same point with each argument nan, infinite or zero."""
    odd = (math.nan, math.inf, -math.inf, 0.0)
    points = [(*x[:k], bad, *x[k + 1 :]) for k in range(len(x)) for bad in odd]
    return [at for at in points if at != (-math.inf, 0.5)]  # NumPy's power is a square root there


POINT_CHECKS = (
    check_source,
    check_value,
    check_partials_by_sympy,
    check_partials_by_differences,
    check_adjoint,
    check_wanted,
    check_second,
)
