"""How each kind of SymPy expression becomes operations, and the walk that asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

import sympy

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.ops.choice import where
from diffcompare.ops.constants import INF, NAN, PI, E, Named
from diffcompare.ops.operand import Value
from diffcompare.ops.powers import power
from diffcompare.ops.special import Polygamma
from diffcompare.parse.sympy_factors import (
    factors,
    held,
    is_negative,
    is_rational,
    raised,
    rational,
    tanh_slope,
)
from diffcompare.parse.sympy_functions import function_of

_NAMED: Final = {sympy.pi: PI, sympy.E: E}


class _Need(NamedTuple):
    """A subexpression whose value a plan needs; `flipped`: with the opposite sign."""

    expression: Any
    flipped: bool = False


class _Plan(NamedTuple):
    """How a value comes from those of its needs, in order."""

    needs: Sequence[_Need]
    build: Callable[..., Variable]


class Reader:
    """One walk over expressions; what is shared in memory is read once."""

    def __init__(self, graph: Graph, lookup: Mapping[Any, Variable], strict: bool) -> None:
        self.graph, self.lookup, self.strict = graph, lookup, strict
        self.done: dict[tuple[int, bool], Variable] = {}  # by id: comparing may recurse

    def read(self, root: Any) -> Variable:
        """The value of an expression."""
        done = self.done
        stack: list[tuple[_Need, _Plan | None]] = [(_Need(root), None)]
        while stack:
            need, plan = stack.pop()
            key = id(need.expression), need.flipped
            if plan is not None:
                values = [done[id(e), flipped] for e, flipped in plan.needs]
                done[key] = plan.build(*values)
            elif key not in done:
                plan = self._plan(need)
                stack.append((need, plan))
                stack.extend([(inner, None) for inner in reversed(plan.needs)])
        return done[id(root), False]

    def _plan(self, need: _Need) -> _Plan:
        for cls in type(need.expression).__mro__:
            if cls in _READERS:
                return _READERS[cls](self, need)
        needs = [_Need(arg) for arg in need.expression.args]
        return _Plan(needs, self._lifted(function_of(need.expression)))

    def _lifted(self, function: Callable[..., Value]) -> Callable[..., Variable]:
        """A function whose result may be a plain number, as one that returns a Variable."""

        def build(*x: Variable) -> Variable:
            result = function(*x)
            return result if isinstance(result, Variable) else self.constant(result)

        return build

    def constant(self, number: Fraction | Named | int) -> Variable:
        """A constant node; a rational beyond float64 is infinite or zero, or refused."""
        if isinstance(number, Fraction) and not held(number):
            return self._beyond(number)
        return Variable.constant(self.graph, number)

    def _beyond(self, number: Fraction) -> Variable:
        if self.strict:
            raise DiffcompareError(
                "domain", "a number in a SymPy expression", need="a magnitude that float64 has",
                got="one that is too large" if abs(number) > 1 else "one that is too small",
            )  # fmt: skip
        if abs(number) < 1:
            return self.constant(0)
        return self.constant(INF) if number > 0 else -self.constant(INF)

    def symbol(self, need: _Need) -> _Plan:
        """An input."""
        value = self.lookup.get(need.expression)
        if value is None:
            raise DiffcompareError(
                "name", "a SymPy expression", need="symbols that are inputs",
                got=shorten(need.expression.name),
            )  # fmt: skip
        return _Plan((), lambda: value)

    def number(self, need: _Need) -> _Plan:
        """An exact rational."""
        value = rational(need.expression)
        return _Plan((), lambda: self.constant(-value if need.flipped else value))

    def named(self, need: _Need) -> _Plan:
        """Pi and e by name, another by 30 digits."""
        value = _NAMED.get(need.expression)
        exact = rational(need.expression.evalf(30)) if value is None else value
        return _Plan((), lambda: self.constant(exact))

    def truth(self, need: _Need) -> _Plan:
        """True as 1, false as 0."""
        return _Plan((), lambda: self.constant(int(bool(need.expression))))

    def undefined(self, need: _Need) -> _Plan:
        """What is no finite real number."""
        if self.strict:
            imaginary = need.expression is sympy.I
            raise DiffcompareError(
                "type" if imaginary else "domain", "a SymPy expression",
                need="finite real numbers", got=str(need.expression),
            )  # fmt: skip
        return _Plan((), lambda: self.constant(NAN))

    def sum(self, need: _Need) -> _Plan:
        """Terms, the number last; those that lead with a minus are subtracted."""
        if tanh_slope(need.expression):
            return self.product(need)
        terms = sorted(need.expression.args, key=lambda term: bool(term.is_Number))  # 1 + x: x + 1
        first = next((i for i, term in enumerate(terms) if not is_negative(term)), 0)
        terms.insert(0, terms.pop(first))
        needs = [_Need(terms[0]), *(_Need(term, is_negative(term)) for term in terms[1:])]

        def build(total: Variable, *rest: Variable) -> Variable:
            for (_, flipped), term in zip(needs[1:], rest, strict=True):
                total = total - term if flipped else total + term
            return total

        return _Plan(needs, build)

    def product(self, need: _Need) -> _Plan:
        """Factors above and below one division."""
        number, above, below, shapes = factors(need.expression)
        if need.flipped:
            number = -number

        def build(*values: Variable) -> Variable:
            top = list(values[: len(above)])
            negative = number == -1 and bool(top)
            if not top or abs(number) != 1:
                top.insert(0, self.constant(number))
            result = _multiplied(top)
            if below:
                bottom = zip(shapes, values[len(above) :], strict=True)
                result = result / _multiplied([shape(value) for shape, value in bottom])
            return -result if negative else result

        return _Plan([_Need(factor) for factor in (*above, *below)], build)

    def power(self, need: _Need) -> _Plan:
        """A power with a constant exponent, or a general one."""
        base, exponent = need.expression.args
        if is_rational(exponent):
            if exponent < 0:
                return self.product(need)
            return _Plan([_Need(base)], raised(exponent))
        return _Plan([_Need(base), _Need(exponent)], power)

    def piecewise(self, need: _Need) -> _Plan:
        """Nested choices; nan where no piece holds and there is no default."""
        pairs = need.expression.args
        parts = [part for pair in pairs for part in pair.args]
        total = parts[-1] is sympy.true
        if total:
            parts.pop()

        def build(*values: Variable) -> Variable:
            result = values[-1] if total else self.constant(NAN)
            chosen = values[: len(values) // 2 * 2]
            for value, test in zip(chosen[-2::-2], chosen[::-2], strict=True):
                result = where(test, value, result)
            return result

        return _Plan([_Need(part) for part in parts], build)

    def polygamma(self, need: _Need) -> _Plan:
        """A polygamma function of constant order."""
        order, x = need.expression.args
        if not order.is_Integer:
            raise DiffcompareError(
                "domain", "polygamma", need="a whole number as its order", got="another expression"
            )
        return _Plan([_Need(x)], Polygamma(int(order)))


def _multiplied(factors: Sequence[Variable]) -> Variable:
    result = factors[0]
    for factor in factors[1:]:
        result = result * factor
    return result


_READERS: Final[dict[type, Callable[[Reader, _Need], _Plan]]] = {
    sympy.Symbol: Reader.symbol, sympy.Rational: Reader.number, sympy.Float: Reader.number,
    sympy.NumberSymbol: Reader.named, sympy.Add: Reader.sum, sympy.Mul: Reader.product,
    sympy.Pow: Reader.power, sympy.Piecewise: Reader.piecewise, sympy.polygamma: Reader.polygamma,
    type(sympy.true): Reader.truth, type(sympy.false): Reader.truth,
    type(sympy.nan): Reader.undefined, type(sympy.oo): Reader.undefined,
    type(-sympy.oo): Reader.undefined, type(sympy.zoo): Reader.undefined,
    type(sympy.I): Reader.undefined,
}  # fmt: skip
