"""One kernel for every program: machine code, built once per process, that reads a program as data.

Instructions that do not wait for each other are ordered by what they do, and a run of one kind is a
loop without a branch to mispredict. A wide graph has long runs. A result goes to the register after
the one before, so an instruction is its three arguments.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import numpy as np

from diffcompare.errors import DiffcompareError
from diffcompare.run.instructions import TESTS, Instructions
from diffcompare.run.native.call import Kernel
from diffcompare.run.native.engine import built
from diffcompare.run.native.functions import Functions
from diffcompare.run.native.ir import INFIX
from diffcompare.run.native.runs import ARITY, CODES, Encoded, encoded


class _Data(ctypes.Structure):
    """What the kernel finds: `%Data`."""

    _fields_ = (
        ("runs", ctypes.c_void_p),
        ("run_count", ctypes.c_int64),
        ("args", ctypes.c_void_p),
        ("constants", ctypes.c_void_p),
        ("constant_bytes", ctypes.c_int64),
        ("input_bytes", ctypes.c_int64),
        ("outputs", ctypes.c_void_p),
        ("output_count", ctypes.c_int64),
    )


def unknown(program: Instructions) -> str:
    """An instruction that the interpreter has not, or an empty text."""
    for turn, name in enumerate(program.names):
        if name not in CODES:
            return program.calls[turn].name if turn in program.calls else name
    return ""


def interpreted(program: Instructions, data: Encoded | None = None) -> tuple[Kernel, str]:
    """The kernel that reads this program, and the program's runs.

    Parameters
    ----------
    program : Instructions
    data : Encoded, optional
        Of the program, where there is one already.

    Raises
    ------
    DiffcompareError
        Of kind "name" where an op has no expression.
    """
    if odd := unknown(program):
        raise DiffcompareError("name", "the interpreted backend", need="ops with an expression",
                               got=odd, hint="take native or python")  # fmt: skip
    data = data or encoded(program)
    constants = np.array(program.constants, dtype=float)
    outputs = data.place[list(program.outputs)].astype(np.int64)
    found = _Data(
        data.runs.ctypes.data, len(data.runs), data.args.ctypes.data, constants.ctypes.data,
        constants.nbytes, 8 * program.inputs, outputs.ctypes.data, len(outputs),
    )  # fmt: skip
    engine = _machinery()
    kernel = Kernel(
        engine.get_function_address("run"), ctypes.addressof(found), program.inputs, len(outputs),
        len(data.place), (engine, found, data, constants, outputs),
    )  # fmt: skip
    return kernel, data.source


@cache
def _machinery() -> Any:
    """The engine of the interpreter."""
    functions = Functions()
    blocks = [line for name in ARITY for line in _block(name, functions)]
    cases = " ".join(f"i64 {code}, label %op.{name}" for name, code in CODES.items())
    return built("\n".join([_HEAD % cases, *blocks, _TAIL, *functions.declared()]), effort=2)


def _block(name: str, functions: Functions) -> Iterator[str]:
    """The loop of one kind of instruction."""
    arity, tests = ARITY[name], {"or": 2, "select": 1}.get(name, 0)
    yield f"op.{name}:\nbr label %loop.{name}\nloop.{name}:"
    yield f"%j.{name} = phi i64 [0, %op.{name}], [%k.{name}, %loop.{name}]"
    args = []
    for slot in range(arity):
        own = f"{slot}.{name}"
        yield f"%p{own} = getelementptr [3 x i32], ptr %args, i64 %j.{name}, i64 {slot}"
        yield f"%i{own} = load i32, ptr %p{own}\n%w{own} = zext i32 %i{own} to i64"
        yield f"%q{own} = getelementptr double, ptr %r, i64 %w{own}\n%a{own} = load double, ptr %q{own}"
        if slot < tests:
            yield f"%t{own} = fcmp une double %a{own}, 0.0"
        args.append(f"%{'t' if slot < tests else 'a'}{own}")
    if name in INFIX:
        text = INFIX[name].format(t="double", b="i1") % tuple(args)
    else:
        callee = functions.callee(name, arity, None)
        text = f"call double {callee}({', '.join(f'double {arg}' for arg in args)})"
    yield f"%y.{name} = {text}"
    if name in TESTS:
        yield f"%z.{name} = select i1 %y.{name}, double 1.0, double 0.0"
    yield f"%o.{name} = getelementptr double, ptr %to, i64 %j.{name}"
    yield f"store double %{'z' if name in TESTS else 'y'}.{name}, ptr %o.{name}"
    yield f"%k.{name} = add i64 %j.{name}, 1\n%m.{name} = icmp ult i64 %k.{name}, %length"
    yield f"br i1 %m.{name}, label %loop.{name}, label %after"


_HEAD: Final = """\
%%Data = type {ptr, i64, ptr, ptr, i64, i64, ptr, i64}
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
define void @run(ptr %%x, ptr %%out, ptr noalias %%r, ptr %%data) {
entry:
%%d = load %%Data, ptr %%data
%%first.run = extractvalue %%Data %%d, 0
%%run.count = extractvalue %%Data %%d, 1
%%first.args = extractvalue %%Data %%d, 2
%%constants = extractvalue %%Data %%d, 3
%%constant.bytes = extractvalue %%Data %%d, 4
%%input.bytes = extractvalue %%Data %%d, 5
%%outputs = extractvalue %%Data %%d, 6
%%output.count = extractvalue %%Data %%d, 7
call void @llvm.memcpy.p0.p0.i64(ptr %%r, ptr %%x, i64 %%input.bytes, i1 false)
%%r.constants = getelementptr i8, ptr %%r, i64 %%input.bytes
call void @llvm.memcpy.p0.p0.i64(ptr %%r.constants, ptr %%constants, i64 %%constant.bytes, i1 false)
%%first.to = getelementptr i8, ptr %%r.constants, i64 %%constant.bytes
%%past.run = getelementptr {i64, i64}, ptr %%first.run, i64 %%run.count
br label %%head
head:
%%at = phi ptr [%%first.run, %%entry], [%%next.run, %%after]
%%args = phi ptr [%%first.args, %%entry], [%%next.args, %%after]
%%to = phi ptr [%%first.to, %%entry], [%%next.to, %%after]
%%over = icmp eq ptr %%at, %%past.run
br i1 %%over, label %%results, label %%step
step:
%%code = load i64, ptr %%at
%%length.at = getelementptr {i64, i64}, ptr %%at, i64 0, i32 1
%%length = load i64, ptr %%length.at
switch i64 %%code, label %%never [%s]
never:
unreachable
after:
%%next.run = getelementptr {i64, i64}, ptr %%at, i64 1
%%next.args = getelementptr [3 x i32], ptr %%args, i64 %%length
%%next.to = getelementptr double, ptr %%to, i64 %%length
br label %%head
"""
_TAIL: Final = """\
results:
%o = phi i64 [0, %head], [%o1, %result]
%has = icmp ult i64 %o, %output.count
br i1 %has, label %result, label %done
result:
%from.at = getelementptr i64, ptr %outputs, i64 %o
%from = load i64, ptr %from.at
%value.at = getelementptr double, ptr %r, i64 %from
%value = load double, ptr %value.at
%out.at = getelementptr double, ptr %out, i64 %o
store double %value, ptr %out.at
%o1 = add i64 %o, 1
br label %results
done:
ret void
}"""
