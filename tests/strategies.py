"""Random scalar graphs over all ops, with points, for hypothesis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.ops.choice import greater
from diffcompare.ops.constants import PI, E
from diffcompare.ops.elementary import tanh
from diffcompare.ops.index import IndexIs
from diffcompare.ops.layers.lrn import LRN
from diffcompare.ops.op import Op
from diffcompare.ops.operand import OPS
from diffcompare.ops.powers import LogPow, Power
from diffcompare.ops.special import Polygamma

Guard = Callable[[Any], Any]


def _any(x: Any) -> Any:
    return x


def _small(x: Any) -> Any:
    return 2 * tanh(x)


def _unit(x: Any) -> Any:
    return tanh(x) * Fraction(7, 8)


def _positive(x: Any) -> Any:
    return tanh(x) + Fraction(3, 2)


def _above_one(x: Any) -> Any:
    return tanh(x) + Fraction(5, 2)


def _bit(x: Any) -> Any:
    return greater(x, 0)


_ONE_ANY = ("neg", "abs", "relu", "sign", "floor", "ceil", "sin", "cos", "atan", "tanh", "asinh")
_TWO_ANY = ("add", "sub", "less", "less_equal", "greater", "greater_equal", "equal", "not_equal")
_SMALL = ("exp", "expm1", "sinh", "cosh", "sigmoid", "softplus", "erf", "erfc")
_POSITIVE = ("log", "log1p", "log2", "log10", "sqrt", "cbrt", "gamma", "lgamma")

GUARDS: dict[str, tuple[Guard, ...]] = {
    **dict.fromkeys(_ONE_ANY, (_any,)),
    **dict.fromkeys(_TWO_ANY, (_any, _any)),
    **dict.fromkeys(_SMALL, (_small,)),
    **dict.fromkeys(_POSITIVE, (_positive,)),
    **dict.fromkeys(("asin", "acos", "atanh", "tan"), (_unit,)),
    "acosh": (_above_one,),
    "mul": (_any, _any),
    "div": (_any, _positive),
    "mod": (_any, _positive),
    "pow": (_positive, _small),
    "hypot": (_positive, _any),
    "atan2": (_any, _positive),
    "where": (_any, _any, _any),
    "argmax": (_any, _any, _any),
    "choose": (_bit, _any, _any),
    "level": (_any, _any, _any),
    "log_sum": (_small, _small, _small),
    "logaddexp": (_any, _any, _any),
    "max": (_any, _any, _any),
    "min": (_any, _any, _any),
}
"""What brings each op's arguments into its domain; every op of the table has a row here."""

FAMILY_GUARDS: list[tuple[Op, tuple[Guard, ...]]] = [
    (Power(Fraction(0)), (_any,)),
    (Power(Fraction(2)), (_any,)),
    (Power(Fraction(3)), (_any,)),
    (Power(Fraction(-1)), (_positive,)),
    (Power(Fraction(1, 2)), (_positive,)),
    (Power(Fraction(-5, 3)), (_positive,)),
    (IndexIs(1), (_bit,)),
    (LRN(3, 2, Fraction(1, 2), Fraction(3, 4)), (_any, _positive)),
    (Polygamma(0), (_positive,)),
    (Polygamma(1), (_positive,)),
    (LogPow(1), (_positive, _small)),
    (LogPow(2), (_positive, _small)),
]
STEPS = ("argmax", "level", "index_is", "sign", "floor", "ceil", "mod", *_TWO_ANY[2:])
KINKS = ("abs", "choose", "relu", "max", "min", "where")

ALL: list[tuple[Op, tuple[Guard, ...]]] = [
    *((OPS[name], guards) for name, guards in sorted(GUARDS.items())),
    *FAMILY_GUARDS,
]
SMOOTH = [(op, guards) for op, guards in ALL if op.name not in (*STEPS, *KINKS)]
ANALYTIC = [(op, guards) for op, guards in SMOOTH if op.analytic]
_RISKY = ("log", "sqrt", "div", "asin", "pow", "atanh", "gamma")
UNGUARDED = [
    *(
        (OPS[name], (_any,) * len(GUARDS[name]))
        for name in (*_RISKY, "where", "max", "relu", "abs")
    ),
    *(
        (OPS[name], GUARDS[name])
        for name in ("where", "less", "greater", "min", "add", "mul", "sin")
    ),
]
"""Choices between values that are often undefined."""

CONSTANTS: tuple[Any, ...] = (
    0, 1, 2, -1, Fraction(1, 3), Fraction(-7, 2), Fraction(1, 10), PI, E,
)  # fmt: skip
NUMBERS = st.floats(-2.0, 2.0, allow_subnormal=False).map(lambda x: round(x * 64) / 64)


class Sample(NamedTuple):
    """A graph and a point at which all its values are finite."""

    graph: Graph
    point: dict[str, float]


@st.composite
def samples(
    draw: st.DrawFn,
    table: Sequence[tuple[Op, tuple[Guard, ...]]] = ALL,
    most: int = 12,
    outputs: int = 2,
    finite: bool = True,
) -> Sample:
    """A graph of up to `most` applications of ops of the table, over one to three inputs.

    All its values are finite, or else only those of its outputs.
    """
    graph = Graph.empty()
    nodes = [Variable.input(graph, name) for name in "xyz"[: draw(st.integers(1, 3))]]
    nodes += [Variable.constant(graph, c) for c in draw(st.lists(st.sampled_from(CONSTANTS)))]
    for _ in range(draw(st.integers(1, most))):
        op, guards = draw(st.sampled_from(table))
        nodes.append(op(*[guard(_recent(draw, nodes)) for guard in guards]))
    results = draw(st.lists(st.sampled_from(nodes[-4:]), min_size=1, max_size=outputs))
    graph.outputs = tuple(node.index for node in results)
    graph = graph.leveled()
    point = {name: draw(NUMBERS) for name in graph.inputs}
    found = values(graph, point)
    assume(np.max(np.abs(found if finite else found[list(graph.outputs)])) < 1e60)  # and no nan
    return Sample(graph, point)


def _recent(draw: st.DrawFn, nodes: list[Variable]) -> Variable:
    """A node, the later ones more often, so that graphs grow deep."""
    return nodes[-1 - min(draw(st.integers(0, len(nodes) - 1)), draw(st.integers(0, 7)))]


def values(graph: Graph, point: dict[str, float]) -> np.ndarray:
    """Of all nodes."""
    found = graph.evaluate({name: np.float64(x) for name, x in point.items()})
    return np.array(found, dtype=float)
