"""How machine code calls the functions of one number or two: by LLVM, libm, libmvec or Python.

libmvec's functions of vectors are right to 4 ulp, at nan, infinities and signed zeros too; where the C
library has none, libm is called lane by lane.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from diffcompare.ops.op import Op
from diffcompare.run.native.engine import llvm, machine
from diffcompare.run.source import as_function

_EXACT: Final = frozenset(["sqrt", "fabs", "floor", "ceil"])
"""Instructions of the processor, of numbers and of vectors."""

_MOD: Final = """\
define internal {t} @mod({t} %a, {t} %b) #0 {{
%r = frem {t} %a, %b
%whole = fcmp oeq {t} %r, {zero}
%below = fcmp olt {t} %r, {zero}
%negative = fcmp olt {t} %b, {zero}
%differ = xor {bool} %below, %negative
%up = fadd {t} %r, %b
%moved = select {bool} %differ, {t} %up, {t} %r
%signed = call {t} @llvm.copysign.{suffix}({t} {zero}, {t} %b)
%result = select {bool} %whole, {t} %signed, {t} %moved
ret {t} %result
}}
declare {t} @llvm.copysign.{suffix}({t}, {t})"""
"""The remainder that has the sign of the divisor."""


@dataclass(eq=False)
class Functions:
    """The functions that one module calls.

    Attributes
    ----------
    lanes : int
        How many numbers a value holds.
    kept : list
        What must live as long as the machine code does.

    Examples
    --------
    >>> functions = Functions()
    >>> functions.callee("mod", 2, None), functions.callee("sqrt", 1, None)
    ('@mod', '@llvm.sqrt.f64')
    """

    lanes: int = 1
    kept: list[Any] = field(default_factory=list)
    _text: dict[str, str] = field(default_factory=dict)
    _ops: dict[tuple[Op, int], str] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """What LLVM calls the type of a value."""
        return "double" if self.lanes == 1 else f"<{self.lanes} x double>"

    def callee(self, name: str, arity: int, op: Op | None) -> str:
        """What to call for an instruction; `declared` tells LLVM about it.

        Functions of one number are called by their address: names could be anywhere, which the fast
        way of building leaves to the slow one, 20 µs for each call.
        """
        suffix = "f64" if self.lanes == 1 else f"v{self.lanes}f64"
        if op is not None:
            return f"@{self._python(op, arity)}"
        if name == "mod":
            zero, test = ("0.0", "i1") if self.lanes == 1 else (_ZEROS, f"<{self.lanes} x i1>")
            self._text["mod"] = _MOD.format(t=self.type, zero=zero, bool=test, suffix=suffix)
            return "@mod"
        if name in _EXACT:
            return self._declare(f"llvm.{name}.{suffix}", self.type, arity)
        if self.lanes == 1:
            address = llvm().address_of_symbol(name)
            self._text[name] = f"; {address} is {name}"
            return f"inttoptr (i64 {address} to ptr)"
        vectors = machine().vector_function(name, arity) if self.lanes == machine().lanes else ""
        if vectors:
            return self._declare(vectors, self.type, arity)
        self._declare(name, "double", arity)
        return f"@{self._each(name, arity)}"

    def declared(self) -> Iterator[str]:
        """The declarations and definitions of all that was asked for."""
        yield from self._text.values()
        width = f'"min-legal-vector-width"="{64 * self.lanes}"'
        yield f'attributes #0 = {{ nounwind {width} "prefer-vector-width"="{64 * self.lanes}" }}'
        yield "attributes #1 = { nounwind willreturn memory(none) }"

    def _declare(self, symbol: str, kind: str, arity: int) -> str:
        tail = "" if symbol.startswith("llvm.") else " #1"
        self._text[symbol] = f"declare {kind} @{symbol}({', '.join([kind] * arity)}){tail}"
        return f"@{symbol}"

    def _python(self, op: Op, arity: int) -> str:
        """An op that has no expression: its value is called back."""
        if (op, arity) not in self._ops:
            name = self._ops[op, arity] = f"op{len(self._ops)}"
            callback = ctypes.CFUNCTYPE(ctypes.c_double, *[ctypes.c_double] * arity)(
                as_function(op)
            )
            self.kept.append(callback)
            address = f"inttoptr (i64 {ctypes.cast(callback, ctypes.c_void_p).value} to ptr)"
            args = ", ".join(f"double %a{k}" for k in range(arity))
            self._text[name] = (
                f"define internal double @{name}({args}) {{\n"
                f"%y = call double {address}({args})\nret double %y\n}}"
            )
        name = self._ops[op, arity]
        return name if self.lanes == 1 else self._each(name, arity)

    def _each(self, name: str, arity: int) -> str:
        """A function of vectors that calls one of numbers, lane by lane."""
        kind = self.type
        lines = [
            f"define internal {kind} @each.{name}({', '.join(f'{kind} %a{k}' for k in range(arity))}) #0 {{"
        ]
        before = "poison"
        for lane in range(self.lanes):
            lines += [
                f"%x{k}.{lane} = extractelement {kind} %a{k}, i32 {lane}" for k in range(arity)
            ]
            args = ", ".join(f"double %x{k}.{lane}" for k in range(arity))
            lines.append(f"%y{lane} = call double @{name}({args})")
            lines.append(f"%z{lane} = insertelement {kind} {before}, double %y{lane}, i32 {lane}")
            before = f"%z{lane}"
        self._text[f"each.{name}"] = "\n".join([*lines, f"ret {kind} {before}", "}"])
        return f"each.{name}"


_ZEROS: Final = "zeroinitializer"
