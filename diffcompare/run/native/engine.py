"""Machine code of LLVM's text, with the functions of libm and of the C library's vector maths."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, Final

from diffcompare.errors import DiffcompareError

_LIBM: Final = ("libm.so.6", "libSystem.dylib", "ucrtbase.dll")
_WIDTHS: Final = (("avx512f", 8, "_ZGVeN8"), ("avx2", 4, "_ZGVdN4"), ("sse2", 2, "_ZGVbN2"))
"""A feature of the processor, the doubles that a register holds, how libmvec names its functions."""


@cache
def llvm() -> ModuleType:
    """LLVM, ready for this machine.

    Raises
    ------
    DiffcompareError
        Of kind "input" where llvmlite is missing or too old.
    """
    try:
        binding = import_module("llvmlite.binding")
    except ImportError:
        raise missing("none") from None
    if binding.llvm_version_info < (20,):  # before, a constant could not be spread over lanes
        raise missing(f"LLVM {binding.llvm_version_info[0]}")
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    for library in _LIBM:
        if binding.address_of_symbol("tanh"):
            break
        _loaded(binding, library)
    _loaded(binding, "libmvec.so.1")
    return binding


def installed() -> bool:
    """Whether llvmlite can be had."""
    try:
        llvm()
    except DiffcompareError:
        return False
    return True


def missing(got: str) -> DiffcompareError:
    """The refusal where there is no LLVM to build with."""
    return DiffcompareError("input", "the native backend", need="the extra native, llvmlite 0.46",
                            got=got, hint="pip install 'diffcompare[native]'")  # fmt: skip


def _loaded(binding: Any, library: str) -> None:
    try:
        binding.load_library_permanently(library)
    except RuntimeError:
        return


@dataclass(frozen=True)
class Machine:
    """What this processor is called and can do.

    Attributes
    ----------
    name, features : str
    lanes : int
        Doubles that a vector register holds.
    prefix : str
        How libmvec names its functions of that width; empty where there are none.
    """

    name: str
    features: str
    lanes: int
    prefix: str

    def vector_function(self, name: str, arity: int) -> str:
        """The symbol of a function of vectors, or an empty text; its error is at most 4 ulp."""
        symbol = f"{self.prefix}{'v' * arity}_{name}"
        return symbol if self.prefix and llvm().address_of_symbol(symbol) else ""


@cache
def machine() -> Machine:
    """This one."""
    binding = llvm()
    try:
        features = binding.get_host_cpu_features()
    except RuntimeError:  # LLVM cannot tell on every system
        return Machine("", "", 2, "")
    for feature, lanes, prefix in _WIDTHS:
        if features.get(feature):
            return Machine(binding.get_host_cpu_name(), features.flatten(), lanes, prefix)
    return Machine(binding.get_host_cpu_name(), features.flatten(), 2, "")


def built(text: str, effort: int = 0, vectors: bool = False) -> Any:
    """An engine that holds the machine code of a module; it must live as long as that is called.

    Parameters
    ----------
    text : str
        Our own LLVM assembly.
    effort : int
        0 builds fast and in time linear in the size, and straight-line code for one point is no
        slower for it; 2 schedules and allocates registers well.
    vectors : bool
        Whether to use all that the processor can do, for code that was written for it.
    """
    binding = llvm()
    here = machine() if vectors else Machine("", "", 1, "")
    module = binding.parse_assembly(text)
    target = binding.Target.from_default_triple().create_target_machine(
        cpu=here.name, features=here.features, opt=effort, jit=True
    )
    engine = binding.create_mcjit_compiler(module, target)
    engine.finalize_object()
    return engine


def export(name: str) -> None:
    """Let machine code call a function of Python's C interface."""
    function = getattr(ctypes.pythonapi, name)
    llvm().add_symbol(name, ctypes.cast(function, ctypes.c_void_p).value)
