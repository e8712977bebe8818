"""What the ops' forward rules make of the sizes of formulas: sums of them, found by one probe each.

A tangent's size is a sum of the sizes of what its rule is given, each so many times, and of what the
rule adds. The counts depend on how the formulas fold alone: so a rule is run once for each op and
`Form`s of its arguments, on sizes from which the counts are read off.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from diffcompare.ops.op import Op
from diffcompare.ops.operand import ZERO, Value

if TYPE_CHECKING:
    from diffcompare.numbers.treesize import TreeSize

FEW: Final = 8
"""A rule of more arguments is run each time: their counts would be read off a number too long."""
_BASE: Final = 1 << 64
"""A probe's sizes are its powers."""


class Form:
    """What `op.fold` sees of a formula: that it is a number, -z, 1/z, or none of these.

    Attributes
    ----------
    literal : Fraction or Named or None
        The number.
    link : {"", "-", "/"}
    inner : Form or None
        Of z.
    """

    __slots__ = ("_linked", "inner", "link", "literal")

    def __init__(self, literal: Any = None, link: str = "", inner: Form | None = None) -> None:
        self.literal, self.link, self.inner = literal, link, inner
        self._linked: dict[str, Form] = {}

    def linked(self, link: str) -> Form:
        """That of -z or 1/z, where this is that of z: each time the same one."""
        if link not in self._linked:
            self._linked[link] = Form(None, link, self)
        return self._linked[link]


PLAIN: Final = Form()


@lru_cache(maxsize=1 << 16, typed=True)
def form_of(literal: Any) -> Form:
    """The form of a number, or of what is none: as a rule the same one for equal numbers.

    Examples
    --------
    >>> form_of(None) is PLAIN, form_of(2).literal
    (True, 2)
    """
    return PLAIN if literal is None else Form(literal)


State = tuple[Form, Form | None]
"""Of a formula and of its tangent; None where that is structurally zero."""


NO_STATE: Final[State] = (Form(), None)
"""In the place of the second argument of a node that has one."""


class Rule(NamedTuple):
    """The sizes of a node and of its tangent, as sums over its arguments.

    Attributes
    ----------
    state : (Form, Form or None)
        Of the node and its tangent.
    nodes, more : int
        Nodes of the op itself, and those that its forward rule adds.
    sizes, dots : tuple of int
        How often the size of each argument, and of its tangent, is in that of the node's tangent;
        two at least.
    """

    state: State
    nodes: int
    more: int
    sizes: tuple[int, ...]
    dots: tuple[int, ...]


class Rules:
    """The forward rules on sizes of one kind.

    Parameters
    ----------
    kind : type of TreeSize
    zero : Form, optional
        Of a tangent that is structurally zero, where that is written out as a node.

    Attributes
    ----------
    found : dict
        The rules so far, by op and the states of its arguments, two at least.

    Examples
    --------
    >>> from diffcompare.numbers.treesize import Lean
    >>> from diffcompare.ops.arithmetic import mul
    >>> x = y = (PLAIN, PLAIN)
    >>> Rules(Lean).of(mul, x, y)[1:]  # x*y has 1 node more, ẋ*y + x*ẏ has 3
    (1, 3, (1, 1), (1, 1))
    """

    def __init__(self, kind: type[TreeSize], zero: Form | None = None) -> None:
        self.kind, self.zero = kind, zero
        self.found: dict[Any, Rule] = {}

    def of(self, op: Op, *states: State) -> Rule:
        """The rule of an op, for the states of its arguments; `NO_STATE` after one alone."""
        key = (op, *states)
        rule = self.found.get(key)
        if rule is None:
            given = [state for state in states if state is not NO_STATE]
            rule = self.found[key] = self._probed(op, given)
        return rule

    def tangent(self, op: Op, y: TreeSize, x: Sequence[TreeSize], x_dot: Sequence[Value]) -> Value:
        """A tangent: a size, or `ZERO`."""
        if all(dot is ZERO for dot in x_dot):
            return ZERO
        if len(x) > FEW:
            return self._tangent(op, y, x, x_dot)
        forms = [None if dot is ZERO else dot.form for dot in x_dot]
        states: list[State] = [(v.form, form) for v, form in zip(x, forms, strict=True)]
        rule = self.of(op, *states, *[NO_STATE] * (2 - len(x)))
        (_, form), size = rule.state, rule.more
        if form is None:
            return ZERO
        for v, dot, count, along in zip(x, x_dot, rule.sizes, rule.dots, strict=False):
            size += count * v.size
            if along:
                size += along * dot.size
        return self.kind.formed(size, form)

    def apply(
        self, op: Op, states: Sequence[State], sizes: Sequence[int], dots: Sequence[int]
    ) -> tuple[State, int, int]:
        """The state of a node, its size and that of its tangent."""
        x, x_dot = self._formulas(states, sizes, dots)
        y = self.kind.node(op, x)
        y_dot = self.tangent(op, y, x, x_dot)
        return (y.form, None) if y_dot is ZERO else (y.form, y_dot.form), y.size, _size(y_dot)

    def _formulas(
        self, states: Sequence[State], sizes: Sequence[int], dots: Sequence[int]
    ) -> tuple[list[TreeSize], list[Value]]:
        formed = self.kind.formed
        x = [formed(size, form) for size, (form, _) in zip(sizes, states, strict=True)]
        x_dot = [
            ZERO if form is None else formed(size, form)
            for size, (_, form) in zip(dots, states, strict=True)
        ]
        return x, x_dot

    def _tangent(self, op: Op, y: TreeSize, x: Sequence[TreeSize], x_dot: Sequence[Value]) -> Value:
        """By the op itself."""
        y_dot = op.jvp(y, x, x_dot)
        if y_dot is ZERO:
            return ZERO if self.zero is None else self.kind.formed(1, self.zero)
        return y_dot if isinstance(y_dot, self.kind) else y.like(y_dot)

    def _probed(self, op: Op, states: Sequence[State]) -> Rule:
        count = len(states)
        forms = [form for form, _ in states] + [dot for _, dot in states]
        probes = [
            1 if form is not None and form.literal is not None else _BASE ** (k + 1)
            for k, form in enumerate(forms)
        ]
        x, x_dot = self._formulas(states, probes[:count], probes[count:])
        y = self.kind.node(op, x)
        nodes = y.size - sum([v.size for v in x])
        zero = all(dot is ZERO for dot in x_dot)
        y_dot = ZERO if zero else self._tangent(op, y, x, x_dot)
        if y_dot is ZERO:
            return Rule((y.form, None), nodes, 0, (0,) * max(count, 2), (0,) * max(count, 2))
        digits, rest = [], y_dot.size
        for _ in range(2 * count + 1):
            digit = (rest + _BASE // 2) % _BASE - _BASE // 2
            digits.append(digit)
            rest = (rest - digit) // _BASE
        padding = [0] * (2 - count)
        sizes, dots = digits[1 : count + 1] + padding, digits[count + 1 :] + padding
        return Rule((y.form, y_dot.form), nodes, digits[0], tuple(sizes), tuple(dots))


def _size(y_dot: Value) -> int:
    return 0 if y_dot is ZERO else y_dot.size
