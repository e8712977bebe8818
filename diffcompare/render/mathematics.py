"""Formulas as LaTeX's mathematics; needs amsmath."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from diffcompare.ops.constants import Named
from diffcompare.ops.leaf import Constant, Input
from diffcompare.ops.op import Op
from diffcompare.render.notation import (
    ATOM,
    POWER,
    PRODUCT,
    SIGN,
    SIMPLE,
    SUM,
    Layout,
    Shape,
    Slot,
    Style,
    separated,
    settings_of,
    slot_of,
)
from diffcompare.render.numerals import shortest
from diffcompare.render.tex import symbol, text, word

# fmt: off
_NAMED: Final = {
    "pi": r"\pi", "e": "e", "ln2": r"\ln 2", "ln10": r"\ln 10", "inf": r"\infty",
    "2/sqrt(pi)": r"\frac{2}{\sqrt{\pi}}", "nan": r"\mathrm{nan}",
}
_FUNCTIONS: Final = {
    "exp": r"\exp", "log": r"\ln", "log2": r"\log_{2}", "log10": r"\log_{10}", "sin": r"\sin",
    "cos": r"\cos", "tan": r"\tan", "asin": r"\arcsin", "acos": r"\arccos", "atan": r"\arctan",
    "sinh": r"\sinh", "cosh": r"\cosh", "tanh": r"\tanh", "gamma": r"\Gamma", "lgamma": r"\ln\Gamma",
    "max": r"\max", "min": r"\min", "sigmoid": r"\sigma", "asinh": r"\operatorname{arsinh}",
    "acosh": r"\operatorname{arcosh}", "atanh": r"\operatorname{artanh}",
}
_AROUND: Final = {
    "sqrt": (r"\sqrt{", "}"), "cbrt": (r"\sqrt[3]{", "}"), "abs": (r"\left|", r"\right|"),
    "floor": (r"\left\lfloor ", r"\right\rfloor "), "ceil": (r"\left\lceil ", r"\right\rceil "),
}
# fmt: on


def constant(n: Fraction) -> str:
    """An exact number in mathematics.

    Examples
    --------
    >>> print(constant(Fraction(5, 2)), constant(Fraction(-1, 3)), constant(Fraction(1, 10**9)))
    2.5 -\\frac{1}{3} 10^{-9}
    """
    number = shortest(abs(n))
    sign = "-" * (n < 0)
    if "/" in number:
        return f"{sign}\\frac{{{number.replace('/', '}{')}}}"
    mantissa, _, exponent = number.partition("e")
    if not exponent:
        return sign + mantissa
    times = "" if mantissa == "1" else f"{mantissa} \\cdot "
    return f"{sign}{times}10^{{{int(exponent)}}}"


@dataclass(frozen=True)
class _Tex(Style):
    def name(self, label: str) -> str:
        return symbol(label)

    def layout(self, op: Op, shapes: Sequence[Shape]) -> Layout:
        if isinstance(op, Constant):
            return self.number(op.number)
        if isinstance(op, Input):
            return [self.name(op.label)], Shape()
        if op.name in _WRITTEN:
            return _WRITTEN[op.name](op, shapes)
        if op.infix is not None:
            return _infix(op, shapes)
        if op.name in _AROUND:
            left, right = _AROUND[op.name]
            return [left, Slot(0), right], Shape()
        return _called(_FUNCTIONS.get(op.name) or _operator(op), len(shapes)), Shape()

    def number(self, number: Fraction | Named) -> Layout:
        if isinstance(number, Named):
            return [_NAMED.get(number.name, word(number.name))], Shape(PRODUCT)
        shown = constant(number)
        level = SIGN if number < 0 else ATOM if shown.replace(".", "").isdigit() else PRODUCT
        return [shown], Shape(level, number < 0)


def _operator(op: Op) -> str:
    """The name of an op that mathematics has no sign for, its settings below."""
    if op.elementwise:
        settings = text(", ".join(map(str, op.options().values())))
    else:
        settings = text(", ".join(f"{key} {value}" for key, value in settings_of(op).items()))
    return rf"\operatorname{{{text(op.name)}}}" + (rf"_{{\text{{{settings}}}}}" if settings else "")


def _called(function: str, count: int) -> list[str | Slot]:
    return [function + r"\left(", *separated([Slot(k) for k in range(count)]), r"\right)"]


_SYMBOLS: Final[Mapping[str, str]] = {
    "+": " + ", "-": " - ", "*": r" \cdot ", "%": r" \bmod ", "<": " < ", "<=": r" \le ", ">": " > ",
    ">=": r" \ge ", "==": " = ", "!=": r" \ne ",
}  # fmt: skip


def _infix(op: Op, shapes: Sequence[Shape]) -> Layout:
    assert op.infix is not None
    sign, level = op.infix
    if len(shapes) == 1:
        return ["-", slot_of(shapes, 0, PRODUCT, after=True)], Shape(SUM, True)
    # Sums of sums and products of products need no brackets to be read.
    associative = sign in "+*"
    first = slot_of(shapes, 0, level + (level == 0))
    second = slot_of(shapes, 1, level + (not associative), after=True)
    more = (
        piece
        for k in range(2, len(shapes))
        for piece in (_SYMBOLS[sign], slot_of(shapes, k, level, after=True))
    )
    signed = shapes[0].signed and not first.bracketed
    return [first, _SYMBOLS[sign], second, *more], Shape(level, signed)


def _fraction(op: Op, shapes: Sequence[Shape]) -> Layout:
    return [r"\frac{", Slot(0), "}{", Slot(1), "}"], Shape(PRODUCT)


def _power(op: Op, shapes: Sequence[Shape]) -> Layout:
    exponent = op.options()["exponent"]
    raised = str(exponent) if exponent.denominator <= SIMPLE else constant(exponent)
    return [slot_of(shapes, 0, ATOM), f"^{{{raised}}}"], Shape(POWER)


def _pow(op: Op, shapes: Sequence[Shape]) -> Layout:
    return [slot_of(shapes, 0, ATOM), "^{", Slot(1), "}"], Shape(POWER)


def _logpow(op: Op, shapes: Sequence[Shape]) -> Layout:
    k = op.options()["order"]
    power, _ = _pow(op, shapes)
    raised = f"^{{{k}}}" if k != 1 else ""
    return [*power, rf" \cdot \ln{raised}\left(", Slot(0), r"\right)"], Shape(PRODUCT)


def _where(op: Op, shapes: Sequence[Shape]) -> Layout:
    return [
        r"\begin{cases} ", Slot(1), r" & \text{if } ", Slot(0), r" \\ ", Slot(2),
        r" & \text{otherwise} \end{cases}",
    ], Shape(0)  # fmt: skip


def _matmul(op: Op, shapes: Sequence[Shape]) -> Layout:
    return [slot_of(shapes, 0, PRODUCT), r" \, ", slot_of(shapes, 1, PRODUCT, after=True)], Shape(
        PRODUCT
    )


def _transpose(op: Op, shapes: Sequence[Shape]) -> Layout:
    if len(op.options()["axes"]) != 2:
        return _called(_operator(op), 1), Shape()
    return [slot_of(shapes, 0, ATOM), r"^{\top}"], Shape(POWER)


def _polygamma(op: Op, shapes: Sequence[Shape]) -> Layout:
    return _called(rf"\psi^{{({op.options()['order']})}}", 1), Shape()


_WRITTEN: Final[dict[str, Callable[[Op, Sequence[Shape]], Layout]]] = {
    "div": _fraction, "power": _power, "pow": _pow, "logpow": _logpow, "where": _where,
    "polygamma": _polygamma, "matmul": _matmul, "transpose": _transpose,
}  # fmt: skip

TEX: Final = _Tex(_SYMBOLS, "-", str, constant, (r"\left(", r"\right)"))
"""As LaTeX's mathematics."""
