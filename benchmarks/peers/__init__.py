"""The systems that are compared: a row for each, a module for each library."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Final, NamedTuple

from benchmarks.peers.subject import Built, MissingError, Subject


def installed_version(package: str) -> str | None:
    """As its metadata say."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


class System(NamedTuple):
    """A column of the comparison.

    Its module has `BUILDS`: for each kind of work a function of the subject and of `how` the system
    is used, which gives what is `Built`.
    """

    module: str
    how: str
    package: str

    @property
    def installed(self) -> str | None:
        """The version, if there is one."""
        return "here" if self.module == "ours" else installed_version(self.package)

    def build(self, kind: str, subject: Subject) -> Built:
        """The subject made ready, in this process."""
        builds = import_module(f"benchmarks.peers.{self.module}").BUILDS
        if kind not in builds:
            raise MissingError(f"no {kind}")
        built: Built = builds[kind](subject, self.how)
        return built


# fmt: off
SYSTEMS: Final = {
    "python":          System("ours",     "python",   "diffcompare"),
    "numpy":           System("ours",     "numpy",    "diffcompare"),
    "levels":          System("ours",     "levels",   "diffcompare"),
    "native":          System("ours",     "native",   "diffcompare"),
    "interpreted":     System("ours",     "interpreted", "diffcompare"),
    "SymPy":           System("sympy",    "",         "sympy"),
    "SymPy cse":       System("sympy",    "cse",      "sympy"),
    "SymEngine LLVM":  System("symengine", "llvm",    "symengine"),
    "CasADi":          System("casadi",   "call",     "casadi"),
    "CasADi buffered": System("casadi",   "buffered", "casadi"),
    "JAX jit":         System("jax",      "jit",      "jax"),
    "PyTorch":         System("torch",    "eager",    "torch"),
    "autograd":        System("autograd", "",         "autograd"),
    "PyTensor":        System("pytensor", "",         "pytensor"),
}
# fmt: on
OURS: Final = tuple(name for name, system in SYSTEMS.items() if system.module == "ours")
CORE: Final = ("python", "numpy", "levels")
"""Those of ours that need the core dependencies only."""
PEERS: Final = tuple(name for name in SYSTEMS if name not in OURS)
