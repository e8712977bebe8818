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

CHUNK: Final = 2000
"""Instructions of a chunk; measured: fewer are more to load and store, twice as many build slower."""

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
    fmul double %2, %4
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
        self.slots = self.values = 0
        self.entry = self._input if lanes == 1 else self._column

    def chunk(self, number: int, final: bool) -> Iterator[str]:
        """The function of a chunk."""
        program, first = self.program, self.program.first
        begin = number * self.size
        end = min(begin + self.size, len(program.names))
        known: dict[int, str] = {}
        self.values = 0  # the entry of the function
        yield f"define internal void @chunk{number}({_TAKEN}) #0 {{"
        for turn in range(begin, end):
            args = []
            for register in program.args[turn]:
                args.append(known.get(register) or (yield from self._known(register, known)))
            place = first + turn
            known[place] = yield from self._value(self._template(turn) % tuple(args))
            if self.last[place] >= end:
                yield from self._keep(place, known[place])
            if place in self.results:
                yield from self._results(place, known[place])
        self._release(known, end)
        if final:
            for register in self.results:
                if register < first:
                    yield from self._results(register, (yield from self._known(register, known)))
        yield "ret void\n}"

    def _value(self, text: str) -> Text:
        """A line that makes a value. Values are numbered, not named: half the time to read."""
        self.values += 1
        yield text
        return f"%{self.values}"

    def _template(self, turn: int) -> str:
        name = self.program.names[turn]
        if name not in self.templates:
            count = len(self.program.args[turn])
            op = self.program.calls.get(turn)
            callee = self.functions.callee(name, count, op)
            text = f"call {self.type} {callee}({', '.join([f'{self.type} %s'] * count)})"
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
            return (yield from self.entry(register))
        if register < self.program.first:
            return self.constants[register - inputs]
        found = yield from self._load(self.type, "%r", self.slot[register])
        if self._tests(register):
            return (yield from self._value(f"fcmp une {self.type} {found}, {self.zero}"))
        return found

    def _place(self, kind: str, base: str, index: int | str) -> Text:
        return (yield from self._value(f"getelementptr {kind}, ptr {base}, i64 {index}"))

    def _load(self, kind: str, base: str, index: int) -> Text:
        at = yield from self._place(kind, base, index)
        return (yield from self._value(f"load {kind}, ptr {at}"))

    def _input(self, place: int) -> Text:
        return (yield from self._load("double", "%x", place))

    def _column(self, place: int) -> Text:
        column = yield from self._load("ptr", "%x", place)
        at = yield from self._place("double", column, "%i")
        return (yield from self._value(f"load {self.type}, ptr {at}, align 8"))

    def _results(self, register: int, value: str) -> Iterator[str]:
        for place in self.results[register]:
            if self.functions.lanes == 1:
                at = yield from self._place("double", "%out", place)
            else:
                column = yield from self._load("ptr", "%out", place)
                at = yield from self._place("double", column, "%i")
            yield f"store {self.type} {value}, ptr {at}, align 8"

    def _keep(self, register: int, value: str) -> Iterator[str]:
        """Store a result for later chunks."""
        if not self.free:
            self.free.append(self.slots)
            self.slots += 1
        slot = self.slot[register] = self.free.pop()
        if self._tests(register):
            number = f"{self.type} {self.one}, {self.type} {self.zero}"
            value = yield from self._value(f"select {self.bool} {value}, {number}")
        at = yield from self._place(self.type, "%r", slot)
        yield f"store {self.type} {value}, ptr {at}"

    def _release(self, known: dict[int, str], end: int) -> None:
        for register in known:
            if self.last[register] < end and register in self.slot:
                self.free.append(self.slot.pop(register))

    def _tests(self, register: int) -> bool:
        return self.program.names[register - self.program.first] in TESTS


def _hexadecimal(number: float) -> str:
    return f"0x{struct.unpack('<Q', struct.pack('<d', number))[0]:016X}"
