"""Numbers in formulas: exact as written, and constants that must have a value."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Final

import numpy as np

from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.ops.leaf import Constant
from diffcompare.ops.op import Op
from diffcompare.ops.powers import Power

MOST_EXPONENT: Final = 1_000_000
"""The largest magnitude of a constant exponent."""

_EXPONENT_BITS: Final = 64
_EXACT_BITS: Final = 1024
"""A rational with a numerator or denominator that takes more bits is not kept."""
_BEYOND: Final = 100_000
"""A decimal exponent that no float has, whatever the digits before it."""

_EXACT: Final[dict[str, Callable[..., Fraction]]] = {
    "add": lambda *x: sum(x, Fraction(0)),
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "neg": operator.neg,
}


def read_number(text: str) -> Fraction:
    """The exact value of a decimal number as written.

    Raises
    ------
    DiffcompareError
        Of kind "limit", where float64 has no finite value for it, or only zero.

    Examples
    --------
    >>> read_number("0.1"), read_number("2e3")
    (Fraction(1, 10), Fraction(2000, 1))
    """
    mantissa, _, exponent = text.replace("_", "").lower().partition("e")
    whole, _, decimals = mantissa.partition(".")
    digits = (whole + decimals).lstrip("0")
    if not digits:
        return Fraction(0)
    shift = int(exponent or 0) if len(exponent) < 6 else _sign(exponent) * _BEYOND
    shift -= len(decimals)
    size = len(digits) + shift  # digits before the decimal point; none of these powers is large
    value = Fraction(int(digits)) * Fraction(10) ** shift if -400 < size < 400 else None
    if size > 0 and (value is None or not _held(value)):
        raise DiffcompareError(
            "limit", "a number", need="a magnitude below 1.8e308", got=_shortened(text)
        )
    if value is None or not float(value):
        raise DiffcompareError(
            "limit", "a number", need="a magnitude above 4.9e-324, or zero", got=_shortened(text)
        )
    return value


def _sign(exponent: str) -> int:
    return -1 if exponent.startswith("-") else 1


def _held(value: Fraction) -> bool:
    """Whether float64 has a finite value for it."""
    try:
        return bool(np.isfinite(float(value)))
    except OverflowError:
        return False


def _shortened(text: str) -> str:
    return text if len(text) <= 24 else f"{text[:12]}…{text[-6:]}"


class Constants:
    """What is known of the constant nodes of a graph that is being built.

    Attributes
    ----------
    values : dict of int to float
        By node, in float64.
    exact : dict of int to (Fraction or None)
        Of the rational ones the exact value, None where it is long.

    Examples
    --------
    >>> from diffcompare.graph.variable import Variable
    >>> constants = Constants(Graph.empty())
    >>> third = Variable.constant(constants.graph, 1) / 3
    >>> constants.settle()
    >>> constants.exponent(third.index)
    Fraction(1, 3)
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.values: dict[int, Any] = {}
        self.exact: dict[int, Fraction | None] = {}
        self._settled = 0

    def settle(self) -> None:
        """Evaluate the constants among the nodes that are new.

        Raises
        ------
        DiffcompareError
            Of kind "domain" for a pole or an undefined value, of kind "limit" for an overflow.
        """
        ops, args = self.graph.ops, self.graph.args
        for index in range(self._settled, len(ops)):
            op = ops[index]
            if isinstance(op, Constant):
                self.values[index] = np.float64(op.number)
                if isinstance(op.number, Fraction):
                    self._keep(index, op.number)
            elif self.graph.shapes[index]:
                continue  # an array of a constant, which was checked
            elif args[index] and all(arg in self.values for arg in args[index]):
                self._compute(index, op, args[index])
        self._settled = len(ops)

    def _compute(self, index: int, op: Op, args: Sequence[int]) -> None:
        x = [self.values[arg] for arg in args]
        with np.errstate(all="ignore"):
            value = op(*x)
            if not np.isfinite(value):
                raise _without_value(op, x, value)
        self.values[index] = value
        rational = op.name in _EXACT or (isinstance(op, Power) and op.exponent.denominator == 1)
        if rational and all(arg in self.exact for arg in args):
            try:
                self._keep(index, _exactly(op, [self.exact[arg] for arg in args]))
            except ZeroDivisionError:  # as in 1/(0.1 + 0.2 - 0.3), whose divisor float64 rounds
                raise DiffcompareError(
                    "domain", "a constant", need="a finite real value",
                    got="a division by exactly zero",
                ) from None  # fmt: skip

    def _keep(self, index: int, number: Fraction | None) -> None:
        short = number is not None and _bits(number) <= _EXACT_BITS
        self.exact[index] = number if short else None

    def exponent(self, index: int) -> Fraction | None:
        """The exact value of a node as an exponent; None where it is no rational constant.

        Raises
        ------
        DiffcompareError
            Of kind "limit", where it is large, or long as a fraction.
        """
        value = self.values.get(index)
        if value is not None and abs(value) > MOST_EXPONENT:
            raise DiffcompareError("limit", "a constant exponent",
                                   need=f"a magnitude of at most {MOST_EXPONENT}",
                                   got=f"{value:.10g}")  # fmt: skip
        if value is None or index not in self.exact:
            return None
        exact = self.exact[index]
        if exact is None or _bits(exact) > _EXPONENT_BITS:
            raise DiffcompareError(
                "limit", "a constant exponent", need="at most 19 digits above and below the line",
                got=f"a longer fraction near {value:g}", hint="round it: a float has 17 digits",
            )  # fmt: skip
        return exact


def _exactly(op: Op, x: Sequence[Fraction | None]) -> Fraction | None:
    """The exact value of a rational operation, None where it is long."""
    numbers = [number for number in x if number is not None]
    if len(numbers) < len(x):
        return None
    if not isinstance(op, Power):
        return _EXACT[op.name](*numbers)
    whole = op.exponent.numerator
    return numbers[0] ** whole if _bits(numbers[0]) * abs(whole) <= _EXACT_BITS else None


def _bits(number: Fraction) -> int:
    return max(number.numerator.bit_length(), number.denominator.bit_length())


def _without_value(op: Op, x: Sequence[Any], value: Any) -> DiffcompareError:
    pole = (op.name == "div" and x[1] == 0) or (op.edge is not None and op.edge(*x) is not None)
    if np.isnan(value) or pole:
        return DiffcompareError(
            "domain", "a constant", need="a finite real value", got=_written(op, x)
        )
    return DiffcompareError("limit", "a constant", need="a magnitude below 1.8e308",
                            got=_written(op, x))  # fmt: skip


def _written(op: Op, x: Sequence[Any]) -> str:
    shown = [f"{number:g}" for number in x]
    if isinstance(op, Power):
        shown, symbol = [*shown, str(op.exponent)], "**"
    elif op.infix is not None and len(x) == 2:
        symbol = op.infix[0]
    else:
        return f"{op.name}({', '.join(shown[:4])}{', …' if len(x) > 4 else ''})"
    bracketed = [f"({n})" if n.startswith("-") or "/" in n else n for n in shown]
    return symbol.join(bracketed)
