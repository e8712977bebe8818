"""Instructions as LLVM assembly: a kernel of chunks, for one point or for as many as a vector holds.

No fast-math flag is ever set and nothing is contracted, so that every result is IEEE's. A chunk is a
function of its own: LLVM's time grows faster than linearly in the size of a function. What crosses
from a chunk to another goes through an array, in a slot that is used again after its last reader.
"""

from __future__ import annotations

import struct
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Final

from diffcompare.run.instructions import TESTS, Instructions
from diffcompare.run.native.call import Kernel
from diffcompare.run.native.engine import built
from diffcompare.run.native.functions import Functions

CHUNK: Final = 500
"""Instructions of a chunk; measured: from 250 to 1000 it makes no difference."""

INFIX: Final = {
    "add": "fadd {t} %s, %s", "sub": "fsub {t} %s, %s", "mul": "fmul {t} %s, %s",
    "div": "fdiv {t} %s, %s", "neg": "fneg {t} %s",
    "lt": "fcmp olt {t} %s, %s", "le": "fcmp ole {t} %s, %s", "gt": "fcmp ogt {t} %s, %s",
    "ge": "fcmp oge {t} %s, %s", "eq": "fcmp oeq {t} %s, %s", "ne": "fcmp une {t} %s, %s",
    "or": "or {b} %s, %s", "select": "select {b} %s, {t} %s, {t} %s",
}  # fmt: skip


def compiled(program: Instructions, chunk: int = CHUNK) -> tuple[Kernel, str]:
    """The kernel of a program, and its text."""
    functions = Functions()
    found = assembly(program, functions, chunk)
    engine = built(found.text)
    address = engine.get_function_address("run")
    kept = (engine, functions.kept)
    kernel = Kernel(address, 0, program.inputs, len(program.outputs), found.slots, kept)
    return kernel, found.text


@dataclass(frozen=True)
class Assembly:
    """A module with the function `run`.

    Attributes
    ----------
    text : str
    slots : int
        Numbers, or vectors of them, that `run` needs room for besides its inputs and outputs.
    """

    text: str
    slots: int


