"""How an operation is written: symbols, precedence and parentheses, in one place.

Parentheses stand exactly where Python's grammar needs them, or where a sign would follow another
operator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from fractions import Fraction
from typing import Any, Final, NamedTuple

from diffcompare.ops.constants import Named
from diffcompare.ops.leaf import Constant, Input
from diffcompare.ops.op import Op
from diffcompare.render.numerals import exact, shortest

SUM, PRODUCT, SIGN, POWER, ATOM = 1, 2, 3, 4, 5
SIMPLE: Final = 8
"""Exponents up to this denominator are written as fractions, others as decimals if they are short."""
_SUPERSCRIPTS: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_MANY: Final = {"add": "sum"}
"""What an operation with a sign is called where it has more than two arguments."""
_NAMED: Final = {"ln2": "log(2)", "ln10": "log(10)", "2/sqrt(pi)": "(2/sqrt(pi))"}


class Shape(NamedTuple):
    """What a text's surroundings must know.

    Attributes
    ----------
    precedence : int
    signed : bool
        Whether it begins with a sign.
    digits : bool
        Whether it is a number without a sign, which would take up a minus before it.
    """

    precedence: int = ATOM
    signed: bool = False
    digits: bool = False


class Slot(NamedTuple):
    """The place of an argument in a layout."""

    argument: int
    bracketed: bool = False


Layout = tuple[list[str | Slot], Shape]


@dataclass(frozen=True)
class Style:
    """How formulas look.

    Attributes
    ----------
    symbols : mapping
        The text of each infix symbol, spaces included.
    minus : str
        The sign.
    power : callable
        A constant exponent with its operator.
    constant : callable
        Text of an exact rational.
    brackets : (str, str)
    settings : bool
        Whether a layer's settings are written, as stride=2 after its arguments.
    shapes : bool
        Whether the shapes that moves lead to are written too, and parts of an array as calls, as
        graphs have them, not as subscripts.
    """

    symbols: Mapping[str, str]
    minus: str
    power: Callable[[Fraction], str]
    constant: Callable[[Fraction], str] = exact
    brackets: tuple[str, str] = ("(", ")")
    settings: bool = True
    shapes: bool = True

    def name(self, label: str) -> str:
        """The name of an input or a node."""
        return label

    def layout(self, op: Op, shapes: Sequence[Shape]) -> Layout:
        """The pieces of an operation's text, given the shapes of its arguments' texts."""
        if isinstance(op, Constant):
            return self.number(op.number)
        if isinstance(op, Input):
            return [self.name(op.label)], Shape()
        if not self.shapes and op.name in SUBSCRIPTS:
            keys = ", ".join(SUBSCRIPTS[op.name](op.options()))
            return [slot_of(shapes, 0, ATOM), f"[{keys}]"], Shape()
        if op.name in _SPECIAL:
            return _SPECIAL[op.name](self, op, shapes)
        if op.infix is None:
            first = rest = ""
            if op.elementwise:
                first = "".join(f"{value}, " for value in op.options().values())
            elif self.settings:
                settings = settings_of(op).items()
                shown = [(key, value) for key, value in settings if self.shapes or key != "to"]
                rest = "".join(f", {key}={value!r}" for key, value in shown)
            pieces = separated([Slot(slot) for slot in range(len(shapes))])
            return [f"{op.name}({first}", *pieces, f"{rest})"], Shape()
        symbol, level = op.infix
        if len(shapes) == 1:
            bare = slot_of(shapes, 0, level, after=True)
            number: list[str | Slot] = ["(+", Slot(0), ")"]  # -(2) would read as the number -2
            return [self.minus, *(number if shapes[0].digits else [bare])], Shape(level, True)
        if len(shapes) > 2:
            return [
                f"{_MANY[op.name]}(",
                *separated([Slot(k) for k in range(len(shapes))]),
                ")",
            ], Shape()
        bases = level + (level in (0, POWER))  # comparisons do not chain, ** binds to the right
        first_slot = slot_of(shapes, 0, bases)
        second = slot_of(shapes, 1, level + 1, after=True)
        signed = shapes[0].signed and not first_slot.bracketed
        return [first_slot, self.symbols[symbol], second], Shape(level, signed)

    def number(self, number: Fraction | Named) -> Layout:
        """A constant."""
        if isinstance(number, Named):
            return [_NAMED.get(number.name, number.name)], Shape()
        text = self.constant(number)
        if "/" in text:
            return [f"({text})"], Shape()
        return [text], Shape(SIGN, True) if number < 0 else Shape(digits=True)


def settings_of(op: Op) -> dict[str, Any]:
    """The options of an op that are not its defaults.

    Examples
    --------
    >>> from diffcompare.ops.layers.conv import Conv2d
    >>> settings_of(Conv2d(stride=(2, 2)))
    {'stride': (2, 2)}
    """
    if not is_dataclass(op):
        return op.options()
    defaults = {field.name: field.default for field in fields(op)}
    return {key: value for key, value in op.options().items() if defaults[key] != value}


def separated(slots: Sequence[Slot]) -> list[str | Slot]:
    """Arguments with commas between them."""
    pieces: list[str | Slot] = []
    for slot in slots:
        pieces += [", "] * bool(pieces) + [slot]
    return pieces


def slot_of(shapes: Sequence[Shape], slot: int, least: int, after: bool = False) -> Slot:
    """An argument's place, bracketed if it binds less, or has a sign after an operator."""
    shape = shapes[slot]
    return Slot(slot, shape.precedence < least or (after and shape.signed))


