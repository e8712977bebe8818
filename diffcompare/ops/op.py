"""What an operation is: the contract, its cost, and how a call finds the number kind it runs in.

Notation, here and everywhere: `x` the arguments, `y` the output, `x_dot` tangents, `y_bar` the
adjoint of the output.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any, ClassVar, Final, NamedTuple, TypeVar

import sympy

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.ops.cost import FREE, Cost
from diffcompare.ops.operand import OPS, ZERO, Value
from diffcompare.ops.roundoff import Roundoff

Shape = tuple[int, ...]


class Guarded(NamedTuple):
    """An adjoint that counts only where a condition has the given truth value, and is zero elsewhere.

    The reverse sweep carries the guard along and applies it last, so that a nan or infinite local
    partial on the branch not taken never meets the zero.
    """

    condition: Value
    holds: bool
    value: Value


class Op(Roundoff):
    """An operation. Subclasses or table rows give the value, both derivative rules and the cost.

    Attributes
    ----------
    name : str
        The name in listings and graphs; unique.
    arity : (int, int or None)
        Fewest and most arguments.
    kind : {"smooth", "linear", "select"}
        Whether the derivative multiplies the tangent, moves it, or moves one of several.
    spellings : tuple of str
        Other names a formula may use.
    infix : (str, int) or None
        Symbol and precedence where the notation is not a call.
    """

    name: str
    arity: tuple[int, int | None] = (1, 1)
    kind: ClassVar[str] = "smooth"
    spellings: tuple[str, ...] = ()
    infix: tuple[str, int] | None = None
    keywords: tuple[str, ...] = ()
    """Settings that a call may give by name."""
    elementwise: ClassVar[bool] = True
    """Whether it works entry by entry on arguments of one shape; graphs broadcast them first."""
    labels: ClassVar[tuple[int, ...]] = ()
    """Slots of whole numbers that say which, and have no derivative."""
    plain: ClassVar[bool] = True
    """Whether its arguments, where they are numbers, are stored as they come."""
    folds: ClassVar[bool] = False
    """Whether it has a `fold` of its own."""
    reveals: ClassVar[bool] = False
    """Whether a fold may see into it: a constant, a negation, a reciprocal."""
    flat: ClassVar[bool] = False
    """Whether it is constant between jumps, so that no derivative passes."""
    edge: Callable[..., str | None] | None = None
    """`edge(*x)` names the edge a point sits on: "kink", "jump", "singular", "undefined" or None."""

    def __init_subclass__(cls) -> None:
        cls.plain = cls.elementwise and cls.canonical is Op.canonical
        cls.folds = cls.fold is not Op.fold

    def __call__(self, *args: Value) -> Value:
        lead, symbolic = None, False
        for arg in args:
            if hasattr(arg, "apply_op"):
                if lead is None or arg.rank > lead.rank:
                    lead = arg
            elif isinstance(arg, sympy.Basic):
                symbolic = True
        if lead is not None:
            return lead.apply_op(self, args)
        try:
            return self.sympy(*args) if symbolic else self.value(*args)
        except DiffcompareError:
            raise
        except (TypeError, ValueError, AttributeError) as error:
            raise self.unfit(args) from error

    def value(self, *x: Value) -> Value:
        """Value on floats or arrays, IEEE."""
        raise NotImplementedError

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """Shape of the output for arguments of the given shapes; refuses what does not fit."""
        first = shapes[0]
        for other in shapes:
            if other != first:
                raise misfit(self.name, "arguments of one shape", shapes)
        return first

    def vjp(
        self, y: Value, x: Sequence[Value], y_bar: Value, wanted: Sequence[bool]
    ) -> list[Value]:
        """Adjoint contribution to each argument, `ZERO` where there is none or it is not wanted."""
        raise NotImplementedError

    def partial(self, slot: int, y: Value, x: Sequence[Value]) -> Value:
        """Local partial derivative with respect to one argument: the tangent of a unit seed."""
        seeds: list[Value] = [ZERO] * len(x)
        seeds[slot] = 1.0
        return self.jvp(y, x, seeds)

    def sympy(self, *x: Value) -> Value:
        """The SymPy form, built by SymPy's own constructors."""
        raise NotImplementedError

    def source(self, count: int) -> str | None:
        """Value as a Python expression over `math`, with {0}, {1}, … for its `count` arguments.

        Floats in, a float out, or what `math` raises where IEEE has a nan or an infinity. None
        where there is no such expression.
        """
        return None

    def batched(self, x: Sequence[Value], batched: Sequence[bool], count: int) -> Value:
        """Values for `count` directions at once: along a new first axis, as are arguments `batched`.

        None where it has to be asked for one direction after the other.
        """
        return self(*x) if self.elementwise else None

    def precise(self, mp: Any, *x: Value) -> Value:
        """Value in an mpmath context."""
        raise NotImplementedError

    def expand(self, *x: Any) -> Any:
        """The output's entries in scalar operations, from object arrays of scalar Variables."""
        return self.value(*x)

    def cost(self, shapes: Sequence[Shape]) -> Cost:
        """Operations of one evaluation on arguments of the given shapes."""
        return FREE

    def scratch(self, shapes: Sequence[Shape], itemsize: int = 8) -> int:
        """Bytes that its own blocks and copies take at most inside `value`, not those of NumPy."""
        return 0

    @property
    def analytic(self) -> bool:
        """Whether `value` also runs on complex numbers, as its analytic continuation."""
        return False

    def fold(self, *x: Value) -> Value:
        """A simpler equal of `self(*x)` where an argument is zero, one or negated; else None.

        Only identities that hold bit for bit in IEEE arithmetic, but for the sign of a sum that is
        zero, and structural zeros.
        """
        return None

    def canonical(self, x: tuple[Value, ...]) -> tuple[Value, ...]:
        """The arguments in the form the graph stores them, e.g. nested maxima flattened."""
        return x

    def options(self) -> dict[str, Any]:
        """The settings that, with the name, identify the op; empty for table rows."""
        return {}

    def check_arity(self, count: int) -> None:
        """Refuse a wrong number of arguments."""
        least, most = self.arity
        if count < least or (most is not None and count > most):
            fewest = f"{'at least ' * (most is None)}{least} argument{'s' * (least != 1)}"
            need = fewest if most in (least, None) else f"{least} to {most} arguments"
            raise DiffcompareError("arity", self.name, need=need, got=str(count))

    def unfit(self, args: Sequence[Value]) -> DiffcompareError:
        """The refusal of arguments that cannot be computed with."""
        self.check_arity(len(args))
        need, got = "numbers, or arrays of them that fit", ", ".join(map(shorten, args))
        return DiffcompareError("type", self.name, need=need, got=got[:120])

    def __reduce__(self) -> tuple[Any, ...]:
        return make, (self.name, self.options())

    def __repr__(self) -> str:
        inner = ", ".join(f"{k}={v}" for k, v in self.options().items())
        return f"<op {self.name}{f'({inner})' if inner else ''}>"


