"""A kernel as a Python function, itself of machine code: no wrapper in Python, no conversion by ctypes.

Python's C interface makes a builtin function of the address of a C function. Measured against the
alternatives, for two inputs and three outputs: a builtin 0.23 µs, the same in Python 0.28, by ctypes
1.7, CasADi's buffered call 0.31, a buffered builtin 0.09.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.run.native.engine import built, export

_STACK: Final = 512
"""Numbers that are kept on the stack; more are allocated, for every call its own."""

_USED: Final = (
    "PyFloat_AsDouble", "PyErr_Occurred", "PyFloat_FromDouble", "PyTuple_New", "PyTuple_SetItem",
    "PyTuple_GetItem", "PyLong_AsVoidPtr", "PyErr_Format", "PyErr_NoMemory", "PyMem_RawMalloc",
    "PyMem_RawFree", "Py_IncRef", "Py_DecRef",
)  # fmt: skip


class _Definition(ctypes.Structure):
    """PyMethodDef of the C interface."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("address", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


_NO_ARGUMENTS, _POSITIONAL = 0x0004, 0x0080  # METH_NOARGS, METH_FASTCALL


class _Info(ctypes.Structure):
    """What the machine code of a call finds: `%Info`."""

    _fields_ = (
        ("kernel", ctypes.c_void_p),
        ("context", ctypes.c_void_p),
        ("inputs", ctypes.c_int64),
        ("outputs", ctypes.c_int64),
        ("slots", ctypes.c_int64),
        ("x", ctypes.c_void_p),
        ("out", ctypes.c_void_p),
        ("registers", ctypes.c_void_p),
    )


@cache
def _machinery() -> Any:
    """The engine of the two functions that call a kernel, and what makes a builtin of them."""
    for name in _USED:
        export(name)
    error = ctypes.c_void_p.in_dll(ctypes.pythonapi, "PyExc_TypeError").value
    text = Path(__file__).with_name("call.ll").read_text(encoding="utf-8")
    for name, number in {"TYPEERROR": error, "NONE": id(None), "STACK": _STACK}.items():
        text = text.replace(name, str(number))
    make = ctypes.PYFUNCTYPE(
        ctypes.py_object, ctypes.POINTER(_Definition), ctypes.py_object, ctypes.c_void_p
    )(("PyCFunction_NewEx", ctypes.pythonapi))
    return built(text, effort=2), make


def _builtin(name: str, flags: int, info: _Info, kept: object) -> Any:
    """A builtin function that keeps alive what its machine code reads: it is its own `self`."""
    engine, make = _machinery()
    definition = _Definition(name.encode(), engine.get_function_address(name), flags, None)
    return make(definition, (ctypes.addressof(info), info, definition, engine, kept), None)


def function(kernel: Kernel) -> Callable[..., tuple[float, ...]]:
    """A function of as many numbers as the kernel has inputs; threads may call it at once.

    Every call has room of its own for inputs, outputs and registers.
    """
    info = _Info(kernel.address, kernel.context, kernel.inputs, kernel.outputs, kernel.slots)
    return _builtin("call", _POSITIONAL, info, kernel)  # type: ignore[no-any-return]


def buffered(kernel: Kernel, x: np.ndarray, out: np.ndarray) -> Callable[[], None]:
    """A function without arguments that reads `x` and writes `out`; one for each thread."""
    registers = np.empty(kernel.slots)
    info = _Info(
        kernel.address, kernel.context, kernel.inputs, kernel.outputs, kernel.slots,
        x.ctypes.data, out.ctypes.data, registers.ctypes.data,
    )  # fmt: skip
    kept = (kernel, x, out, registers)
    return _builtin("trigger", _NO_ARGUMENTS, info, kept)  # type: ignore[no-any-return]


def check_buffers(x: np.ndarray, inputs: int, out: np.ndarray, outputs: int) -> None:
    """Refuse arrays that machine code must not touch."""
    for name, array, count in (("x", x, inputs), ("out", out, outputs)):
        what = f"a buffered call's {name}"
        if not isinstance(array, np.ndarray) or array.dtype != np.float64:
            raise DiffcompareError("type", what, need="to be an array of floats",
                                   got=shorten(getattr(array, "dtype", array)))  # fmt: skip
        if array.shape != (count,) or not array.flags.carray:
            raise DiffcompareError("shape", what, need=f"shape {(count,)}, contiguous and writeable",
                                   got=f"shape {array.shape}, strides {array.strides}")  # fmt: skip
    if np.may_share_memory(x, out):
        raise DiffcompareError(
            "shape", "a buffered call", need="x and out apart", got="shared memory"
        )


@dataclass(frozen=True, eq=False)
class Kernel:
    """Machine code that evaluates one point, and what it needs.

    Attributes
    ----------
    address : int
        Of ``void (double const *x, double *out, double *registers, void *context)``.
    context : int
        What it is called with.
    inputs, outputs, slots : int
        How many numbers it reads, writes, and has room for in between.
    kept : tuple
        What must live as long as it does.
    """

    address: int
    context: int
    inputs: int
    outputs: int
    slots: int
    kept: tuple[Any, ...]