def _power(style: Style, op: Op, shapes: Sequence[Shape]) -> Layout:
    return [slot_of(shapes, 0, ATOM), style.power(op.options()["exponent"])], Shape(POWER)


def _logpow(style: Style, op: Op, shapes: Sequence[Shape]) -> Layout:
    """x**y log(x)**k: no formula can call the op, so it is written as the product it is."""
    order = op.options()["order"]
    raised = "" if order == 1 else style.power(Fraction(order))
    power: list[str | Slot] = [slot_of(shapes, 0, ATOM), style.symbols["**"]]
    power.append(slot_of(shapes, 1, ATOM))
    return [*power, f"{style.symbols['*']}log(", Slot(0), f"){raised}"], Shape(PRODUCT)


def _ranges(options: Mapping[str, Any]) -> list[str]:
    """The keys of a slice, as NumPy has them."""
    along = zip(options["start"], options["stop"], options["step"], strict=True)
    return [f"{start}:{stop}" + f":{step}" * (step != 1) for start, stop, step in along]


SUBSCRIPTS: Final[Mapping[str, Callable[[Mapping[str, Any]], list[str]]]] = {
    "slice": _ranges,
    "pick": lambda options: [str(k) for k in options["place"]],
}
"""The keys of ops that take a part of an array."""

_SPECIAL: Final[dict[str, Callable[[Style, Op, Sequence[Shape]], Layout]]] = {
    "power": _power,
    "logpow": _logpow,
}


def _python_power(exponent: Fraction) -> str:
    text = exact(exponent) if exponent.denominator > SIMPLE else str(exponent)
    return f"**({text})" if "/" in text else f"**{text}"


def _printed_power(exponent: Fraction) -> str:
    if exponent.denominator == 1:
        return str(exponent.numerator).translate(_SUPERSCRIPTS)
    return f"^{_python_power(exponent)[2:]}".replace("-", "−")


_SPACED = {s: f" {s} " for s in ("+", "-", "%", "<", "<=", ">", ">=", "==", "!=")}
PYTHON: Final = Style({**_SPACED, "*": "*", "/": "/", "**": "**"}, "-", _python_power)
"""As a formula is typed; numbers are exact."""
SHOWN: Final = Style(PYTHON.symbols, "-", _python_power, shortest)
"""As a formula is typed, to be looked at: a number that came as a float is written as one."""
PRINTED: Final = Style(
    {**_SPACED, "-": " − ", "*": "·", "/": "/", "**": "^", "<=": " ≤ ", ">=": " ≥ ", "==": " = ",
     "!=": " ≠ ", "%": " mod "}, "−", _printed_power,
    lambda n: shortest(n).replace("-", "−"), shapes=False,
)  # fmt: skip
"""As a lecture prints it."""


def compose(op: Op, args: Sequence[tuple[str, Shape]], style: Style = PYTHON) -> tuple[str, Shape]:
    """The text of an operation from the texts of its arguments."""
    pieces, shape = style.layout(op, [shape for _, shape in args])
    texts = (p if isinstance(p, str) else _placed(p, args[p.argument][0], style) for p in pieces)
    return "".join(texts), shape


def _placed(slot: Slot, text: str, style: Style) -> str:
    return text.join(style.brackets) if slot.bracketed else text