def assembly(program: Instructions, functions: Functions, chunk: int = CHUNK) -> Assembly:
    """The module of a program.

    With one lane `run(x, out, registers, context)` evaluates one point. With more,
    `run(columns, results, registers, count)` evaluates count points, at least a vector of them: the
    last vector ends at the last point.

    Parameters
    ----------
    program : Instructions
    functions : Functions
        How functions are called, and the number of lanes.
    chunk : int
        Instructions of a chunk.

    Examples
    --------
    >>> import diffcompare as dc
    >>> from diffcompare.run.instructions import instructions
    >>> found = assembly(instructions(dc.parse("x*y")), Functions())
    >>> print(found.text.splitlines()[5])
    %v2 = fmul double %v0, %v1
    """
    writer = _Writer(program, functions, chunk)
    chunks = max(1, -(-len(program.names) // chunk))
    lines = [
        line for number in range(chunks) for line in writer.chunk(number, number + 1 == chunks)
    ]
    calls = [f"call void @chunk{number}({_PASSED})" for number in range(chunks)]
    lines += _single(calls) if functions.lanes == 1 else _loop(calls, functions.lanes)
    lines += functions.declared()
    return Assembly("\n".join(lines), writer.slots)


_PASSED: Final = "ptr %x, ptr %out, ptr %r, i64 %i"
_TAKEN: Final = "ptr noalias %x, ptr noalias %out, ptr noalias %r, i64 %i"


def _single(calls: list[str]) -> list[str]:
    calls = [call.replace("i64 %i", "i64 0") for call in calls]
    return ["define void @run(ptr %x, ptr %out, ptr %r, ptr %context) {", *calls, "ret void", "}"]


def _loop(calls: list[str], lanes: int) -> list[str]:
    return [
        "define void @run(ptr %x, ptr %out, ptr %r, i64 %count) #0 {",
        f"entry:\n%end = sub i64 %count, {lanes}\nbr label %body",
        "body:\n%at = phi i64 [0, %entry], [%next, %body]",
        "%past = icmp ugt i64 %at, %end\n%i = select i1 %past, i64 %end, i64 %at",
        *calls,
        f"%next = add i64 %at, {lanes}\n%more = icmp ult i64 %next, %count",
        "br i1 %more, label %body, label %done\ndone:\nret void\n}",
    ]


Text = Generator[str, None, str]
"""Lines, and what the value that they make is called."""


class _Writer:
    """The text of the chunks, one after the other."""

    def __init__(self, program: Instructions, functions: Functions, size: int) -> None:
        self.program, self.functions, self.size = program, functions, size
        lanes = functions.lanes
        self.type, self.bool = functions.type, "i1" if lanes == 1 else f"<{lanes} x i1>"
        spread = "%s" if lanes == 1 else "splat (double %s)"
        self.constants = [spread % _hexadecimal(number) for number in program.constants]
        self.zero, self.one = (spread % _hexadecimal(number) for number in (0.0, 1.0))
        self.templates = {
            name: text.format(t=self.type, b=self.bool) for name, text in INFIX.items()
        }
        self.last = program.last_uses()
        self.results: dict[int, list[int]] = {}
        for place, register in enumerate(program.outputs):
            self.results.setdefault(register, []).append(place)
        self.slot: dict[int, int] = {}
        self.free: list[int] = []
        self.slots = 0
        self.entry = self._input if lanes == 1 else self._column

    def chunk(self, number: int, final: bool) -> Iterator[str]:
        """The function of a chunk."""
        program, first = self.program, self.program.first
        begin = number * self.size
        end = min(begin + self.size, len(program.names))
        known: dict[int, str] = {}
        yield f"define internal void @chunk{number}({_TAKEN}) #0 {{"
        for turn in range(begin, end):
            args = []
            for register in program.args[turn]:
                args.append(known.get(register) or (yield from self._known(register, known)))
            place = first + turn
            known[place] = f"%v{place}"
            yield f"%v{place} = {self._template(turn) % tuple(args)}"
            if place in self.results:
                yield from self._results(place, known[place])
        for register in range(first + begin, first + end):
            if self.last[register] >= end:
                yield from self._keep(register)
        self._release(known, end)
        if final:
            for register in self.results:
                if register < first:
                    yield from self._results(register, (yield from self._known(register, known)))
        yield "ret void\n}"

    def _template(self, turn: int) -> str:
        name = self.program.names[turn]
        if name not in self.templates:
            count = len(self.program.args[turn])
            op = self.program.calls.get(turn)
            symbol = self.functions.symbol(name, count, op)
            text = f"call {self.type} @{symbol}({', '.join([f'{self.type} %s'] * count)})"
            if op is not None:
                return text
            self.templates[name] = text
        return self.templates[name]

    def _known(self, register: int, known: dict[int, str]) -> Text:
        if register not in known:
            known[register] = yield from self._read(register)
        return known[register]

    def _read(self, register: int) -> Text:
        """What an input, a constant or a result of an earlier chunk is called, loaded if need be."""
        inputs = self.program.inputs
        if register < inputs:
            yield from self.entry(register)
        elif register < self.program.first:
            return self.constants[register - inputs]
        else:
            yield f"%p{register} = getelementptr {self.type}, ptr %r, i64 {self.slot[register]}"
            if self._tests(register):
                yield f"%l{register} = load {self.type}, ptr %p{register}"
                yield f"%v{register} = fcmp une {self.type} %l{register}, {self.zero}"
            else:
                yield f"%v{register} = load {self.type}, ptr %p{register}"
        return f"%v{register}"

    def _input(self, place: int) -> Iterator[str]:
        yield f"%p{place} = getelementptr double, ptr %x, i64 {place}"
        yield f"%v{place} = load double, ptr %p{place}"

    def _column(self, place: int) -> Iterator[str]:
        yield f"%a{place} = getelementptr ptr, ptr %x, i64 {place}"
        yield f"%c{place} = load ptr, ptr %a{place}"
        yield f"%p{place} = getelementptr double, ptr %c{place}, i64 %i"
        yield f"%v{place} = load {self.type}, ptr %p{place}, align 8"

    def _results(self, register: int, value: str) -> Iterator[str]:
        for place in self.results[register]:
            if self.functions.lanes == 1:
                yield f"%o{place} = getelementptr double, ptr %out, i64 {place}"
            else:
                yield f"%b{place} = getelementptr ptr, ptr %out, i64 {place}"
                yield f"%d{place} = load ptr, ptr %b{place}"
                yield f"%o{place} = getelementptr double, ptr %d{place}, i64 %i"
            yield f"store {self.type} {value}, ptr %o{place}, align 8"

    def _keep(self, register: int) -> Iterator[str]:
        """Store a result for later chunks."""
        if not self.free:
            self.free.append(self.slots)
            self.slots += 1
        slot = self.slot[register] = self.free.pop()
        value = f"%v{register}"
        if self._tests(register):
            value = f"%k{register}"
            yield f"{value} = select {self.bool} %v{register}, {self.type} {self.one}, {self.type} {self.zero}"
        yield f"%s{register} = getelementptr {self.type}, ptr %r, i64 {slot}"
        yield f"store {self.type} {value}, ptr %s{register}"

    def _release(self, known: dict[int, str], end: int) -> None:
        for register in known:
            if self.last[register] < end and register in self.slot:
                self.free.append(self.slot.pop(register))

    def _tests(self, register: int) -> bool:
        return self.program.names[register - self.program.first] in TESTS


def _hexadecimal(number: float) -> str:
    return f"0x{struct.unpack('<Q', struct.pack('<d', number))[0]:016X}"
