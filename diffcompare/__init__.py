"""One formula or network, differentiated three ways, with what each way costs side by side."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

# name: where it lives. Loaded on first use, so that the command line starts at once.
PUBLIC = {
    "Budget": "budget",
    "DiffcompareError": "errors",
    "Graph": "graph.graph",
    "Variable": "graph.variable",
    "Dual": "numbers.dual",
    "TreeSize": "numbers.treesize",
    "parse": "parse.source",
    "trace": "parse.trace",
    "differentiate": "modes.differentiate",
    "hessian": "modes.second",
    "hvp": "modes.second",
    "compare": "compare",
    "Report": "report",
    "to_dot": "render.dot",
}
_OPS = "ops.names"  # every function a formula may call is public too: dc.sin, dc.where, …


class _Package(ModuleType):
    """Keeps `dc.compare` the function: importing the submodule of that name would replace it."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in PUBLIC and isinstance(value, ModuleType)):
            super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in PUBLIC:
            found = getattr(import_module(f"{__name__}.{PUBLIC[name]}"), name)
        else:
            functions = import_module(f"{__name__}.{_OPS}").FUNCTIONS
            if name not in functions:
                raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
            found = functions[name]
        self.__dict__[name] = found
        return found

    def __dir__(self) -> list[str]:
        return sorted({*PUBLIC, *super().__dir__()})


sys.modules[__name__].__class__ = _Package
