"""What every layer has to satisfy at a point, each as a function that raises AssertionError.

    CASES = [case(Conv2d(), (2, 3, 5, 4), (6, 3, 2, 3))]

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
    @pytest.mark.parametrize("case", CASES, ids=str)
    def test_layer(case, check):
        check(case)

A layer is its scalar expansion: value, forward, reverse, both second orders and all costs are held
against the sweeps over the graph of `expand`. `LINEAR_CHECKS` are for ops of one argument.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from diffcompare.measure.ledger import count
from diffcompare.modes.derivative import Sweep, flat, units
from diffcompare.modes.forward import tangent_graph
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.numbers.dual import Dual
from diffcompare.ops.cost import Cost
from diffcompare.ops.op import Op, Shape
from diffcompare.ops.operand import ZERO
from tests.ops.layers.point import Case, adjoints, case, evaluated, random, strays, swept, value

__all__ = ["CHECKS", "LINEAR_CHECKS", "Case", "case", "close", "failing", "random"]

ROUNDING, DIFFERENCES, SINGLE = 1e-12, 1e-7, 2e-5
"""Relative tolerances: between two ways to sum, of central differences, of float32."""


def close(got: Any, true: Any, relative: float = ROUNDING) -> None:
    """Equal to rounding, on the scale of the largest entry; nan with nan."""
    got, true = np.asarray(got, dtype=float), np.asarray(true, dtype=float)
    assert got.shape == true.shape, (got.shape, true.shape)
    scale = np.max(np.abs(true[np.isfinite(true)]), initial=0.0)
    np.testing.assert_allclose(got, true, rtol=relative, atol=relative * scale, equal_nan=True)


def sweep_costs(derivative: Sweep) -> tuple[Cost, Cost]:
    """What all passes share, and what one of them takes."""
    size, start = len(derivative.primal.ops), derivative.sweep_start
    graph = derivative.graph
    return count(graph, range(size, start)), count(graph, range(start, len(graph.ops)))


def check_shape(case: Case) -> None:
    """What `shape` says is what `value` gives."""
    assert case.op.shape(case.shapes) == np.shape(case.y)


def check_value(case: Case) -> None:
    close(flat([case.y]), evaluated(case.scalar, flat(case.x)))


def check_cost(case: Case) -> None:
    """Operations of a value."""
    assert case.op.cost(case.shapes) == count(case.scalar), case


def check_forward(case: Case) -> None:
    """Tangents of the graph, of the rule on arrays and of dual numbers."""
    layer, scalar = case.forward
    seeds = flat([dot for dot in case.x_dot if dot is not ZERO])
    true = swept(scalar, flat(case.x), seeds)
    close(swept(layer, flat(case.x), seeds), true)
    with np.errstate(all="ignore"):
        direct = case.op.jvp(case.y, case.x, case.x_dot)
        dual = case.op(*map(Dual, case.x, case.x_dot))
    close(flat([direct]), true)
    close(flat([dual.tangent]), true)


def check_reverse(case: Case) -> None:
    """Adjoints of the graph and of the rule on arrays."""
    layer, scalar = case.reverse
    true = swept(scalar, flat(case.x), flat([case.y_bar]))
    close(swept(layer, flat(case.x), flat([case.y_bar])), true)
    shares = [
        np.broadcast_to(0.0 if s is ZERO else s, x.shape)
        for s, x, want in zip(case.shares, case.x, case.wanted, strict=True)
        if want
    ]
    close(flat(shares), true)


def check_sweep_costs(case: Case) -> None:
    """Operations that forward and reverse passes share, and those of each."""
    for layer, scalar in (case.forward, case.reverse):
        assert sweep_costs(layer) == sweep_costs(scalar), (case, layer.mode)


def check_second(case: Case) -> None:
    """The adjoint graph differentiated again, forward and in reverse."""
    layer, scalar = (derivative.graph for derivative in case.reverse)
    by_layer = (*case.wrt_layer, *case.reverse[0].seeds)
    by_scalar = (*case.wrt_scalar, *case.reverse[1].seeds)
    point, seeds = flat([*case.x, case.y_bar]), random((len(by_scalar),), 300)
    true = swept(tangent_graph(scalar, by_scalar), point, seeds)
    close(swept(tangent_graph(layer, by_layer), point, seeds), true)
    results = random(true.shape, 301)
    true = swept(adjoint_graph(scalar, by_scalar), point, results)
    close(swept(adjoint_graph(layer, by_layer), point, results), true)


def check_dual(case: Case) -> None:
    """The adjoint rule run on dual numbers."""
    layer, _ = case.reverse
    y, y_bar = (
        case.op(*map(Dual, case.x, case.x_dot)),
        Dual(case.y_bar, random(case.y_bar.shape, 302)),
    )
    with np.errstate(all="ignore"):
        shares = adjoints(case.op, y, list(map(Dual, case.x, case.x_dot)), y_bar, case.wanted)
    by_layer = (*case.wrt_layer, *layer.seeds)
    seeds = flat([*(case.x_dot[slot] for slot in case.wrt), y_bar.tangent])
    true = swept(tangent_graph(layer.graph, by_layer), flat([*case.x, case.y_bar]), seeds)
    close(flat([y.tangent, *(shares[slot].tangent for slot in case.wrt)]), true)


def check_duality(case: Case) -> None:
    """The dot-product identity: ȳ·(J ẋ) = (Jᵀ ȳ)·ẋ."""
    y_dot = case.op.jvp(case.y, case.x, case.x_dot)
    terms = [case.shares[slot] * case.x_dot[slot] for slot in case.wrt]
    left, right = case.y_bar * y_dot, flat(terms)
    scale = np.abs(left).sum() + np.abs(right).sum()
    assert abs(left.sum() - right.sum()) <= 1e-13 * scale, case


def check_differences(case: Case) -> None:
    """The tangent against the central difference quotient of the value."""
    h = 2.0**-17
    moved = [
        value(case.op, [a if d is ZERO else a + s * h * d
                        for a, d in zip(case.x, case.x_dot, strict=True)])
        for s in (1, -1)
    ]  # fmt: skip
    close((moved[0] - moved[1]) / (2 * h), case.op.jvp(case.y, case.x, case.x_dot), DIFFERENCES)


def check_wanted(case: Case) -> None:
    """One argument at a time: tangents add up, and no adjoint depends on which others are wanted."""
    total: Any = 0.0
    for slot in case.wrt:
        alone = [slot == k for k in range(len(case.x))]
        dots = [d if only else ZERO for d, only in zip(case.x_dot, alone, strict=True)]
        y_dot = case.op.jvp(case.y, case.x, dots)
        total = total + (0.0 if y_dot is ZERO else y_dot)
        share = adjoints(case.op, case.y, case.x, case.y_bar, alone)[slot]
        np.testing.assert_array_equal(share, case.shares[slot])
    close(np.broadcast_to(total, np.shape(case.y)), case.op.jvp(case.y, case.x, case.x_dot))
    if case.op.kind == "linear" or len(case.wrt) == 2:
        assert case.op.jvp(case.y, case.x, [ZERO] * len(case.x)) is ZERO


def check_layout(case: Case) -> None:
    """Arrays that are views, turned and strided in memory, give the same."""
    for view in (np.asfortranarray, _strided, _backwards):
        x = [view(a) for a in case.x]
        close(value(case.op, x), case.y)
        shares = adjoints(case.op, case.y, x, view(case.y_bar), case.wanted)
        for slot in case.wrt:
            close(shares[slot], case.shares[slot])


def _strided(array: np.ndarray) -> np.ndarray:
    return np.repeat(array, 2, axis=-1)[..., ::2] if np.ndim(array) else array


def _backwards(array: np.ndarray) -> np.ndarray:
    turned = (slice(None, None, -1),) * np.ndim(array)
    return np.array(array[turned])[turned]


def check_single(case: Case) -> None:
    """float32 stays float32, in value, forward and reverse: by the rules, and in every node."""
    x = [a.astype(np.float32) for a in case.x]
    dots = [d if d is ZERO else np.float32(d) for d in case.x_dot]
    with np.errstate(all="ignore"):
        y = case.op.value(*x)
        shares = adjoints(case.op, y, x, np.float32(case.y_bar), case.wanted)
        y_dot = case.op.jvp(y, x, dots)
    pairs = [(y, case.y), (y_dot, case.op.jvp(case.y, case.x, case.x_dot))]
    pairs += [(shares[slot], case.shares[slot]) for slot in case.wrt]
    for got, true in pairs:
        assert got.dtype == np.float32, (case, got.dtype)
        close(got, true, SINGLE)
    for sweep in (*case.forward, *case.reverse):
        assert not (found := strays(sweep, case.x)), (case, sweep.mode, found)


def matrix(op: Op, shape: Shape) -> np.ndarray:
    """The matrix of a linear op on arrays of a shape, both sides flattened."""
    return np.stack([flat([op.value(unit)]) for unit in units(shape)], axis=1)


def check_transposed(case: Case) -> None:
    """The adjoint op of a linear one is its transposed matrix, and the other way round."""
    (shape,) = case.shapes
    dual = case.op.adjoint(shape)  # type: ignore[attr-defined]
    there = matrix(case.op, shape)
    np.testing.assert_array_equal(matrix(dual, np.shape(case.y)), there.T)
    assert dual.shape([np.shape(case.y)]) == shape
    assert dual.adjoint(np.shape(case.y)) == case.op


CHECKS: tuple[Callable[[Case], None], ...] = (
    check_shape,
    check_value,
    check_cost,
    check_forward,
    check_reverse,
    check_sweep_costs,
    check_second,
    check_dual,
    check_duality,
    check_differences,
    check_wanted,
    check_layout,
    check_single,
)
LINEAR_CHECKS = (*CHECKS, check_transposed)


def failing(case: Case) -> list[str]:
    """Names of the checks that do not hold: what a rule made wrong must turn red."""
    red = []
    for check in CHECKS:
        try:
            check(case)
        except AssertionError:
            red.append(check.__name__)
    return red