def shape_of(x: Value) -> Shape:
    """The shape of a number of any kind; scalars have ()."""
    return getattr(x, "shape", ())


def misfit(what: str, need: str, shapes: Sequence[Shape]) -> DiffcompareError:
    """The refusal of arguments whose shapes do not fit."""
    told = ["×".join(map(str, shape)) or "a number" for shape in shapes]
    return DiffcompareError("shape", what, need=need, got=" and ".join(told) or "none")


AnyOp = TypeVar("AnyOp", bound=Op)
FAMILIES: Final[dict[str, type[Op]]] = {}
"""Ops with settings: the class, by name, whose fields are the options."""


def register(op: AnyOp) -> AnyOp:
    """Enter a table row under its name."""
    assert op.name not in OPS, op.name
    OPS[op.name] = op
    return op


def family(cls: type[AnyOp]) -> type[AnyOp]:
    """Enter a class of ops with settings under its name; each op of it is hashed once."""
    assert cls.name not in FAMILIES, cls.name
    FAMILIES[cls.name] = cls
    settings_hash = cls.__hash__

    def hashed(self: Any) -> int:
        known: int | None = self.__dict__.get("_hash")
        if known is None:
            known = self.__dict__["_hash"] = settings_hash(self)
        return known

    cls.__hash__ = hashed  # type: ignore[method-assign]
    return cls


def make(name: str, options: dict[str, Any]) -> Op:
    """The op of a name and its options, as a listing or a networkx graph gives them."""
    if name in OPS and not options:
        return OPS[name]
    if name in FAMILIES:
        try:
            return FAMILIES[name](**options)
        except TypeError:
            expected = ", ".join(field.name for field in fields(FAMILIES[name]))  # type: ignore[arg-type]
            raise DiffcompareError("attr", name, need=f"the options {expected}",
                                   got=", ".join(options) or "none") from None  # fmt: skip
    if name in OPS:
        raise DiffcompareError("attr", name, need="no options", got=", ".join(options))
    raise DiffcompareError("name", "a node", need="a known op", got=repr(name))
